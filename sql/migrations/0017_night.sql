-- SPDX-License-Identifier: Apache-2.0
-- The night by itself: which days of which accounts are still to be reconciled, and days without any bill.
SET LOCAL search_path = tallygate;

CREATE TABLE recon_day (
    account     text NOT NULL,
    kind        text NOT NULL,
    bill_day    date NOT NULL,
    state       text NOT NULL CHECK (state IN ('waiting', 'stale', 'done', 'blocked')),
    next_at     timestamptz,
    tries       integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
    lease_no    bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    outcome     text NOT NULL DEFAULT '',
    codes       text[] NOT NULL DEFAULT '{}',
    late_at     timestamptz,
    changed_at  timestamptz NOT NULL,
    PRIMARY KEY (account, kind, bill_day),
    CONSTRAINT recon_day_done CHECK (state <> 'done' OR (next_at IS NULL AND late_at IS NULL)),
    CONSTRAINT recon_day_stale CHECK (state <> 'stale' OR next_at IS NOT NULL),
    CONSTRAINT recon_day_blocked CHECK ((state = 'blocked') = (cardinality(codes) > 0)),
    CONSTRAINT recon_day_late CHECK (late_at IS NULL OR state = 'waiting')
);
CREATE INDEX recon_day_due ON recon_day (account, kind, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX recon_day_open ON recon_day (state) WHERE state <> 'done';
COMMENT ON TABLE recon_day IS 'the night''s calendar: one row for each day of an account that is or was to be reconciled';
COMMENT ON COLUMN recon_day.account IS 'configured account';
COMMENT ON COLUMN recon_day.kind IS 'kind of bill';
COMMENT ON COLUMN recon_day.bill_day IS 'the bill''s day in the provider''s zone';
COMMENT ON COLUMN recon_day.state IS 'waiting (for the bill), stale (the day before carries out other items than this one''s run took in: it is made again), done, blocked (the bill cannot be believed; a better one is asked for)';
COMMENT ON COLUMN recon_day.next_at IS 'when the night takes it up; null: nothing to do, or given up';
COMMENT ON COLUMN recon_day.tries IS 'how often it was taken up since it last was done';
COMMENT ON COLUMN recon_day.lease_no IS 'grows with every claim: who holds an older one touches nothing';
COMMENT ON COLUMN recon_day.lease_until IS 'somebody is at it until then';
COMMENT ON COLUMN recon_day.outcome IS 'what the last try to get the bill ended with, in the words of bill_fetch';
COMMENT ON COLUMN recon_day.codes IS 'why it is blocked';
COMMENT ON COLUMN recon_day.late_at IS 'when it was found late: no bill at the give-up hour; told once';
COMMENT ON COLUMN recon_day.changed_at IS 'when its state last changed';

-- A day for which the provider has no bill, and we have no payment, is a run of zeros without a file.
ALTER TABLE recon_run
    ALTER COLUMN file_id DROP NOT NULL,
    DROP CONSTRAINT recon_run_check,
    ADD CONSTRAINT recon_run_codes CHECK (CASE WHEN state = 'blocked' THEN cardinality(codes) > 0
                                               WHEN file_id IS NULL THEN codes = ARRAY['FILE_NONE_OK']
                                               ELSE codes = '{}' END),
    ADD CONSTRAINT recon_run_without_file CHECK (file_id IS NOT NULL OR parsed_count = 0);
COMMENT ON COLUMN recon_run.file_id IS 'the bill; null when the provider says that there is none';
COMMENT ON COLUMN recon_run.codes IS 'why the day is blocked; FILE_NONE_OK for a complete run without a bill';

-- Messages about reconciliation stand in the outbox beside those about payments: slot -1, their number is that of the run. They are
-- everybody's: their owner is empty once they have their place. No key leads to the run, since every key of these tables begins with
-- the slot; runs are never taken away.
ALTER TABLE outbox
    DROP CONSTRAINT outbox_slot_payment_no_seq_fkey,
    DROP CONSTRAINT outbox_kind_check,
    ADD COLUMN event_seq bigint GENERATED ALWAYS AS (CASE WHEN slot >= 0 THEN seq END) STORED,
    ADD COLUMN run_id bigint GENERATED ALWAYS AS (CASE WHEN slot < 0 THEN seq END) STORED,
    ADD CONSTRAINT outbox_event FOREIGN KEY (slot, payment_no, event_seq) REFERENCES event (slot, payment_no, seq),
    ADD CONSTRAINT outbox_kind_check
        CHECK (CASE WHEN slot >= 0 THEN kind IN ('payment.paid', 'payment.closed', 'payment.late_paid', 'payment.duplicate_paid',
                                                 'payment.mismatch', 'payment.mismatch_accepted', 'refund.succeeded',
                                                 'refund.failed', 'refund.withdrawn')
                    ELSE kind IN ('reconciliation.completed', 'reconciliation.blocked') AND slot = -1 AND payment_no = 'recon'
               END);
COMMENT ON COLUMN outbox.slot IS 'slot of the order; -1: it tells of a reconciliation';
COMMENT ON COLUMN outbox.payment_no IS 'the payment; recon where it tells of a reconciliation';
COMMENT ON COLUMN outbox.seq IS 'the event it tells of, or the run';
COMMENT ON COLUMN outbox.owner IS 'owner of the payment, empty for everybody; null until the message has its place';
COMMENT ON COLUMN outbox.event_seq IS 'the event it tells of; null for a reconciliation';
COMMENT ON COLUMN outbox.run_id IS 'the run it tells of; null for a payment';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_recon') THEN
        GRANT SELECT ON recon_day TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON recon_day TO tallygate_recon;
        GRANT UPDATE (state, next_at, tries, lease_no, lease_until, outcome, codes, late_at, changed_at) ON recon_day
            TO tallygate_recon;
        GRANT INSERT (slot, payment_no, seq, kind, at) ON outbox TO tallygate_recon;
    END IF;
END
$$;
