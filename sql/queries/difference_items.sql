-- SPDX-License-Identifier: Apache-2.0
-- Items of invoices of a difference's order whose tax is not that of their rate, as the last run had them that showed it. $1 difference_no,
-- $2 most rows. Any number of rows up to $2.
SELECT o.invoice_id, o.number, o.name, o.net_fen, o.tax_fen, o.off_fen
  FROM difference d
  JOIN recon_item_off o ON o.run_id = (SELECT max(w.run_id) FROM difference_shown w WHERE w.difference_no = d.difference_no)
                       AND o.owner = d.owner AND o.order_no = d.order_no
 WHERE d.difference_no = $1::text AND (d.code = 'INV_TAX' OR 'INV_TAX' = ANY (d.codes))
 ORDER BY o.invoice_id COLLATE "C", o.reported_under COLLATE "C", o.number
 LIMIT $2::integer
