-- SPDX-License-Identifier: Apache-2.0
-- Forgets keys after their time. $1 now. Any number of rows is touched.
DELETE FROM idempotency WHERE expires_at <= $1::timestamptz
