-- SPDX-License-Identifier: Apache-2.0
-- Streams the invoices of the orders of a run's differences.
COPY recon_invoice (run_id, owner, order_no, invoice_id, reported_under, kind, red, status, net_fen, tax_fen, total_fen, part_fen, asked_at, issued_at) FROM STDIN (FORMAT binary)
