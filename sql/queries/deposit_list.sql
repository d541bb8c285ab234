-- SPDX-License-Identifier: Apache-2.0
-- The bank's lines of an account. $1 account. Any number of rows.
SELECT deposit_no, bank_day::text AS day, fen, fee_fen, returned, transfer, payouts, false AS carried_in, sha256
  FROM bank_deposit WHERE account = $1::text ORDER BY bank_day, deposit_no
