-- SPDX-License-Identifier: Apache-2.0
-- Streams the refunds of a run.
COPY recon_refund (run_id, refund_no, attempt_no, owner, order_no, state, amount_fen, taken_at, counted, carried_in) FROM STDIN (FORMAT binary)
