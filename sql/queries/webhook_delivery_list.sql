-- SPDX-License-Identifier: Apache-2.0
-- Deliveries of one endpoint, or of all, the newest first. $1 owner (empty: everybody's), $2 endpoint (empty: all), $3 state
-- (empty: all), $4 most rows. Any number of rows up to $4.
SELECT d.slot, d.payment_no, d.seq, d.kind, d.endpoint_id, d.state, d.attempts, d.next_at, d.last_at, d.last_status,
       d.last_error, d.delivered_at, d.created_at, e.url, e.owner
  FROM webhook_delivery d
  JOIN webhook_endpoint e ON e.id = d.endpoint_id
 WHERE e.deleted_at IS NULL AND ($1::text = '' OR e.owner = $1) AND ($2::text = '' OR d.endpoint_id = $2)
   AND ($3::text = '' OR d.state = $3)
 ORDER BY d.created_at DESC, d.slot, d.payment_no, d.seq, d.kind, d.endpoint_id
 LIMIT $4::bigint
