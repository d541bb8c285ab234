-- SPDX-License-Identifier: Apache-2.0
-- What the account's bill adds to the sheet of a run. $1 run_id, $2 file_id, $3 opening, $4 closing (null: not said), $5 whether the opening
-- is proved, $6 the sums in the order of the columns. One row.
INSERT INTO recon_flow (run_id, file_id, opening_fen, closing_fen, opening_proved, pay_count, pay_fen, refund_count, refund_fen,
                        fee_count, fee_fen, other_count, other_fen, only_count, only_fen, missing_count, missing_fen, fee_off_fen,
                        coupon_fen, scope_fen)
SELECT $1::bigint, $2::bigint, $3::bigint, $4::bigint, $5::boolean,
       c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10], c[11], c[12], c[13], c[14], c[15]
  FROM (SELECT $6::bigint[] AS c) AS cells
RETURNING run_id
