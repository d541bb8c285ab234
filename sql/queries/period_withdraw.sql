-- SPDX-License-Identifier: Apache-2.0
-- Somebody of finance takes back what was prepared and nobody has signed, or, of a signed day, that it was to be opened again. $1 account, $2 kind,
-- $3 day, $4 reason, $5 actor, $6 now. One row: outcome withdrawn (also when this person did before), signed (too late), nothing, lost_race.
WITH latest AS (
    SELECT s.number, s.run_id, s.prepared_by, CASE WHEN d.reopened_request IS NULL THEN d.decision ELSE 'reopened' END AS decision, d.decided_by
      FROM period_signoff s
      LEFT JOIN period_decision d ON d.account = s.account AND d.kind = s.kind AND d.bill_day = s.bill_day AND d.number = s.number
     WHERE s.account = $1::text AND s.kind = $2::text AND s.bill_day = $3::date
     ORDER BY s.number DESC
     LIMIT 1
)
-- include: period_waiting.part
, made AS (
    INSERT INTO period_decision (account, kind, bill_day, number, run_id, prepared_by, decision, decided_by, reason, decided_at)
    SELECT $1, $2, $3, l.number, l.run_id, l.prepared_by, 'withdrawn', $5::text, $4::text, $6::timestamptz
      FROM latest l WHERE l.decision IS NULL
    ON CONFLICT DO NOTHING
    RETURNING number
)
, ended AS (
    INSERT INTO period_reopening_end (account, kind, bill_day, number, request, asked_by, outcome, ended_by, reason, ended_at)
    SELECT $1, $2, $3, w.number, w.request, w.asked_by, 'withdrawn', $5, $4, $6
      FROM waiting w
    ON CONFLICT DO NOTHING
    RETURNING number
)
, before AS (
    SELECT e.outcome, e.ended_by
      FROM standing s
      JOIN period_reopening_end e ON e.account = $1 AND e.kind = $2 AND e.bill_day = $3 AND e.number = s.number
     ORDER BY e.request DESC
     LIMIT 1
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM made) OR EXISTS (SELECT 1 FROM ended) THEN 'withdrawn'
            WHEN EXISTS (SELECT 1 FROM waiting) THEN 'lost_race'
            WHEN EXISTS (SELECT 1 FROM before b WHERE b.outcome = 'withdrawn' AND b.ended_by = $5) THEN 'withdrawn'
            WHEN EXISTS (SELECT 1 FROM latest l WHERE l.decision = 'signed') THEN 'signed'
            WHEN EXISTS (SELECT 1 FROM latest l WHERE l.decision = 'withdrawn' AND l.decided_by = $5) THEN 'withdrawn'
            WHEN NOT EXISTS (SELECT 1 FROM latest l WHERE l.decision IS NULL) THEN 'nothing'
            ELSE 'lost_race' END AS outcome
