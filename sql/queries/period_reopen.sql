-- SPDX-License-Identifier: Apache-2.0
-- One person asks that a signed day be opened again. $1 account, $2 kind, $3 day, $4 hash of the text that was signed, as this person was shown it,
-- $5 actor, $6 now, $7 reason. One row: outcome asked (also when this person's same wish waits), open (the day is not signed), changed (another
-- text was signed), waiting (somebody's wish does), later (a later signed day counts money of the day), lost_race.
WITH day AS (
    SELECT period_later($1::text, $2::text, $3::date) AS later
)
-- include: period_waiting.part
, made AS (
    INSERT INTO period_reopening (account, kind, bill_day, number, request, reason, asked_by, asked_at)
    SELECT $1, $2, $3, s.number,
           1 + (SELECT count(*)::integer FROM period_reopening r
                 WHERE r.account = $1 AND r.kind = $2 AND r.bill_day = $3 AND r.number = s.number),
           $7::text, $5::text, $6::timestamptz
      FROM standing s CROSS JOIN day
     WHERE s.content_hash = $4::bytea AND NOT day.later AND NOT EXISTS (SELECT 1 FROM waiting)
    ON CONFLICT DO NOTHING
    RETURNING request
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM made) THEN 'asked'
            WHEN NOT EXISTS (SELECT 1 FROM standing) THEN 'open'
            WHEN (SELECT content_hash FROM standing) <> $4 THEN 'changed'
            WHEN EXISTS (SELECT 1 FROM waiting w WHERE w.asked_by = $5 AND w.reason = $7) THEN 'asked'
            WHEN EXISTS (SELECT 1 FROM waiting) THEN 'waiting'
            WHEN (SELECT later FROM day) THEN 'later'
            ELSE 'lost_race' END AS outcome
