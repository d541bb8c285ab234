-- SPDX-License-Identifier: Apache-2.0
-- Gives the lease back. $1 slot, $2 attempt_no. One row is touched.
UPDATE attempt SET query_lease_until = NULL WHERE slot = $1::integer AND attempt_no = $2::text
