-- SPDX-License-Identifier: Apache-2.0
-- Makes a complete run the one that counts for its day, if its rows add up to its sheet: every line of its bill, with its text, or carried in, counted attempt
-- and counted refund in exactly one result, the sums equal, and every movement of the account explained. $1 run_id. One row, or none when it
-- does not tie.
INSERT INTO recon_current (account, kind, bill_day, run_id)
SELECT r.account, r.kind, r.bill_day, r.run_id
  FROM recon_run r,
       LATERAL (SELECT count(line_no) AS lines, count(early_no) AS early,
                       coalesce(sum(b_fen) FILTER (WHERE early_no IS NOT NULL), 0) AS early_fen,
                       count(line_no) FILTER (WHERE carry_out) AS ahead, coalesce(sum(b_fen) FILTER (WHERE carry_out), 0) AS ahead_fen,
                       coalesce(sum(face_fen), 0) AS face, coalesce(sum(b_fen), 0) AS b,
                       coalesce(sum(p_fen), 0) AS p, coalesce(sum(delta_fen), 0) AS delta
                  FROM recon_result WHERE run_id = r.run_id) AS s
 WHERE r.run_id = $1::bigint AND r.state = 'complete'
   AND s.lines = r.parsed_count
   AND s.lines = (SELECT count(*) FROM bill_line WHERE run_id = r.run_id)
   AND s.lines = (SELECT coalesce(sum(line_count), 0) FROM bill_text WHERE run_id = r.run_id)
   AND s.face = r.parsed_fen AND s.b = r.in_scope_fen + r.early_in_fen AND s.p = r.population_fen
   AND s.early = r.early_in_count AND s.early_fen = r.early_in_fen
   AND s.early = (SELECT count(*) FROM recon_early WHERE run_id = r.run_id)
   AND s.ahead = r.early_out_count AND s.ahead_fen = r.early_out_fen
   AND s.delta = r.delta_long_fen + r.delta_short_fen
   AND NOT EXISTS (SELECT 1 FROM recon_population m WHERE m.run_id = r.run_id AND m.counted
                      AND NOT EXISTS (SELECT 1 FROM recon_result x WHERE x.run_id = r.run_id AND x.attempt_no = m.attempt_no))
   AND NOT EXISTS (SELECT 1 FROM recon_refund m WHERE m.run_id = r.run_id AND m.counted
                      AND NOT EXISTS (SELECT 1 FROM recon_result x WHERE x.run_id = r.run_id AND x.refund_no = m.refund_no))
   AND NOT EXISTS (SELECT 1 FROM recon_flow f,
                        LATERAL (SELECT coalesce(sum(fen), 0) AS fen, count(*) FILTER (WHERE trade_line_no IS NULL AND code <> 'FLOW_FEE')
                                   AS alone FROM flow_line WHERE run_id = r.run_id) AS m
                    WHERE f.run_id = r.run_id
                      AND (m.fen <> f.pay_fen + f.refund_fen + f.fee_fen + f.other_fen
                           OR m.alone <> (SELECT count(*) FROM recon_result WHERE run_id = r.run_id AND flow_no IS NOT NULL)
                           OR f.pay_fen + f.refund_fen + f.fee_fen <> r.pay_fen + r.refund_fen + r.fee_fen + f.coupon_fen
                               + f.scope_fen + f.only_fen - f.missing_fen + f.fee_off_fen))
ON CONFLICT (account, kind, bill_day) DO UPDATE SET run_id = EXCLUDED.run_id
RETURNING run_id
