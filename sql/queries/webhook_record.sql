-- SPDX-License-Identifier: Apache-2.0
-- What became of one try. A success counts also when the row was given up meanwhile; a failure only while it waits. With $11 the
-- endpoint said that it is gone: it is disabled, and what else waits for it is dead; of that, what somebody is just recording is left
-- to them, so that many answers of 410 do not wait for one another in a ring. $1 slot, $2 payment_no, $3 seq, $4 kind,
-- $5 endpoint, $6 state, $7 next_at, $8 status, $9 error, $10 now, $11 gone. One row: recorded, disabled, given_up.
WITH done AS (
    UPDATE webhook_delivery
       SET state = $6::text, attempts = attempts + 1, next_at = $7::timestamptz, lease_until = NULL, last_at = $10::timestamptz,
           last_status = $8::integer, last_error = $9::text, delivered_at = CASE WHEN $6 = 'delivered' THEN $10 END
     WHERE slot = $1::integer AND payment_no = $2::text AND seq = $3::bigint AND kind = $4::text AND endpoint_id = $5::text
       AND (state = 'waiting' OR ($6 = 'delivered' AND state = 'dead'))
    RETURNING 1
)
, off AS (
    UPDATE webhook_endpoint SET enabled = false, disabled_reason = 'gone' WHERE id = $5 AND enabled AND $11::boolean
    RETURNING id
)
, rest AS (
    UPDATE webhook_delivery w
       SET state = 'dead', next_at = NULL, lease_until = NULL, last_error = 'endpoint_disabled', last_at = $10
      FROM (SELECT o.slot, o.payment_no, o.seq, o.kind, o.endpoint_id
              FROM webhook_delivery o JOIN off ON o.endpoint_id = off.id
             WHERE o.state = 'waiting' AND NOT (o.slot = $1 AND o.payment_no = $2 AND o.seq = $3 AND o.kind = $4)
               FOR UPDATE OF o SKIP LOCKED) idle
     WHERE w.slot = idle.slot AND w.payment_no = idle.payment_no AND w.seq = idle.seq AND w.kind = idle.kind
       AND w.endpoint_id = idle.endpoint_id
    RETURNING 1
)
SELECT (SELECT count(*) FROM done) AS recorded, (SELECT count(*) FROM off) AS disabled, (SELECT count(*) FROM rest) AS given_up
