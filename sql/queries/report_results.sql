-- SPDX-License-Identifier: Apache-2.0
-- The results of a run in their order, each with its line as the bill has it, for its report. $1 run_id. Any number of rows.
SELECT r.seq, r.line_no, r.attempt_no, r.refund_no, r.provider_trade_no, r.merchant_order_no, r.owner, r.order_no, r.order_kind,
       r.order_status, r.order_fen, r.title, r.invoice_id, r.invoiced_fen, r.primary_code,
       array_to_string(r.findings, ' ') AS findings, r.face_fen, r.b_fen, r.p_fen, r.delta_fen, r.fee_fen, r.billed_at, r.paid_at,
       r.carry_out, r.flow_no, r.flow_fen, r.fee_due_fen, r.fee_due_fen IS NOT NULL AS fee_judged,
       coalesce(f.state, m.state, '') AS attempt_state, coalesce(l.raw, w.raw, '') AS raw
  FROM recon_result r
  LEFT JOIN bill_line l ON l.run_id = r.run_id AND l.line_no = r.line_no
  LEFT JOIN flow_line w ON w.run_id = r.run_id AND w.line_no = r.flow_no
  LEFT JOIN recon_population m ON m.run_id = r.run_id AND m.attempt_no = r.attempt_no
  LEFT JOIN recon_refund f ON f.run_id = r.run_id AND f.refund_no = r.refund_no
 WHERE r.run_id = $1::bigint
 ORDER BY r.seq
