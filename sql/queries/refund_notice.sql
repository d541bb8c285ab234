-- SPDX-License-Identifier: Apache-2.0
-- Keeps a provider's notice about a refund of ours as evidence; what it leads to the query decides. $1 slot, $2 refund_no, $3 digest,
-- $4 source, $5 raw, $6 signer, $7 provider_status, $8 provider_trade_no, $9 refunded_fen, $10 stated_at, $11 observed_at, $12 mismatch.
-- One row: outcome stored, repeated or refund_unknown.
WITH the_refund AS (
    SELECT slot, refund_no, attempt_no FROM refund WHERE slot = $1::integer AND refund_no = $2::text
)
, stored AS (
    INSERT INTO evidence (slot, attempt_no, digest, source, raw, signer, provider_status, provider_trade_no, refund_no,
                          refunded_fen, stated_at, observed_at, mismatch)
    SELECT slot, attempt_no, $3::bytea, $4::text, $5::bytea, $6::text, $7::text, $8::text, refund_no, $9::bigint,
           $10::timestamptz, $11::timestamptz, $12::text
      FROM the_refund
    ON CONFLICT (slot, attempt_no, digest) DO NOTHING
    RETURNING digest
)
SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM the_refund) THEN 'refund_unknown'
            WHEN EXISTS (SELECT 1 FROM stored) THEN 'stored' ELSE 'repeated' END AS outcome
