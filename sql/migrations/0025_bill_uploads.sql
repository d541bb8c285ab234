-- SPDX-License-Identifier: Apache-2.0
-- Bills that a person brings: each waits until somebody else has approved it, and a run on one that nothing of the provider proves says so.
SET LOCAL search_path = tallygate;

ALTER TABLE bill_fetch ADD COLUMN provider_sha1 text CHECK (provider_sha1 ~ '^[0-9a-f]{40}$');
COMMENT ON COLUMN bill_fetch.provider_sha1 IS 'SHA-1 of the unpacked bill in the provider''s signed answer to a try that brought no bill; null: it said none';

-- The same bytes from the provider and from a person are two files: only the first of them are the provider's word.
ALTER TABLE bill_file DROP CONSTRAINT bill_file_account_kind_bill_day_sha256_key,
    ADD CONSTRAINT bill_file_content UNIQUE (account, kind, bill_day, sha256, origin);
COMMENT ON COLUMN bill_file.origin IS 'download by us, or upload by a person; an upload counts from its approval on (bill_upload)';

CREATE TABLE bill_upload (
    upload_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_id        bigint NOT NULL REFERENCES bill_file (file_id),
    proved         boolean NOT NULL,
    pay_count      bigint NOT NULL CHECK (pay_count >= 0),
    pay_fen        bigint NOT NULL,
    refund_count   bigint NOT NULL CHECK (refund_count >= 0),
    refund_fen     bigint NOT NULL,
    reason         text NOT NULL CHECK (reason <> ''),
    state          text NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected')),
    uploaded_by    text NOT NULL CHECK (uploaded_by <> ''),
    uploaded_at    timestamptz NOT NULL,
    decided_by     text CHECK (decided_by <> ''),
    decided_at     timestamptz,
    after_fetch_id bigint CHECK (after_fetch_id >= 0),
    CONSTRAINT bill_upload_decided CHECK ((state = 'waiting') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT bill_upload_two_people CHECK (state <> 'approved' OR decided_by <> uploaded_by),
    CONSTRAINT bill_upload_place CHECK ((state = 'approved') = (after_fetch_id IS NOT NULL))
);
CREATE UNIQUE INDEX bill_upload_waiting ON bill_upload (file_id) WHERE state = 'waiting';
CREATE INDEX bill_upload_by_file ON bill_upload (file_id);
COMMENT ON TABLE bill_upload IS 'a bill that a person brought: it counts when another person has approved it';
COMMENT ON COLUMN bill_upload.upload_id IS 'number of the upload';
COMMENT ON COLUMN bill_upload.file_id IS 'the file, whose bytes lie in the archive';
COMMENT ON COLUMN bill_upload.proved IS 'the provider''s signed hash names these bytes, or it gave the very same itself';
COMMENT ON COLUMN bill_upload.pay_count IS 'payments that were read in it; for whoever decides';
COMMENT ON COLUMN bill_upload.pay_fen IS 'their sum';
COMMENT ON COLUMN bill_upload.refund_count IS 'refunds that were read in it';
COMMENT ON COLUMN bill_upload.refund_fen IS 'their sum';
COMMENT ON COLUMN bill_upload.reason IS 'why it did not come from the provider by itself, in the words of whoever brought it';
COMMENT ON COLUMN bill_upload.state IS 'waiting, approved or rejected';
COMMENT ON COLUMN bill_upload.uploaded_by IS 'client in whose name it was brought';
COMMENT ON COLUMN bill_upload.uploaded_at IS 'when it was brought';
COMMENT ON COLUMN bill_upload.decided_by IS 'client that approved or rejected it; who approves is not who brought it';
COMMENT ON COLUMN bill_upload.decided_at IS 'when it was decided';
COMMENT ON COLUMN bill_upload.after_fetch_id IS 'the last try to get this bill before the approval: what the provider gives later counts before the upload; 0: there was none';

-- What was brought before anybody had to approve it waits like the rest.
INSERT INTO bill_upload (file_id, proved, pay_count, pay_fen, refund_count, refund_fen, reason, state, uploaded_by, uploaded_at)
SELECT file_id, false, 0, 0, 0, 0, 'brought before uploads had to be approved; its sums were not kept', 'waiting', '-', stored_at
  FROM bill_file WHERE origin = 'upload';

ALTER TABLE recon_run DROP CONSTRAINT recon_run_codes,
    ADD CONSTRAINT recon_run_codes CHECK (CASE WHEN state = 'blocked' THEN cardinality(codes) > 0
                                               ELSE codes <@ ARRAY['FILE_NONE_OK', 'FILE_EDITED']
                                                    AND (file_id IS NULL) = ('FILE_NONE_OK' = ANY (codes)) END);
COMMENT ON COLUMN recon_run.codes IS 'why the day is blocked; of a complete run FILE_NONE_OK without a bill, FILE_EDITED with one that a person brought and nothing proves';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON bill_upload TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON bill_upload TO tallygate_recon;
        GRANT UPDATE (state, decided_by, decided_at, after_fetch_id) ON bill_upload TO tallygate_app;
    END IF;
END
$$;
