-- SPDX-License-Identifier: Apache-2.0
-- A payment by its number. $1 slot, $2 payment_no, $3 owner (empty: any). At most one row.
SELECT p.slot, p.payment_no, p.owner, p.order_no, p.state, p.duplicate, p.late, p.mismatch, p.amount_fen, p.currency,
       p.return_url, p.checkout_token, p.attempt_count, p.created_at, p.expires_at, p.close_asked_at,
       o.kind, o.quantity, o.status AS order_status
  FROM payment p JOIN ca_order o ON o.slot = p.slot AND o.owner = p.owner AND o.order_no = p.order_no
 WHERE p.slot = $1::integer AND p.payment_no = $2::text AND ($3::text = '' OR p.owner = $3)
