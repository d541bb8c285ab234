-- SPDX-License-Identifier: Apache-2.0
-- Stores the answer given under a key. $1 slot, $2 owner, $3 key, $4 lease_until as it was taken, $5 status, $6 body.
-- One row is touched, or none when the lease is somebody else's meanwhile.
UPDATE idempotency SET state = 'done', status = $5::integer, body = $6::text
 WHERE slot = $1::integer AND owner = $2::text AND key = $3::text AND state = 'in_progress' AND lease_until = $4::timestamptz
