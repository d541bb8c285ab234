-- SPDX-License-Identifier: Apache-2.0
-- Days of an account that are done and that nobody signed, of whose money more was heard after the run that counts: a payment or refund that is
-- expected on the day's bill and that the run does not count, or a refund that it counts and that came to nothing since. They are made again.
-- What was heard while the run began may have been committed behind its snapshot (run_heard_from).
-- $1 account, $2 kind, $3 oldest day, $4 newest day (one that is not over goes on being heard of), $5 now. One row: how many days.
WITH done AS (
    SELECT y.bill_day, c.run_id, run_heard_from(least(r.as_of, y.changed_at)) AS since
      FROM recon_day y
      JOIN recon_current c ON c.account = y.account AND c.kind = y.kind AND c.bill_day = y.bill_day
      JOIN recon_run r ON r.run_id = c.run_id
     WHERE y.account = $1::text AND y.kind = $2::text AND y.bill_day BETWEEN $3::date AND $4::date AND y.state = 'done'
       AND NOT EXISTS (SELECT 1 FROM period_decision p
                        WHERE p.account = y.account AND p.kind = y.kind AND p.bill_day = y.bill_day AND p.signed_run_id IS NOT NULL)
)
, heard AS (
    SELECT d.bill_day
      FROM done d
     WHERE EXISTS (SELECT 1 FROM attempt a
                    WHERE a.account = $1 AND a.bill_day = d.bill_day AND a.last_answer_at > d.since
                      AND NOT EXISTS (SELECT 1 FROM recon_population m
                                       WHERE m.run_id = d.run_id AND m.attempt_no = a.attempt_no AND m.counted))
        OR EXISTS (SELECT 1 FROM refund f JOIN attempt a ON a.slot = f.slot AND a.attempt_no = f.attempt_no AND a.account = $1
                    WHERE f.bill_day = d.bill_day AND f.last_answer_at > d.since
                      AND (f.state IN ('sent', 'unknown', 'accepted', 'abnormal', 'succeeded'))
                          <> EXISTS (SELECT 1 FROM recon_refund m
                                      WHERE m.run_id = d.run_id AND m.refund_no = f.refund_no AND m.counted))
)
, stale AS (
    UPDATE recon_day y SET state = 'stale', next_at = $5::timestamptz, changed_at = $5, tries = 0
      FROM heard h
     WHERE y.account = $1 AND y.kind = $2 AND y.bill_day = h.bill_day AND y.state = 'done'
    RETURNING y.bill_day
)
SELECT count(*) AS days FROM stale
