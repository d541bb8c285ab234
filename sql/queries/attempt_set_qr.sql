-- SPDX-License-Identifier: Apache-2.0
-- Keeps what the QR code says, to show it again. $1 slot, $2 attempt_no, $3 text. One row is touched.
UPDATE attempt SET qr_text = $3::text WHERE slot = $1::integer AND attempt_no = $2::text
