-- SPDX-License-Identifier: Apache-2.0
-- The orders of recon_rest.sql. Any number of rows.
COPY (
SELECT o.owner, o.order_no,
-- include: recon_order_columns.part
  FROM recon_rest c
  JOIN ca_order o ON o.slot = c.slot AND o.owner = c.owner AND o.order_no = c.order_no
  LEFT JOIN order_report r ON r.slot = o.slot AND r.owner = o.owner AND r.order_no = o.order_no
) TO STDOUT (FORMAT binary)
