-- SPDX-License-Identifier: Apache-2.0
-- The provider is asked about differences that its word may end, by ourselves; what it answered is kept with each. Their chains are
-- sealed by the checkpoints of the audit trail.
SET LOCAL search_path = tallygate;

INSERT INTO transition (machine, from_state, event, to_state, effect) VALUES
    ('difference', 'checking', 'answer', 'checking', 'keep'),
    ('difference', 'checking', 'uphold', 'open', 'move'),
    ('difference', 'assigned', 'answer', 'assigned', 'keep');

ALTER TABLE difference_event
    DROP CONSTRAINT difference_event_evidence,
    ADD CONSTRAINT difference_event_evidence
        CHECK (event NOT IN ('heal', 'confirm', 'answer', 'uphold') OR evidence_digest IS NOT NULL),
    ADD CONSTRAINT difference_event_query CHECK ((event IN ('answer', 'uphold')) = (actor LIKE 'query:%'));

CREATE TABLE difference_ask (
    difference_no text PRIMARY KEY REFERENCES difference (difference_no),
    run_id        bigint NOT NULL REFERENCES recon_run (run_id),
    asked         integer NOT NULL CHECK (asked > 0),
    due_at        timestamptz NOT NULL,
    news          boolean NOT NULL DEFAULT false
);
CREATE INDEX difference_ask_news ON difference_ask (difference_no) WHERE news;
CREATE INDEX difference_checking ON difference (difference_no) WHERE state = 'checking';

COMMENT ON TABLE difference_ask IS 'how often the provider was asked about a difference, and whether its word is news to the run that shows it';
COMMENT ON COLUMN difference_ask.difference_no IS 'the difference';
COMMENT ON COLUMN difference_ask.run_id IS 'the newest run that had shown it when it was asked about last';
COMMENT ON COLUMN difference_ask.asked IS 'how often it was asked about since that run';
COMMENT ON COLUMN difference_ask.due_at IS 'when it is asked about again while it is checking and no newer run shows it';
COMMENT ON COLUMN difference_ask.news IS 'the books or the provider''s last word are others than that run saw: its day is to be made again';

CREATE TABLE difference_seal (
    difference_no text PRIMARY KEY REFERENCES difference (difference_no),
    version       bigint NOT NULL CHECK (version > 0)
);
COMMENT ON TABLE difference_seal IS 'up to which event a signed checkpoint names the chain of a difference; beside it, so that sealing and a run do not get into each other''s way';
COMMENT ON COLUMN difference_seal.difference_no IS 'the difference';
COMMENT ON COLUMN difference_seal.version IS 'its version at the newest checkpoint that names it';
COMMENT ON COLUMN audit_checkpoint.heads IS
    'one line for each payment or difference that changed since its last checkpoint: slot (1000: a difference), number, seq, hash of that event';

-- What two people decide to take as a loss, a gain or in suspense, as double entry: added and read, never changed. An adjustment balances
-- when its transaction ends, and stands in a day that nobody has signed.
ALTER TABLE action_request
    DROP CONSTRAINT action_request_kind_check,
    ADD CONSTRAINT action_request_kind_check CHECK (kind IN ('accept', 'refund', 'write_off', 'adjust')),
    DROP CONSTRAINT action_request_check,
    ADD CONSTRAINT action_request_amount CHECK ((amount_fen IS NOT NULL) = (kind <> 'accept'));
COMMENT ON COLUMN action_request.kind IS
    'accept: it is taken as it is; refund: money of its attempt goes back; write_off: it is a loss or a gain; adjust: it is carried in suspense';
COMMENT ON COLUMN action_request.amount_fen IS 'what goes back or is posted, in fen; null for accept';

CREATE TABLE adjustment (
    difference_no text NOT NULL,
    number        integer NOT NULL,
    account       text NOT NULL,
    kind          text NOT NULL,
    posted_on     date NOT NULL,
    maker         text NOT NULL CHECK (maker <> ''),
    checker       text NOT NULL CHECK (checker <> ''),
    posted_at     timestamptz NOT NULL,
    PRIMARY KEY (difference_no, number),
    FOREIGN KEY (difference_no, number) REFERENCES action_request (difference_no, number),
    CONSTRAINT adjustment_two_people CHECK (maker <> checker)
);
CREATE INDEX adjustment_by_day ON adjustment (account, kind, posted_on);

CREATE TABLE adjustment_line (
    difference_no text NOT NULL,
    number        integer NOT NULL,
    line_no       integer NOT NULL CHECK (line_no > 0),
    ledger        text NOT NULL CHECK (ledger IN ('provider_receivable', 'suspense', 'loss', 'gain')),
    debit_fen     bigint NOT NULL CHECK (debit_fen >= 0),
    credit_fen    bigint NOT NULL CHECK (credit_fen >= 0),
    PRIMARY KEY (difference_no, number, line_no),
    FOREIGN KEY (difference_no, number) REFERENCES adjustment (difference_no, number),
    CONSTRAINT adjustment_line_one_side CHECK ((debit_fen > 0) <> (credit_fen > 0))
);

CREATE FUNCTION adjustment_balances() RETURNS trigger
    LANGUAGE plpgsql SET search_path = tallygate, pg_temp AS $$
DECLARE
    debit bigint;
    credit bigint;
