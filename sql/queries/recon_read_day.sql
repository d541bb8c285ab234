-- SPDX-License-Identifier: Apache-2.0
-- The account's attempts that are expected on the day's bill, each with its order: most of what a run reads, in one pass. An attempt is
-- denied when the provider's last word, after it had called it paid, was another. Any number of rows.
COPY (
-- include: recon_asked.part
, carried AS (
    SELECT r.attempt_no
      FROM asked JOIN recon_current c ON c.account = asked.account AND c.kind = asked.kind AND c.bill_day = asked.day - 1
      JOIN recon_result r ON r.run_id = c.run_id
     WHERE r.carry_out AND r.line_no IS NULL AND r.attempt_no IS NOT NULL
)
SELECT a.attempt_no, a.provider_trade_no, p.owner, p.order_no, a.state, a.method, a.provider, a.amount_fen, a.paid_at, a.created_at,
       a.attempt_no IN (SELECT attempt_no FROM carried) AS carried_in,
       a.paid_at IS NOT NULL
           AND (a.slot, a.attempt_no) IN (SELECT slot, attempt_no FROM event
                                           WHERE machine = 'attempt' AND event IN ('unpaid', 'unpaid_final', 'closed')
                                             AND from_state IN ('paid', 'late_paid'))
           AND (SELECT e.event FROM event e
                 WHERE e.slot = a.slot AND e.payment_no = a.payment_no AND e.attempt_no = a.attempt_no AND e.machine = 'attempt'
                   AND e.event IN ('paid', 'unpaid', 'unpaid_final', 'closed')
                 ORDER BY e.seq DESC LIMIT 1) <> 'paid' AS denied,
-- include: recon_order_columns.part
  FROM attempt a
  JOIN payment p ON p.slot = a.slot AND p.payment_no = a.payment_no
  JOIN ca_order o ON o.slot = p.slot AND o.owner = p.owner AND o.order_no = p.order_no
  LEFT JOIN order_report r ON r.slot = o.slot AND r.owner = o.owner AND r.order_no = o.order_no
 WHERE a.account = (SELECT account FROM asked) AND a.bill_day = (SELECT day FROM asked)
) TO STDOUT (FORMAT binary)
