-- SPDX-License-Identifier: Apache-2.0
-- Closes a payment whose closing was asked for and none of whose attempts can be paid any more. $1 slot, $2 payment_no,
-- $3 now. One row when it closed, none otherwise.
WITH closed AS (
    UPDATE payment p SET state = 'closed', version = p.version + 1,
           chain = event_hash(p.chain, p.slot, p.payment_no, p.version + 1, NULL, NULL, 'payment', 'open', 'closed', 'closed',
                              'move', NULL, NULL, $3::timestamptz)
     WHERE p.slot = $1::integer AND p.payment_no = $2::text AND p.state = 'open' AND p.close_asked_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM attempt a
                        WHERE a.slot = p.slot AND a.payment_no = p.payment_no AND a.state <> 'closed')
    RETURNING p.slot, p.payment_no, p.version, p.chain
)
, recorded AS (
    INSERT INTO event (slot, payment_no, seq, machine, from_state, event, to_state, effect, at, hash)
    SELECT slot, payment_no, version, 'payment', 'open', 'closed', 'closed', 'move', $3, chain FROM closed
)
, told AS (
    INSERT INTO outbox (slot, payment_no, seq, kind, at)
    SELECT slot, payment_no, version, 'payment.closed', $3 FROM closed
)
SELECT payment_no FROM closed
