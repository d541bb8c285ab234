-- SPDX-License-Identifier: Apache-2.0
-- Streams the results of a run.
COPY recon_result (run_id, seq, line_no, attempt_no, refund_no, provider_trade_no, merchant_order_no, owner, order_no, order_kind,
                   order_status, order_fen, title, invoice_id, invoiced_fen, primary_code, findings, bucket, face_fen, b_fen,
                   p_fen, delta_fen, fee_fen, billed_at, paid_at, carry_out, flow_no, flow_fen, fee_due_fen, early_no, payout_no, deposit_no) FROM STDIN (FORMAT binary)
