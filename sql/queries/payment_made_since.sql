-- SPDX-License-Identifier: Apache-2.0
-- The payment that was made for an order of this content since a moment, the first one. $1 slot, $2 owner, $3 order_no,
-- $4 content_hash, $5 since. At most one row.
SELECT p.payment_no
  FROM payment p JOIN ca_order o ON o.slot = p.slot AND o.owner = p.owner AND o.order_no = p.order_no
 WHERE p.slot = $1::integer AND p.owner = $2::text AND p.order_no = $3::text AND o.content_hash = $4::bytea
   AND p.created_at >= $5::timestamptz
 ORDER BY p.created_at LIMIT 1
