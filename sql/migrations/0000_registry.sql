-- SPDX-License-Identifier: Apache-2.0
-- The list of applied migrations. Run before every migration; makes itself once.
CREATE SCHEMA IF NOT EXISTS tallygate;
CREATE TABLE IF NOT EXISTS tallygate.schema_migration (
    version    integer PRIMARY KEY,
    name       text NOT NULL,
    sha256     bytea NOT NULL CHECK (length(sha256) = 32),
    applied_at timestamptz NOT NULL
);
COMMENT ON TABLE tallygate.schema_migration IS 'migrations that were applied, with the hash of their text';
COMMENT ON COLUMN tallygate.schema_migration.version IS 'number of the migration';
COMMENT ON COLUMN tallygate.schema_migration.name IS 'file name';
COMMENT ON COLUMN tallygate.schema_migration.sha256 IS 'SHA-256 of the text; another text under the same number is refused';
COMMENT ON COLUMN tallygate.schema_migration.applied_at IS 'when';
