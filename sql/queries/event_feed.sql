-- SPDX-License-Identifier: Apache-2.0
-- Messages of an owner behind a place of the feed, oldest first. $1 owner, $2 place, $3 most rows. Any number of rows up to $3.
WITH wanted AS (
    SELECT slot, payment_no, seq, kind FROM outbox
     WHERE owner = $1::text AND place > $2::bigint ORDER BY place LIMIT $3::bigint
)
-- include: webhook_message.part
SELECT slot, payment_no, seq, kind, place, at, order_no, amount_fen, currency, attempt_no, provider, method, evidence_digest,
       source, provider_status, provider_trade_no, paid_at, stated_at, difference, refund_no, refund_fen, refund_cause,
       payment_state, duplicate, late, mismatch
  FROM message
 ORDER BY place
