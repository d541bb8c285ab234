-- SPDX-License-Identifier: Apache-2.0
-- Endpoints with what waits and what was given up. $1 owner (empty: everybody's), $2 id (empty: all). Any number of rows.
SELECT e.id, e.owner, e.url, array_to_string(e.kinds, ' ') AS kinds, e.enabled, e.disabled_reason, e.generation,
       e.previous_until, e.created_at, e.rotated_at, e.rotated_by,
       (SELECT count(*) FROM webhook_delivery d WHERE d.endpoint_id = e.id AND d.state = 'waiting') AS waiting,
       (SELECT count(*) FROM webhook_delivery d WHERE d.endpoint_id = e.id AND d.state = 'dead') AS dead
  FROM webhook_endpoint e
 WHERE e.deleted_at IS NULL AND ($1::text = '' OR e.owner = $1) AND ($2::text = '' OR e.id = $2)
 ORDER BY e.owner, e.created_at, e.id
