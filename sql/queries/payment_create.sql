-- SPDX-License-Identifier: Apache-2.0
-- Makes the order (if it is new) and its payment, or finds the open or paid payment that exists: never a second one.
-- $1 slot, $2 owner, $3 order_no, $4 kind, $5 applicant, $6 unit_name, $7 uscc, $8 quantity, $9 unit_fee_fen, $10 amount_fen,
-- $11 currency, $12 invoice_profile, $13 content_hash, $14 now, $15 payment_no, $16 return_url, $17 checkout_token,
-- $18 expires_at, $19 statuses in which paying is allowed (blank-separated). One row: outcome created, existing, order_changed,
-- order_status or lost_race (another caller came first: ask again).
WITH made_order AS (
    INSERT INTO ca_order (slot, owner, order_no, kind, applicant, unit_name, uscc, quantity, unit_fee_fen, amount_fen,
                          currency, invoice_profile, content_hash, status_at, created_at)
    VALUES ($1::integer, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::bigint, $9::bigint, $10::bigint,
            $11::text, $12::jsonb, $13::bytea, $14::timestamptz, $14::timestamptz)
    ON CONFLICT (slot, owner, order_no) DO NOTHING
    RETURNING slot, owner, order_no, content_hash, status
)
, the_order AS (
    SELECT slot, owner, order_no, content_hash, status FROM made_order
    UNION ALL
    SELECT slot, owner, order_no, content_hash, status FROM ca_order WHERE slot = $1 AND owner = $2 AND order_no = $3
    LIMIT 1
)
, existing AS (
    SELECT payment_no FROM payment
     WHERE slot = $1 AND owner = $2 AND order_no = $3 AND state IN ('open', 'paid')
     ORDER BY (state = 'paid') DESC, created_at DESC LIMIT 1
)
, made AS (
    INSERT INTO payment (slot, payment_no, owner, order_no, amount_fen, currency, return_url, checkout_token, created_at,
                         expires_at)
    SELECT o.slot, $15::text, o.owner, o.order_no, $10, $11, $16::text, $17::text, $14, $18::timestamptz
      FROM the_order o
     WHERE o.content_hash = $13 AND o.status = ANY (string_to_array($19::text, ' ')) AND NOT EXISTS (SELECT 1 FROM existing)
    ON CONFLICT (slot, owner, order_no) WHERE state = 'open' DO NOTHING
    RETURNING payment_no
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM made) THEN 'created'
            WHEN NOT EXISTS (SELECT 1 FROM the_order) THEN 'lost_race'
            WHEN (SELECT content_hash FROM the_order) <> $13 THEN 'order_changed'
            WHEN EXISTS (SELECT 1 FROM existing) THEN 'existing'
            WHEN NOT (SELECT status = ANY (string_to_array($19, ' ')) FROM the_order) THEN 'order_status'
            ELSE 'lost_race' END AS outcome,
       coalesce((SELECT payment_no FROM made), (SELECT payment_no FROM existing), '') AS payment_no
