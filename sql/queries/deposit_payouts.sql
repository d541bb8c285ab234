-- SPDX-License-Identifier: Apache-2.0
-- What the provider paid out of an account to the bank, by the runs that count; one that came back to the account is none. $1 account. Any
-- number of rows.
-- include: payout_moved.part
SELECT payout_no AS reference, min(day)::text AS day, sum(fen)::bigint AS fen
  FROM moved
 GROUP BY payout_no
HAVING sum(fen) > 0
 ORDER BY min(day), payout_no
