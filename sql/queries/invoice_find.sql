-- SPDX-License-Identifier: Apache-2.0
-- An invoice by the portal's number. $1 slot of its order, $2 owner, $3 invoice_id. At most one row.
SELECT invoice_id, order_no, status, red, blue_invoice_id, number, code, title, tax_no, net_fen, tax_fen, total_fen,
       asked_at, issued_at, updated_at
  FROM invoice WHERE slot = $1::integer AND owner = $2::text AND invoice_id = $3::text
