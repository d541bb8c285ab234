-- SPDX-License-Identifier: Apache-2.0
-- Gives the lease back. $1 slot, $2 attempt_no, $3 when a genuine answer came, or null. One row is touched.
UPDATE attempt SET query_lease_until = NULL, last_answer_at = greatest(last_answer_at, $3::timestamptz)
 WHERE slot = $1::integer AND attempt_no = $2::text
