-- SPDX-License-Identifier: Apache-2.0
-- Gives the lease back and says what became of it. $1 slot, $2 attempt_no, $3 until when the lease was taken: no two holders of an
-- attempt have the same; one that is over, and somebody else's by now, is left alone. $4 time of a genuine answer, or null,
-- $5 whether the provider was asked, $6 why no genuine answer came, or null. One row is touched.
-- An answer settles the notice that was heard before its question, and no later one; with it a closed attempt leaves the schedule.
UPDATE attempt
   SET query_lease_until = CASE WHEN query_lease_until = $3::timestamptz THEN NULL ELSE query_lease_until END,
       last_answer_at = greatest(last_answer_at, $4::timestamptz),
       query_count = query_count + CASE WHEN $5::boolean THEN 1 ELSE 0 END,
       query_trouble = CASE WHEN $5 THEN $6::text ELSE query_trouble END,
       notice = CASE WHEN query_lease_until = $3 AND $4 IS NOT NULL AND notice = 'asked' THEN NULL ELSE notice END,
       next_poll_at = CASE WHEN query_lease_until = $3 AND $4 IS NOT NULL AND notice = 'asked' AND state = 'closed' THEN NULL
                           ELSE next_poll_at END
 WHERE slot = $1::integer AND attempt_no = $2::text
