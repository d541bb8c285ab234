-- SPDX-License-Identifier: Apache-2.0
-- Gives the lease back and says when a genuine answer came. $1 slot, $2 attempt_no, $3 until when the lease was taken: no two
-- holders of an attempt have the same; one that is over, and somebody else's by now, is left alone. $4 time of the answer, or
-- null. One row is touched.
UPDATE attempt
   SET query_lease_until = CASE WHEN query_lease_until = $3::timestamptz THEN NULL ELSE query_lease_until END,
       last_answer_at = greatest(last_answer_at, $4::timestamptz)
 WHERE slot = $1::integer AND attempt_no = $2::text
