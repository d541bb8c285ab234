-- SPDX-License-Identifier: Apache-2.0
-- Streams the snapshot of a run.
COPY recon_population (run_id, attempt_no, provider_trade_no, owner, order_no, state, amount_fen, paid_at, counted, carried_in)
    FROM STDIN (FORMAT binary)
