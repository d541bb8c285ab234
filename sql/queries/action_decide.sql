-- SPDX-License-Identifier: Apache-2.0
-- Another person approves what was proposed, or a person rejects it, also one that was approved and not executed. $1 difference_no,
-- $2 owner (empty: any), $3 event (approve or reject), $4 kind and $5 amount that the checker names (null: none; not looked at when it is
-- rejected), $6 actor, $7 now, $8 detail, $9 contract and $10 posting to reverse that the checker names. One row: outcome moved (also when this person decided so before), unknown, state, same_person,
-- changed (it is not what the checker names), lost_race.
WITH found AS (
    SELECT d.state, d.version FROM difference d WHERE d.difference_no = $1::text AND ($2::text = '' OR d.owner IN ($2, ''))
)
, newest AS (
    SELECT a.number, a.state, a.checker, $3::text = 'approve' AND a.maker = $6::text AS same_person,
           $3 = 'reject' OR (a.kind, a.amount_fen, a.contract, a.reverses)
                             IS NOT DISTINCT FROM ($4::text, $5::bigint, $9::text, $10::integer) AS as_named
      FROM action_request a WHERE a.difference_no = $1 ORDER BY a.number DESC LIMIT 1
)
, before AS (
    SELECT 1 FROM newest
     WHERE checker = $6 AND as_named AND state = CASE $3 WHEN 'approve' THEN 'approved' WHEN 'reject' THEN 'rejected' END
)
, moved AS (
    UPDATE difference d
       SET state = t.to_state, moved_at = $7::timestamptz, version = d.version + 1,
           chain = difference_hash(d.chain, d.difference_no, d.version + 1, t.from_state, t.event, t.to_state, t.effect, $6, $8::text, $7)
      FROM transition t, newest n, found f
     WHERE d.difference_no = $1 AND d.version = f.version AND t.machine = 'difference' AND t.from_state = d.state AND t.event = $3
       AND n.as_named AND NOT n.same_person AND n.state IN ('proposed', 'approved')
       AND NOT EXISTS (SELECT 1 FROM before)
    RETURNING d.difference_no, d.version, d.chain, t.from_state, t.event, t.to_state, t.effect,
              $6::text AS actor, $8::text AS detail, $7::timestamptz AS at, n.number
)
, decided AS (
    UPDATE action_request a
       SET state = CASE $3 WHEN 'approve' THEN 'approved' ELSE 'rejected' END, checker = $6, decided_at = $7
      FROM moved m
     WHERE a.difference_no = m.difference_no AND a.number = m.number
)
-- include: difference_noted.part
SELECT CASE WHEN EXISTS (SELECT 1 FROM moved) OR EXISTS (SELECT 1 FROM before) THEN 'moved'
            WHEN NOT EXISTS (SELECT 1 FROM found) THEN 'unknown'
            WHEN NOT EXISTS (SELECT 1 FROM found f JOIN transition t ON t.machine = 'difference' AND t.from_state = f.state
                              WHERE t.event = $3) THEN 'state'
            WHEN (SELECT same_person FROM newest) THEN 'same_person'
            WHEN NOT (SELECT as_named FROM newest) THEN 'changed'
            ELSE 'lost_race' END AS outcome
