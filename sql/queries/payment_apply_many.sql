-- SPDX-License-Identifier: Apache-2.0
-- Applies waiting changes together in one transaction: see payment_apply.part. Of the changes that concern one order only the
-- first is taken; the others come back as deferred.
-- $1 JSON array of {n, slot, attempt_no, event, digest, source, raw, signer, provider_status, provider_trade_no, amount_fen,
-- paid_at, bill_day, trace, stated_at, observed_at, mismatch, now}; digest and raw in hexadecimal. One row a change, in the order of n.
WITH input AS (
    SELECT r.n, r.slot, r.attempt_no, r.event, decode(r.digest, 'hex') AS digest, r.source, decode(r.raw, 'hex') AS raw,
           r.signer, r.provider_status, r.provider_trade_no, r.amount_fen, r.paid_at, r.bill_day, r.trace, r.stated_at,
           r.observed_at, r.mismatch, r.now
      FROM jsonb_to_recordset($1::jsonb) AS r (n integer, slot integer, attempt_no text, event text, digest text, source text,
           raw text, signer text, provider_status text, provider_trade_no text, amount_fen bigint, paid_at timestamptz,
           bill_day date, trace text, stated_at timestamptz, observed_at timestamptz, mismatch text, now timestamptz)
)
-- include: payment_apply.part
