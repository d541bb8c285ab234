-- SPDX-License-Identifier: Apache-2.0
-- Makes a complete run of settlement the one that counts for its day, if its rows add up: every payout in exactly one result, every line of the
-- bank either in a result of its own or whole in its parts, the sums those of the sheet, and what it took in just what the day before carries
-- out. $1 run_id. One row, or none when it does not tie.
WITH run AS (
    SELECT r.run_id, r.account, r.kind, r.bill_day, r.parsed_count, r.in_scope_fen, r.population_fen, r.delta_long_fen, r.delta_short_fen,
           s.opening_fen, s.paid_fen, s.banked_fen, s.closing_fen, s.loose_in_fen, s.lines_fen, s.transfers_fen, s.loose_out_fen
      FROM recon_run r JOIN recon_settlement s ON s.run_id = r.run_id
     WHERE r.run_id = $1::bigint AND r.state = 'complete' AND r.kind = 'deposits'
)
, part AS (
    SELECT deposit_no, payout_no, part_fen FROM recon_deposit_part WHERE run_id = $1
)
, result AS (
    SELECT payout_no, deposit_no, b_fen, p_fen, delta_fen, carry_out, bucket FROM recon_result WHERE run_id = $1
)
, payout AS (
    SELECT payout_no, paid_fen - banked_fen AS due_fen, coalesce(moved_fen, 0) AS moved_fen,
           paid_fen - coalesce(moved_fen, 0) - banked_fen AS open_fen
      FROM recon_payout WHERE run_id = $1
)
, line AS (
    SELECT deposit_no, CASE WHEN returned THEN -fen - fee_fen ELSE fen + fee_fen END AS fen, carried_in FROM recon_deposit WHERE run_id = $1
)
, out AS (
    SELECT x.payout_no, x.deposit_no, CASE WHEN x.payout_no IS NOT NULL THEN -x.delta_fen ELSE x.b_fen END AS fen
      FROM run
      JOIN recon_current c ON c.account = run.account AND c.kind = run.kind AND c.bill_day = run.bill_day - 1
      JOIN recon_result x ON x.run_id = c.run_id AND x.carry_out
)
, taken AS (
    SELECT payout_no, NULL::text AS deposit_no, open_fen AS fen FROM payout WHERE open_fen <> 0
     UNION ALL
    SELECT NULL, deposit_no, fen FROM line WHERE carried_in
)
INSERT INTO recon_current (account, kind, bill_day, run_id)
SELECT run.account, run.kind, run.bill_day, run.run_id
  FROM run
 CROSS JOIN (SELECT coalesce(sum(b_fen), 0) AS b, coalesce(sum(p_fen), 0) AS p, coalesce(sum(delta_fen), 0) AS delta,
                    coalesce(sum(b_fen) FILTER (WHERE payout_no IS NOT NULL), 0) AS banked,
                    coalesce(-sum(delta_fen) FILTER (WHERE payout_no IS NOT NULL), 0) AS closing,
                    coalesce(sum(b_fen) FILTER (WHERE payout_no IS NULL AND NOT carry_out), 0) AS transfers,
                    coalesce(sum(b_fen) FILTER (WHERE payout_no IS NULL AND carry_out), 0) AS loose
               FROM result) r
 CROSS JOIN (SELECT coalesce(sum(open_fen), 0) AS opening, coalesce(sum(moved_fen), 0) AS paid FROM payout) p
 CROSS JOIN (SELECT count(*) AS lines, coalesce(sum(fen) FILTER (WHERE carried_in), 0) AS loose,
                    coalesce(sum(fen) FILTER (WHERE NOT carried_in), 0) AS fresh
               FROM line) l
 WHERE l.lines = run.parsed_count AND r.b = run.in_scope_fen AND r.p = run.population_fen
   AND r.delta = run.delta_long_fen + run.delta_short_fen
   AND p.opening = run.opening_fen AND p.paid = run.paid_fen AND r.banked = run.banked_fen AND r.closing = run.closing_fen
   AND l.loose = run.loose_in_fen AND l.fresh = run.lines_fen AND r.transfers = run.transfers_fen AND r.loose = run.loose_out_fen
   AND NOT EXISTS (SELECT 1 FROM payout y
                    WHERE NOT EXISTS (SELECT 1 FROM result x
                                       WHERE x.payout_no = y.payout_no AND x.p_fen = y.due_fen
                                         AND x.b_fen = (SELECT coalesce(sum(part_fen), 0) FROM part WHERE part.payout_no = y.payout_no)))
   AND NOT EXISTS (SELECT 1 FROM line y
                    WHERE y.fen <> coalesce((SELECT sum(part_fen) FROM part WHERE part.deposit_no = y.deposit_no), 0)
                                   + coalesce((SELECT x.b_fen FROM result x WHERE x.deposit_no = y.deposit_no), 0)
                       OR EXISTS (SELECT 1 FROM part WHERE part.deposit_no = y.deposit_no)
                          = EXISTS (SELECT 1 FROM result x WHERE x.deposit_no = y.deposit_no))
   AND NOT EXISTS (SELECT payout_no, deposit_no, fen FROM out EXCEPT SELECT payout_no, deposit_no, fen FROM taken)
   AND NOT EXISTS (SELECT payout_no, deposit_no, fen FROM taken EXCEPT SELECT payout_no, deposit_no, fen FROM out)
ON CONFLICT (account, kind, bill_day) DO UPDATE SET run_id = EXCLUDED.run_id
RETURNING run_id
