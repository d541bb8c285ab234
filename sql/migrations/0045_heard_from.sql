-- SPDX-License-Identifier: Apache-2.0
-- A statement that was being stored while a run began bears a time before the run's, and is committed behind its snapshot: no run had it, and by its
-- time none would look for it. Since when something counts as heard of behind a run is said in one place now.
SET LOCAL search_path = tallygate;

CREATE FUNCTION run_heard_from(as_of timestamptz) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE AS $$ SELECT as_of - interval '10 minutes' $$;
COMMENT ON FUNCTION run_heard_from(timestamptz)
    IS 'from when on what was heard can be unknown to a run of that time: longer before it than any statement lives';

CREATE OR REPLACE FUNCTION period_later(the_account text, the_kind text, the_day date) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = tallygate, pg_temp AS $$
    WITH own AS (
        SELECT p.signed_run_id AS run_id, run_heard_from(r.as_of) AS since
          FROM period_decision p JOIN recon_run r ON r.run_id = p.signed_run_id
         WHERE p.account = the_account AND p.kind = the_kind AND p.bill_day = the_day
    )
    , later AS (
        SELECT p.signed_run_id AS run_id FROM period_decision p
         WHERE p.account = the_account AND p.kind = the_kind AND p.bill_day > the_day AND p.signed_run_id IS NOT NULL
    )
    , hangs AS (
        SELECT x.attempt_no, x.refund_no FROM own JOIN recon_result x ON x.run_id = own.run_id WHERE x.carry_out
        UNION ALL
        SELECT a.attempt_no, NULL FROM own JOIN attempt a ON a.account = the_account AND a.bill_day = the_day AND a.last_answer_at > own.since
        UNION ALL
        SELECT NULL, f.refund_no FROM own JOIN refund f ON f.bill_day = the_day AND f.last_answer_at > own.since
    )
    SELECT EXISTS (SELECT 1 FROM hangs h JOIN later l ON true
                    WHERE EXISTS (SELECT 1 FROM recon_population m WHERE m.run_id = l.run_id AND m.attempt_no = h.attempt_no AND m.counted)
                       OR EXISTS (SELECT 1 FROM recon_refund m WHERE m.run_id = l.run_id AND m.refund_no = h.refund_no AND m.counted))
$$;
