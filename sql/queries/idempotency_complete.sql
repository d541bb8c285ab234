-- SPDX-License-Identifier: Apache-2.0
-- Stores the answer given under a key. $1 slot, $2 owner, $3 key, $4 status, $5 body. One row is touched.
UPDATE idempotency SET state = 'done', status = $4::integer, body = $5::text
 WHERE slot = $1::integer AND owner = $2::text AND key = $3::text AND state = 'in_progress'
