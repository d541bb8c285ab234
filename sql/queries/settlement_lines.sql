-- SPDX-License-Identifier: Apache-2.0
-- The bank's lines that a run of settlement judges. $1 account, $2 day. Any number of rows.
WITH of AS (SELECT $1::text AS account)
-- include: settlement_line.part
SELECT deposit_no, bank_day::text AS day, fen, fee_fen, returned, transfer, payouts, carried_in, sha256
  FROM line
 ORDER BY bank_day, deposit_no COLLATE "C"
