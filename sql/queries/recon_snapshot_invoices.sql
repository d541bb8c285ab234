-- SPDX-License-Identifier: Apache-2.0
-- Every invoice of those orders, and those of the day whose order does not exist; one of several orders stands with its part of each.
-- $1 slots, $2 owners, $3 order numbers of the members, $4 the day's first instant, $5 the next day's, $6 the account. Any number of rows.
-- include: recon_concerned.part
SELECT i.owner, i.invoice_id, i.order_no AS reported_under, a.order_no, i.status, i.red, i.net_fen, i.tax_fen, i.total_fen, i.title,
       i.tax_no, i.asked_at, i.issued_at, i.kind, i.red_reason, i.confirmation, i.confirmation_asked_at, a.amount_fen AS share_fen,
       a.amount_fen <> i.total_fen AS merged
  FROM concerned c
  JOIN invoice_allocation a ON a.order_slot = c.slot AND a.owner = c.owner AND a.order_no = c.order_no
  JOIN invoice i ON i.slot = a.slot AND i.owner = a.owner AND i.invoice_id = a.invoice_id
 ORDER BY i.owner, i.invoice_id, i.order_no, a.order_no
