-- SPDX-License-Identifier: Apache-2.0
-- A bill that came again for a signed day is told by the run of another one.
SET LOCAL search_path = tallygate;

ALTER TABLE recon_run ADD COLUMN late_bills text[];
ALTER TABLE recon_run DROP CONSTRAINT recon_run_codes,
    ADD CONSTRAINT recon_run_codes CHECK (CASE WHEN state = 'blocked' THEN cardinality(codes) > 0
                                               ELSE codes <@ ARRAY['FILE_NONE_OK', 'FILE_EDITED', 'FILE_REISSUED', 'DAY_CLOSED']
                                                    AND (file_id IS NULL) = ('FILE_NONE_OK' = ANY (codes))
                                                    AND (coalesce(cardinality(late_bills), 0) > 0) = ('FILE_REISSUED' = ANY (codes))
                                                    AND ('DAY_CLOSED' = ANY (codes)) = ('FILE_REISSUED' = ANY (codes)) END);
COMMENT ON COLUMN recon_run.codes IS 'why the day is blocked; of a complete run FILE_NONE_OK without a bill, FILE_EDITED with one that a person brought and nothing proves, DAY_CLOSED and FILE_REISSUED when it tells of late_bills';
COMMENT ON COLUMN recon_run.late_bills IS 'bills that came for days that were signed, as "day sha256"; null or empty: none';

-- The content of a day's bill that counts; sql/queries/bill_file_find.sql reads them all in this order.
CREATE VIEW bill_newest AS
SELECT DISTINCT ON (f.account, f.kind, f.bill_day) f.account, f.kind, f.bill_day, f.file_id, f.sha256
  FROM bill_file f
  LEFT JOIN LATERAL (SELECT after_fetch_id, decided_at FROM bill_upload
                      WHERE file_id = f.file_id AND state = 'approved'
                      ORDER BY after_fetch_id DESC, decided_at DESC LIMIT 1) u ON f.origin = 'upload'
 WHERE f.origin = 'download' OR u.decided_at IS NOT NULL
 ORDER BY f.account, f.kind, f.bill_day,
          CASE f.origin WHEN 'upload' THEN u.after_fetch_id
                        ELSE (SELECT max(t.fetch_id) FROM bill_fetch t
                               WHERE t.account = f.account AND t.kind = f.kind AND t.bill_day = f.bill_day AND t.sha256 = f.sha256)
          END DESC NULLS LAST,
          u.decided_at DESC NULLS LAST, f.file_id DESC;
COMMENT ON VIEW bill_newest IS 'the content of each day''s bill that counts: the last that the provider gave, or that a person brought and another approved';
COMMENT ON COLUMN bill_newest.account IS 'configured account';
COMMENT ON COLUMN bill_newest.kind IS 'kind of bill';
COMMENT ON COLUMN bill_newest.bill_day IS 'day';
COMMENT ON COLUMN bill_newest.file_id IS 'the file';
COMMENT ON COLUMN bill_newest.sha256 IS 'hash of its content, and its name in the archive';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON bill_newest TO tallygate_app, tallygate_recon, tallygate_audit;
    END IF;
END
$$;
