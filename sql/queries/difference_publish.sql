-- SPDX-License-Identifier: Apache-2.0
-- Carries a run's results over to the differences, by sets: opens what is new, keeps or moves on what is there, and takes leave of what the
-- run no longer shows. The codes of a result that belong to one family are one difference; its number is the digest over what it is, made
-- here and nowhere else. What the provider can be asked about, it is asked about first. One of which
-- something is posted is ended by no run: where that is not what this run shows of it, nothing shown being nothing, it is open again. $1 run_id, $2 now; $3 codes that make a difference, in the order of the registry, with $4 their families,
-- $5 severities and $6 actions. What it opened is told to everybody in one message, however much it is. One row: how many it opened, moved and superseded.
WITH run AS (
    SELECT run_id, account, provider, kind, bill_day, version, 'run:' || run_id AS actor FROM recon_run WHERE run_id = $1::bigint
)
, registry AS (
    SELECT code, family, severity, action, place
      FROM unnest($3::text[], $4::text[], $5::integer[], $6::text[]) WITH ORDINALITY AS g (code, family, severity, action, place)
)
, said AS (
    SELECT r.seq, g.family, min(g.severity) AS severity, array_agg(g.code ORDER BY g.place) AS codes,
           (array_agg(g.code ORDER BY g.severity, c.lead DESC, g.place))[1] AS code,
           (array_agg(g.action ORDER BY g.severity, c.lead DESC, g.place))[1] AS action,
           CASE WHEN bool_or(c.lead) THEN min(r.delta_fen + r.flow_fen) ELSE 0 END AS delta_fen,
           CASE g.family WHEN 'fee' THEN coalesce(min(r.fee_fen - r.fee_due_fen), 0) ELSE 0 END AS fee_fen
      FROM recon_result r
     CROSS JOIN LATERAL (SELECT r.primary_code AS code, true AS lead UNION ALL SELECT f, false FROM unnest(r.findings) AS f) c
      JOIN registry g ON g.code = c.code
     WHERE r.run_id = $1
     GROUP BY r.seq, g.family
)
, placed AS (
    SELECT s.seq, s.family, s.severity, s.codes, s.code, s.action, s.delta_fen, s.fee_fen,
           CASE WHEN r.payout_no IS NOT NULL THEN (SELECT payout_day FROM recon_payout WHERE run_id = $1 AND payout_no = r.payout_no)
                WHEN r.deposit_no IS NOT NULL THEN (SELECT bank_day FROM recon_deposit WHERE run_id = $1 AND deposit_no = r.deposit_no)
                WHEN m.carried_in OR f.carried_in OR r.early_no IS NOT NULL THEN run.bill_day - 1
                WHEN r.carry_out OR 'DAY_CLOSED' <> ALL (r.findings) THEN run.bill_day
                ELSE coalesce((SELECT b.bill_day FROM refund b WHERE b.slot = substr(r.refund_no, 7, 3)::integer AND b.refund_no = r.refund_no),
                              (SELECT a.bill_day FROM attempt a
                                WHERE a.slot = substr(r.attempt_no, 7, 3)::integer AND a.attempt_no = r.attempt_no),
                              (l.at AT TIME ZONE 'Asia/Shanghai')::date, run.bill_day) END AS original_day,
           CASE WHEN coalesce(r.payout_no, r.deposit_no) IS NOT NULL THEN 'deposit'
                WHEN r.flow_no IS NOT NULL THEN 'movement'
                WHEN r.refund_no IS NOT NULL OR l.kind = 'refund' OR y.refund THEN 'refund'
                WHEN r.attempt_no IS NOT NULL OR r.line_no IS NOT NULL OR r.early_no IS NOT NULL THEN 'payment'
                WHEN r.invoice_id <> '' THEN 'invoice' ELSE 'order' END AS side,
           coalesce(r.attempt_no, '') AS attempt_no, coalesce(r.refund_no, l.refund_no, y.refund_no, '') AS refund_no, r.provider_trade_no,
           r.merchant_order_no, r.owner, r.order_no, r.invoice_id, r.payout_no, r.deposit_no,
           jsonb_build_array(w.kind, w.provider_trade_no, w.merchant_order_no, w.refund_no, extract(epoch FROM w.at)) AS movement
      FROM said s
     CROSS JOIN run
      JOIN recon_result r ON r.run_id = $1 AND r.seq = s.seq
      LEFT JOIN bill_line l ON l.run_id = $1 AND l.line_no = r.line_no
      LEFT JOIN recon_early y ON y.run_id = $1 AND y.line_no = r.early_no
      LEFT JOIN flow_line w ON w.run_id = $1 AND w.line_no = r.flow_no
      LEFT JOIN recon_population m ON m.run_id = $1 AND m.attempt_no = r.attempt_no
      LEFT JOIN recon_refund f ON f.run_id = $1 AND f.refund_no = r.refund_no
)
, keyed AS (
    SELECT p.*, CASE side WHEN 'refund' THEN jsonb_build_array(coalesce(nullif(refund_no, ''), merchant_order_no))
                          WHEN 'payment' THEN jsonb_build_array(coalesce(nullif(attempt_no, ''), nullif(merchant_order_no, ''),
                                                                         provider_trade_no))
                          WHEN 'movement' THEN movement
                          WHEN 'deposit' THEN jsonb_build_array(payout_no, deposit_no)
                          WHEN 'invoice' THEN jsonb_build_array(owner, invoice_id)
                          ELSE jsonb_build_array(owner, order_no) END AS key
      FROM placed p
)
, current AS MATERIALIZED (
    SELECT k.*, left(encode(sha256(convert_to(jsonb_build_array(run.account, run.kind, family, original_day, side, key,
               row_number() OVER (PARTITION BY family, original_day, side, key ORDER BY provider_trade_no, seq))::text, 'UTF8')), 'hex'),
               32) AS difference_no,
           (jsonb_build_object('run_version', run.version, 'code', code, 'codes', to_jsonb(codes), 'severity', severity,
                               'delta_fen', delta_fen, 'bill_day', run.bill_day)
            || CASE family WHEN 'fee' THEN jsonb_build_object('fee_fen', fee_fen) ELSE '{}' END)::text AS detail
      FROM keyed k CROSS JOIN run
)
, opened AS (
    INSERT INTO difference (difference_no, account, provider, kind, bill_day, original_day, family, side, attempt_no, refund_no,
                            provider_trade_no, merchant_order_no, owner, order_no, invoice_id, code, codes, severity, action, delta_fen, fee_fen,
                            state, opened_at, moved_at, version, chain)
    SELECT c.difference_no, run.account, run.provider, run.kind, run.bill_day, c.original_day, c.family, c.side, c.attempt_no, c.refund_no,
           c.provider_trade_no, c.merchant_order_no, c.owner, c.order_no, c.invoice_id, c.code, c.codes, c.severity, c.action,
           c.delta_fen, c.fee_fen, t.to_state, $2::timestamptz, $2, 1,
           difference_hash(NULL, c.difference_no, 1, 'none', t.event, t.to_state, t.effect, run.actor, c.detail, $2)
      FROM current c CROSS JOIN run
      JOIN transition t ON t.machine = 'difference' AND t.from_state = 'none'
       AND t.event = CASE WHEN c.action = 'query' AND coalesce(nullif(c.refund_no, ''), c.attempt_no) ~ '^[0-9]{21}(R[0-9]{2})?$'
                          THEN 'check' ELSE 'find' END
     WHERE NOT EXISTS (SELECT 1 FROM difference d WHERE d.difference_no = c.difference_no)
    RETURNING difference_no, state, chain
)
-- Those that were there and are shown, and those of this day that are not; of a run of settlement, which takes in what is open until it is
-- explained, those of its payouts and lines too, which stay in the day that showed them first while nothing of them changes. Each with the newest statement of the provider that moved its
-- attempt or refund since it was opened. `detail`: what the run says of it,
-- also of one that it does not show while something is posted of it; `due`: that is not what it shows.
, concerned AS MATERIALIZED (
    SELECT d.difference_no, d.state, d.family = 'money' OR d.action = 'query' AS of_money, c.seq, c.code, c.codes, c.severity, c.action, n.delta_fen, n.fee_fen,
           coalesce(c.detail, CASE WHEN p.number IS NOT NULL THEN
               (jsonb_build_object('run_version', run.version, 'code', d.code, 'codes', to_jsonb(d.codes), 'severity', d.severity,
                                   'delta_fen', 0, 'bill_day', run.bill_day, 'posting', p.number)
                || CASE d.family WHEN 'fee' THEN jsonb_build_object('fee_fen', 0) ELSE '{}' END)::text END) AS detail,
           (d.code, d.codes, d.severity, d.delta_fen, d.fee_fen, d.bill_day)
               IS DISTINCT FROM (coalesce(c.code, d.code), coalesce(c.codes, d.codes), coalesce(c.severity, d.severity), n.delta_fen, n.fee_fen,
                                 CASE WHEN run.kind = 'deposits' THEN d.bill_day ELSE run.bill_day END) AS changed,
           p.provider_fen <> n.delta_fen + n.fee_fen AS due,
           u.unit, CASE WHEN u.unit ~ '^[0-9]{21}' THEN substr(u.unit, 7, 3)::integer END AS unit_slot, d.opened_at
      FROM difference d CROSS JOIN run
     CROSS JOIN LATERAL (SELECT coalesce(nullif(d.refund_no, ''), d.attempt_no) AS unit) u
      LEFT JOIN current c ON c.difference_no = d.difference_no
      LEFT JOIN difference_posted p ON p.difference_no = d.difference_no
     CROSS JOIN LATERAL (SELECT coalesce(c.delta_fen, 0) AS delta_fen, coalesce(c.fee_fen, 0) AS fee_fen) n
     WHERE c.difference_no IS NOT NULL OR (d.account = run.account AND d.kind = run.kind AND d.bill_day = run.bill_day)
        OR (run.kind = 'deposits' AND d.account = run.account AND d.kind = run.kind
            AND (EXISTS (SELECT 1 FROM recon_payout y WHERE y.run_id = $1 AND y.payout_no = d.provider_trade_no)
                 OR EXISTS (SELECT 1 FROM recon_deposit y WHERE y.run_id = $1 AND y.deposit_no = d.merchant_order_no)))
)
, stated AS (
    SELECT c.*, e.slot, e.statement_of, e.digest
      FROM concerned c
      LEFT JOIN LATERAL (
           SELECT e.slot, e.attempt_no AS statement_of, e.evidence_digest AS digest
             FROM event e
            WHERE c.of_money AND e.slot = c.unit_slot AND e.payment_no = left(c.unit, 19)
              AND c.unit = CASE e.machine WHEN 'attempt' THEN e.attempt_no WHEN 'refund' THEN e.refund_no END
              AND e.effect = 'move' AND e.evidence_digest IS NOT NULL AND e.at > c.opened_at
            ORDER BY e.seq DESC LIMIT 1) e ON true
)
, moving AS (
    SELECT s.*, t.event, t.to_state, t.effect,
           CASE WHEN t.event IN ('heal', 'confirm') THEN s.digest END AS evidence_digest,
           CASE WHEN s.detail IS NULL OR t.event = 'confirm' THEN jsonb_strip_nulls(jsonb_build_object('run_version', run.version,
                     'evidence_attempt_no', CASE WHEN t.event IN ('heal', 'confirm') THEN s.statement_of END,
                     'evidence_digest', CASE WHEN t.event IN ('heal', 'confirm') THEN encode(s.digest, 'hex') END))::text
                ELSE s.detail END AS said
      FROM stated s CROSS JOIN run
      JOIN transition t ON t.machine = 'difference' AND t.from_state = s.state
       AND t.event = CASE WHEN s.due AND s.state = 'resolved' THEN 'unsettle'
                          WHEN s.due AND s.state = 'closed' THEN 'change'
                          WHEN s.detail IS NULL AND s.digest IS NOT NULL THEN 'heal'
                          WHEN s.detail IS NULL THEN 'supersede'
                          WHEN s.state IN ('superseded', 'auto_closed') THEN 'return'
                          WHEN s.changed THEN 'change'
                          WHEN s.digest IS NOT NULL THEN 'confirm' END
)
, moved AS (
    UPDATE difference d
       SET state = m.to_state, moved_at = $2, version = d.version + 1, bill_day = CASE WHEN m.detail IS NULL THEN d.bill_day ELSE run.bill_day END,
           code = coalesce(m.code, d.code), codes = coalesce(m.codes, d.codes), severity = coalesce(m.severity, d.severity),
           action = coalesce(m.action, d.action), delta_fen = CASE WHEN m.detail IS NULL THEN d.delta_fen ELSE m.delta_fen END,
           fee_fen = CASE WHEN m.detail IS NULL THEN d.fee_fen ELSE m.fee_fen END,
           chain = difference_hash(d.chain, d.difference_no, d.version + 1, d.state, m.event, m.to_state, m.effect, run.actor, m.said, $2)
      FROM moving m CROSS JOIN run
     WHERE d.difference_no = m.difference_no AND d.state = m.state
    RETURNING d.difference_no, d.version, d.chain, m.state AS from_state, m.event, m.to_state, m.effect, m.said, m.slot, m.statement_of,
              m.evidence_digest
)
, recorded AS (
    INSERT INTO difference_event (difference_no, seq, from_state, event, to_state, effect, actor, detail, at, hash, evidence_slot,
                                  evidence_attempt_no, evidence_digest)
    SELECT o.difference_no, 1, 'none', t.event, t.to_state, t.effect, run.actor, c.detail, $2, o.chain, NULL, NULL, NULL
      FROM opened o CROSS JOIN run
      JOIN current c ON c.difference_no = o.difference_no
      JOIN transition t ON t.machine = 'difference' AND t.from_state = 'none' AND t.to_state = o.state
    UNION ALL
    SELECT m.difference_no, m.version, m.from_state, m.event, m.to_state, m.effect, run.actor, m.said, $2, m.chain,
           CASE WHEN m.evidence_digest IS NOT NULL THEN m.slot END,
           CASE WHEN m.evidence_digest IS NOT NULL THEN m.statement_of END, m.evidence_digest
      FROM moved m CROSS JOIN run
)
-- A proposal stands on what its difference was.
, voided AS (
    UPDATE action_request a SET state = 'void'
      FROM moved m
     WHERE a.difference_no = m.difference_no AND a.state IN ('proposed', 'approved') AND m.effect = 'move'
)
, shown AS (
    INSERT INTO difference_shown (run_id, difference_no, seq)
    SELECT $1, difference_no, seq FROM current
    ON CONFLICT DO NOTHING
)
, told AS (
    INSERT INTO outbox (slot, payment_no, seq, kind, at)
    SELECT -1, 'recon', $1, 'difference.opened', $2 WHERE EXISTS (SELECT 1 FROM opened)
    ON CONFLICT (slot, payment_no, seq, kind) DO NOTHING
)
SELECT (SELECT count(*) FROM opened) AS opened, (SELECT count(*) FROM moved WHERE event <> 'supersede') AS moved,
       (SELECT count(*) FROM moved WHERE event = 'supersede') AS superseded
