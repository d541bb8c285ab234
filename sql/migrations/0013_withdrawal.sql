-- SPDX-License-Identifier: Apache-2.0
-- A refund that was approved can be taken back until it is sent. It keeps the name of who approved it, which a rejected one has not.
SET LOCAL search_path = tallygate;

INSERT INTO transition (machine, from_state, event, to_state, effect) VALUES
    ('refund', 'approved', 'withdraw', 'withdrawn', 'move');

ALTER TABLE refund
    ADD COLUMN withdrawn_by text CHECK (withdrawn_by <> ''),
    ADD COLUMN withdrawn_reason text CHECK (withdrawn_reason <> ''),
    DROP CONSTRAINT refund_state_check,
    ADD CONSTRAINT refund_state_check CHECK (state IN ('proposed', 'requested', 'approved', 'rejected', 'withdrawn', 'sent', 'unknown',
                                                       'accepted', 'abnormal', 'succeeded', 'failed')),
    DROP CONSTRAINT refund_was_sent,
    ADD CONSTRAINT refund_was_sent CHECK ((send_count > 0) = (first_sent_at IS NOT NULL)
                                          AND (send_count > 0 OR state IN ('proposed', 'requested', 'approved', 'rejected',
                                                                           'withdrawn'))),
    ADD CONSTRAINT refund_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_by IS NOT NULL)
                                           AND (withdrawn_by IS NULL) = (withdrawn_reason IS NULL)
                                           AND (state <> 'withdrawn' OR send_count = 0));
DROP INDEX refund_unfinished;
CREATE INDEX refund_unfinished ON refund (state, created_at) WHERE state NOT IN ('rejected', 'withdrawn', 'succeeded', 'failed');
COMMENT ON COLUMN refund.withdrawn_by IS 'client that took it back after it was approved and before it was sent';
COMMENT ON COLUMN refund.withdrawn_reason IS 'why, in the words of whoever took it back';
COMMENT ON COLUMN refund.decided_at IS 'when it was last decided: approved, rejected or withdrawn';
COMMENT ON COLUMN attempt.refund_reserved_fen IS 'sum of all refunds that were not rejected or withdrawn and did not fail';

ALTER TABLE event
    DROP CONSTRAINT event_refund_evidence,
    ADD CONSTRAINT event_refund_evidence CHECK (
        machine <> 'refund' OR event IN ('propose', 'request', 'confirm', 'approve', 'reject', 'withdraw', 'send', 'no_answer')
        OR evidence_digest IS NOT NULL),
    DROP CONSTRAINT event_refund_people,
    ADD CONSTRAINT event_refund_people CHECK (
        machine <> 'refund' OR event NOT IN ('request', 'confirm', 'reject', 'withdraw') OR actor IS NOT NULL);

ALTER TABLE outbox DROP CONSTRAINT outbox_kind_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_kind_check
    CHECK (kind IN ('payment.paid', 'payment.closed', 'payment.late_paid', 'payment.duplicate_paid', 'payment.mismatch',
                    'refund.succeeded', 'refund.failed', 'refund.withdrawn'));

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT UPDATE (withdrawn_by, withdrawn_reason) ON refund TO tallygate_app;
    END IF;
END
$$;
