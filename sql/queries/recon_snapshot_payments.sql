-- SPDX-License-Identifier: Apache-2.0
-- Confirmed money of those orders, on any account and day. $1 slots, $2 owners, $3 order numbers of the members, $4 the day's
-- first instant, $5 the next day's, $6 the account. Any number of rows.
-- include: recon_concerned.part
SELECT p.owner, p.order_no, a.attempt_no, a.account, a.provider, a.amount_fen, a.paid_at,
       (SELECT coalesce(sum(r.amount_fen), 0)::bigint FROM refund r
         WHERE r.slot = a.slot AND r.payment_no = a.payment_no AND r.attempt_no = a.attempt_no
           AND r.state IN ('accepted', 'abnormal', 'succeeded')) AS refunded_fen,
       EXISTS (SELECT 1 FROM refund r
                WHERE r.slot = a.slot AND r.payment_no = a.payment_no AND r.attempt_no = a.attempt_no
                  AND r.state IN ('proposed', 'requested', 'approved', 'sent', 'unknown')) AS refund_open
  FROM concerned c
  JOIN payment p ON p.slot = c.slot AND p.owner = c.owner AND p.order_no = c.order_no
  JOIN attempt a ON a.slot = p.slot AND a.payment_no = p.payment_no
 WHERE a.paid_at IS NOT NULL
 ORDER BY a.attempt_no
