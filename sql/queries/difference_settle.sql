-- SPDX-License-Identifier: Apache-2.0
-- What was executed by a refund ends as the refund ended: it is resolved where the provider says that the money went back, to which the
-- event refers, and goes back to who looks after it where it was rejected, withdrawn or failed. $1 now, $2 most rows. Any number of rows
-- up to $2.
WITH due AS (
    SELECT a.difference_no, a.number, r.state AS refund_state, r.slot, r.attempt_no, r.refund_no, r.payment_no
      FROM action_request a
      JOIN refund r ON r.slot = a.effect_slot AND r.refund_no = a.effect_refund_no
     WHERE a.state = 'executing' AND r.state IN ('succeeded', 'failed', 'rejected', 'withdrawn')
     ORDER BY a.difference_no LIMIT $2::integer
       FOR UPDATE OF a SKIP LOCKED
)
, told AS (
    SELECT u.*, CASE WHEN u.refund_state = 'succeeded' THEN 'done' ELSE 'fail' END AS event,
           (SELECT e.evidence_digest FROM event e
             WHERE e.slot = u.slot AND e.payment_no = u.payment_no AND e.refund_no = u.refund_no AND e.to_state = u.refund_state
               AND e.effect = 'move' AND e.evidence_digest IS NOT NULL ORDER BY e.seq DESC LIMIT 1) AS digest
      FROM due u
)
, moved AS (
    UPDATE difference d
       SET state = t.to_state, moved_at = $1::timestamptz, version = d.version + 1,
           chain = difference_hash(d.chain, d.difference_no, d.version + 1, t.from_state, t.event, t.to_state, t.effect, w.actor, w.detail, $1)
      FROM told u
     CROSS JOIN LATERAL (SELECT 'refund:' || u.refund_no AS actor, jsonb_strip_nulls(jsonb_build_object('refund_no', u.refund_no,
                                'refund_state', u.refund_state, 'evidence_digest', encode(u.digest, 'hex')))::text AS detail) w
      JOIN transition t ON t.machine = 'difference' AND t.from_state = 'executing' AND t.event = u.event
     WHERE d.difference_no = u.difference_no AND d.state = 'executing'
    RETURNING d.difference_no, d.version, d.chain, t.from_state, t.event, t.to_state, t.effect, w.actor, w.detail, u.number, u.slot,
              u.attempt_no, u.digest
)
, ended AS (
    UPDATE action_request a SET state = CASE m.event WHEN 'done' THEN 'done' ELSE 'failed' END
      FROM moved m
     WHERE a.difference_no = m.difference_no AND a.number = m.number
)
, recorded AS (
    INSERT INTO difference_event (difference_no, seq, from_state, event, to_state, effect, actor, detail, at, hash, evidence_slot,
                                  evidence_attempt_no, evidence_digest)
    SELECT difference_no, version, from_state, event, to_state, effect, actor, detail, $1, chain,
           CASE WHEN digest IS NOT NULL THEN slot END, CASE WHEN digest IS NOT NULL THEN attempt_no END, digest
      FROM moved
)
SELECT difference_no, event FROM moved
