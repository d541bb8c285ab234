-- SPDX-License-Identifier: Apache-2.0
-- One person puts a day before another to sign. $1 account, $2 kind, $3 day, $4 hash of the text that this
-- person was shown, $5 actor, $6 now. One row: outcome prepared (also when this person prepared the same before), signed (the
-- day is), hindered, changed (the text is another one now), waiting (somebody else prepared it), lost_race; with the hindrances.
-- include: period_content.part
, waiting AS (
    SELECT l.prepared_by
      FROM latest l JOIN shown s ON l.content_hash = sha256(convert_to(s.content, 'UTF8'))
     WHERE l.decision IS NULL
)
, made AS (
    INSERT INTO period_signoff (account, kind, bill_day, number, run_id, content, content_hash, prepared_by, prepared_at)
    SELECT $1, $2, $3, coalesce((SELECT l.number FROM latest l), 0) + 1, s.run_id, s.content, $4::bytea, $5::text, $6::timestamptz
      FROM shown s
     WHERE sha256(convert_to(s.content, 'UTF8')) = $4::bytea
       AND NOT EXISTS (SELECT 1 FROM hindered) AND NOT EXISTS (SELECT 1 FROM waiting)
       AND NOT EXISTS (SELECT 1 FROM latest l WHERE l.decision = 'signed')
    ON CONFLICT DO NOTHING
    RETURNING number
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM made) THEN 'prepared'
            WHEN EXISTS (SELECT 1 FROM latest l WHERE l.decision = 'signed') THEN 'signed'
            WHEN EXISTS (SELECT 1 FROM hindered) THEN 'hindered'
            WHEN NOT EXISTS (SELECT 1 FROM shown s WHERE sha256(convert_to(s.content, 'UTF8')) = $4) THEN 'changed'
            WHEN EXISTS (SELECT 1 FROM waiting w WHERE w.prepared_by = $5) THEN 'prepared'
            WHEN EXISTS (SELECT 1 FROM waiting) THEN 'waiting'
            ELSE 'lost_race' END AS outcome,
       coalesce((SELECT string_agg(h.what || '/' || h.name, ' ' ORDER BY h.place, h.name) FROM hindered h), '') AS hindrances
