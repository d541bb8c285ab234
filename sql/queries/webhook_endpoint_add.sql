-- SPDX-License-Identifier: Apache-2.0
-- Registers an endpoint unless its owner has too many; the same id again changes nothing. $1 id, $2 owner, $3 url, $4 kinds with
-- blanks between them (null: all), $5 generation, $6 now, $7 most endpoints of one owner. One row, or none.
INSERT INTO webhook_endpoint (id, owner, url, kinds, generation, created_at)
SELECT $1::text, $2::text, $3::text, string_to_array($4::text, ' '), $5::bigint, $6::timestamptz
 WHERE (SELECT count(*) FROM webhook_endpoint WHERE owner = $2 AND deleted_at IS NULL) < $7::bigint
ON CONFLICT (id) DO NOTHING
RETURNING id
