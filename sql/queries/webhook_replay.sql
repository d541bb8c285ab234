-- SPDX-License-Identifier: Apache-2.0
-- Sends every message of a span of time that an endpoint wants again, whether it was delivered, given up or never made for it; one
-- that waits is left alone. The oldest first, and so many at most. $1 endpoint, $2 owner (empty: whoever's), $3 from,
-- $4 to (excluded), $5 now, $6 most messages. One row: found (the endpoint), enabled, replayed.
WITH target AS (
    SELECT e.id, e.owner, e.kinds, e.enabled FROM webhook_endpoint e
     WHERE e.id = $1::text AND ($2::text = '' OR e.owner = $2) AND e.deleted_at IS NULL
)
, again AS (
    INSERT INTO webhook_delivery AS w (slot, payment_no, seq, kind, endpoint_id, state, next_at, created_at)
    SELECT o.slot, o.payment_no, o.seq, o.kind, t.id, 'waiting', $5::timestamptz, $5
      FROM target t
      JOIN outbox o ON o.owner IN (t.owner, '') AND o.at >= $3::timestamptz AND o.at < $4::timestamptz
       AND (t.kinds IS NULL OR o.kind = ANY (t.kinds))
     WHERE t.enabled AND NOT EXISTS (
               SELECT 1 FROM webhook_delivery d
                WHERE d.slot = o.slot AND d.payment_no = o.payment_no AND d.seq = o.seq AND d.kind = o.kind
                  AND d.endpoint_id = t.id AND d.state = 'waiting')
     ORDER BY o.place
     LIMIT $6::bigint
    ON CONFLICT (slot, payment_no, seq, kind, endpoint_id) DO UPDATE
       SET state = 'waiting', attempts = 0, next_at = excluded.next_at, lease_until = NULL, delivered_at = NULL
     WHERE w.state <> 'waiting'
    RETURNING 1
)
SELECT (SELECT count(*) FROM target) AS found, coalesce((SELECT enabled FROM target), false) AS enabled,
       (SELECT count(*) FROM again) AS replayed
