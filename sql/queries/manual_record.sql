-- SPDX-License-Identifier: Apache-2.0
-- A person records a bank transfer for an order, or one that gave money back. $1 slot, $2 owner, $3 order_no, $4 direction (in or out),
-- $5 amount in fen, $6 day it came or went, $7 voucher, $8 SHA-256 of the attachment (empty: none), $9 payer's name, $10 reason, $11 actor,
-- $12 now. One row: outcome recorded (also when this person recorded the same before), order_unknown, known (the voucher stands there
-- already, otherwise), lost_race.
WITH the_order AS (
    SELECT slot, owner, order_no FROM ca_order WHERE slot = $1::integer AND owner = $2::text AND order_no = $3::text
)
, known AS (
    SELECT m.amount_fen = $5::bigint AND m.received_on = $6::date AND m.recorded_by = $11::text AS same
      FROM manual_payment m
     WHERE m.slot = $1 AND m.owner = $2 AND m.order_no = $3 AND m.direction = $4::text AND m.voucher = $7::text AND m.state <> 'rejected'
)
, made AS (
    INSERT INTO manual_payment (slot, owner, order_no, number, direction, amount_fen, received_on, voucher, attachment_sha256,
                                payer_name, reason, state, recorded_by, recorded_at)
    SELECT o.slot, o.owner, o.order_no,
           1 + (SELECT count(*) FROM manual_payment m
                 WHERE m.slot = o.slot AND m.owner = o.owner AND m.order_no = o.order_no)::integer,
           $4, $5, $6, $7, $8::text, $9::text, $10::text, 'recorded', $11, $12::timestamptz
      FROM the_order o
     WHERE NOT EXISTS (SELECT 1 FROM known)
    ON CONFLICT DO NOTHING
    RETURNING number
)
SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM the_order) THEN 'order_unknown'
            WHEN EXISTS (SELECT 1 FROM made) OR (SELECT same FROM known) THEN 'recorded'
            WHEN EXISTS (SELECT 1 FROM known) THEN 'known'
            ELSE 'lost_race' END AS outcome
