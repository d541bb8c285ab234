-- SPDX-License-Identifier: Apache-2.0
-- Streams which part of a line stands for which payout.
COPY recon_deposit_part (run_id, deposit_no, payout_no, part_fen) FROM STDIN (FORMAT binary)
