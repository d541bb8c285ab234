-- SPDX-License-Identifier: Apache-2.0
-- Our refunds for a bill's day: expected on that day's bill, carried in from the day before, named by a line, or sent before its end
-- and not heard of since. One that the provider never said it took on counts where a line names it: no other day expects it. $1 account,
-- $2 kind, $3 day, $4 the next day's first instant, $5 slots and $6 refund numbers that the lines name. Any number of rows.
WITH carried AS (
    SELECT r.refund_no
      FROM recon_current c JOIN recon_result r ON r.run_id = c.run_id
     WHERE c.account = $1::text AND c.kind = $2::text AND c.bill_day = $3::date - 1 AND r.carry_out AND r.refund_no IS NOT NULL
), named AS (
    SELECT slot, refund_no FROM unnest($5::integer[], $6::text[]) AS n (slot, refund_no)
)
SELECT r.refund_no, r.attempt_no, r.owner, p.order_no, r.slot, r.state, r.amount_fen, r.approved_by IS NOT NULL AS approved,
       r.first_sent_at, r.taken_at,
       r.state IN ('sent', 'unknown', 'accepted', 'abnormal', 'succeeded')
           AND (r.bill_day = $3::date OR c.refund_no IS NOT NULL OR (r.bill_day IS NULL AND n.refund_no IS NOT NULL)) AS counted,
       c.refund_no IS NOT NULL AS carried_in
  FROM refund r
  JOIN attempt a ON a.slot = r.slot AND a.attempt_no = r.attempt_no AND a.account = $1::text
  JOIN payment p ON p.slot = r.slot AND p.payment_no = r.payment_no
  LEFT JOIN carried c ON c.refund_no = r.refund_no
  LEFT JOIN named n ON n.slot = r.slot AND n.refund_no = r.refund_no
 WHERE r.bill_day = $3::date
    OR c.refund_no IS NOT NULL
    OR n.refund_no IS NOT NULL
    OR (r.state IN ('sent', 'unknown') AND r.first_sent_at < $4::timestamptz)
 ORDER BY r.refund_no
