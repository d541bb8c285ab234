-- SPDX-License-Identifier: Apache-2.0
-- Two more things that two people decide: a fee is accepted that is another one than the contract has, and a signed day is opened again. Both are
-- done once; of both who put them forward, who agreed and why stay.
SET LOCAL search_path = tallygate;

-- A difference of fees has an amount of its own: its money ties.
ALTER TABLE difference
    ADD COLUMN fee_fen bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT difference_fee CHECK (fee_fen = 0 OR family = 'fee');
UPDATE difference d SET fee_fen = r.fee_fen - r.fee_due_fen
  FROM recon_result r
 WHERE d.family = 'fee' AND r.fee_due_fen IS NOT NULL
   AND (r.run_id, r.seq) = (SELECT w.run_id, w.seq FROM difference_shown w
                             WHERE w.difference_no = d.difference_no ORDER BY w.run_id DESC LIMIT 1);
COMMENT ON COLUMN difference.fee_fen IS 'fee on the bill less fee by contract, as the bill signs fees: below 0 where more was taken than is due; 0 for what is about no fee';

ALTER TABLE action_request
    ADD COLUMN contract text CHECK (contract <> ''),
    DROP CONSTRAINT action_request_kind_check,
    ADD CONSTRAINT action_request_kind_check
        CHECK (kind IN ('accept', 'refund', 'write_off', 'adjust', 'accept_fee')),
    ADD CONSTRAINT action_request_contract CHECK ((contract IS NOT NULL) = (kind = 'accept_fee'));
COMMENT ON COLUMN action_request.kind IS
    'accept: it is taken as it is; refund: money of its attempt goes back; write_off: it is a loss or a gain; adjust: it is carried in suspense; accept_fee: its fee is posted';
COMMENT ON COLUMN action_request.contract IS 'contract, or letter about it, by which the fee of accept_fee is right; null for every other kind';

ALTER TABLE adjustment_line
    DROP CONSTRAINT adjustment_line_ledger_check,
    ADD CONSTRAINT adjustment_line_ledger_check CHECK (ledger IN ('provider_receivable', 'suspense', 'loss', 'gain', 'fee'));
COMMENT ON COLUMN adjustment_line.ledger IS
    'provider_receivable: what the provider holds for us; suspense: until its owner is known; loss; gain; fee: fees of providers beside what contracts make due';
COMMENT ON TABLE adjustment IS 'a difference that two people took as a loss, a gain, in suspense or as a fee; added and read, never changed';

-- A day is opened again: one person asks for it with a reason, another opens it or somebody takes the wish back. Rows of both tables are added and
-- read, never changed, and a wish has one end.
CREATE TABLE period_reopening (
    account  text NOT NULL,
    kind     text NOT NULL,
    bill_day date NOT NULL,
    number   integer NOT NULL,
    request  integer NOT NULL CHECK (request > 0),
    reason   text NOT NULL CHECK (reason <> ''),
    asked_by text NOT NULL CHECK (asked_by <> ''),
    asked_at timestamptz NOT NULL,
    PRIMARY KEY (account, kind, bill_day, number, request),
    UNIQUE (account, kind, bill_day, number, request, asked_by),
    FOREIGN KEY (account, kind, bill_day, number) REFERENCES period_decision (account, kind, bill_day, number)
);

CREATE TABLE period_reopening_end (
    account  text NOT NULL,
    kind     text NOT NULL,
    bill_day date NOT NULL,
    number   integer NOT NULL,
    request  integer NOT NULL,
    asked_by text NOT NULL,
    outcome  text NOT NULL CHECK (outcome IN ('opened', 'withdrawn')),
    ended_by text NOT NULL CHECK (ended_by <> ''),
    reason   text,
    ended_at timestamptz NOT NULL,
    opened_request integer GENERATED ALWAYS AS (CASE WHEN outcome = 'opened' THEN request END) STORED,
    PRIMARY KEY (account, kind, bill_day, number, request),
    UNIQUE (account, kind, bill_day, number, opened_request),
    FOREIGN KEY (account, kind, bill_day, number, request, asked_by)
        REFERENCES period_reopening (account, kind, bill_day, number, request, asked_by),
    CONSTRAINT period_reopening_two_people CHECK (outcome = 'withdrawn' OR ended_by <> asked_by),
    CONSTRAINT period_reopening_reason CHECK ((outcome = 'withdrawn') = (reason IS NOT NULL AND reason <> ''))
);

