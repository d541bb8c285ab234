-- SPDX-License-Identifier: Apache-2.0
-- What two people decide about a genuine statement that differs from our books: it is taken as it is. No state of an attempt moves by it.
SET LOCAL search_path = tallygate;

INSERT INTO transition (machine, from_state, event, to_state, effect) VALUES
    ('acceptance', 'none', 'propose', 'proposed', 'move'),
    ('acceptance', 'proposed', 'approve', 'accepted', 'move'),
    ('acceptance', 'proposed', 'reject', 'rejected', 'move');

CREATE TABLE acceptance (
    slot        integer NOT NULL,
    attempt_no  text NOT NULL,
    number      integer NOT NULL CHECK (number > 0),
    payment_no  text NOT NULL,
    owner       text NOT NULL,
    digest      bytea NOT NULL,
    difference  text NOT NULL CHECK (difference <> ''),
    amount_fen  bigint CHECK (amount_fen > 0),
    reason      text NOT NULL CHECK (reason <> ''),
    state       text NOT NULL CHECK (state IN ('proposed', 'accepted', 'rejected')),
    proposed_by text NOT NULL CHECK (proposed_by <> ''),
    decided_by  text CHECK (decided_by <> ''),
    proposed_at timestamptz NOT NULL,
    decided_at  timestamptz,
    PRIMARY KEY (slot, attempt_no, number),
    FOREIGN KEY (slot, payment_no) REFERENCES payment (slot, payment_no),
    FOREIGN KEY (slot, attempt_no, digest) REFERENCES evidence (slot, attempt_no, digest),
    CONSTRAINT acceptance_decided CHECK ((state = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT acceptance_two_people CHECK (state <> 'accepted' OR decided_by <> proposed_by)
);
CREATE UNIQUE INDEX acceptance_one_at_a_time ON acceptance (slot, attempt_no) WHERE state = 'proposed';
CREATE INDEX acceptance_by_payment ON acceptance (slot, payment_no);
COMMENT ON TABLE acceptance IS 'a statement that differs from our books, taken as it is: one person proposes, another decides';
COMMENT ON COLUMN acceptance.slot IS 'slot of the order';
COMMENT ON COLUMN acceptance.attempt_no IS 'the attempt that the statement is about';
COMMENT ON COLUMN acceptance.number IS 'counts the proposals of the attempt, from 1';
COMMENT ON COLUMN acceptance.payment_no IS 'the payment';
COMMENT ON COLUMN acceptance.owner IS 'the client that the order belongs to';
COMMENT ON COLUMN acceptance.digest IS 'the statement; the evidence that the decision stands on';
COMMENT ON COLUMN acceptance.difference IS 'what differs in it; a later statement that differs in the same, with the same amount, is covered';
COMMENT ON COLUMN acceptance.amount_fen IS 'the amount it names, in fen; null when it names none';
COMMENT ON COLUMN acceptance.reason IS 'why, in the words of whoever proposes';
COMMENT ON COLUMN acceptance.state IS 'proposed, accepted or rejected';
COMMENT ON COLUMN acceptance.proposed_by IS 'client that proposed it';
COMMENT ON COLUMN acceptance.decided_by IS 'client that accepted or rejected it; who accepts is not who proposed';
COMMENT ON COLUMN acceptance.proposed_at IS 'when it was proposed';
COMMENT ON COLUMN acceptance.decided_at IS 'when it was decided';
COMMENT ON COLUMN event.machine IS 'attempt, refund, acceptance or payment';
COMMENT ON COLUMN transition.machine IS 'attempt, refund, acceptance or payment';
COMMENT ON COLUMN surplus.decision IS 'accept: kept, and for another amount than asked also left to two people; propose: the refund is proposed to two people; refund: given back by policy';

ALTER TABLE event ADD CONSTRAINT event_acceptance CHECK (
    machine <> 'acceptance' OR (evidence_digest IS NOT NULL AND actor IS NOT NULL AND attempt_no IS NOT NULL));

ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check
    CHECK (kind IN ('payment.paid', 'payment.closed', 'payment.late_paid', 'payment.duplicate_paid', 'payment.mismatch',
                    'payment.mismatch_accepted', 'refund.succeeded', 'refund.failed', 'refund.withdrawn'));

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON acceptance TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON acceptance TO tallygate_app;
        GRANT UPDATE (state, decided_by, decided_at) ON acceptance TO tallygate_app;
    END IF;
END
$$;
