-- SPDX-License-Identifier: Apache-2.0
-- The invoices of an order as a run has them, each once for every item of it whose tax is off, by document and place in the order of bytes. $1 run_id,
-- $2 owner and $3 number of the order. Any number of rows up to $4: one without a document when the run kept none, and no row when the run is from
-- before they were kept.
SELECT i.invoice_id, i.reported_under, i.kind, i.red, i.status, i.net_fen, i.tax_fen, i.total_fen, i.part_fen, i.asked_at, i.issued_at,
       o.number, o.name, o.net_fen AS item_net_fen, o.tax_fen AS item_tax_fen, o.off_fen
  FROM recon_run r
  LEFT JOIN recon_invoice i ON i.run_id = r.run_id AND i.owner = $2::text AND i.order_no = $3::text
  LEFT JOIN recon_item_off o ON o.run_id = i.run_id AND o.owner = i.owner AND o.order_no = i.order_no AND o.invoice_id = i.invoice_id
                            AND o.reported_under = i.reported_under
 WHERE r.run_id = $1::bigint AND r.invoices_kept
 ORDER BY i.invoice_id COLLATE "C", i.reported_under COLLATE "C", o.number
 LIMIT $4::integer
