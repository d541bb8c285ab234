-- SPDX-License-Identifier: Apache-2.0
-- A person proposes to take the newest statement that stands against our books as it is. $1 slot, $2 payment_no, $3 owner (empty: any),
-- $4 attempt_no (empty: the only one in doubt), $5 amount that the statement names, in fen (null: it names none), $6 reason, $7 actor,
-- $8 now. One row: outcome proposed (also when this person proposed the same before), payment_unknown, nothing (no such statement),
-- which (more than one attempt is in doubt), changed (it names another amount), waiting (a proposal waits already), with the attempt.
WITH concerned AS (
    SELECT a.slot, a.payment_no, a.attempt_no, p.owner, a.state IN ('paid', 'late_paid') AS paid, a.refunded_fen
      FROM attempt a JOIN payment p ON p.slot = a.slot AND p.payment_no = a.payment_no
     WHERE a.slot = $1::integer AND a.payment_no = $2::text AND ($3::text = '' OR p.owner = $3)
)
-- include: mismatch_open.part
, newest AS (
    SELECT DISTINCT ON (d.attempt_no) d.slot, d.payment_no, d.attempt_no, d.digest, d.difference, d.amount_fen,
           d.amount_fen IS NOT DISTINCT FROM $5::bigint AS as_named
      FROM doubted d
     WHERE $4::text = '' OR d.attempt_no = $4
     ORDER BY d.attempt_no, d.seq DESC
)
, waiting AS (
    SELECT a.digest = n.digest AND a.proposed_by = $7::text AS same
      FROM acceptance a JOIN newest n ON n.slot = a.slot AND n.attempt_no = a.attempt_no
     WHERE a.state = 'proposed'
)
, made AS (
    INSERT INTO acceptance (slot, attempt_no, number, payment_no, owner, digest, difference, amount_fen, reason, state, proposed_by,
                            proposed_at)
    SELECT n.slot, n.attempt_no,
           1 + (SELECT count(*) FROM acceptance b WHERE b.slot = n.slot AND b.attempt_no = n.attempt_no)::integer,
           n.payment_no, c.owner, n.digest, n.difference, n.amount_fen, $6::text, 'proposed', $7, $8::timestamptz
      FROM newest n JOIN concerned c ON c.attempt_no = n.attempt_no
     WHERE n.as_named AND (SELECT count(*) FROM newest) = 1 AND NOT EXISTS (SELECT 1 FROM waiting)
    ON CONFLICT DO NOTHING
    RETURNING slot, payment_no, attempt_no, digest
)
, counted AS (
    UPDATE payment p
       SET version = p.version + 1,
           chain = event_hash(p.chain, p.slot, p.payment_no, p.version + 1, m.attempt_no, NULL, 'acceptance', 'none', 'propose',
                              'proposed', 'move', m.digest, $7, $8)
      FROM made m
     WHERE p.slot = m.slot AND p.payment_no = m.payment_no
    RETURNING p.version, p.chain
)
, recorded AS (
    INSERT INTO event (slot, payment_no, seq, attempt_no, machine, from_state, event, to_state, effect, evidence_digest, actor, at, hash)
    SELECT m.slot, m.payment_no, k.version, m.attempt_no, 'acceptance', 'none', 'propose', 'proposed', 'move', m.digest, $7, $8, k.chain
      FROM made m CROSS JOIN counted k
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM made) OR (SELECT bool_or(same) FROM waiting) THEN 'proposed'
            WHEN NOT EXISTS (SELECT 1 FROM concerned) THEN 'payment_unknown'
            WHEN NOT EXISTS (SELECT 1 FROM newest) THEN 'nothing'
            WHEN (SELECT count(*) FROM newest) > 1 THEN 'which'
            WHEN NOT (SELECT as_named FROM newest) THEN 'changed'
            ELSE 'waiting' END AS outcome,
       CASE WHEN (SELECT count(*) FROM newest) = 1 THEN (SELECT attempt_no FROM newest) ELSE '' END AS attempt_no
