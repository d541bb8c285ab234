-- SPDX-License-Identifier: Apache-2.0
-- A header with other columns than are known, accepted by two people together with the bill that has it.
SET LOCAL search_path = tallygate;

ALTER TABLE bill_upload
    ADD COLUMN header_came text CHECK (header_came <> ''),
    ADD COLUMN header_read_as text CHECK (header_read_as <> ''),
    ADD CONSTRAINT bill_upload_header CHECK ((header_came IS NULL) = (header_read_as IS NULL) AND header_came <> header_read_as);
COMMENT ON COLUMN bill_upload.header_came IS 'header of it with other columns than are known, which is accepted with it for every bill of this account and kind; null: it has a known one';
COMMENT ON COLUMN bill_upload.header_read_as IS 'the known header that it is read as';

ALTER TABLE recon_run DROP CONSTRAINT recon_run_codes,
    ADD CONSTRAINT recon_run_codes CHECK (CASE WHEN state = 'blocked' THEN cardinality(codes) > 0
                                               ELSE codes <@ ARRAY['FILE_NONE_OK', 'FILE_EDITED', 'FILE_COLUMNS', 'FILE_REISSUED', 'DAY_CLOSED']
                                                    AND (file_id IS NULL) = ('FILE_NONE_OK' = ANY (codes))
                                                    AND (coalesce(cardinality(late_bills), 0) > 0) = ('FILE_REISSUED' = ANY (codes))
                                                    AND ('DAY_CLOSED' = ANY (codes)) = ('FILE_REISSUED' = ANY (codes)) END);
COMMENT ON COLUMN recon_run.codes IS 'why the day is blocked; of a complete run FILE_NONE_OK without a bill, FILE_EDITED with one that a person brought and nothing proves, FILE_COLUMNS with one whose header two people accepted, DAY_CLOSED and FILE_REISSUED when it tells of late_bills';

-- An approval has the night take days up again.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT UPDATE (state, next_at, tries, codes, late_at, changed_at) ON recon_day TO tallygate_app;
    END IF;
END
$$;
