-- SPDX-License-Identifier: Apache-2.0
-- The results of a run in their order, for its report. $1 run_id. Any number of rows.
SELECT seq, line_no, attempt_no, refund_no, provider_trade_no, merchant_order_no, owner, order_no, order_kind, order_status,
       order_fen, title, invoice_id, invoiced_fen, primary_code, array_to_string(findings, ' ') AS findings, face_fen,
       b_fen, p_fen, delta_fen, fee_fen, billed_at, paid_at, carry_out, flow_no, flow_fen
  FROM recon_result
 WHERE run_id = $1::bigint
 ORDER BY seq
