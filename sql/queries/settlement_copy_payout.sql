-- SPDX-License-Identifier: Apache-2.0
-- Streams the payouts that a run of settlement judges.
COPY recon_payout (run_id, payout_no, payout_day, paid_fen, banked_fen, moved_fen, returned) FROM STDIN (FORMAT binary)