COMMENT ON TABLE period_reopening IS 'that a signed day is to be opened again, as one person asks for it';
COMMENT ON COLUMN period_reopening.account IS 'configured account';
COMMENT ON COLUMN period_reopening.kind IS 'kind of bill';
COMMENT ON COLUMN period_reopening.bill_day IS 'day';
COMMENT ON COLUMN period_reopening.number IS 'which sign-off of the day';
COMMENT ON COLUMN period_reopening.request IS 'counts the wishes about this sign-off, from 1';
COMMENT ON COLUMN period_reopening.reason IS 'why, in the words of whoever asks';
COMMENT ON COLUMN period_reopening.asked_by IS 'client of the role finance-maker';
COMMENT ON COLUMN period_reopening.asked_at IS 'when';
COMMENT ON TABLE period_reopening_end IS 'what became of that wish';
COMMENT ON COLUMN period_reopening_end.account IS 'configured account';
COMMENT ON COLUMN period_reopening_end.kind IS 'kind of bill';
COMMENT ON COLUMN period_reopening_end.bill_day IS 'day';
COMMENT ON COLUMN period_reopening_end.number IS 'which sign-off of the day';
COMMENT ON COLUMN period_reopening_end.request IS 'which wish';
COMMENT ON COLUMN period_reopening_end.asked_by IS 'who asked';
COMMENT ON COLUMN period_reopening_end.outcome IS 'opened, or withdrawn before anybody opened the day';
COMMENT ON COLUMN period_reopening_end.ended_by IS 'client of the role finance-checker; one of finance for a withdrawal';
COMMENT ON COLUMN period_reopening_end.reason IS 'why it was withdrawn; null when the day was opened';
COMMENT ON COLUMN period_reopening_end.ended_at IS 'when';
COMMENT ON COLUMN period_reopening_end.opened_request IS 'the wish by which the signature was taken back; null when withdrawn';

-- A signature that was taken back stays as it was made, and names what two people decided about it. What holds the day's run is gone with it.
ALTER TABLE period_decision
    DROP COLUMN signed_run_id,
    ADD COLUMN reopened_request integer,
    ADD CONSTRAINT period_decision_reopened FOREIGN KEY (account, kind, bill_day, number, reopened_request)
        REFERENCES period_reopening_end (account, kind, bill_day, number, opened_request),
    ADD CONSTRAINT period_decision_reopened_signed CHECK (reopened_request IS NULL OR decision = 'signed');
ALTER TABLE period_decision
    ADD COLUMN signed_run_id bigint GENERATED ALWAYS AS (CASE WHEN decision = 'signed' AND reopened_request IS NULL THEN run_id END) STORED,
    ADD CONSTRAINT period_decision_run FOREIGN KEY (account, kind, bill_day, signed_run_id)
        REFERENCES recon_current (account, kind, bill_day, run_id);
DROP INDEX period_decision_signed_once;
CREATE UNIQUE INDEX period_decision_signed_once ON period_decision (account, kind, bill_day) WHERE signed_run_id IS NOT NULL;
COMMENT ON TABLE period_decision IS 'what became of what was prepared; a day that is signed stays so until two people open it again';
COMMENT ON COLUMN period_decision.reopened_request IS 'what took the signature back; null while it stands';
COMMENT ON COLUMN period_decision.signed_run_id IS 'the run that is held in its place by the signature; null when withdrawn or taken back';

CREATE FUNCTION period_later(the_account text, the_kind text, the_day date) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = tallygate, pg_temp AS $$
    WITH own AS (
        SELECT p.signed_run_id AS run_id, r.as_of FROM period_decision p JOIN recon_run r ON r.run_id = p.signed_run_id
         WHERE p.account = the_account AND p.kind = the_kind AND p.bill_day = the_day
    )
    , later AS (
        SELECT p.signed_run_id AS run_id FROM period_decision p
         WHERE p.account = the_account AND p.kind = the_kind AND p.bill_day > the_day AND p.signed_run_id IS NOT NULL
    )
    , hangs AS (
        SELECT x.attempt_no, x.refund_no FROM own JOIN recon_result x ON x.run_id = own.run_id WHERE x.carry_out
        UNION ALL
        SELECT a.attempt_no, NULL FROM own JOIN attempt a ON a.account = the_account AND a.bill_day = the_day AND a.last_answer_at > own.as_of
        UNION ALL
        SELECT NULL, f.refund_no FROM own JOIN refund f ON f.bill_day = the_day AND f.last_answer_at > own.as_of
    )
    SELECT EXISTS (SELECT 1 FROM hangs h JOIN later l ON true
                    WHERE EXISTS (SELECT 1 FROM recon_population m WHERE m.run_id = l.run_id AND m.attempt_no = h.attempt_no AND m.counted)
                       OR EXISTS (SELECT 1 FROM recon_refund m WHERE m.run_id = l.run_id AND m.refund_no = h.refund_no AND m.counted))
$$;
COMMENT ON FUNCTION period_later(text, text, date)
    IS 'whether a later day that stands signed counts, carried over or late, what is expected on the bill of this signed day';

-- A signature is taken back once, and not while a later signed day counts money of the day. Whoever signs meets this at the rows of the pointers,
-- which are locked with their owner's rights.
CREATE FUNCTION period_reopens() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = tallygate, pg_temp AS $$
BEGIN
    PERFORM 1 FROM recon_current c
      WHERE c.account = OLD.account AND c.kind = OLD.kind AND c.bill_day >= OLD.bill_day
      ORDER BY c.bill_day FOR UPDATE;
    IF OLD.signed_run_id IS NULL OR period_later(OLD.account, OLD.kind, OLD.bill_day) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'period_reopens',
            MESSAGE = 'a signature that does not stand, or of a day of which a later signed day counts money';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION period_reopens() IS 'refuses to take back a signature that does not stand, or while a later signed day counts money of the day';
