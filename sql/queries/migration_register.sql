-- SPDX-License-Identifier: Apache-2.0
-- Registers a migration in its own transaction. $1 version, $2 name, $3 sha256, $4 now. One row is touched.
INSERT INTO schema_migration (version, name, sha256, applied_at) VALUES ($1::integer, $2::text, $3::bytea, $4::timestamptz)
