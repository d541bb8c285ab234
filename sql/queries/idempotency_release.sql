-- SPDX-License-Identifier: Apache-2.0
-- Gives a key back whose request ended without a final answer. $1 slot, $2 owner, $3 key, $4 lease_until as it was taken.
-- One row is touched, or none when the lease is somebody else's meanwhile.
DELETE FROM idempotency
 WHERE slot = $1::integer AND owner = $2::text AND key = $3::text AND state = 'in_progress' AND lease_until = $4::timestamptz
