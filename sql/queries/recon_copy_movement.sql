-- SPDX-License-Identifier: Apache-2.0
-- Streams the movements of a run.
COPY flow_line (run_id, line_no, kind, provider_trade_no, merchant_order_no, refund_no, fen, fee_fen, balance_fen, at, code,
                trade_line_no, raw) FROM STDIN (FORMAT binary)
