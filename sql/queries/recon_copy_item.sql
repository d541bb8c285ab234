-- SPDX-License-Identifier: Apache-2.0
-- Streams the items whose tax a run found to be off.
COPY recon_item_off (run_id, owner, order_no, invoice_id, reported_under, number, name, net_fen, tax_fen, off_fen) FROM STDIN (FORMAT binary)
