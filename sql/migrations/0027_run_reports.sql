-- SPDX-License-Identifier: Apache-2.0
-- The printed files of a run, by the hash under which the archive keeps them: what people were given stays what it was, whatever prints later.
-- Added and read, never changed; a run that was not printed yet has none.
SET LOCAL search_path = tallygate;

CREATE TABLE recon_report (
    run_id bigint NOT NULL REFERENCES recon_run (run_id),
    name   text NOT NULL CHECK (name ~ '^[a-z]+([.]en)?[.](txt|csv|html|xlsx)$'),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes  bigint NOT NULL CHECK (bytes > 0),
    PRIMARY KEY (run_id, name)
);
COMMENT ON TABLE recon_report IS 'printed files of a run in the archive';
COMMENT ON COLUMN recon_report.run_id IS 'the run';
COMMENT ON COLUMN recon_report.name IS 'name of the file in the folder of the run';
COMMENT ON COLUMN recon_report.sha256 IS 'hash of its content, and its name in the archive';
COMMENT ON COLUMN recon_report.bytes IS 'size';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_recon') THEN
        GRANT SELECT ON recon_report TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON recon_report TO tallygate_recon;
    END IF;
END
$$;
