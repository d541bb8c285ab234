-- SPDX-License-Identifier: Apache-2.0
-- Our refunds for a bill's day: expected on that day's bill, carried in from the day before, named by a line, of a signed day and
-- heard of after it was reconciled, or sent before its end and not heard of since. One that the provider never said it took on counts where a
-- line names it: no other day expects it. What comes late to a signed day counts on the first open day that takes it in, and once. $1 account, $2 kind, $3 day, $4 the next day's first instant, $5 slots and $6 refund numbers that the lines name. Any number of rows.
WITH carried AS (
    SELECT r.refund_no
      FROM recon_current c JOIN recon_result r ON r.run_id = c.run_id
     WHERE c.account = $1::text AND c.kind = $2::text AND c.bill_day = $3::date - 1 AND r.carry_out AND r.line_no IS NULL AND r.refund_no IS NOT NULL
), named AS (
    SELECT slot, refund_no FROM unnest($5::integer[], $6::text[]) AS n (slot, refund_no)
), own AS (
    SELECT run_id FROM period_decision WHERE account = $1::text AND kind = $2::text AND bill_day = $3::date AND signed_run_id IS NOT NULL
), late AS (
    SELECT b.slot, b.refund_no
      FROM period_decision d
      JOIN recon_run r ON r.run_id = d.run_id
      JOIN refund b ON b.bill_day = d.bill_day AND b.last_answer_at > run_heard_from(r.as_of)
     WHERE d.account = $1::text AND d.kind = $2::text AND d.signed_run_id IS NOT NULL
       AND d.bill_day < $3::date AND d.bill_day >= $3::date - 92
       AND NOT EXISTS (SELECT 1 FROM recon_refund m WHERE m.run_id = d.run_id AND m.refund_no = b.refund_no AND m.counted)
       AND NOT EXISTS (SELECT 1 FROM recon_current c
                         JOIN recon_refund m ON m.run_id = c.run_id AND m.refund_no = b.refund_no AND m.counted
                        WHERE c.account = $1::text AND c.kind = $2::text AND c.bill_day > d.bill_day AND c.bill_day <> $3::date)
       AND NOT EXISTS (SELECT 1 FROM own
                        WHERE NOT EXISTS (SELECT 1 FROM recon_refund m
                                           WHERE m.run_id = own.run_id AND m.refund_no = b.refund_no AND m.counted))
)
SELECT r.refund_no, r.attempt_no, r.owner, p.order_no, r.slot, r.state, r.amount_fen, r.approved_by IS NOT NULL AS approved,
       r.first_sent_at, r.taken_at,
       r.state IN ('sent', 'unknown', 'accepted', 'abnormal', 'succeeded')
           AND (r.bill_day = $3::date OR c.refund_no IS NOT NULL OR l.refund_no IS NOT NULL OR (r.bill_day IS NULL AND n.refund_no IS NOT NULL)) AS counted,
       c.refund_no IS NOT NULL AS carried_in
  FROM refund r
  JOIN attempt a ON a.slot = r.slot AND a.attempt_no = r.attempt_no AND a.account = $1::text
  JOIN payment p ON p.slot = r.slot AND p.payment_no = r.payment_no
  LEFT JOIN carried c ON c.refund_no = r.refund_no
  LEFT JOIN late l ON l.slot = r.slot AND l.refund_no = r.refund_no
  LEFT JOIN named n ON n.slot = r.slot AND n.refund_no = r.refund_no
 WHERE r.bill_day = $3::date
    OR c.refund_no IS NOT NULL
    OR l.refund_no IS NOT NULL
    OR n.refund_no IS NOT NULL
    OR (r.state IN ('sent', 'unknown') AND r.first_sent_at < $4::timestamptz)
 ORDER BY r.refund_no
