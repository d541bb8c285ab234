-- SPDX-License-Identifier: Apache-2.0
-- What people recorded of an order's money outside the providers, in order. $1 slot, $2 owner, $3 order_no. One row without number for an
-- order that has none, none for an order that nobody placed.
SELECT o.order_no, m.number, m.direction, m.amount_fen, m.received_on::text AS received_on, m.voucher, m.attachment_sha256,
       m.payer_name, m.reason, m.state, m.recorded_by, m.recorded_at, coalesce(m.decided_by, '') AS decided_by, m.decided_at,
       m.deposit_fen, coalesce(m.deposited_on::text, '') AS deposited_on
  FROM ca_order o
  LEFT JOIN manual_payment m ON m.slot = o.slot AND m.owner = o.owner AND m.order_no = o.order_no
 WHERE o.slot = $1::integer AND o.owner = $2::text AND o.order_no = $3::text
 ORDER BY m.number
