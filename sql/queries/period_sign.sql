-- SPDX-License-Identifier: Apache-2.0
-- Another person signs what was prepared. The run that counts is held in its place by the row itself. $1 account, $2 kind, $3 day,
-- $4 hash of the text that this person was shown, $5 actor, $6 now. One row: outcome signed (also
-- when this person signed the same before), nothing (none waits), same_person, hindered, changed, lost_race; with the hindrances.
-- include: period_content.part
, made AS (
    INSERT INTO period_decision (account, kind, bill_day, number, run_id, prepared_by, decision, decided_by, decided_at)
    SELECT $1, $2, $3, l.number, l.run_id, l.prepared_by, 'signed', $5::text, $6::timestamptz
      FROM latest l JOIN shown s ON s.run_id = l.run_id AND l.content_hash = sha256(convert_to(s.content, 'UTF8'))
     WHERE l.decision IS NULL AND l.content_hash = $4::bytea AND l.prepared_by <> $5::text
       AND NOT EXISTS (SELECT 1 FROM hindered)
    ON CONFLICT DO NOTHING
    RETURNING number
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM made) THEN 'signed'
            WHEN EXISTS (SELECT 1 FROM latest l WHERE l.decision = 'signed' AND l.decided_by = $5 AND l.content_hash = $4) THEN 'signed'
            WHEN NOT EXISTS (SELECT 1 FROM latest l WHERE l.decision IS NULL) THEN 'nothing'
            WHEN (SELECT l.prepared_by FROM latest l) = $5 THEN 'same_person'
            WHEN EXISTS (SELECT 1 FROM hindered) THEN 'hindered'
            WHEN NOT EXISTS (SELECT 1 FROM latest l JOIN shown s ON l.content_hash = sha256(convert_to(s.content, 'UTF8'))
                              WHERE l.content_hash = $4) THEN 'changed'
            ELSE 'lost_race' END AS outcome,
       coalesce((SELECT string_agg(h.what || '/' || h.name, ' ' ORDER BY h.place, h.name) FROM hindered h), '') AS hindrances
