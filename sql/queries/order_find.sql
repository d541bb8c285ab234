-- SPDX-License-Identifier: Apache-2.0
-- An order, and what the portal says of it now. $1 slot, $2 owner, $3 order_no. At most one row.
SELECT o.order_no, o.kind, o.applicant, o.unit_name, o.uscc, o.quantity, o.unit_fee_fen, o.amount_fen, o.currency, o.status,
       o.status_at, o.issued_quantity, o.success_count, o.created_at, coalesce(r.kind, '') AS said_kind,
       coalesce(r.quantity, 0) AS said_quantity, coalesce(r.unit_fee_fen, 0) AS said_unit_fee_fen,
       coalesce(r.amount_fen, 0) AS said_amount_fen, coalesce(r.refunded_fen, 0) AS said_refunded_fen
  FROM ca_order o
  LEFT JOIN order_report r ON r.slot = o.slot AND r.owner = o.owner AND r.order_no = o.order_no
 WHERE o.slot = $1::integer AND o.owner = $2::text AND o.order_no = $3::text
