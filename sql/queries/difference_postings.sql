-- SPDX-License-Identifier: Apache-2.0
-- What was posted of a difference, in order. $1 difference_no. Any number of rows, each a posting with the two ledgers of it.
SELECT j.number, j.posted_on::text AS posted_on, j.posted_at, a.kind, d.ledger AS debit, c.ledger AS credit, d.debit_fen AS amount_fen, j.maker,
       j.checker, coalesce(a.contract, '') AS contract, coalesce(j.reverses::text, '') AS reverses
  FROM adjustment j
  JOIN action_request a ON a.difference_no = j.difference_no AND a.number = j.number
  JOIN adjustment_line d ON d.difference_no = j.difference_no AND d.number = j.number AND d.debit_fen > 0
  JOIN adjustment_line c ON c.difference_no = j.difference_no AND c.number = j.number AND c.credit_fen > 0
 WHERE j.difference_no = $1::text
 ORDER BY j.number