BEGIN
    SELECT sum(l.debit_fen), sum(l.credit_fen) INTO debit, credit
      FROM adjustment_line l WHERE l.difference_no = NEW.difference_no AND l.number = NEW.number;
    IF debit IS NULL OR debit <> credit THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'adjustment_balances',
            MESSAGE = 'an adjustment whose debit is not its credit';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION adjustment_balances() IS 'refuses an adjustment whose debit is not its credit when its transaction ends';
CREATE CONSTRAINT TRIGGER adjustment_balances AFTER INSERT ON adjustment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION adjustment_balances();
CREATE CONSTRAINT TRIGGER adjustment_line_balances AFTER INSERT ON adjustment_line
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION adjustment_balances();

-- A signature refers to the pointer to the day's run: whoever signs and whoever posts meet at that row. With its owner's rights, since the
-- service may not change the pointer, and therefore not lock it.
CREATE FUNCTION adjustment_day_is_open() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = tallygate, pg_temp AS $$
BEGIN
    PERFORM 1 FROM recon_current c
      WHERE c.account = NEW.account AND c.kind = NEW.kind AND c.bill_day = NEW.posted_on FOR UPDATE;
    IF EXISTS (SELECT 1 FROM period_decision p
                WHERE p.account = NEW.account AND p.kind = NEW.kind AND p.bill_day = NEW.posted_on AND p.decision = 'signed') THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'adjustment_day_is_open',
            MESSAGE = 'an adjustment of a day that is signed';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION adjustment_day_is_open() IS 'refuses an adjustment of a day that two people have signed';
CREATE TRIGGER adjustment_day_is_open BEFORE INSERT ON adjustment FOR EACH ROW EXECUTE FUNCTION adjustment_day_is_open();

COMMENT ON TABLE adjustment IS 'a difference that two people took as a loss, a gain or in suspense; added and read, never changed';
COMMENT ON COLUMN adjustment.difference_no IS 'the difference';
COMMENT ON COLUMN adjustment.number IS 'the proposal about it that was executed';
COMMENT ON COLUMN adjustment.account IS 'configured account';
COMMENT ON COLUMN adjustment.kind IS 'kind of bill';
COMMENT ON COLUMN adjustment.posted_on IS 'the day that it stands in: that of the difference, or, when that is signed, the one on which it was executed';
COMMENT ON COLUMN adjustment.maker IS 'client that proposed it';
COMMENT ON COLUMN adjustment.checker IS 'client that approved it';
COMMENT ON COLUMN adjustment.posted_at IS 'when';
COMMENT ON TABLE adjustment_line IS 'its entries: debit and credit sum to the same';
COMMENT ON COLUMN adjustment_line.difference_no IS 'the difference';
COMMENT ON COLUMN adjustment_line.number IS 'the proposal about it';
COMMENT ON COLUMN adjustment_line.line_no IS 'counts the entries from 1';
COMMENT ON COLUMN adjustment_line.ledger IS 'provider_receivable: what the provider holds for us; suspense: until its owner is known; loss; gain';
COMMENT ON COLUMN adjustment_line.debit_fen IS 'in fen; 0 for a credit';
COMMENT ON COLUMN adjustment_line.credit_fen IS 'in fen; 0 for a debit';

CREATE TABLE recon_day_beat (
    account    text NOT NULL,
    kind       text NOT NULL,
    bill_day   date NOT NULL,
    lease_no   bigint NOT NULL,
    beat_until timestamptz NOT NULL,
    PRIMARY KEY (account, kind, bill_day)
);
COMMENT ON TABLE recon_day_beat IS 'that the run of a claimed day is alive; beside the day, whose row the transaction of the run changes';
COMMENT ON COLUMN recon_day_beat.account IS 'configured account';
COMMENT ON COLUMN recon_day_beat.kind IS 'kind of bill';
COMMENT ON COLUMN recon_day_beat.bill_day IS 'the day';
COMMENT ON COLUMN recon_day_beat.lease_no IS 'the claim that it is of; that of another one counts for nothing';
COMMENT ON COLUMN recon_day_beat.beat_until IS 'nobody takes the day over before';

COMMENT ON COLUMN idempotency.route IS 'the call; empty for one of before this was kept of every call';
COMMENT ON COLUMN idempotency.subject IS
    'order, payment, refund or difference with its client, or endpoint that the call is about; empty when the key is given back without a look';
COMMENT ON COLUMN idempotency.content_hash IS
    'content hash of the order that was sent; of a refund that is asked for, that of the request; of an act about a difference, that of the event''s detail; null where the call sends none of them';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON difference_ask TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON difference_ask TO tallygate_app;
        GRANT UPDATE (run_id, asked, due_at, news) ON difference_ask TO tallygate_app;
        GRANT SELECT ON adjustment, adjustment_line TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON adjustment, adjustment_line TO tallygate_app;
        GRANT SELECT ON recon_day_beat TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON recon_day_beat TO tallygate_recon;
        GRANT UPDATE (lease_no, beat_until) ON recon_day_beat TO tallygate_recon;
        GRANT SELECT ON difference_seal TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON difference_seal TO tallygate_app;
        GRANT UPDATE (version) ON difference_seal TO tallygate_app;
        GRANT UPDATE (state, next_at, tries, changed_at) ON recon_day TO tallygate_app;
    END IF;
END
$$;
