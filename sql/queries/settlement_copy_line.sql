-- SPDX-License-Identifier: Apache-2.0
-- Streams the bank's lines that a run of settlement judges.
COPY recon_deposit (run_id, deposit_no, bank_day, fen, fee_fen, returned, transfer, payouts, carried_in, sha256) FROM STDIN (FORMAT binary)
