-- SPDX-License-Identifier: Apache-2.0
-- The day after a run that now counts, when its own run took in other items than this one carries out, or opened with another balance than
-- this one closes with (none is another, too): it is made again. In the transaction of the run. $1 account, $2 kind, $3 day, $4 now. One row when it is stale, else none.
WITH carried_out AS (
    SELECT coalesce(CASE WHEN r.line_no IS NULL THEN r.attempt_no END, '') AS attempt_no,
           coalesce(CASE WHEN r.line_no IS NULL THEN r.refund_no END, '') AS refund_no,
           CASE WHEN l.line_no IS NULL THEN ''
                ELSE json_build_array(l.line_no, l.kind = 'refund', l.provider_trade_no, l.merchant_order_no, l.refund_no, l.effective_fen, l.at,
                                      l.pending, bill_line_raw(l.run_id, l.line_no))::text END AS line
      FROM recon_current c
      JOIN recon_result r ON r.run_id = c.run_id AND r.carry_out
      LEFT JOIN bill_line l ON l.run_id = r.run_id AND l.line_no = r.line_no
     WHERE c.account = $1::text AND c.kind = $2::text AND c.bill_day = $3::date
), after AS (
    SELECT run_id FROM recon_current WHERE account = $1 AND kind = $2 AND bill_day = $3 + 1
), carried_in AS (
    SELECT m.attempt_no, '' AS refund_no, '' AS line FROM after a JOIN recon_population m ON m.run_id = a.run_id AND m.carried_in
    UNION ALL
    SELECT '' AS attempt_no, m.refund_no, '' AS line FROM after a JOIN recon_refund m ON m.run_id = a.run_id AND m.carried_in
    UNION ALL
    SELECT '' AS attempt_no, '' AS refund_no,
           json_build_array(e.line_no, e.refund, e.provider_trade_no, e.merchant_order_no, e.refund_no, e.fen, e.at, e.pending, e.raw)::text
      FROM after a JOIN recon_early e ON e.run_id = a.run_id
), balance AS (
    SELECT 1
      FROM after a JOIN recon_flow o ON o.run_id = a.run_id
      JOIN recon_current c ON c.account = $1 AND c.kind = $2 AND c.bill_day = $3
      LEFT JOIN recon_flow f ON f.run_id = c.run_id
     WHERE f.closing_fen IS DISTINCT FROM CASE WHEN o.opening_proved THEN o.opening_fen END
)
INSERT INTO recon_day AS d (account, kind, bill_day, state, next_at, changed_at)
SELECT $1, $2, $3 + 1, 'stale', $4::timestamptz, $4
  FROM after
 WHERE EXISTS (SELECT attempt_no, refund_no, line FROM carried_out EXCEPT SELECT attempt_no, refund_no, line FROM carried_in)
    OR EXISTS (SELECT attempt_no, refund_no, line FROM carried_in EXCEPT SELECT attempt_no, refund_no, line FROM carried_out)
    OR EXISTS (SELECT 1 FROM balance)
ON CONFLICT (account, kind, bill_day) DO UPDATE
   SET state = 'stale', next_at = excluded.next_at, changed_at = excluded.changed_at, tries = 0
 WHERE d.state = 'done'
RETURNING bill_day::text AS bill_day
