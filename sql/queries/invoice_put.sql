-- SPDX-License-Identifier: Apache-2.0
-- Adds an invoice or brings it to what the portal reports, if its status is still the one we judged by, with the orders that it is for.
-- $1 slot, $2 owner, $3 invoice_id, $4 order_no, $5 status, $6 red, $7 blue_invoice_id, $8 number, $9 code, $10 title, $11 tax_no,
-- $12 net_fen, $13 tax_fen, $14 total_fen, $15 asked_at, $16 issued_at, $17 now, $18 status before (empty for a new one), $19 kind,
-- $20 red_reason, $21 confirmation_no, $22 confirmation, $23 confirmation_asked_at, $24 slots, $25 numbers and $26 amounts of the orders.
-- As many rows are touched as there are orders, none after a lost race or when the amounts do not sum to the total.
WITH put AS (
    INSERT INTO invoice (slot, owner, invoice_id, order_no, status, red, blue_invoice_id, number, code, title, tax_no, net_fen,
                         tax_fen, total_fen, asked_at, issued_at, updated_at, kind, red_reason, confirmation_no, confirmation,
                         confirmation_asked_at)
    SELECT $1::integer, $2::text, $3::text, $4::text, $5::text, $6::boolean, $7::text, $8::text, $9::text, $10::text, $11::text,
           $12::bigint, $13::bigint, $14::bigint, $15::timestamptz, $16::timestamptz, $17::timestamptz, $19::text, $20::text,
           $21::text, $22::text, $23::timestamptz
     WHERE (SELECT sum(fen) FROM unnest($26::bigint[]) AS n (fen)) = $14::bigint
    ON CONFLICT (slot, owner, invoice_id) DO UPDATE
       SET status = excluded.status, number = excluded.number, code = excluded.code, title = excluded.title,
           tax_no = excluded.tax_no, net_fen = excluded.net_fen, tax_fen = excluded.tax_fen, total_fen = excluded.total_fen,
           asked_at = coalesce(excluded.asked_at, invoice.asked_at),
           issued_at = coalesce(excluded.issued_at, invoice.issued_at), updated_at = excluded.updated_at,
           kind = excluded.kind, red_reason = excluded.red_reason, confirmation_no = excluded.confirmation_no,
           confirmation = excluded.confirmation, confirmation_asked_at = excluded.confirmation_asked_at
     WHERE invoice.status = $18::text AND invoice.order_no = excluded.order_no AND invoice.red = excluded.red
    RETURNING slot, owner, invoice_id
)
, gone AS (
    DELETE FROM invoice_allocation a USING put p
     WHERE a.slot = p.slot AND a.owner = p.owner AND a.invoice_id = p.invoice_id AND a.order_no <> ALL ($25::text[])
)
INSERT INTO invoice_allocation (slot, owner, invoice_id, order_no, order_slot, amount_fen)
SELECT p.slot, p.owner, p.invoice_id, n.order_no, n.slot, n.fen
  FROM put p, unnest($24::integer[], $25::text[], $26::bigint[]) AS n (slot, order_no, fen)
ON CONFLICT (slot, owner, invoice_id, order_no) DO UPDATE SET amount_fen = excluded.amount_fen
