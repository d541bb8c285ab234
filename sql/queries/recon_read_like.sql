-- SPDX-License-Identifier: Apache-2.0
-- The orders a day is about that another one is like: of their buyer, kind and quantity, placed within ten minutes, and paid. One may come more
-- than once. Any number of rows.
COPY (
-- include: recon_asked.part
, paired AS NOT MATERIALIZED (
    SELECT o.slot, o.owner, o.order_no
      FROM ca_order o
      JOIN ca_order k ON k.owner = o.owner AND k.uscc = o.uscc AND k.kind = o.kind AND k.quantity = o.quantity
                     AND k.created_at BETWEEN o.created_at - interval '10 minutes' AND o.created_at + interval '10 minutes'
                     AND k.order_no <> o.order_no AND k.success_count > 0
)
SELECT owner, order_no FROM paired WHERE (slot, owner, order_no) IN (SELECT slot, owner, order_no FROM of_day)
UNION ALL
SELECT owner, order_no FROM paired WHERE (slot, owner, order_no) IN (SELECT slot, owner, order_no FROM recon_rest)
) TO STDOUT (FORMAT binary)
