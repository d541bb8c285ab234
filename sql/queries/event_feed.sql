-- SPDX-License-Identifier: Apache-2.0
-- Messages of an owner and everybody's behind a place of the feed, oldest first. $1 owner, $2 place, $3 most rows. Any number of rows up to $3.
WITH wanted AS (
    SELECT slot, payment_no, seq, kind
      FROM ((SELECT slot, payment_no, seq, kind, place FROM outbox
              WHERE owner = $1::text AND place > $2::bigint ORDER BY place LIMIT $3::bigint)
            UNION ALL
            (SELECT slot, payment_no, seq, kind, place FROM outbox
              WHERE owner = '' AND place > $2 ORDER BY place LIMIT $3)) AS mine
     ORDER BY place LIMIT $3
)
-- include: webhook_message.part
SELECT slot, payment_no, seq, kind, place, at, order_no, amount_fen, currency, attempt_no, provider, method, evidence_digest,
       source, provider_status, provider_trade_no, paid_at, stated_at, difference, refund_no, refund_fen, refund_cause,
       payment_state, duplicate, late, mismatch, reconciliation
  FROM message
 ORDER BY place
