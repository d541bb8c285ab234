-- SPDX-License-Identifier: Apache-2.0
-- Executes what was approved about a difference, at most once, whoever asks and how often: the lock on its row lets one through, and the
-- others find it executed. What is accepted is settled by that. What is written off or carried in suspense is posted as double entry, in the
-- day of the difference, or in today when that is signed: once against what the provider holds for us, later out of suspense; a fee that is
-- accepted likewise, once. A posting is reversed by the same entries with debit and credit exchanged, in its own day, or in today when that is signed;
-- what is left is for whoever looks after the difference, or, where nothing is and no run shows it any longer, ended. A refund is asked for in the maker's name, with the proposal's key for its
-- request, by the statement that makes every refund: it waits for its own approval. $1 difference_no, $2 owner (empty: any), $3 actor,
-- $4 detail, $5 now. One row: outcome moved (also when it was executed before), unknown, state, payment_state, refund_amount,
-- refund_limit, lost_race.
-- include: difference_carried.part
, found AS (
    SELECT d.state, d.version FROM difference d WHERE d.difference_no = $1::text AND ($2::text = '' OR d.owner IN ($2, ''))
)
, newest AS (
    SELECT a.number, a.kind, a.state, a.amount_fen, a.reason, a.maker, a.checker, a.idempotency_key, a.reverses
      FROM action_request a WHERE a.difference_no = $1 ORDER BY a.number DESC LIMIT 1
)
, locked AS MATERIALIZED (
    SELECT d.difference_no, d.account, d.kind, d.bill_day, d.attempt_no,
           CASE WHEN d.attempt_no ~ '^[0-9]{21}$' THEN substr(d.attempt_no, 7, 3)::integer END AS slot,
           CASE (SELECT kind FROM newest) WHEN 'accept_fee' THEN d.fee_fen ELSE d.delta_fen END AS off_fen
      FROM difference d JOIN found f ON f.version = d.version
     WHERE d.difference_no = $1 AND d.state = 'approved'
       FOR UPDATE OF d
)
, the_attempt AS (
    SELECT a.refundable_fen, a.refund_reserved_fen, a.refund_count
      FROM locked l JOIN attempt a ON a.slot = l.slot AND a.attempt_no = l.attempt_no
)
, reserved AS (
    UPDATE attempt a
       SET refund_reserved_fen = a.refund_reserved_fen + n.amount_fen, refund_count = a.refund_count + 1
      FROM locked l, newest n
     WHERE a.slot = l.slot AND a.attempt_no = l.attempt_no AND n.kind = 'refund' AND n.state = 'approved'
       AND a.refund_reserved_fen + n.amount_fen <= a.refundable_fen AND a.refund_count < 50
    RETURNING a.slot, a.payment_no, a.attempt_no, a.attempt_no || 'R' || lpad(a.refund_count::text, 2, '0') AS refund_no,
              n.amount_fen, a.currency, a.refundable_fen AS total_fen, 'asked' AS cause, n.reason, n.idempotency_key AS request_key,
              'request' AS event, 'requested' AS state, n.maker AS requested_by, NULL::text AS approved_by, n.maker AS actor,
              $5::timestamptz AS now
)
-- include: refund_made.part
, shown AS (
    SELECT EXISTS (SELECT 1 FROM recon_current c JOIN difference_shown w ON w.run_id = c.run_id AND w.difference_no = l.difference_no
                    WHERE c.account = l.account AND c.kind = l.kind AND c.bill_day = l.bill_day) AS shown
      FROM locked l
)
, ready AS (
    SELECT l.difference_no, n.number,
           CASE n.kind WHEN 'refund' THEN 'execute'
                       WHEN 'reverse' THEN CASE WHEN (SELECT shown FROM shown) OR (SELECT postings > 1 FROM carried) THEN 'reverse' ELSE 'lapse' END
                       ELSE 'settle' END AS event, r.slot, r.refund_no
      FROM locked l CROSS JOIN newest n
      LEFT JOIN reserved r ON true
     WHERE n.state = 'approved' AND CASE n.kind WHEN 'accept' THEN true WHEN 'refund' THEN r.refund_no IS NOT NULL
                                                WHEN 'reverse' THEN n.reverses = (SELECT number FROM carried)
                                                ELSE abs(l.off_fen) = n.amount_fen
                                                     AND (SELECT number IS NULL
                                                                 OR (n.kind <> 'accept_fee' AND suspense_fen = -l.off_fen) FROM carried) END
)
, moved AS (
    UPDATE difference d
       SET state = t.to_state, moved_at = $5, version = d.version + 1,
           chain = difference_hash(d.chain, d.difference_no, d.version + 1, t.from_state, t.event, t.to_state, t.effect, $3::text,
                                   $4::text, $5)
      FROM ready r, transition t
     WHERE d.difference_no = r.difference_no AND t.machine = 'difference' AND t.from_state = d.state AND t.event = r.event
    RETURNING d.difference_no, d.version, d.chain, t.from_state, t.event, t.to_state, t.effect,
              $3::text AS actor, $4::text AS detail, $5::timestamptz AS at,
              r.number, r.slot, r.refund_no
)
, posted AS (
    INSERT INTO adjustment (difference_no, number, account, kind, posted_on, maker, checker, posted_at, reverses)
    SELECT m.difference_no, m.number, l.account, l.kind,
           CASE WHEN EXISTS (SELECT 1 FROM period_decision p
                              WHERE p.account = l.account AND p.kind = l.kind AND p.bill_day = y.own
                                AND p.signed_run_id IS NOT NULL)
                THEN ($5 AT TIME ZONE 'Asia/Shanghai')::date ELSE y.own END,
           n.maker, n.checker, $5, n.reverses
      FROM moved m CROSS JOIN locked l CROSS JOIN newest n
      LEFT JOIN adjustment o ON o.difference_no = l.difference_no AND o.number = n.reverses
     CROSS JOIN LATERAL (SELECT coalesce(o.posted_on, l.bill_day) AS own) y
     WHERE n.kind IN ('write_off', 'adjust', 'accept_fee', 'reverse')
    RETURNING difference_no, number
)
, entered AS (
    INSERT INTO adjustment_line (difference_no, number, line_no, ledger, debit_fen, credit_fen)
    SELECT p.difference_no, p.number, e.line_no, e.ledger, e.debit_fen, e.credit_fen
      FROM posted p CROSS JOIN locked l CROSS JOIN newest n
     CROSS JOIN LATERAL (VALUES
           (1, CASE WHEN (SELECT number IS NULL FROM carried) THEN 'provider_receivable' ELSE 'suspense' END,
            greatest(l.off_fen, 0), greatest(-l.off_fen, 0)),
           (2, CASE n.kind WHEN 'adjust' THEN 'suspense' WHEN 'accept_fee' THEN 'fee' ELSE CASE WHEN l.off_fen < 0 THEN 'loss' ELSE 'gain' END END,
            greatest(-l.off_fen, 0), greatest(l.off_fen, 0))) AS e (line_no, ledger, debit_fen, credit_fen)
     WHERE n.kind <> 'reverse'
    UNION ALL
    SELECT p.difference_no, p.number, e.line_no, e.ledger, e.credit_fen, e.debit_fen
      FROM posted p CROSS JOIN newest n
      JOIN adjustment_line e ON e.difference_no = p.difference_no AND e.number = n.reverses
)
, executed AS (
    UPDATE action_request a
       SET state = CASE m.event WHEN 'execute' THEN 'executing' ELSE 'done' END, executed_at = $5, effect_slot = m.slot,
           effect_refund_no = m.refund_no
      FROM moved m
     WHERE a.difference_no = m.difference_no AND a.number = m.number
)
-- include: difference_noted.part
SELECT CASE WHEN EXISTS (SELECT 1 FROM moved) THEN 'moved'
            WHEN NOT EXISTS (SELECT 1 FROM found) THEN 'unknown'
            WHEN (SELECT state IN ('executing', 'done', 'failed') FROM newest) THEN 'moved'
            WHEN (SELECT state <> 'approved' FROM found) THEN 'state'
            WHEN (SELECT refundable_fen = 0 FROM the_attempt) THEN 'payment_state'
            WHEN (SELECT refund_count >= 50 FROM the_attempt) THEN 'refund_limit'
            WHEN EXISTS (SELECT 1 FROM the_attempt) THEN 'refund_amount'
            ELSE 'lost_race' END AS outcome
