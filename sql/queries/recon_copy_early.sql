-- SPDX-License-Identifier: Apache-2.0
-- Streams the lines that a run took in from the day before.
COPY recon_early (run_id, line_no, refund, provider_trade_no, merchant_order_no, refund_no, fen, at, pending, raw) FROM STDIN (FORMAT binary)
