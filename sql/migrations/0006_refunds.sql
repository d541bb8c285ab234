-- SPDX-License-Identifier: Apache-2.0
-- Refunds with numbers of their own, the money reserved for them on the attempt, and money that nobody waited for: late, paid
-- twice, or of another amount than asked.
SET LOCAL search_path = tallygate;

INSERT INTO transition (machine, from_state, event, to_state, effect) VALUES
    ('refund', 'none', 'propose', 'proposed', 'move'),
    ('refund', 'none', 'request', 'requested', 'move'),
    ('refund', 'none', 'approve', 'approved', 'move'),
    ('refund', 'proposed', 'confirm', 'requested', 'move'),
    ('refund', 'proposed', 'reject', 'rejected', 'move'),
    ('refund', 'sent', 'mismatch', 'sent', 'alarm'),
    ('refund', 'unknown', 'mismatch', 'unknown', 'alarm'),
    ('refund', 'accepted', 'mismatch', 'accepted', 'alarm'),
    ('refund', 'abnormal', 'mismatch', 'abnormal', 'alarm'),
    ('refund', 'abnormal', 'accept', 'accepted', 'move'),
    ('refund', 'succeeded', 'mismatch', 'succeeded', 'alarm'),
    ('refund', 'failed', 'mismatch', 'failed', 'alarm'),
    ('refund', 'failed', 'abnormal', 'failed', 'alarm');

ALTER TABLE attempt ADD COLUMN refundable_fen bigint NOT NULL DEFAULT 0,
                    ADD COLUMN refund_reserved_fen bigint NOT NULL DEFAULT 0,
                    ADD COLUMN refunded_fen bigint NOT NULL DEFAULT 0,
                    ADD COLUMN refund_count integer NOT NULL DEFAULT 0;
UPDATE attempt SET refundable_fen = amount_fen WHERE state IN ('paid', 'late_paid');
ALTER TABLE attempt
    ADD CONSTRAINT attempt_refunds_fit CHECK (0 <= refunded_fen AND refunded_fen <= refund_reserved_fen
                                              AND refund_reserved_fen <= refundable_fen),
    ADD CONSTRAINT attempt_refund_numbers CHECK (refund_count BETWEEN 0 AND 99);
COMMENT ON COLUMN attempt.refundable_fen IS 'what came in and can go back: the amount of a paid attempt; of one whose amount differs from our books, what the provider says it took';
COMMENT ON COLUMN attempt.refund_reserved_fen IS 'sum of all refunds that were not rejected and did not fail';
COMMENT ON COLUMN attempt.refunded_fen IS 'sum of the refunds that succeeded';
COMMENT ON COLUMN attempt.refund_count IS 'refunds asked for; the last two digits of the newest refund number';

