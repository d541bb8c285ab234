-- SPDX-License-Identifier: Apache-2.0
-- Keeps a line of the bank's statement, if none stands under its number. $1 account, $2 number, $3 day, $4 fen, $5 fee, $6 sent back, $7 the
-- payouts that it names, $8 now, $9 a payer's own transfer, $10 the file that has it (null: none). One row: stored; else known when the same line stands there.
WITH put AS (
    INSERT INTO bank_deposit (account, deposit_no, bank_day, fen, fee_fen, returned, payouts, entered_at, transfer, sha256)
    VALUES ($1::text, $2::text, $3::date, $4::bigint, $5::bigint, $6::boolean, $7::text, $8::timestamptz, $9::boolean, $10::text)
    ON CONFLICT (account, deposit_no) DO NOTHING
    RETURNING deposit_no
)
SELECT EXISTS (SELECT 1 FROM put) AS stored,
       EXISTS (SELECT 1 FROM bank_deposit WHERE account = $1 AND deposit_no = $2 AND bank_day = $3 AND fen = $4 AND fee_fen = $5
                  AND returned = $6 AND payouts = $7 AND transfer = $9) AS known
