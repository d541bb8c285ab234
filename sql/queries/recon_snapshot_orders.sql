-- SPDX-License-Identifier: Apache-2.0
-- The orders a day is about, with what the portal says of each now, and whether one like it was paid. $1 slots, $2 owners, $3 order
-- numbers of the members, $4 the day's first instant, $5 the next day's, $6 the account. Any number of rows.
-- include: recon_concerned.part
SELECT o.owner, o.order_no, o.unit_name, o.status, o.kind, o.amount_fen, o.unit_fee_fen, o.quantity, o.issued_quantity,
       coalesce(o.invoice_profile ->> 'title', '') AS title, coalesce(o.invoice_profile ->> 'tax_no', '') AS tax_no,
       coalesce(o.invoice_profile ->> 'kind', '') AS invoice_kind,
       coalesce(r.kind, '') AS said_kind, coalesce(r.quantity, 0) AS said_quantity, coalesce(r.unit_fee_fen, 0) AS said_unit_fee_fen,
       coalesce(r.amount_fen, 0) AS said_amount_fen, coalesce(r.refunded_fen, 0) AS said_refunded_fen,
       EXISTS (SELECT 1 FROM ca_order k
                WHERE k.owner = o.owner AND k.uscc = o.uscc AND k.kind = o.kind AND k.quantity = o.quantity
                  AND k.created_at BETWEEN o.created_at - interval '10 minutes' AND o.created_at + interval '10 minutes'
                  AND k.order_no <> o.order_no AND k.success_count > 0) AS like_paid,
       (SELECT coalesce(sum(n.amount_fen), 0)::bigint
          FROM invoice_allocation n
          JOIN invoice i ON i.slot = n.slot AND i.owner = n.owner AND i.invoice_id = n.invoice_id AND i.status = 'issued'
         WHERE n.order_slot = o.slot AND n.owner = o.owner AND n.order_no = o.order_no) AS invoiced_fen
  FROM concerned c JOIN ca_order o ON o.slot = c.slot AND o.owner = c.owner AND o.order_no = c.order_no
  LEFT JOIN order_report r ON r.slot = o.slot AND r.owner = o.owner AND r.order_no = o.order_no
 ORDER BY o.owner, o.order_no