CREATE TABLE refund (
    slot         integer NOT NULL,
    refund_no    text NOT NULL CHECK (refund_no ~ '^[0-9]{21}R[0-9]{2}$'),
    payment_no   text NOT NULL,
    attempt_no   text NOT NULL,
    owner        text NOT NULL,
    amount_fen   bigint NOT NULL CHECK (amount_fen > 0),
    currency     text NOT NULL CHECK (currency = 'CNY'),
    total_fen    bigint NOT NULL CHECK (total_fen >= amount_fen),
    cause        text NOT NULL CHECK (cause IN ('asked', 'late', 'duplicate', 'mismatch')),
    reason       text NOT NULL,
    request_key  text CHECK (request_key <> ''),
    state        text NOT NULL CHECK (state IN ('proposed', 'requested', 'approved', 'rejected', 'sent', 'unknown', 'accepted',
                                                'abnormal', 'succeeded', 'failed')),
    requested_by text CHECK (requested_by <> ''),
    approved_by  text CHECK (approved_by <> ''),
    rejected_by  text CHECK (rejected_by <> ''),
    moved_fen    bigint,
    succeeded_at timestamptz,
    first_sent_at timestamptz,
    last_sent_at timestamptz,
    send_count   integer NOT NULL DEFAULT 0,
    provider_code text,
    version      bigint NOT NULL DEFAULT 0,
    last_answer_at timestamptz,
    lease_until  timestamptz,
    next_poll_at timestamptz,
    poll_count   integer NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL,
    decided_at   timestamptz,
    PRIMARY KEY (slot, refund_no),
    FOREIGN KEY (slot, attempt_no) REFERENCES attempt (slot, attempt_no),
    FOREIGN KEY (slot, payment_no) REFERENCES payment (slot, payment_no),
    CONSTRAINT refund_asked_once UNIQUE (slot, owner, request_key),
    CHECK (left(refund_no, 21) = attempt_no),
    -- Two different people, or the policy for money that nobody waited for. No client's name holds a colon.
    CONSTRAINT refund_two_people CHECK (approved_by <> requested_by),
    CONSTRAINT refund_approved CHECK ((state IN ('proposed', 'requested', 'rejected')) = (approved_by IS NULL)),
    CONSTRAINT refund_requested CHECK ((requested_by IS NULL) = (state = 'proposed' OR (state = 'rejected' AND cause <> 'asked'
                                                                                       AND requested_by IS NULL))),
    CONSTRAINT refund_by_policy CHECK (
        ((requested_by ~ ':') IS NOT TRUE AND (approved_by ~ ':') IS NOT TRUE)
        OR (cause IN ('late', 'duplicate') AND requested_by = 'policy:' || cause AND approved_by = 'policy:limit')),
    CONSTRAINT refund_rejected CHECK ((state = 'rejected') = (rejected_by IS NOT NULL)),
    CONSTRAINT refund_moved CHECK ((state = 'succeeded') = (moved_fen IS NOT NULL) AND moved_fen = amount_fen
                                   OR state <> 'succeeded' AND moved_fen IS NULL),
    CONSTRAINT refund_was_sent CHECK ((send_count > 0) = (first_sent_at IS NOT NULL)
                                      AND (send_count > 0 OR state IN ('proposed', 'requested', 'approved', 'rejected')))
);
-- Providers want the refunds of one payment one after the other.
CREATE UNIQUE INDEX refund_one_at_a_time ON refund (slot, attempt_no) WHERE state = 'sent';
CREATE INDEX refund_by_payment ON refund (slot, payment_no);
CREATE INDEX refund_to_poll ON refund (next_poll_at) WHERE next_poll_at IS NOT NULL;
CREATE INDEX refund_unfinished ON refund (state, created_at) WHERE state NOT IN ('rejected', 'succeeded', 'failed');
COMMENT ON TABLE refund IS 'money given back, one row a refund, with its own number at the provider';
COMMENT ON COLUMN refund.slot IS 'slot of the order';
COMMENT ON COLUMN refund.refund_no IS 'our number at the provider: attempt number, R and two digits; the only one it is ever sent under';
COMMENT ON COLUMN refund.payment_no IS 'the payment';
COMMENT ON COLUMN refund.attempt_no IS 'the attempt whose money goes back';
COMMENT ON COLUMN refund.owner IS 'the client that the order belongs to';
COMMENT ON COLUMN refund.amount_fen IS 'what goes back, in fen';
COMMENT ON COLUMN refund.currency IS 'always CNY';
COMMENT ON COLUMN refund.total_fen IS 'what the provider took in all, in fen';
COMMENT ON COLUMN refund.cause IS 'asked: by a person or the portal; late, duplicate, mismatch: found by us, policy of the account';
COMMENT ON COLUMN refund.reason IS 'why, in the words of whoever asked';
COMMENT ON COLUMN refund.request_key IS 'names the request that made it, so that the same request after a crash finds it; null when none did';
COMMENT ON COLUMN refund.state IS 'state of the refund machine';
COMMENT ON COLUMN refund.requested_by IS 'client that asked or confirmed; policy:late, policy:duplicate when nobody had to';
COMMENT ON COLUMN refund.approved_by IS 'client that approved: another one; policy:limit when the account''s policy allows it';
COMMENT ON COLUMN refund.rejected_by IS 'client that rejected it';
COMMENT ON COLUMN refund.moved_fen IS 'what the provider says has gone back; only of a refund that succeeded, and then the whole of it';
COMMENT ON COLUMN refund.succeeded_at IS 'when the money moved, by the provider''s words where it has any';
COMMENT ON COLUMN refund.first_sent_at IS 'when it was first sent; part of its identity at some providers';
COMMENT ON COLUMN refund.last_sent_at IS 'when it was sent last';
COMMENT ON COLUMN refund.send_count IS 'how often it was sent, always under the same number';
COMMENT ON COLUMN refund.provider_code IS 'the provider''s newest word about it, for a person';
COMMENT ON COLUMN refund.version IS 'guards every change: the loser of a race touches no row';
COMMENT ON COLUMN refund.last_answer_at IS 'when the provider last said something verified';
COMMENT ON COLUMN refund.lease_until IS 'somebody is sending it or asking about it until then';
COMMENT ON COLUMN refund.next_poll_at IS 'when it is sent or asked about next; null when nothing is due';
COMMENT ON COLUMN refund.poll_count IS 'how often the schedule has taken it';
COMMENT ON COLUMN refund.created_at IS 'when it was made';
COMMENT ON COLUMN refund.decided_at IS 'when it was approved or rejected';

