-- SPDX-License-Identifier: Apache-2.0
-- What waits, and since when the oldest does: attempts whose end has passed without a final word, statements that nobody
-- expected (of the last week), messages that the portal has not taken, keys that nobody has. $1 now. One row.
SELECT a.count AS unfinished, a.oldest AS unfinished_since, o.count AS orphans, o.oldest AS orphans_since,
       x.count AS undelivered, x.oldest AS undelivered_since, w.count AS wanted, w.oldest AS wanted_since
  FROM (SELECT count(*) AS count, min(expires_at) AS oldest FROM attempt
         WHERE state IN ('created', 'pending', 'unknown', 'closing') AND expires_at < $1::timestamptz) a,
       (SELECT count(*) AS count, min(observed_at) AS oldest FROM orphan_statement
         WHERE observed_at > $1::timestamptz - interval '7 days') o,
       (SELECT count(*) AS count, min(at) AS oldest FROM outbox WHERE delivered_at IS NULL) x,
       (SELECT count(*) AS count, min(seen_at) AS oldest FROM provider_key_want WHERE serial <> '') w
