-- SPDX-License-Identifier: Apache-2.0
-- Every invoice of the orders a day is about, also of those that do not exist; one of several orders stands with its part of each. Any number
-- of rows, in the order of their keys.
COPY (
-- include: recon_asked.part
, part AS (
    SELECT n.slot, n.owner, n.invoice_id, n.order_no, n.amount_fen
      FROM invoice_allocation n WHERE (n.order_slot, n.owner, n.order_no) IN (SELECT slot, owner, order_no FROM of_day)
    UNION ALL
    SELECT n.slot, n.owner, n.invoice_id, n.order_no, n.amount_fen
      FROM invoice_allocation n WHERE (n.order_slot, n.owner, n.order_no) IN (SELECT slot, owner, order_no FROM recon_rest)
)
SELECT i.owner, i.invoice_id, i.order_no AS reported_under, n.order_no, i.status, i.title, i.tax_no, i.kind, i.red_reason, i.confirmation,
       i.red, i.net_fen, i.tax_fen, i.total_fen, n.amount_fen AS share_fen, n.amount_fen <> i.total_fen AS merged, i.asked_at, i.issued_at,
       i.confirmation_asked_at
  FROM part n JOIN invoice i ON i.slot = n.slot AND i.owner = n.owner AND i.invoice_id = n.invoice_id
 ORDER BY i.owner COLLATE "C", i.invoice_id COLLATE "C", i.order_no COLLATE "C", n.order_no COLLATE "C"
) TO STDOUT (FORMAT binary)
