-- SPDX-License-Identifier: Apache-2.0
-- What waits, and since when the oldest does: attempts whose end has passed without a final word, statements that nobody
-- expected (of the last week), messages that no endpoint has taken, those that were given up, endpoints that said they are gone,
-- keys that nobody has. $1 now. One row.
SELECT a.count AS unfinished, a.oldest AS unfinished_since, o.count AS orphans, o.oldest AS orphans_since,
       x.count AS undelivered, x.oldest AS undelivered_since, d.count AS dead, d.oldest AS dead_since,
       g.count AS disabled, g.oldest AS disabled_since, w.count AS wanted, w.oldest AS wanted_since
  FROM (SELECT count(*) AS count, min(expires_at) AS oldest FROM attempt
         WHERE state IN ('created', 'pending', 'unknown', 'closing') AND expires_at < $1::timestamptz) a,
       (SELECT count(*) AS count, min(observed_at) AS oldest FROM orphan_statement
         WHERE observed_at > $1::timestamptz - interval '7 days') o,
       (SELECT count(*) AS count, min(since) AS oldest
          FROM (SELECT at AS since FROM outbox WHERE place IS NULL
                 UNION ALL
                SELECT m.at FROM webhook_delivery l
                  JOIN outbox m ON m.slot = l.slot AND m.payment_no = l.payment_no AND m.seq = l.seq AND m.kind = l.kind
                  JOIN webhook_endpoint n ON n.id = l.endpoint_id AND n.deleted_at IS NULL
                 WHERE l.state = 'waiting') unsent) x,
       (SELECT count(*) AS count, min(l.last_at) AS oldest FROM webhook_delivery l
          JOIN webhook_endpoint e ON e.id = l.endpoint_id
         WHERE l.state = 'dead' AND e.deleted_at IS NULL) d,
       (SELECT count(*) AS count, min(created_at) AS oldest FROM webhook_endpoint
         WHERE NOT enabled AND deleted_at IS NULL) g,
       (SELECT count(*) AS count, min(seen_at) AS oldest FROM provider_key_want WHERE serial <> '') w
