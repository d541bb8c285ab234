-- SPDX-License-Identifier: Apache-2.0
-- What stands on a line of a bill is two thirds of its row, is much like what stands on the next line, and is read for few lines or for all of a
-- run. It is kept by the run in pieces of many lines, which are packed, and no longer in the row of each line.
SET LOCAL search_path = tallygate;

CREATE TABLE bill_text (
    run_id     bigint NOT NULL REFERENCES recon_run (run_id),
    first_no   bigint NOT NULL CHECK (first_no > 0),
    line_count bigint NOT NULL CHECK (line_count > 0),
    lines      text NOT NULL,
    PRIMARY KEY (run_id, first_no)
) WITH (toast_tuple_target = 8160);
COMMENT ON TABLE bill_text IS 'what stands on the lines of a run''s bill: pieces of many lines in their order';
COMMENT ON COLUMN bill_text.run_id IS 'the run';
COMMENT ON COLUMN bill_text.first_no IS 'number of the first line of the piece';
COMMENT ON COLUMN bill_text.line_count IS 'how many lines of bill_line it has the text of';
COMMENT ON COLUMN bill_text.lines IS 'lines parted by newlines, one for each number from first_no on; empty where bill_line has no line of that number';

-- The method that packs fastest, where this server knows it.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        ALTER TABLE bill_text ALTER COLUMN lines SET COMPRESSION lz4;
    END IF;
    IF EXISTS (SELECT 1 FROM bill_line WHERE strpos(raw, E'\n') > 0) THEN
        RAISE EXCEPTION 'a row of bill_line has a text of more than one line, which no reader of bills makes';
    END IF;
END
$$;

INSERT INTO bill_text (run_id, first_no, line_count, lines)
SELECT run_id, min(line_no), count(*), string_agg(repeat(E'\n', (line_no - before_no - 1)::integer) || raw, E'\n' ORDER BY line_no)
  FROM (SELECT run_id, line_no, line_no / 64 AS piece, raw,
               lag(line_no, 1, line_no - 1) OVER (PARTITION BY run_id, line_no / 64 ORDER BY line_no) AS before_no
          FROM bill_line) l
 GROUP BY run_id, piece;

ALTER TABLE bill_line DROP COLUMN raw;

CREATE FUNCTION bill_line_raw(run bigint, line bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT pg_catalog.split_part(t.lines, E'\n', (line - t.first_no + 1)::integer)
      FROM tallygate.bill_text t WHERE t.run_id = run AND t.first_no <= line ORDER BY t.first_no DESC LIMIT 1
$$;
COMMENT ON FUNCTION bill_line_raw(bigint, bigint) IS 'what stands on a line of a run''s bill';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_recon') THEN
        GRANT SELECT ON bill_text TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON bill_text TO tallygate_recon;
    END IF;
END
$$;
