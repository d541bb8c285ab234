-- SPDX-License-Identifier: Apache-2.0
-- Keeps with a difference what the provider answered about the number of its line. Our books have nothing that the answer could move, so it heals
-- and upholds nothing: it is for the people who have it before them, and the next run judges as before. $1 difference_no, $2 run_id that
-- shows it, $3 digest, $4 raw, $5 signer, $6 provider_status, $7 provider_trade_no, $8 amount in fen, $9 paid_at, $10 stated_at (null: not
-- said), $11 observed_at, $12 now. One row: event (answer; empty: nobody waits for it any more).
WITH said AS (
    SELECT d.difference_no, d.version, t.from_state, t.event, t.to_state, t.effect, 'query:' || d.merchant_order_no AS actor,
           jsonb_strip_nulls(jsonb_build_object('provider_status', $6::text, 'provider_trade_no', nullif($7::text, ''), 'amount_fen', $8::bigint,
                                                'statement_digest', encode($3::bytea, 'hex')))::text AS detail
      FROM difference d
      JOIN difference_ask k ON k.difference_no = d.difference_no AND k.run_id = $2::bigint AND k.due_at < 'infinity'
      JOIN transition t ON t.machine = 'difference' AND t.from_state = d.state AND t.event = 'answer'
     WHERE d.difference_no = $1::text AND d.attempt_no = '' AND d.state IN ('open', 'assigned')
)
, moved AS (
    UPDATE difference d
       SET state = s.to_state, moved_at = $12::timestamptz, version = d.version + 1,
           chain = difference_hash(d.chain, d.difference_no, d.version + 1, s.from_state, s.event, s.to_state, s.effect, s.actor, s.detail,
                                   $12)
      FROM said s
     WHERE d.difference_no = s.difference_no AND d.version = s.version
    RETURNING d.difference_no, d.version, d.chain, s.from_state, s.event, s.to_state, s.effect, s.actor, s.detail
)
, kept AS (
    INSERT INTO difference_statement (difference_no, digest, raw, signer, provider_status, provider_trade_no, amount_fen, paid_at, stated_at,
                                      observed_at)
    SELECT m.difference_no, $3, $4::bytea, $5::text, $6, $7, $8, $9::timestamptz, $10::timestamptz, $11::timestamptz
      FROM moved m
    ON CONFLICT (difference_no, digest) DO NOTHING
)
, recorded AS (
    INSERT INTO difference_event (difference_no, seq, from_state, event, to_state, effect, actor, detail, at, hash, statement_digest)
    SELECT difference_no, version, from_state, event, to_state, effect, actor, detail, $12, chain, $3 FROM moved
)
, heard AS (
    UPDATE difference_ask k SET due_at = 'infinity' FROM moved m WHERE k.difference_no = m.difference_no
)
SELECT coalesce((SELECT event FROM moved), '') AS event
