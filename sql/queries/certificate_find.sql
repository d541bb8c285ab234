-- SPDX-License-Identifier: Apache-2.0
-- The signature that a certificate got when it was made first. $1 run_id, $2 hash of its content. At most one row.
SELECT key_id, encode(signature, 'hex') AS signature FROM certificate WHERE run_id = $1::bigint AND content_hash = $2::bytea
