-- SPDX-License-Identifier: Apache-2.0
-- Takes a key, or tells what became of it. $1 slot, $2 owner, $3 key, $4 request_hash, $5 now, $6 lease_until, $7 expires_at,
-- $8 route, $9 subject, $10 content_hash.
-- One row: outcome claimed, in_progress, done, other_request or lost_race, with the stored answer when done.
WITH made AS (
    INSERT INTO idempotency (slot, owner, key, request_hash, state, lease_until, created_at, expires_at, route, subject,
                             content_hash)
    VALUES ($1::integer, $2::text, $3::text, $4::bytea, 'in_progress', $6::timestamptz, $5::timestamptz, $7::timestamptz,
            $8::text, $9::text, $10::bytea)
    ON CONFLICT (slot, owner, key) DO UPDATE
       SET lease_until = excluded.lease_until, request_hash = excluded.request_hash, created_at = excluded.created_at,
           expires_at = excluded.expires_at, state = 'in_progress', status = NULL, body = NULL, route = excluded.route,
           subject = excluded.subject, content_hash = excluded.content_hash
     WHERE idempotency.expires_at <= $5
        OR (idempotency.state = 'in_progress' AND idempotency.lease_until <= $5
            AND idempotency.request_hash = excluded.request_hash)
    RETURNING key
)
, found AS (
    SELECT request_hash, state, status, body FROM idempotency WHERE slot = $1 AND owner = $2 AND key = $3
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM made) THEN 'claimed'
            WHEN NOT EXISTS (SELECT 1 FROM found) THEN 'lost_race'
            WHEN (SELECT request_hash FROM found) <> $4 THEN 'other_request'
            ELSE (SELECT state FROM found) END AS outcome,
       (SELECT status FROM found) AS status,
       (SELECT body FROM found) AS body
