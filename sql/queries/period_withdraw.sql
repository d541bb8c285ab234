-- SPDX-License-Identifier: Apache-2.0
-- Somebody of finance takes back what was prepared and nobody has signed. $1 account, $2 kind, $3 day, $4 reason, $5 actor, $6 now.
-- One row: outcome withdrawn (also when this person did before), signed (too late), nothing, lost_race.
WITH latest AS (
    SELECT s.number, s.run_id, s.prepared_by, d.decision, d.decided_by
      FROM period_signoff s
      LEFT JOIN period_decision d ON d.account = s.account AND d.kind = s.kind AND d.bill_day = s.bill_day AND d.number = s.number
     WHERE s.account = $1::text AND s.kind = $2::text AND s.bill_day = $3::date
     ORDER BY s.number DESC
     LIMIT 1
)
, made AS (
    INSERT INTO period_decision (account, kind, bill_day, number, run_id, prepared_by, decision, decided_by, reason, decided_at)
    SELECT $1, $2, $3, l.number, l.run_id, l.prepared_by, 'withdrawn', $5::text, $4::text, $6::timestamptz
      FROM latest l WHERE l.decision IS NULL
    ON CONFLICT DO NOTHING
    RETURNING number
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM made) THEN 'withdrawn'
            WHEN EXISTS (SELECT 1 FROM latest l WHERE l.decision = 'signed') THEN 'signed'
            WHEN EXISTS (SELECT 1 FROM latest l WHERE l.decision = 'withdrawn' AND l.decided_by = $5) THEN 'withdrawn'
            WHEN NOT EXISTS (SELECT 1 FROM latest l WHERE l.decision IS NULL) THEN 'nothing'
            ELSE 'lost_race' END AS outcome
