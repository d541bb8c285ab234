-- SPDX-License-Identifier: Apache-2.0
-- Streams the lines of a run.
COPY bill_line (run_id, line_no, kind, provider_trade_no, merchant_order_no, refund_no, face_fen, effective_fen, fee_fen, at,
                pending) FROM STDIN (FORMAT binary)
