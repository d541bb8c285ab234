-- SPDX-License-Identifier: Apache-2.0
-- Our attempts for a bill's day beside those of recon_read_day.sql: carried in from the day before, named by a line, of a signed day and
-- heard of after it was reconciled, or unpaid and young enough to be what a line is about; `denied`: paid in our books, and the
-- provider's last word is another. What comes late to a signed day counts on the first open day that takes it in, and once. $1 account, $2 kind, $3 day, $4 its
-- first instant, $5 the next day's, $6 slots and $7 attempt numbers that the lines name. Any number of rows.
WITH carried AS (
    SELECT r.attempt_no
      FROM recon_current c JOIN recon_result r ON r.run_id = c.run_id
     WHERE c.account = $1::text AND c.kind = $2::text AND c.bill_day = $3::date - 1 AND r.carry_out AND r.line_no IS NULL
       AND r.attempt_no IS NOT NULL
), named AS (
    SELECT slot, attempt_no FROM unnest($6::integer[], $7::text[]) AS n (slot, attempt_no)
), own AS (
    SELECT run_id FROM period_decision WHERE account = $1::text AND kind = $2::text AND bill_day = $3::date AND signed_run_id IS NOT NULL
), late AS (
    SELECT a.slot, a.attempt_no
      FROM period_decision d
      JOIN recon_run r ON r.run_id = d.run_id
      JOIN attempt a ON a.account = d.account AND a.bill_day = d.bill_day AND a.last_answer_at > run_heard_from(r.as_of)
     WHERE d.account = $1::text AND d.kind = $2::text AND d.signed_run_id IS NOT NULL
       AND d.bill_day < $3::date AND d.bill_day >= $3::date - 92
       AND NOT EXISTS (SELECT 1 FROM recon_population m WHERE m.run_id = d.run_id AND m.attempt_no = a.attempt_no AND m.counted)
       AND NOT EXISTS (SELECT 1 FROM recon_current c
                         JOIN recon_population m ON m.run_id = c.run_id AND m.attempt_no = a.attempt_no AND m.counted
                        WHERE c.account = $1::text AND c.kind = $2::text AND c.bill_day > d.bill_day AND c.bill_day <> $3::date)
       AND NOT EXISTS (SELECT 1 FROM own
                        WHERE NOT EXISTS (SELECT 1 FROM recon_population m
                                           WHERE m.run_id = own.run_id AND m.attempt_no = a.attempt_no AND m.counted))
)
, wanted AS (
    SELECT slot, attempt_no FROM named
    UNION
    SELECT slot, attempt_no FROM late
    UNION
    SELECT substr(attempt_no, 7, 3)::integer, attempt_no FROM carried
    UNION
    SELECT slot, attempt_no FROM attempt
     WHERE account = $1::text AND paid_at IS NULL AND created_at < $5::timestamptz AND created_at >= $4::timestamptz - interval '7 days'
)
SELECT a.attempt_no, a.provider_trade_no, p.owner, p.order_no, p.slot, a.state, a.method, a.amount_fen, a.paid_at, a.created_at,
       c.attempt_no IS NOT NULL OR l.attempt_no IS NOT NULL AS counted,
       c.attempt_no IS NOT NULL AS carried_in,
       coalesce(a.paid_at IS NOT NULL
           AND (SELECT e.event FROM event e
                 WHERE e.slot = a.slot AND e.payment_no = a.payment_no AND e.attempt_no = a.attempt_no AND e.machine = 'attempt'
                   AND e.event IN ('paid', 'unpaid', 'unpaid_final', 'closed')
                 ORDER BY e.seq DESC LIMIT 1) <> 'paid', false) AS denied
  FROM wanted w
  JOIN attempt a ON a.slot = w.slot AND a.attempt_no = w.attempt_no
  JOIN payment p ON p.slot = a.slot AND p.payment_no = a.payment_no
  LEFT JOIN carried c ON c.attempt_no = a.attempt_no
  LEFT JOIN late l ON l.slot = a.slot AND l.attempt_no = a.attempt_no
 WHERE a.account = $1::text AND a.bill_day IS DISTINCT FROM $3::date
