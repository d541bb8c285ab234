-- SPDX-License-Identifier: Apache-2.0
-- Gives new messages their places in the feed and makes a delivery of each for every endpoint of its owner that wants it. One
-- node at a time: the others find the feed's row locked and touch nothing. What a disabled endpoint wants is dead at once, so
-- that it can be seen and sent later. $1 now, $2 most messages. One row: messages, deliveries.
WITH turn AS (
    SELECT place FROM webhook_feed WHERE EXISTS (SELECT 1 FROM outbox WHERE place IS NULL) FOR UPDATE SKIP LOCKED
)
, fresh AS (
    SELECT o.slot, o.payment_no, o.seq, o.kind, row_number() OVER (ORDER BY o.at, o.slot, o.payment_no, o.seq, o.kind) AS n
      FROM (SELECT slot, payment_no, seq, kind, at FROM outbox
             WHERE place IS NULL AND EXISTS (SELECT 1 FROM turn)
             ORDER BY at LIMIT $2::integer) o
)
, placed AS (
    UPDATE outbox o SET owner = coalesce(p.owner, ''), place = t.place + f.n
      FROM fresh f
      LEFT JOIN payment p ON p.slot = f.slot AND p.payment_no = f.payment_no
     CROSS JOIN turn t
     WHERE o.slot = f.slot AND o.payment_no = f.payment_no AND o.seq = f.seq AND o.kind = f.kind AND o.place IS NULL
    RETURNING o.slot, o.payment_no, o.seq, o.kind, o.owner
)
, moved AS (
    UPDATE webhook_feed SET place = webhook_feed.place + (SELECT count(*) FROM fresh)
     WHERE EXISTS (SELECT 1 FROM fresh)
)
, made AS (
    INSERT INTO webhook_delivery (slot, payment_no, seq, kind, endpoint_id, state, next_at, last_at, last_error, created_at)
    SELECT m.slot, m.payment_no, m.seq, m.kind, e.id, CASE WHEN e.enabled THEN 'waiting' ELSE 'dead' END,
           CASE WHEN e.enabled THEN $1::timestamptz END, CASE WHEN NOT e.enabled THEN $1 END,
           CASE WHEN NOT e.enabled THEN 'endpoint_disabled' END, $1
      FROM placed m
      JOIN webhook_endpoint e ON (m.owner = '' OR e.owner = m.owner) AND e.deleted_at IS NULL AND (e.kinds IS NULL OR m.kind = ANY (e.kinds))
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT (SELECT count(*) FROM placed) AS messages, (SELECT count(*) FROM made) AS deliveries
