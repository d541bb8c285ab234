-- SPDX-License-Identifier: Apache-2.0
-- A period, which is one account's day, is prepared by one person and signed by another. From then on the run that counts for the day
-- stands: the pointer to it is referred to by what was signed, so the database refuses to move or remove it, whoever tries. Rows of
-- both tables are added and read, never changed: what was signed cannot be unsigned.
SET LOCAL search_path = tallygate;

ALTER TABLE recon_current ADD CONSTRAINT recon_current_run UNIQUE (account, kind, bill_day, run_id);

CREATE TABLE period_signoff (
    account      text NOT NULL,
    kind         text NOT NULL,
    bill_day     date NOT NULL,
    number       integer NOT NULL CHECK (number > 0),
    run_id       bigint NOT NULL REFERENCES recon_run (run_id),
    content      text NOT NULL CHECK (content <> ''),
    content_hash bytea NOT NULL,
    prepared_by  text NOT NULL CHECK (prepared_by <> ''),
    prepared_at  timestamptz NOT NULL,
    PRIMARY KEY (account, kind, bill_day, number),
    UNIQUE (account, kind, bill_day, number, run_id, prepared_by),
    CONSTRAINT period_signoff_content CHECK (content_hash = sha256(convert_to(content, 'UTF8')))
);

CREATE TABLE period_decision (
    account       text NOT NULL,
    kind          text NOT NULL,
    bill_day      date NOT NULL,
    number        integer NOT NULL,
    run_id        bigint NOT NULL,
    prepared_by   text NOT NULL,
    decision      text NOT NULL CHECK (decision IN ('signed', 'withdrawn')),
    decided_by    text NOT NULL CHECK (decided_by <> ''),
    reason        text,
    decided_at    timestamptz NOT NULL,
    signed_run_id bigint GENERATED ALWAYS AS (CASE WHEN decision = 'signed' THEN run_id END) STORED,
    PRIMARY KEY (account, kind, bill_day, number),
    FOREIGN KEY (account, kind, bill_day, number, run_id, prepared_by)
        REFERENCES period_signoff (account, kind, bill_day, number, run_id, prepared_by),
    CONSTRAINT period_decision_run FOREIGN KEY (account, kind, bill_day, signed_run_id)
        REFERENCES recon_current (account, kind, bill_day, run_id),
    CONSTRAINT period_decision_two_people CHECK (decision = 'withdrawn' OR decided_by <> prepared_by),
    CONSTRAINT period_decision_reason CHECK ((decision = 'withdrawn') = (reason IS NOT NULL AND reason <> ''))
);
CREATE UNIQUE INDEX period_decision_signed_once ON period_decision (account, kind, bill_day) WHERE decision = 'signed';

COMMENT ON TABLE period_signoff IS 'a day put before somebody else to sign, with what both were shown';
COMMENT ON COLUMN period_signoff.account IS 'configured account';
COMMENT ON COLUMN period_signoff.kind IS 'kind of bill';
COMMENT ON COLUMN period_signoff.bill_day IS 'day';
COMMENT ON COLUMN period_signoff.number IS 'counts what was prepared for the day; the highest one counts';
COMMENT ON COLUMN period_signoff.run_id IS 'the run that counted for the day then';
COMMENT ON COLUMN period_signoff.content IS 'the text that both sign; sql/queries/period_content.part makes it';
COMMENT ON COLUMN period_signoff.content_hash IS 'SHA-256 of the text; whoever prepares and whoever signs names it';
COMMENT ON COLUMN period_signoff.prepared_by IS 'client of the role finance-maker';
COMMENT ON COLUMN period_signoff.prepared_at IS 'when';

COMMENT ON TABLE period_decision IS 'what became of what was prepared; a day that is signed stays so';
COMMENT ON COLUMN period_decision.account IS 'configured account';
COMMENT ON COLUMN period_decision.kind IS 'kind of bill';
COMMENT ON COLUMN period_decision.bill_day IS 'day';
COMMENT ON COLUMN period_decision.number IS 'which sign-off of the day';
COMMENT ON COLUMN period_decision.run_id IS 'its run';
COMMENT ON COLUMN period_decision.prepared_by IS 'who prepared it';
COMMENT ON COLUMN period_decision.decision IS 'signed, or withdrawn before anybody signed';
COMMENT ON COLUMN period_decision.decided_by IS 'client of the role finance-checker; one of finance for a withdrawal';
COMMENT ON COLUMN period_decision.reason IS 'why it was withdrawn; null when signed';
COMMENT ON COLUMN period_decision.decided_at IS 'when';
COMMENT ON COLUMN period_decision.signed_run_id IS 'the run that is held in its place by the signature; null when withdrawn';

ALTER TABLE recon_run ADD COLUMN rules integer CHECK (rules > 0);
COMMENT ON COLUMN recon_run.rules IS 'version of the rules that it was made by; null: made before it was kept';

CREATE TABLE certificate (
    run_id       bigint NOT NULL REFERENCES recon_run (run_id),
    content_hash bytea NOT NULL,
    key_id       text NOT NULL CHECK (key_id <> ''),
    signature    bytea NOT NULL,
    content      text NOT NULL,
    made_at      timestamptz NOT NULL,
    PRIMARY KEY (run_id, content_hash),
    CONSTRAINT certificate_content CHECK (content_hash = sha256(convert_to(content, 'UTF8')))
);
COMMENT ON TABLE certificate IS 'tie-out certificates as they were signed, so that the same one is given again byte by byte';
COMMENT ON COLUMN certificate.run_id IS 'the run that it is about';
COMMENT ON COLUMN certificate.content_hash IS 'SHA-256 of the content; a run that is signed later has a second one, with the people in it';
COMMENT ON COLUMN certificate.key_id IS 'name of the key that signed';
COMMENT ON COLUMN certificate.signature IS 'of the content, made by the keys process';
COMMENT ON COLUMN certificate.content IS 'the text that is signed';
COMMENT ON COLUMN certificate.made_at IS 'when it was made first';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON period_signoff, period_decision TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON period_signoff, period_decision TO tallygate_app;
        GRANT SELECT ON certificate TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON certificate TO tallygate_app, tallygate_recon;
    END IF;
END
$$;
