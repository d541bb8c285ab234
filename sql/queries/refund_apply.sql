-- SPDX-License-Identifier: Apache-2.0
-- The only statement that changes a refund's state. The version, read in this statement's snapshot, guards the update: the loser
-- of a race touches no row. A refund that is rejected, withdrawn or fails gives its reservation back in the same statement. What a provider
-- said in the same words before, and moves nothing, is a repeat.
-- $1 slot, $2 refund_no, $3 event, $4 actor (null: nobody's request), $5 version that must stand (null: any), $6 digest, $7 source,
-- $8 raw, $9 signer, $10 provider_status, $11 provider_trade_no, $12 refunded_fen, $13 stated_at, $14 observed_at, $15 mismatch,
-- $16 provider_code, $17 next_poll_at of a refund that is not finished (null: as it was), $18 now, $19 why it is withdrawn,
-- $20 day on whose bill it stands by the provider's words (null: not said). One row: outcome applied, repeated,
-- refused, refund_unknown, same_person or lost_race, with the states.
WITH current AS (
    SELECT r.slot, r.refund_no, r.payment_no, r.attempt_no, r.amount_fen, r.state, r.version, r.requested_by, t.to_state, t.effect,
           $3::text AS event, $4::text AS actor, $6::bytea AS digest, $18::timestamptz AS now,
           $3 = 'approve' AND r.requested_by = $4 AS same_person,
           $5::bigint IS NULL OR r.version = $5 AS as_seen,
           t.to_state IN ('accepted', 'abnormal', 'succeeded') AS taken,
           $6 IS NOT NULL AND EXISTS (
               SELECT 1 FROM evidence e WHERE e.slot = r.slot AND e.attempt_no = r.attempt_no AND e.digest = $6) AS known
      FROM refund r
      LEFT JOIN transition t ON t.machine = 'refund' AND t.from_state = r.state AND t.event = $3 AND t.effect <> 'refuse'
     WHERE r.slot = $1::integer AND r.refund_no = $2::text
)
, moved AS (
    UPDATE refund r
       SET state = c.to_state,
           version = r.version + 1,
           requested_by = CASE WHEN c.event = 'confirm' THEN c.actor ELSE r.requested_by END,
           approved_by = CASE WHEN c.event = 'approve' THEN c.actor ELSE r.approved_by END,
           rejected_by = CASE WHEN c.event = 'reject' THEN c.actor ELSE r.rejected_by END,
           withdrawn_by = CASE WHEN c.event = 'withdraw' THEN c.actor ELSE r.withdrawn_by END,
           withdrawn_reason = CASE WHEN c.event = 'withdraw' THEN $19::text ELSE r.withdrawn_reason END,
           decided_at = CASE WHEN c.event IN ('approve', 'reject', 'withdraw') THEN c.now ELSE r.decided_at END,
           send_count = r.send_count + (c.event = 'send')::integer,
           first_sent_at = CASE WHEN c.event = 'send' THEN coalesce(r.first_sent_at, c.now) ELSE r.first_sent_at END,
           last_sent_at = CASE WHEN c.event = 'send' THEN c.now ELSE r.last_sent_at END,
           moved_fen = CASE WHEN c.to_state = 'succeeded' THEN r.amount_fen ELSE r.moved_fen END,
           succeeded_at = CASE WHEN c.to_state = 'succeeded' THEN coalesce(r.succeeded_at, $13::timestamptz, c.now) END,
           taken_at = CASE WHEN c.taken THEN coalesce(r.taken_at, $13, c.now) ELSE r.taken_at END,
           bill_day = CASE WHEN c.taken THEN coalesce($20::date, r.bill_day, (coalesce($13, c.now) AT TIME ZONE 'Asia/Shanghai')::date)
                           ELSE r.bill_day END,
           provider_code = coalesce(nullif($16::text, ''), r.provider_code),
           last_answer_at = CASE WHEN c.digest IS NULL THEN r.last_answer_at ELSE c.now END,
           next_poll_at = CASE WHEN c.to_state IN ('rejected', 'withdrawn', 'succeeded', 'failed') THEN NULL
                               WHEN c.event = 'approve' THEN c.now
                               ELSE coalesce($17::timestamptz, r.next_poll_at) END
      FROM current c
     WHERE r.slot = c.slot AND r.refund_no = c.refund_no AND r.version = c.version AND c.as_seen AND c.to_state IS NOT NULL
       AND c.same_person IS NOT TRUE AND (NOT c.known OR c.effect = 'move')
    RETURNING c.slot, c.refund_no, c.payment_no, c.attempt_no, c.event, c.effect, c.state AS from_state, c.to_state, c.actor,
              c.digest, c.now, c.amount_fen,
              c.state <> c.to_state AND c.to_state IN ('rejected', 'withdrawn', 'failed') AS given_up,
              c.state <> c.to_state AND c.to_state = 'succeeded' AS newly_moved
)
, balanced AS (
    UPDATE attempt a
       SET refund_reserved_fen = a.refund_reserved_fen - CASE WHEN m.given_up THEN m.amount_fen ELSE 0 END,
           refunded_fen = a.refunded_fen + CASE WHEN m.newly_moved THEN m.amount_fen ELSE 0 END
      FROM moved m
     WHERE a.slot = m.slot AND a.attempt_no = m.attempt_no AND (m.given_up OR m.newly_moved)
)
, counted AS (
    UPDATE payment p
       SET version = p.version + 1,
           chain = event_hash(p.chain, p.slot, p.payment_no, p.version + 1, m.attempt_no, m.refund_no, 'refund', m.from_state,
                              m.event, m.to_state, m.effect, m.digest, m.actor, m.now)
      FROM moved m
     WHERE p.slot = m.slot AND p.payment_no = m.payment_no
    RETURNING p.version, p.chain
)
, stored AS (
    INSERT INTO evidence (slot, attempt_no, digest, source, raw, signer, provider_status, provider_trade_no, refund_no,
                          refunded_fen, stated_at, observed_at, mismatch)
    SELECT m.slot, m.attempt_no, m.digest, $7::text, $8::bytea, $9::text, $10::text, coalesce($11::text, ''), m.refund_no,
           $12::bigint, $13, $14::timestamptz, $15::text
      FROM moved m
     WHERE m.digest IS NOT NULL
    ON CONFLICT (slot, attempt_no, digest) DO NOTHING
)
, recorded AS (
    INSERT INTO event (slot, payment_no, seq, attempt_no, refund_no, machine, from_state, event, to_state, effect,
                       evidence_digest, actor, at, hash)
    SELECT m.slot, m.payment_no, k.version, m.attempt_no, m.refund_no, 'refund', m.from_state, m.event, m.to_state, m.effect,
           m.digest, m.actor, m.now, k.chain
      FROM moved m CROSS JOIN counted k
)
, told AS (
    INSERT INTO outbox (slot, payment_no, seq, kind, attempt_no, at)
    SELECT m.slot, m.payment_no, k.version, 'refund.' || m.to_state, m.attempt_no, m.now
      FROM moved m CROSS JOIN counted k
     WHERE m.effect = 'move' AND m.to_state IN ('withdrawn', 'succeeded', 'failed')
)
SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM current) THEN 'refund_unknown'
            WHEN EXISTS (SELECT 1 FROM moved) THEN 'applied'
            WHEN (SELECT to_state IS NULL FROM current) THEN 'refused'
            WHEN (SELECT same_person IS TRUE FROM current) THEN 'same_person'
            WHEN (SELECT as_seen AND known AND effect <> 'move' FROM current) THEN 'repeated'
            ELSE 'lost_race' END AS outcome,
       (SELECT state FROM current) AS from_state,
       coalesce((SELECT to_state FROM moved), (SELECT state FROM current)) AS state,
       (SELECT effect FROM moved) AS effect
