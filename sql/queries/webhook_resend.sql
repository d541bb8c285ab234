-- SPDX-License-Identifier: Apache-2.0
-- Sends one message to one endpoint again, from the beginning of the schedule. $1 slot, $2 payment_no, $3 seq, $4 kind,
-- $5 endpoint, $6 owner (empty: whoever's), $7 now. One row: found, sent (the endpoint is enabled).
WITH target AS (
    SELECT e.id, e.enabled FROM webhook_endpoint e
     WHERE e.id = $5::text AND ($6::text = '' OR e.owner = $6) AND e.deleted_at IS NULL
)
, sent AS (
    UPDATE webhook_delivery w
       SET state = 'waiting', attempts = 0, next_at = $7::timestamptz, lease_until = NULL, delivered_at = NULL
      FROM target t
     WHERE w.slot = $1::integer AND w.payment_no = $2::text AND w.seq = $3::bigint AND w.kind = $4::text
       AND w.endpoint_id = t.id AND t.enabled
    RETURNING 1
)
SELECT (SELECT count(*) FROM webhook_delivery w JOIN target t ON w.endpoint_id = t.id
         WHERE w.slot = $1 AND w.payment_no = $2 AND w.seq = $3 AND w.kind = $4) AS found,
       (SELECT count(*) FROM sent) AS sent
