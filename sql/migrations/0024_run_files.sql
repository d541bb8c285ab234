-- SPDX-License-Identifier: Apache-2.0
-- The files that a run read and is repeated from, by the hash under which the archive keeps them. Added and read, never changed; runs
-- of before have none.
SET LOCAL search_path = tallygate;

CREATE TABLE recon_file (
    run_id bigint NOT NULL REFERENCES recon_run (run_id),
    name   text NOT NULL CHECK (name ~ '^[a-z_]+[.](csv|json)$'),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    PRIMARY KEY (run_id, name)
);
COMMENT ON TABLE recon_file IS 'files of a run in the archive: the lists that it read, and day.json with all else that went in and what came out';
COMMENT ON COLUMN recon_file.run_id IS 'the run';
COMMENT ON COLUMN recon_file.name IS 'name of the file in an export';
COMMENT ON COLUMN recon_file.sha256 IS 'hash of its content, and its name in the archive';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_recon') THEN
        GRANT SELECT ON recon_file TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON recon_file TO tallygate_recon;
    END IF;
END
$$;
