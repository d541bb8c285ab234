-- SPDX-License-Identifier: Apache-2.0
-- Items whose tax a run found to be off, by order, document and place in the order of bytes. $1 run_id. Any number of rows.
SELECT owner, order_no, invoice_id, number, name, net_fen, tax_fen, off_fen
  FROM recon_item_off
 WHERE run_id = $1::bigint
 ORDER BY owner COLLATE "C", order_no COLLATE "C", invoice_id COLLATE "C", reported_under COLLATE "C", number
