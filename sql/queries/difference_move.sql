-- SPDX-License-Identifier: Apache-2.0
-- What a person does to a difference beside proposing and deciding. Whoever comes second finds it as the first left it. $1 difference_no,
-- $2 owner (empty: any), $3 event, $4 actor, $5 detail, $6 now, $7 assignee (null: kept). One row: outcome moved (also when this person's
-- very same words are its last event), unknown, state (no such edge from where it is), lost_race.
WITH found AS (
    SELECT d.state, d.version FROM difference d WHERE d.difference_no = $1::text AND ($2::text = '' OR d.owner IN ($2, ''))
)
, before AS (
    SELECT 1 FROM difference_event e JOIN found f ON e.seq = f.version
     WHERE e.difference_no = $1 AND e.event = $3::text AND e.actor = $4::text AND e.detail = $5::text
)
, moved AS (
    UPDATE difference d
       SET state = t.to_state, assignee = coalesce($7::text, d.assignee), moved_at = $6::timestamptz, version = d.version + 1,
           chain = difference_hash(d.chain, d.difference_no, d.version + 1, t.from_state, t.event, t.to_state, t.effect, $4, $5, $6)
      FROM transition t
     WHERE d.difference_no = $1 AND t.machine = 'difference' AND t.from_state = d.state AND t.event = $3
       AND EXISTS (SELECT 1 FROM found) AND NOT EXISTS (SELECT 1 FROM before)
    RETURNING d.difference_no, d.version, d.chain, t.from_state, t.event, t.to_state, t.effect,
              $4::text AS actor, $5::text AS detail, $6::timestamptz AS at
)
-- include: difference_noted.part
SELECT CASE WHEN EXISTS (SELECT 1 FROM moved) OR EXISTS (SELECT 1 FROM before) THEN 'moved'
            WHEN NOT EXISTS (SELECT 1 FROM found) THEN 'unknown'
            WHEN NOT EXISTS (SELECT 1 FROM found f JOIN transition t ON t.machine = 'difference' AND t.from_state = f.state
                              WHERE t.event = $3) THEN 'state'
            ELSE 'lost_race' END AS outcome
