-- SPDX-License-Identifier: Apache-2.0
-- Takes an endpoint away; what waits for it is not sent any more. $1 id, $2 owner, $3 now. One row, or none.
WITH gone AS (
    UPDATE webhook_endpoint SET enabled = false, disabled_reason = 'deleted', deleted_at = $3::timestamptz
     WHERE id = $1::text AND owner = $2::text AND deleted_at IS NULL
    RETURNING id
)
, rest AS (
    UPDATE webhook_delivery w
       SET state = 'dead', next_at = NULL, lease_until = NULL, last_error = 'endpoint_deleted', last_at = $3
      FROM gone WHERE w.endpoint_id = gone.id AND w.state = 'waiting'
)
SELECT id FROM gone
