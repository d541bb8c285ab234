-- SPDX-License-Identifier: Apache-2.0
-- The orders of a day of whatever account: advanced or reported on by the portal on it, with an invoice or a bank transfer of it, or
-- with a transfer that waits. One may come more than once. Any number of rows.
COPY (
-- include: recon_asked.part
SELECT o.slot, o.owner, o.order_no FROM asked JOIN ca_order o ON o.status_at >= asked.day_from AND o.status_at < asked.day_to
 WHERE o.status <> 'draft'
UNION ALL
SELECT r.slot, r.owner, r.order_no FROM asked JOIN order_report r ON r.reported_at >= asked.day_from AND r.reported_at < asked.day_to
UNION ALL
SELECT m.slot, m.owner, m.order_no
  FROM asked JOIN manual_payment m
    ON m.received_on = asked.day OR (m.decided_at >= asked.day_from AND m.decided_at < asked.day_to)
       OR (m.state = 'recorded' AND m.received_on <= asked.day)
UNION ALL
SELECT n.order_slot, n.owner, n.order_no
  FROM asked JOIN invoice i
    ON (i.issued_at >= asked.day_from AND i.issued_at < asked.day_to) OR (i.asked_at >= asked.day_from AND i.asked_at < asked.day_to)
  JOIN invoice_allocation n ON n.slot = i.slot AND n.owner = i.owner AND n.invoice_id = i.invoice_id
) TO STDOUT (FORMAT binary)
