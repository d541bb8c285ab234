-- SPDX-License-Identifier: Apache-2.0
-- The newest migration. No parameters. One row.
SELECT max(version) AS version FROM schema_migration
