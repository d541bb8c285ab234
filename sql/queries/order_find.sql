-- SPDX-License-Identifier: Apache-2.0
-- An order. $1 slot, $2 owner, $3 order_no. At most one row.
SELECT order_no, kind, applicant, unit_name, uscc, quantity, unit_fee_fen, amount_fen, currency, status, status_at,
       issued_quantity, success_count, created_at
  FROM ca_order WHERE slot = $1::integer AND owner = $2::text AND order_no = $3::text
