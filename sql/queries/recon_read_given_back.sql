-- SPDX-License-Identifier: Apache-2.0
-- Of the payments of the orders a day is about: what their providers have taken on to give back, and whether more is under way. At most one row of
-- an attempt; any number of rows.
COPY (
-- include: recon_asked.part
, back AS NOT MATERIALIZED (
    SELECT p.slot, p.owner, p.order_no, r.attempt_no, r.state, r.amount_fen
      FROM payment p JOIN refund r ON r.slot = p.slot AND r.payment_no = p.payment_no
     WHERE r.state IN ('accepted', 'abnormal', 'succeeded', 'proposed', 'requested', 'approved', 'sent', 'unknown')
), concerned AS (
    SELECT attempt_no, state, amount_fen FROM back WHERE (slot, owner, order_no) IN (SELECT slot, owner, order_no FROM of_day)
    UNION ALL
    SELECT attempt_no, state, amount_fen FROM back WHERE (slot, owner, order_no) IN (SELECT slot, owner, order_no FROM recon_rest)
)
SELECT attempt_no, sum(amount_fen) FILTER (WHERE state IN ('accepted', 'abnormal', 'succeeded'))::bigint AS refunded_fen,
       bool_or(state NOT IN ('accepted', 'abnormal', 'succeeded')) AS refund_open
  FROM concerned GROUP BY attempt_no
) TO STDOUT (FORMAT binary)
