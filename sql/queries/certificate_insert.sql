-- SPDX-License-Identifier: Apache-2.0
-- Keeps a certificate, unless it was made meanwhile. $1 run_id, $2 hash of its content, $3 key, $4 signature, $5 content, $6 now. No row.
INSERT INTO certificate (run_id, content_hash, key_id, signature, content, made_at)
VALUES ($1::bigint, $2::bytea, $3::text, $4::bytea, $5::text, $6::timestamptz)
ON CONFLICT DO NOTHING
