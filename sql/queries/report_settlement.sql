-- SPDX-License-Identifier: Apache-2.0
-- The sheet of a run of settlement, for its report. $1 run_id. At most one row.
SELECT opening_count, opening_fen, paid_count, paid_fen, banked_count, banked_fen, closing_count, closing_fen, loose_in_count, loose_in_fen,
       lines_count, lines_fen, transfers_count, transfers_fen, loose_out_count, loose_out_fen, fee_count, fee_fen
  FROM recon_settlement
 WHERE run_id = $1::bigint
