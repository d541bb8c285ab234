-- SPDX-License-Identifier: Apache-2.0
-- Applied migrations in order. No parameters. Any number of rows.
SELECT version, name, sha256 FROM schema_migration ORDER BY version