CREATE TRIGGER period_reopens BEFORE UPDATE ON period_decision FOR EACH ROW EXECUTE FUNCTION period_reopens();

-- A day that was to be made again before its signature came to be is not signed. Its name lets it come after the key's own check, which waits
-- for whoever opens a day.
CREATE FUNCTION period_signs_what_stands() RETURNS trigger
    LANGUAGE plpgsql SET search_path = tallygate, pg_temp AS $$
BEGIN
    IF NEW.signed_run_id IS NOT NULL
       AND EXISTS (SELECT 1 FROM recon_day y
                    WHERE y.account = NEW.account AND y.kind = NEW.kind AND y.bill_day = NEW.bill_day AND y.state = 'stale') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'period_signs_what_stands',
            MESSAGE = 'a signature of a day that is to be made again';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION period_signs_what_stands() IS 'refuses the signature of a day that is to be made again';
CREATE TRIGGER period_signs_what_stands AFTER INSERT ON period_decision
    FOR EACH ROW EXECUTE FUNCTION period_signs_what_stands();

CREATE OR REPLACE FUNCTION adjustment_day_is_open() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = tallygate, pg_temp AS $$
BEGIN
    PERFORM 1 FROM recon_current c
      WHERE c.account = NEW.account AND c.kind = NEW.kind AND c.bill_day = NEW.posted_on FOR UPDATE;
    IF EXISTS (SELECT 1 FROM period_decision p
                WHERE p.account = NEW.account AND p.kind = NEW.kind AND p.bill_day = NEW.posted_on AND p.signed_run_id IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'adjustment_day_is_open',
            MESSAGE = 'an adjustment of a day that is signed';
    END IF;
    RETURN NEW;
END
$$;

-- The provider is asked about the number of a line that our books have no row of. There is no attempt that its answer could stand with, so it stands
-- with the difference, byte for byte.
INSERT INTO transition (machine, from_state, event, to_state, effect) VALUES
    ('difference', 'open', 'answer', 'open', 'keep');

CREATE TABLE difference_statement (
    difference_no     text NOT NULL REFERENCES difference (difference_no),
    digest            bytea NOT NULL,
    raw               bytea NOT NULL,
    signer            text NOT NULL,
    provider_status   text NOT NULL,
    provider_trade_no text NOT NULL,
    amount_fen        bigint,
    paid_at           timestamptz,
    stated_at         timestamptz,
    observed_at       timestamptz NOT NULL,
    PRIMARY KEY (difference_no, digest),
    CONSTRAINT difference_statement_content CHECK (digest = sha256(raw))
);
COMMENT ON TABLE difference_statement IS 'verified statements of providers about numbers that our books do not have, byte for byte; never changed';
COMMENT ON COLUMN difference_statement.difference_no IS 'the difference whose line bears the number';
COMMENT ON COLUMN difference_statement.digest IS 'SHA-256 of the raw bytes';
COMMENT ON COLUMN difference_statement.raw IS 'the bytes that were verified';
COMMENT ON COLUMN difference_statement.signer IS 'serial of the key that verified it; empty when the scheme has none';
COMMENT ON COLUMN difference_statement.provider_status IS 'the provider''s own word';
COMMENT ON COLUMN difference_statement.provider_trade_no IS 'the provider''s number; empty when it has none';
COMMENT ON COLUMN difference_statement.amount_fen IS 'amount it names, in fen';
COMMENT ON COLUMN difference_statement.paid_at IS 'time of payment it names';
COMMENT ON COLUMN difference_statement.stated_at IS 'when the provider made the statement';
COMMENT ON COLUMN difference_statement.observed_at IS 'when it reached us';

ALTER TABLE difference_event
    ADD COLUMN statement_digest bytea,
    ADD CONSTRAINT difference_event_statement FOREIGN KEY (difference_no, statement_digest)
        REFERENCES difference_statement (difference_no, digest),
    DROP CONSTRAINT difference_event_evidence,
    ADD CONSTRAINT difference_event_evidence CHECK (
        (event NOT IN ('heal', 'confirm', 'uphold') OR evidence_digest IS NOT NULL)
        AND (event <> 'answer' OR num_nonnulls(evidence_digest, statement_digest) = 1)
        AND (event = 'answer' OR statement_digest IS NULL));
COMMENT ON COLUMN difference_event.statement_digest IS 'the provider''s statement about the number of its line that it stands on; null where it stands on one about an attempt';
CREATE INDEX difference_line_asked ON difference (difference_no)
    WHERE state IN ('open', 'assigned') AND side = 'payment' AND attempt_no = '' AND merchant_order_no <> '';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT UPDATE (fee_fen) ON difference TO tallygate_recon;
        GRANT SELECT ON difference_statement TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON difference_statement TO tallygate_app;
        GRANT SELECT ON period_reopening, period_reopening_end TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON period_reopening, period_reopening_end TO tallygate_app;
        GRANT UPDATE (reopened_request) ON period_decision TO tallygate_app;
    END IF;
END
$$;
