-- SPDX-License-Identifier: Apache-2.0
-- From now on no attempt starts on this payment. $1 slot, $2 payment_no, $3 now. At most one row is touched.
UPDATE payment SET close_asked_at = coalesce(close_asked_at, $3::timestamptz)
 WHERE slot = $1::integer AND payment_no = $2::text AND state = 'open'
