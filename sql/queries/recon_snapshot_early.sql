-- SPDX-License-Identifier: Apache-2.0
-- The lines that the run which counts for the day before carries out: its bill had them, and our books have them on this day. $1 account,
-- $2 kind, $3 day. Any number of rows.
SELECT l.line_no AS number, l.kind = 'refund' AS refund, l.provider_trade_no, l.merchant_order_no, l.refund_no, l.effective_fen AS fen, l.at, l.pending,
       bill_line_raw(l.run_id, l.line_no) AS raw
  FROM recon_current c
  JOIN recon_result r ON r.run_id = c.run_id AND r.carry_out
  JOIN bill_line l ON l.run_id = r.run_id AND l.line_no = r.line_no
 WHERE c.account = $1::text AND c.kind = $2::text AND c.bill_day = $3::date - 1
 ORDER BY l.line_no
