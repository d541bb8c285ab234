-- SPDX-License-Identifier: Apache-2.0
-- The orders a day is about. $1 slots, $2 owners, $3 order numbers of the members, $4 the day's first instant, $5 the next
-- day's, $6 the account. Any number of rows.
-- include: recon_concerned.part
SELECT o.owner, o.order_no, o.status, o.kind, o.amount_fen, o.unit_fee_fen, o.quantity, o.issued_quantity,
       coalesce(o.invoice_profile ->> 'title', '') AS title, coalesce(o.invoice_profile ->> 'tax_no', '') AS tax_no,
       coalesce(o.invoice_profile ->> 'kind', '') AS invoice_kind,
       (SELECT coalesce(sum(n.amount_fen), 0)::bigint
          FROM invoice_allocation n
          JOIN invoice i ON i.slot = n.slot AND i.owner = n.owner AND i.invoice_id = n.invoice_id AND i.status = 'issued'
         WHERE n.order_slot = o.slot AND n.owner = o.owner AND n.order_no = o.order_no) AS invoiced_fen
  FROM concerned c JOIN ca_order o ON o.slot = c.slot AND o.owner = c.owner AND o.order_no = c.order_no
 ORDER BY o.owner, o.order_no
