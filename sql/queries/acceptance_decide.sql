-- SPDX-License-Identifier: Apache-2.0
-- Another person takes a proposed statement as it is, or a person rejects that. Whoever comes second touches no row. $1 slot,
-- $2 payment_no, $3 owner (empty: any), $4 attempt_no (empty: the only one proposed), $5 event (approve or reject), $6 amount that the
-- statement names, in fen (null: it names none, or rejected), $7 actor, $8 now. One row: outcome decided (also when this person decided
-- so before), nothing (none is proposed), which (more than one is), same_person, changed, lost_race, with the attempt.
WITH proposed AS (
    SELECT a.slot, a.payment_no, a.attempt_no, a.number, a.digest, a.proposed_by = $7::text AND $5::text = 'approve' AS same_person,
           $5 = 'reject' OR a.amount_fen IS NOT DISTINCT FROM $6::bigint AS as_named, t.to_state
      FROM acceptance a
      JOIN transition t ON t.machine = 'acceptance' AND t.from_state = a.state AND t.event = $5
     WHERE a.slot = $1::integer AND a.payment_no = $2::text AND ($3::text = '' OR a.owner = $3) AND ($4::text = '' OR a.attempt_no = $4)
)
, before AS (
    SELECT a.attempt_no
      FROM acceptance a JOIN transition t ON t.machine = 'acceptance' AND t.to_state = a.state AND t.event = $5
     WHERE a.slot = $1 AND a.payment_no = $2 AND ($3 = '' OR a.owner = $3) AND ($4 = '' OR a.attempt_no = $4) AND a.decided_by = $7
       AND ($5 = 'reject' OR a.amount_fen IS NOT DISTINCT FROM $6)
     ORDER BY a.decided_at DESC LIMIT 1
)
, decided AS (
    UPDATE acceptance a
       SET state = p.to_state, decided_by = $7, decided_at = $8::timestamptz
      FROM proposed p
     WHERE a.slot = p.slot AND a.attempt_no = p.attempt_no AND a.number = p.number AND a.state = 'proposed' AND p.as_named
       AND NOT p.same_person AND (SELECT count(*) FROM proposed) = 1
    RETURNING a.slot, a.payment_no, a.attempt_no, a.digest, a.state
)
, counted AS (
    UPDATE payment p
       SET version = p.version + 1,
           chain = event_hash(p.chain, p.slot, p.payment_no, p.version + 1, d.attempt_no, NULL, 'acceptance', 'proposed', $5, d.state,
                              'move', d.digest, $7, $8)
      FROM decided d
     WHERE p.slot = d.slot AND p.payment_no = d.payment_no
    RETURNING p.version, p.chain
)
, recorded AS (
    INSERT INTO event (slot, payment_no, seq, attempt_no, machine, from_state, event, to_state, effect, evidence_digest, actor, at, hash)
    SELECT d.slot, d.payment_no, k.version, d.attempt_no, 'acceptance', 'proposed', $5, d.state, 'move', d.digest, $7, $8, k.chain
      FROM decided d CROSS JOIN counted k
)
, told AS (
    INSERT INTO outbox (slot, payment_no, seq, kind, attempt_no, at)
    SELECT d.slot, d.payment_no, k.version, 'payment.mismatch_accepted', d.attempt_no, $8
      FROM decided d CROSS JOIN counted k
     WHERE d.state = 'accepted'
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM decided) THEN 'decided'
            WHEN NOT EXISTS (SELECT 1 FROM proposed) AND EXISTS (SELECT 1 FROM before) THEN 'decided'
            WHEN NOT EXISTS (SELECT 1 FROM proposed) THEN 'nothing'
            WHEN (SELECT count(*) FROM proposed) > 1 THEN 'which'
            WHEN (SELECT same_person FROM proposed) THEN 'same_person'
            WHEN NOT (SELECT as_named FROM proposed) THEN 'changed'
            ELSE 'lost_race' END AS outcome,
       coalesce((SELECT attempt_no FROM decided), (SELECT attempt_no FROM before), '') AS attempt_no
