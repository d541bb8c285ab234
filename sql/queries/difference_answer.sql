-- SPDX-License-Identifier: Apache-2.0
-- Keeps with a difference what the provider answered about its attempt or refund, which the books have taken in already by their own
-- machine. When they stand otherwise than the run saw them, the next run judges; when not, the provider's word upholds the difference,
-- and it is for people. $1 difference_no, $2 run_id that showed it, $3 slot, $4 attempt_no, $5 refund_no (empty: it is about the attempt),
-- $6 digest of the evidence, $7 now. One row: event (answer, uphold; empty: nobody waits for it any more), and news, whether the day is to be
-- made again.
WITH stands AS (
    SELECT d.difference_no, d.version, d.state, d.code, e.provider_status, a.state AS attempt_state, r.state AS refund_state,
           CASE WHEN $5::text = '' THEN m.state <> a.state ELSE f.state <> r.state END IS TRUE AS moved,
           $5 = '' AND a.paid_at IS NOT NULL
               AND (SELECT v.event FROM event v
                     WHERE v.slot = a.slot AND v.payment_no = a.payment_no AND v.attempt_no = a.attempt_no AND v.machine = 'attempt'
                       AND v.event IN ('paid', 'unpaid', 'unpaid_final', 'closed')
                     ORDER BY v.seq DESC LIMIT 1) <> 'paid' AS denied
      FROM difference d
      JOIN attempt a ON a.slot = $3::integer AND a.attempt_no = $4::text
      JOIN evidence e ON e.slot = a.slot AND e.attempt_no = a.attempt_no AND e.digest = $6::bytea
      LEFT JOIN refund r ON r.slot = a.slot AND r.refund_no = $5
      LEFT JOIN recon_population m ON m.run_id = $2::bigint AND m.attempt_no = a.attempt_no
      LEFT JOIN recon_refund f ON f.run_id = $2 AND f.refund_no = $5
     WHERE d.difference_no = $1::text AND d.state IN ('checking', 'assigned') -- one that is open was upheld before
)
, said AS (
    SELECT s.*, t.event, t.from_state, t.to_state, t.effect, s.moved OR (s.denied AND s.code <> 'ST_FALSE_SUCCESS') AS news,
           'query:' || coalesce(nullif($5, ''), $4) AS actor,
           jsonb_build_object('books', coalesce(s.refund_state, s.attempt_state), 'provider_status', s.provider_status,
                              'evidence_attempt_no', $4, 'evidence_digest', encode($6, 'hex'))::text AS detail
      FROM stands s
      JOIN transition t ON t.machine = 'difference' AND t.from_state = s.state
       AND t.event = CASE WHEN s.state = 'checking' AND NOT s.moved THEN 'uphold' ELSE 'answer' END
)
, moved AS (
    UPDATE difference d
       SET state = s.to_state, moved_at = $7::timestamptz, version = d.version + 1,
           chain = difference_hash(d.chain, d.difference_no, d.version + 1, s.from_state, s.event, s.to_state, s.effect, s.actor, s.detail,
                                   $7)
      FROM said s
     WHERE d.difference_no = s.difference_no AND d.version = s.version
    RETURNING d.difference_no, d.version, d.chain, s.from_state, s.event, s.to_state, s.effect, s.actor, s.detail, s.news
)
, recorded AS (
    INSERT INTO difference_event (difference_no, seq, from_state, event, to_state, effect, actor, detail, at, hash, evidence_slot,
                                  evidence_attempt_no, evidence_digest)
    SELECT difference_no, version, from_state, event, to_state, effect, actor, detail, $7, chain, $3, $4, $6 FROM moved
)
, noticed AS (
    UPDATE difference_ask k SET news = true FROM moved m WHERE k.difference_no = m.difference_no AND m.news
)
SELECT coalesce((SELECT event FROM moved), '') AS event, coalesce((SELECT news FROM moved), false) AS news
