-- SPDX-License-Identifier: Apache-2.0
-- Attempts to raise the alarm about, each one once over all nodes. $1 now, $2 time that was over before, $3 most rows. Any number of
-- rows up to $3.
UPDATE attempt a SET overdue_told_at = $1::timestamptz
  FROM (SELECT slot, attempt_no FROM attempt
         WHERE state IN ('created', 'pending', 'unknown', 'closing') AND expires_at < $2::timestamptz AND overdue_told_at IS NULL
         ORDER BY expires_at LIMIT $3::integer FOR UPDATE SKIP LOCKED) due
 WHERE a.slot = due.slot AND a.attempt_no = due.attempt_no
RETURNING a.attempt_no, a.account, a.state, a.expires_at, a.query_trouble
