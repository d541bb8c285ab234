-- SPDX-License-Identifier: Apache-2.0
-- Deliveries whose time has come, leased to the caller, with all that is to be told. An endpoint that answers slowly holds only
-- so many at once, over all nodes, and nobody else up. $1 now, $2 lease_until, $3 most rows, $4 most rows under way at one
-- endpoint. Any number of rows up to $3.
WITH due AS (
    SELECT d.slot, d.payment_no, d.seq, d.kind, d.attempts, e.id AS endpoint_id, e.url, e.generation,
           CASE WHEN e.previous_until > $1::timestamptz THEN e.previous_generation END AS previous_generation
      FROM webhook_endpoint e
     CROSS JOIN LATERAL (
           SELECT w.slot, w.payment_no, w.seq, w.kind, w.attempts
             FROM webhook_delivery w
            WHERE w.endpoint_id = e.id AND w.state = 'waiting' AND w.next_at <= $1
              AND (w.lease_until IS NULL OR w.lease_until <= $1)
            ORDER BY w.next_at, w.slot, w.payment_no, w.seq
            LIMIT (SELECT greatest(0, $4::bigint - count(*)) FROM webhook_delivery l
                    WHERE l.endpoint_id = e.id AND l.lease_until > $1)
              FOR UPDATE SKIP LOCKED) d
     WHERE e.enabled
     LIMIT $3::bigint
)
, wanted AS (
    UPDATE webhook_delivery w SET lease_until = $2::timestamptz
      FROM due d
     WHERE w.slot = d.slot AND w.payment_no = d.payment_no AND w.seq = d.seq AND w.kind = d.kind
       AND w.endpoint_id = d.endpoint_id AND w.state = 'waiting'
    RETURNING w.slot, w.payment_no, w.seq, w.kind, w.endpoint_id, d.attempts, d.url, d.generation, d.previous_generation
)
-- include: webhook_message.part
SELECT w.endpoint_id, w.attempts, w.url, w.generation, w.previous_generation, m.slot, m.payment_no, m.seq, m.kind, m.place,
       m.at, m.order_no, m.amount_fen, m.currency, m.attempt_no, m.provider, m.method, m.evidence_digest, m.source,
       m.provider_status, m.provider_trade_no, m.paid_at, m.stated_at, m.difference, m.refund_no, m.refund_fen,
       m.refund_cause, m.payment_state, m.duplicate, m.late, m.mismatch, m.reconciliation
  FROM wanted w
  JOIN message m ON m.slot = w.slot AND m.payment_no = w.payment_no AND m.seq = w.seq AND m.kind = w.kind
 ORDER BY m.place
