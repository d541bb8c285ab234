-- SPDX-License-Identifier: Apache-2.0
-- Which days of settlement are to be made so that those up to $2 tell what is known now: from the first whose payouts, lines or carried items are
-- others than its run has, or that has no run, to $2 or the last that has one. $1 account. One row; `first` is null when nothing is to be made, `lines` tells
-- whether lines of the bank were ever taken in.
-- include: payout_moved.part
, run AS (
    SELECT bill_day AS day, run_id FROM recon_current WHERE account = $1 AND kind = 'deposits'
)
, known AS (
    SELECT day, 'payout' AS what, payout_no AS name, sum(fen)::bigint AS fen FROM moved GROUP BY day, payout_no
     UNION ALL
    SELECT bank_day, 'line', deposit_no, 0 FROM bank_deposit WHERE account = $1
     UNION ALL
    SELECT run.day + 1, CASE WHEN x.payout_no IS NOT NULL THEN 'open' ELSE 'loose' END, coalesce(x.payout_no, x.deposit_no),
           CASE WHEN x.payout_no IS NOT NULL THEN -x.delta_fen ELSE 0 END
      FROM run JOIN recon_result x ON x.run_id = run.run_id AND x.carry_out
)
, told AS (
    SELECT run.day, 'payout' AS what, p.payout_no AS name, p.moved_fen AS fen
      FROM run JOIN recon_payout p ON p.run_id = run.run_id AND p.moved_fen IS NOT NULL
     UNION ALL
    SELECT run.day, 'open', p.payout_no, p.paid_fen - coalesce(p.moved_fen, 0) - p.banked_fen
      FROM run JOIN recon_payout p ON p.run_id = run.run_id AND p.paid_fen - coalesce(p.moved_fen, 0) <> p.banked_fen
     UNION ALL
    SELECT run.day, CASE WHEN d.carried_in THEN 'loose' ELSE 'line' END, d.deposit_no, 0
      FROM run JOIN recon_deposit d ON d.run_id = run.run_id
)
, ends AS (
    SELECT (SELECT min(day) FROM known) AS first, greatest($2::date, (SELECT max(day) FROM run)) AS last
)
, off AS (
    SELECT day FROM (SELECT day, what, name, fen FROM known EXCEPT SELECT day, what, name, fen FROM told) a
     UNION ALL
    SELECT day FROM (SELECT day, what, name, fen FROM told EXCEPT SELECT day, what, name, fen FROM known) b
     UNION ALL
    SELECT g::date FROM ends CROSS JOIN generate_series(ends.first, ends.last, interval '1 day') g
     WHERE NOT EXISTS (SELECT 1 FROM run WHERE run.day = g::date)
)
SELECT (SELECT min(off.day)::text FROM off WHERE off.day <= ends.last) AS first, ends.last::text AS last,
       EXISTS (SELECT 1 FROM bank_deposit WHERE account = $1) AS lines
  FROM ends
