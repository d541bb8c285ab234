-- SPDX-License-Identifier: Apache-2.0
-- The entries that were posted of an account's differences from $2 until before $3, as they were posted; behind them the sum of each ledger, and
-- the total of all. The code of a difference is what it was called when it was posted, as its events have it: what a run says of it later changes no
-- list. $1 account. At least one row: the total.
WITH entry AS (
    SELECT j.posted_at, j.posted_on, j.difference_no, j.number, l.line_no, l.ledger, l.debit_fen, l.credit_fen, a.kind, a.reason, a.contract,
           j.maker, j.checker
      FROM adjustment j
      JOIN adjustment_line l ON l.difference_no = j.difference_no AND l.number = j.number
      JOIN action_request a ON a.difference_no = j.difference_no AND a.number = j.number
     WHERE j.account = $1::text AND j.posted_at >= $2::timestamptz AND j.posted_at < $3::timestamptz
)
, listed AS (
    SELECT 1 AS part, 'entry' AS line, e.ledger, e.debit_fen, e.credit_fen, e.posted_at, e.difference_no, e.number, e.line_no,
           e.posted_on::text AS posted_on, e.kind, e.reason, coalesce(e.contract, '') AS contract, e.maker, e.checker
      FROM entry e
    UNION ALL
    SELECT 2, 'sum', e.ledger, sum(e.debit_fen)::bigint, sum(e.credit_fen)::bigint, NULL, '', 0, 0, '', '', '', '', '', ''
      FROM entry e GROUP BY e.ledger
    UNION ALL
    SELECT 3, 'total', '', coalesce(sum(e.debit_fen), 0)::bigint, coalesce(sum(e.credit_fen), 0)::bigint, NULL, '', 0, 0, '', '', '', '', '', ''
      FROM entry e
)
SELECT s.line, s.posted_at, s.posted_on, s.ledger, s.debit_fen, s.credit_fen, s.kind, s.difference_no, s.reason, s.contract, s.maker, s.checker,
       coalesce(w.code, '') AS code, coalesce(d.original_day::text, '') AS original_day, coalesce(d.order_no, '') AS order_no,
       coalesce(d.attempt_no, '') AS attempt_no, coalesce(d.refund_no, '') AS refund_no, coalesce(d.provider_trade_no, '') AS provider_trade_no
  FROM listed s LEFT JOIN difference d ON d.difference_no = s.difference_no
  LEFT JOIN LATERAL (SELECT e.detail::jsonb->>'code' AS code FROM difference_event e
                      WHERE e.difference_no = s.difference_no AND e.at <= s.posted_at
                        AND e.event IN ('find', 'check', 'change', 'return', 'unsettle')
                      ORDER BY e.seq DESC LIMIT 1) w ON true
 ORDER BY s.part, s.posted_at, s.difference_no COLLATE "C", s.number, s.line_no, s.ledger COLLATE "C"
