-- SPDX-License-Identifier: Apache-2.0
-- What a run of settlement adds to its sheet. $1 run_id, $2 the sums in the order of the columns. No row.
INSERT INTO recon_settlement (run_id, opening_count, opening_fen, paid_count, paid_fen, banked_count, banked_fen, closing_count, closing_fen,
                              loose_in_count, loose_in_fen, lines_count, lines_fen, transfers_count, transfers_fen, loose_out_count,
                              loose_out_fen, fee_count, fee_fen)
SELECT $1::bigint, c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10], c[11], c[12], c[13], c[14], c[15], c[16], c[17], c[18]
  FROM (SELECT $2::bigint[] AS c) AS cells
