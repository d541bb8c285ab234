-- SPDX-License-Identifier: Apache-2.0
-- Confirmed money of the orders a day is about on any other account or day than those of recon_read_day.sql. Any number of rows.
COPY (
-- include: recon_asked.part
, other AS NOT MATERIALIZED (
    SELECT p.slot, p.owner, p.order_no, a.attempt_no, a.account, a.provider, a.amount_fen, a.paid_at
      FROM payment p JOIN attempt a ON a.slot = p.slot AND a.payment_no = p.payment_no
     WHERE a.paid_at IS NOT NULL
       AND (a.account <> (SELECT account FROM asked) OR a.bill_day IS DISTINCT FROM (SELECT day FROM asked))
)
SELECT owner, order_no, attempt_no, account, provider, amount_fen, paid_at
  FROM other WHERE (slot, owner, order_no) IN (SELECT slot, owner, order_no FROM of_day)
UNION ALL
SELECT owner, order_no, attempt_no, account, provider, amount_fen, paid_at
  FROM other WHERE (slot, owner, order_no) IN (SELECT slot, owner, order_no FROM recon_rest)
) TO STDOUT (FORMAT binary)
