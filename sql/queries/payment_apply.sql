-- SPDX-License-Identifier: Apache-2.0
-- Applies one change to one attempt: see payment_apply.part.
-- $1 slot, $2 attempt_no, $3 event, $4 digest, $5 source, $6 raw, $7 signer, $8 provider_status, $9 provider_trade_no,
-- $10 amount_fen, $11 paid_at, $12 bill_day, $13 trace, $14 stated_at, $15 observed_at, $16 mismatch, $17 now. One row.
WITH input AS (
    SELECT 1 AS n, $1::integer AS slot, $2::text AS attempt_no, $3::text AS event, $4::bytea AS digest, $5::text AS source,
           $6::bytea AS raw, $7::text AS signer, $8::text AS provider_status, $9::text AS provider_trade_no,
           $10::bigint AS amount_fen, $11::timestamptz AS paid_at, $12::date AS bill_day, $13::text AS trace,
           $14::timestamptz AS stated_at, $15::timestamptz AS observed_at, $16::text AS mismatch, $17::timestamptz AS now
)
-- include: payment_apply.part
