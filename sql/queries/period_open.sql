-- SPDX-License-Identifier: Apache-2.0
-- Another person agrees that a signed day be opened again, at most once: its signature is taken back and stays in the books, and the day is to be
-- made again, as is every later one that is not signed, for its run took the day as closed. Every row of the calendar is written, so that a run
-- that is under way and read the day as signed is made once more. $1 account, $2 kind, $3 day, $4 hash of the text that was signed, as this person
-- was shown it, $5 actor, $6 now. One row: outcome opened (also when this person opened it before), open (it is not signed), nothing (nobody asks
-- for it), same_person, changed (another text was signed), later (a later signed day counts money of the day), lost_race.
WITH day AS (
    SELECT period_later($1::text, $2::text, $3::date) AS later
)
-- include: period_waiting.part
, ended AS (
    INSERT INTO period_reopening_end (account, kind, bill_day, number, request, asked_by, outcome, ended_by, ended_at)
    SELECT $1, $2, $3, w.number, w.request, w.asked_by, 'opened', $5::text, $6::timestamptz
      FROM waiting w JOIN standing s ON s.content_hash = $4::bytea CROSS JOIN day
     WHERE w.asked_by <> $5 AND NOT day.later
    ON CONFLICT DO NOTHING
    RETURNING number, request
)
, unsigned AS (
    UPDATE period_decision p SET reopened_request = e.request
      FROM ended e
     WHERE p.account = $1 AND p.kind = $2 AND p.bill_day = $3 AND p.number = e.number
    RETURNING p.bill_day
)
, again AS (
    UPDATE recon_day y
       SET state = CASE y.state WHEN 'done' THEN 'stale' ELSE y.state END, tries = 0, changed_at = $6,
           next_at = CASE y.state WHEN 'done' THEN $6 ELSE y.next_at END
      FROM unsigned u
     WHERE y.account = $1 AND y.kind = $2 AND y.bill_day BETWEEN u.bill_day AND u.bill_day + 92
       AND NOT EXISTS (SELECT 1 FROM period_decision p
                        WHERE p.account = $1 AND p.kind = $2 AND p.bill_day = y.bill_day AND p.bill_day <> u.bill_day
                          AND p.signed_run_id IS NOT NULL)
)
, before AS (
    SELECT 1 FROM period_reopening_end e
      JOIN period_signoff s ON s.account = e.account AND s.kind = e.kind AND s.bill_day = e.bill_day AND s.number = e.number
     WHERE e.account = $1 AND e.kind = $2 AND e.bill_day = $3 AND e.outcome = 'opened' AND e.ended_by = $5 AND s.content_hash = $4
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM unsigned) THEN 'opened'
            WHEN NOT EXISTS (SELECT 1 FROM standing) THEN CASE WHEN EXISTS (SELECT 1 FROM before) THEN 'opened' ELSE 'open' END
            WHEN NOT EXISTS (SELECT 1 FROM waiting) THEN 'nothing'
            WHEN (SELECT asked_by FROM waiting) = $5 THEN 'same_person'
            WHEN (SELECT content_hash FROM standing) <> $4 THEN 'changed'
            WHEN (SELECT later FROM day) THEN 'later'
            ELSE 'lost_race' END AS outcome
