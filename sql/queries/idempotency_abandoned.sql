-- SPDX-License-Identifier: Apache-2.0
-- Takes keys whose owner is gone, oldest lease first, to be completed from what is committed or given back. Keys of before 0008
-- and 0029 may have no route, and stay for the next request. $1 now, $2 lease_until, $3 how many at most. That many rows.
UPDATE idempotency i SET lease_until = $2::timestamptz
  FROM (SELECT slot, owner, key FROM idempotency
         WHERE state = 'in_progress' AND lease_until <= $1::timestamptz AND expires_at > $1 AND route <> ''
         ORDER BY lease_until LIMIT $3::integer FOR UPDATE SKIP LOCKED) d
 WHERE i.slot = d.slot AND i.owner = d.owner AND i.key = d.key
RETURNING i.slot, i.owner, i.key, i.route, i.subject, i.content_hash, i.created_at, i.lease_until