CREATE TABLE surplus (
    slot       integer NOT NULL,
    attempt_no text NOT NULL,
    cause      text NOT NULL CHECK (cause IN ('late', 'duplicate', 'mismatch')),
    payment_no text NOT NULL,
    account    text NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    found_at   timestamptz NOT NULL,
    due_at     timestamptz,
    decision   text CHECK (decision IN ('accept', 'propose', 'refund')),
    decided_at timestamptz,
    refund_no  text,
    PRIMARY KEY (slot, attempt_no, cause),
    FOREIGN KEY (slot, attempt_no) REFERENCES attempt (slot, attempt_no),
    FOREIGN KEY (slot, payment_no) REFERENCES payment (slot, payment_no),
    FOREIGN KEY (slot, refund_no) REFERENCES refund (slot, refund_no),
    CHECK ((decision IS NULL) = (decided_at IS NULL)),
    CHECK ((decision IS NULL) = (due_at IS NOT NULL)),
    CHECK (refund_no IS NULL OR decision IN ('propose', 'refund'))
);
CREATE INDEX surplus_due ON surplus (due_at) WHERE due_at IS NOT NULL;
COMMENT ON TABLE surplus IS 'money that nobody waited for, one row an attempt and cause; written in the statement that finds it';
COMMENT ON COLUMN surplus.slot IS 'slot of the order';
COMMENT ON COLUMN surplus.attempt_no IS 'the attempt it came by';
COMMENT ON COLUMN surplus.cause IS 'late: after closing; duplicate: the order was paid already; mismatch: of another amount than asked';
COMMENT ON COLUMN surplus.payment_no IS 'the payment';
COMMENT ON COLUMN surplus.account IS 'configured account, whose policy decides';
COMMENT ON COLUMN surplus.amount_fen IS 'how much came, in fen';
COMMENT ON COLUMN surplus.found_at IS 'when it was found';
COMMENT ON COLUMN surplus.due_at IS 'when the policy is to decide; null when it has';
COMMENT ON COLUMN surplus.decision IS 'accept: kept; propose: two people decide; refund: given back by policy';
COMMENT ON COLUMN surplus.decided_at IS 'when the policy decided';
COMMENT ON COLUMN surplus.refund_no IS 'the refund that came of it; null when it was kept or nothing was left to give back';

ALTER TABLE evidence ADD COLUMN refund_no text, ADD COLUMN refunded_fen bigint;
COMMENT ON COLUMN evidence.refund_no IS 'the refund that was asked about, or that a notice names';
COMMENT ON COLUMN evidence.refunded_fen IS 'what of that refund has moved, in fen';

ALTER TABLE event
    ADD FOREIGN KEY (slot, refund_no) REFERENCES refund (slot, refund_no),
    ADD CONSTRAINT event_of_refund CHECK ((machine = 'refund') = (refund_no IS NOT NULL)),
    ADD CONSTRAINT event_refund_evidence CHECK (
        machine <> 'refund' OR event IN ('propose', 'request', 'confirm', 'approve', 'reject', 'send', 'no_answer')
        OR evidence_digest IS NOT NULL),
    ADD CONSTRAINT event_refund_people CHECK (
        machine <> 'refund' OR event NOT IN ('request', 'confirm', 'reject') OR actor IS NOT NULL);

ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check
    CHECK (kind IN ('payment.paid', 'payment.closed', 'payment.late_paid', 'payment.duplicate_paid', 'payment.mismatch',
                    'refund.succeeded', 'refund.failed'));

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON refund, surplus TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON refund, surplus TO tallygate_app;
        GRANT UPDATE (state, requested_by, approved_by, rejected_by, moved_fen, succeeded_at, first_sent_at, last_sent_at,
            send_count, provider_code, version, last_answer_at, lease_until, next_poll_at, poll_count, decided_at)
            ON refund TO tallygate_app;
        GRANT UPDATE (due_at, decision, decided_at, refund_no) ON surplus TO tallygate_app;
        GRANT UPDATE (refundable_fen, refund_reserved_fen, refunded_fen, refund_count) ON attempt TO tallygate_app;
    END IF;
END
$$;
