-- SPDX-License-Identifier: Apache-2.0
-- Money that nobody waited for and the policy has not decided about, taken by moving the time out of the way. $1 now, $2 when it is due
-- again if its holder dies, $3 most rows. Any number of rows up to $3.
UPDATE surplus s
   SET due_at = $2::timestamptz
  FROM (SELECT slot, attempt_no, cause FROM surplus WHERE due_at <= $1::timestamptz
         ORDER BY due_at LIMIT $3::integer FOR UPDATE SKIP LOCKED) due
 WHERE s.slot = due.slot AND s.attempt_no = due.attempt_no AND s.cause = due.cause
RETURNING s.slot, s.attempt_no, s.cause, s.account, s.amount_fen
