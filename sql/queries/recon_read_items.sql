-- SPDX-License-Identifier: Apache-2.0
-- What stands on every invoice of the orders a day is about, once, in whichever of them the document stands. Any number of rows.
COPY (
-- include: recon_asked.part
, document AS (
    SELECT n.slot, n.owner, n.invoice_id
      FROM invoice_allocation n WHERE (n.order_slot, n.owner, n.order_no) IN (SELECT slot, owner, order_no FROM of_day)
    UNION
    SELECT n.slot, n.owner, n.invoice_id
      FROM invoice_allocation n WHERE (n.order_slot, n.owner, n.order_no) IN (SELECT slot, owner, order_no FROM recon_rest)
)
SELECT i.owner, i.invoice_id, i.order_no AS reported_under, t.name, t.quantity, t.taxed, t.number::bigint, coalesce(t.rate_ppm, -1)::bigint AS rate_ppm,
       t.net_fen, t.tax_fen, t.total_fen
  FROM document d
  JOIN invoice i ON i.slot = d.slot AND i.owner = d.owner AND i.invoice_id = d.invoice_id
  JOIN invoice_item t ON t.slot = i.slot AND t.owner = i.owner AND t.invoice_id = i.invoice_id
) TO STDOUT (FORMAT binary)
