-- SPDX-License-Identifier: Apache-2.0
-- Gives an endpoint a new secret; the one before signs too for a while. The request that has rotated last changes nothing.
-- $1 id, $2 owner, $3 generation, $4 now, $5 previous_until, $6 key of the request. One row, or none.
UPDATE webhook_endpoint
   SET previous_generation = generation, previous_until = $5::timestamptz, generation = greatest(generation + 1, $3::bigint),
       rotated_by = $6::text, rotated_at = $4::timestamptz
 WHERE id = $1::text AND owner = $2::text AND deleted_at IS NULL AND rotated_by IS DISTINCT FROM $6
RETURNING id
