-- SPDX-License-Identifier: Apache-2.0
-- Bank transfers of those orders, but rejected ones. $1 slots, $2 owners, $3 order numbers of the members, $4 the day's first instant, $5 the
-- next day's, $6 the account. Any number of rows.
-- include: recon_concerned.part
SELECT m.owner, m.order_no, m.number, m.direction = 'out' AS out, m.state = 'confirmed' AS confirmed,
       m.decided_by IS NOT DISTINCT FROM m.recorded_by AS self, m.attachment_sha256 <> '' AS attached, m.amount_fen,
       coalesce(m.deposit_fen, 0) AS deposit_fen, m.received_on::text AS received_on,
       (m.recorded_at AT TIME ZONE 'Asia/Shanghai')::date::text AS recorded_on,
       (coalesce(m.decided_at, m.recorded_at) AT TIME ZONE 'Asia/Shanghai')::date::text AS decided_on, m.voucher, m.payer_name
  FROM concerned c JOIN manual_payment m ON m.slot = c.slot AND m.owner = c.owner AND m.order_no = c.order_no
 WHERE m.state <> 'rejected'
 ORDER BY m.owner, m.order_no, m.number
