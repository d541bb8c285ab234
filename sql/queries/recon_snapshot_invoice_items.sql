-- SPDX-License-Identifier: Apache-2.0
-- The items of every invoice of those orders, once each. $1 slots, $2 owners, $3 order numbers of the members, $4 the day's first instant,
-- $5 the next day's, $6 the account. Any number of rows.
-- include: recon_concerned.part
SELECT i.owner, i.invoice_id, i.order_no AS reported_under, t.number, t.name, t.quantity, t.taxed, coalesce(t.rate_ppm, -1) AS rate_ppm,
       t.net_fen, t.tax_fen, t.total_fen
  FROM (SELECT DISTINCT a.slot, a.owner, a.invoice_id
          FROM concerned c
          JOIN invoice_allocation a ON a.order_slot = c.slot AND a.owner = c.owner AND a.order_no = c.order_no) d
  JOIN invoice i ON i.slot = d.slot AND i.owner = d.owner AND i.invoice_id = d.invoice_id
  JOIN invoice_item t ON t.slot = i.slot AND t.owner = i.owner AND t.invoice_id = i.invoice_id
 ORDER BY i.owner, i.invoice_id, i.order_no, t.number
