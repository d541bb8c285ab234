-- SPDX-License-Identifier: Apache-2.0
-- Bank transfers of the orders a day is about, but rejected ones. Any number of rows, in the order of their keys.
COPY (
-- include: recon_asked.part
, transfer AS (
    SELECT m.slot, m.owner, m.order_no, m.number
      FROM manual_payment m WHERE (m.slot, m.owner, m.order_no) IN (SELECT slot, owner, order_no FROM of_day)
    UNION ALL
    SELECT m.slot, m.owner, m.order_no, m.number
      FROM manual_payment m WHERE (m.slot, m.owner, m.order_no) IN (SELECT slot, owner, order_no FROM recon_rest)
)
SELECT m.owner, m.order_no, m.voucher, m.payer_name, m.number, m.direction = 'out' AS out, m.state = 'confirmed' AS confirmed,
       m.decided_by IS NOT DISTINCT FROM m.recorded_by AS self, m.attachment_sha256 <> '' AS attached, m.amount_fen, m.deposit_fen,
       m.received_on::text AS received_on, (m.recorded_at AT TIME ZONE 'Asia/Shanghai')::date::text AS recorded_on,
       (coalesce(m.decided_at, m.recorded_at) AT TIME ZONE 'Asia/Shanghai')::date::text AS decided_on
  FROM transfer t JOIN manual_payment m ON m.slot = t.slot AND m.owner = t.owner AND m.order_no = t.order_no AND m.number = t.number
 WHERE m.state <> 'rejected'
 ORDER BY m.owner COLLATE "C", m.order_no COLLATE "C", m.number
) TO STDOUT (FORMAT binary)
