-- SPDX-License-Identifier: Apache-2.0
-- Adds an invoice or brings it to what the portal reports, if its status is still the one we judged by. $1 slot, $2 owner,
-- $3 invoice_id, $4 order_no, $5 status, $6 red, $7 blue_invoice_id, $8 number, $9 code, $10 title, $11 tax_no, $12 net_fen,
-- $13 tax_fen, $14 total_fen, $15 asked_at, $16 issued_at, $17 now, $18 status before (empty for a new one).
-- One row is touched, none after a lost race.
INSERT INTO invoice (slot, owner, invoice_id, order_no, status, red, blue_invoice_id, number, code, title, tax_no, net_fen,
                     tax_fen, total_fen, asked_at, issued_at, updated_at)
VALUES ($1::integer, $2::text, $3::text, $4::text, $5::text, $6::boolean, $7::text, $8::text, $9::text, $10::text, $11::text,
        $12::bigint, $13::bigint, $14::bigint, $15::timestamptz, $16::timestamptz, $17::timestamptz)
ON CONFLICT (slot, owner, invoice_id) DO UPDATE
   SET status = excluded.status, number = excluded.number, code = excluded.code, title = excluded.title,
       tax_no = excluded.tax_no, net_fen = excluded.net_fen, tax_fen = excluded.tax_fen, total_fen = excluded.total_fen,
       asked_at = coalesce(excluded.asked_at, invoice.asked_at),
       issued_at = coalesce(excluded.issued_at, invoice.issued_at), updated_at = excluded.updated_at
 WHERE invoice.status = $18::text AND invoice.order_no = excluded.order_no AND invoice.red = excluded.red
