-- SPDX-License-Identifier: Apache-2.0
-- What the account's bill adds to the sheet of a run, for its report. $1 run_id. At most one row.
SELECT opening_fen, closing_fen, opening_fen IS NOT NULL AS balanced, opening_proved, pay_count, pay_fen, refund_count, refund_fen,
       fee_count, fee_fen, other_count, other_fen, only_count, only_fen, missing_count, missing_fen, fee_off_fen, coupon_fen,
       scope_fen
  FROM recon_flow
 WHERE run_id = $1::bigint
