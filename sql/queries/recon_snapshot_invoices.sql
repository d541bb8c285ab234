-- SPDX-License-Identifier: Apache-2.0
-- Every invoice of those orders, and those of the day whose order does not exist. $1 slots, $2 owners, $3 order numbers of the
-- members, $4 the day's first instant, $5 the next day's, $6 the account. Any number of rows.
-- include: recon_concerned.part
SELECT i.owner, i.invoice_id, i.order_no, i.status, i.red, i.net_fen, i.tax_fen, i.total_fen, i.title, i.tax_no,
       i.asked_at, i.issued_at
  FROM concerned c JOIN invoice i ON i.slot = c.slot AND i.owner = c.owner AND i.order_no = c.order_no
 ORDER BY i.owner, i.invoice_id
