-- SPDX-License-Identifier: Apache-2.0
-- A person proposes what is to be done about a difference that somebody looks after. $1 difference_no, $2 owner (empty: any), $3 kind,
-- $4 amount in fen (null for accept; all of the difference to write_off or adjust it, all that its fee is off to accept_fee
-- it, all that was posted to reverse that), $5 reason, $6 actor, $7 now, $8 detail, $9 contract (null but for accept_fee), $10 number of the posting
-- to reverse (null for every other kind). One row: outcome moved (also when this person's very same proposal waits), unknown, state, action (a
-- refund of money that is none of an attempt of ours; a posting of another amount than the difference's, or a reversal of another than was
-- posted), posted (what was posted stands, and is neither carried in suspense to be written off nor, to accept the difference, all of it), posting (it is
-- not the newest that stands), lost_race.
-- include: difference_carried.part
, found AS (
    SELECT d.state,
           CASE $3::text
               WHEN 'refund' THEN CASE WHEN d.attempt_no !~ '^[0-9]{21}$' THEN 'action' END
               WHEN 'accept' THEN CASE WHEN c.provider_fen <> d.delta_fen + d.fee_fen THEN 'posted' END
               WHEN 'reverse' THEN CASE WHEN c.number IS NULL OR c.number IS DISTINCT FROM $10::integer THEN 'posting'
                                        WHEN abs(c.provider_fen) IS DISTINCT FROM $4::bigint THEN 'action' END
               WHEN 'accept_fee' THEN CASE WHEN c.number IS NOT NULL THEN 'posted' WHEN abs(d.fee_fen) IS DISTINCT FROM $4 THEN 'action' END
               ELSE CASE WHEN c.number IS NOT NULL AND NOT ($3 = 'write_off' AND c.suspense_fen <> 0 AND c.suspense_fen = -d.delta_fen) THEN 'posted'
                         WHEN abs(d.delta_fen) IS DISTINCT FROM $4 THEN 'action' END
           END AS refused
      FROM difference d CROSS JOIN carried c WHERE d.difference_no = $1::text AND ($2::text = '' OR d.owner IN ($2, ''))
)
, before AS (
    SELECT 1 FROM action_request
     WHERE difference_no = $1 AND state = 'proposed' AND kind = $3
       AND (amount_fen, contract, reverses) IS NOT DISTINCT FROM ($4, $9::text, $10)
       AND reason = $5::text AND maker = $6::text
)
, moved AS (
    UPDATE difference d
       SET state = t.to_state, moved_at = $7::timestamptz, version = d.version + 1,
           chain = difference_hash(d.chain, d.difference_no, d.version + 1, t.from_state, t.event, t.to_state, t.effect, $6, $8::text, $7)
      FROM transition t
     WHERE d.difference_no = $1 AND t.machine = 'difference' AND t.from_state = d.state AND t.event = 'propose'
       AND (SELECT refused IS NULL FROM found) AND NOT EXISTS (SELECT 1 FROM before)
    RETURNING d.difference_no, d.version, d.chain, t.from_state, t.event, t.to_state, t.effect,
              $6::text AS actor, $8::text AS detail, $7::timestamptz AS at
)
, made AS (
    INSERT INTO action_request (difference_no, number, kind, amount_fen, contract, reverses, reason, maker, state, idempotency_key, proposed_at)
    SELECT m.difference_no, n.number, $3, $4, $9, $10, $5, $6, 'proposed', 'difference:' || m.difference_no || ':' || n.number, $7
      FROM moved m
     CROSS JOIN LATERAL (SELECT 1 + count(*)::integer AS number FROM action_request b WHERE b.difference_no = m.difference_no) n
)
-- include: difference_noted.part
SELECT CASE WHEN EXISTS (SELECT 1 FROM moved) OR EXISTS (SELECT 1 FROM before) THEN 'moved'
            WHEN NOT EXISTS (SELECT 1 FROM found) THEN 'unknown'
            WHEN (SELECT state <> 'assigned' FROM found) THEN 'state'
            ELSE coalesce((SELECT refused FROM found), 'lost_race') END AS outcome
