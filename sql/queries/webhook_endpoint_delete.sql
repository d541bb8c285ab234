-- SPDX-License-Identifier: Apache-2.0
-- Takes an endpoint away; what waits for it is not sent any more. What somebody is just recording is left to them. $1 id, $2 owner, $3 now. One row, or none.
WITH gone AS (
    UPDATE webhook_endpoint SET enabled = false, disabled_reason = 'deleted', deleted_at = $3::timestamptz
     WHERE id = $1::text AND owner = $2::text AND deleted_at IS NULL
    RETURNING id
)
, rest AS (
    UPDATE webhook_delivery w
       SET state = 'dead', next_at = NULL, lease_until = NULL, last_error = 'endpoint_deleted', last_at = $3
      FROM (SELECT o.slot, o.payment_no, o.seq, o.kind, o.endpoint_id
              FROM webhook_delivery o JOIN gone ON o.endpoint_id = gone.id
             WHERE o.state = 'waiting' FOR UPDATE OF o SKIP LOCKED) idle
     WHERE w.slot = idle.slot AND w.payment_no = idle.payment_no AND w.seq = idle.seq AND w.kind = idle.kind
       AND w.endpoint_id = idle.endpoint_id
)
SELECT id FROM gone
