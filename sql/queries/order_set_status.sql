-- SPDX-License-Identifier: Apache-2.0
-- The portal reports a status, and may add what the order says now; refused when the order moved meanwhile. $1 slot, $2 owner, $3 order_no,
-- $4 status before, $5 status after, $6 issued quantity, $7 time, $8 kind (empty: the terms are not reported), $9 quantity, $10 unit_fee_fen,
-- $11 amount_fen, $12 refunded_fen (-1: not reported). One row, none after a lost race.
WITH moved AS (
    UPDATE ca_order SET status = $5::text, issued_quantity = $6::bigint,
           status_at = CASE WHEN status = $5 THEN status_at ELSE $7::timestamptz END
     WHERE slot = $1::integer AND owner = $2::text AND order_no = $3::text AND status = $4::text
    RETURNING slot, owner, order_no
)
, said AS (
    INSERT INTO order_report AS r (slot, owner, order_no, kind, quantity, unit_fee_fen, amount_fen, refunded_fen, reported_at)
    SELECT slot, owner, order_no, $8::text, $9::bigint, $10::bigint, $11::bigint, greatest($12::bigint, 0), $7
      FROM moved
     WHERE $8 <> '' OR $12 >= 0
    ON CONFLICT (slot, owner, order_no) DO UPDATE
       SET kind = CASE WHEN $8 = '' THEN r.kind ELSE excluded.kind END,
           quantity = CASE WHEN $8 = '' THEN r.quantity ELSE excluded.quantity END,
           unit_fee_fen = CASE WHEN $8 = '' THEN r.unit_fee_fen ELSE excluded.unit_fee_fen END,
           amount_fen = CASE WHEN $8 = '' THEN r.amount_fen ELSE excluded.amount_fen END,
           refunded_fen = CASE WHEN $12 < 0 THEN r.refunded_fen ELSE excluded.refunded_fen END,
           reported_at = excluded.reported_at
)
SELECT order_no FROM moved
