-- SPDX-License-Identifier: Apache-2.0
-- Differences live longer than the run that found them: state, assignee, history, and what two people decide about them. A difference
-- never moves money; what was approved is done by the flow whose money it is.
SET LOCAL search_path = tallygate;

INSERT INTO transition (machine, from_state, event, to_state, effect) VALUES
    ('difference', 'none', 'find', 'open', 'move'),
    ('difference', 'none', 'check', 'checking', 'move'),
    ('difference', 'checking', 'confirm', 'open', 'move'),
    ('difference', 'checking', 'change', 'checking', 'keep'),
    ('difference', 'checking', 'heal', 'auto_closed', 'move'),
    ('difference', 'checking', 'supersede', 'superseded', 'move'),
    ('difference', 'checking', 'assign', 'assigned', 'move'),
    ('difference', 'checking', 'comment', 'checking', 'keep'),
    ('difference', 'checking', 'attach', 'checking', 'keep'),
    ('difference', 'open', 'change', 'open', 'keep'),
    ('difference', 'open', 'heal', 'auto_closed', 'move'),
    ('difference', 'open', 'supersede', 'superseded', 'move'),
    ('difference', 'open', 'assign', 'assigned', 'move'),
    ('difference', 'open', 'comment', 'open', 'keep'),
    ('difference', 'open', 'attach', 'open', 'keep'),
    ('difference', 'assigned', 'change', 'assigned', 'keep'),
    ('difference', 'assigned', 'heal', 'auto_closed', 'move'),
    ('difference', 'assigned', 'supersede', 'superseded', 'move'),
    ('difference', 'assigned', 'assign', 'assigned', 'keep'),
    ('difference', 'assigned', 'comment', 'assigned', 'keep'),
    ('difference', 'assigned', 'attach', 'assigned', 'keep'),
    ('difference', 'assigned', 'propose', 'proposed', 'move'),
    ('difference', 'proposed', 'change', 'assigned', 'move'),
    ('difference', 'proposed', 'heal', 'auto_closed', 'move'),
    ('difference', 'proposed', 'supersede', 'superseded', 'move'),
    ('difference', 'proposed', 'comment', 'proposed', 'keep'),
    ('difference', 'proposed', 'attach', 'proposed', 'keep'),
    ('difference', 'proposed', 'approve', 'approved', 'move'),
    ('difference', 'proposed', 'reject', 'assigned', 'move'),
    ('difference', 'approved', 'change', 'assigned', 'move'),
    ('difference', 'approved', 'heal', 'auto_closed', 'move'),
    ('difference', 'approved', 'supersede', 'superseded', 'move'),
    ('difference', 'approved', 'comment', 'approved', 'keep'),
    ('difference', 'approved', 'attach', 'approved', 'keep'),
    ('difference', 'approved', 'reject', 'assigned', 'move'),
    ('difference', 'approved', 'execute', 'executing', 'move'),
    ('difference', 'approved', 'settle', 'resolved', 'move'),
    ('difference', 'executing', 'change', 'executing', 'keep'),
    ('difference', 'executing', 'comment', 'executing', 'keep'),
    ('difference', 'executing', 'attach', 'executing', 'keep'),
    ('difference', 'executing', 'done', 'resolved', 'move'),
    ('difference', 'executing', 'fail', 'assigned', 'move'),
    ('difference', 'resolved', 'change', 'resolved', 'keep'),
    ('difference', 'resolved', 'comment', 'resolved', 'keep'),
    ('difference', 'resolved', 'attach', 'resolved', 'keep'),
    ('difference', 'resolved', 'close', 'closed', 'move'),
    ('difference', 'closed', 'change', 'open', 'move'),
    ('difference', 'closed', 'comment', 'closed', 'keep'),
    ('difference', 'closed', 'attach', 'closed', 'keep'),
    ('difference', 'closed', 'reopen', 'open', 'move'),
    ('difference', 'auto_closed', 'return', 'open', 'move'),
    ('difference', 'auto_closed', 'comment', 'auto_closed', 'keep'),
    ('difference', 'auto_closed', 'attach', 'auto_closed', 'keep'),
    ('difference', 'auto_closed', 'reopen', 'open', 'move'),
    ('difference', 'superseded', 'return', 'open', 'move'),
    ('difference', 'superseded', 'comment', 'superseded', 'keep'),
    ('difference', 'superseded', 'attach', 'superseded', 'keep');

CREATE TABLE difference (
    difference_no text PRIMARY KEY CHECK (difference_no ~ '^[0-9a-f]{32}$'),
    account       text NOT NULL,
    provider      text NOT NULL,
    kind          text NOT NULL,
    bill_day      date NOT NULL,
    original_day  date NOT NULL CHECK (original_day <= bill_day),
    family        text NOT NULL CHECK (family <> ''),
    side          text NOT NULL CHECK (side IN ('payment', 'refund', 'movement', 'order', 'invoice')),
    attempt_no        text NOT NULL,
    refund_no         text NOT NULL,
    provider_trade_no text NOT NULL,
    merchant_order_no text NOT NULL,
    owner             text NOT NULL,
    order_no          text NOT NULL,
    invoice_id        text NOT NULL,
    code          text NOT NULL CHECK (code = ANY (codes)),
    codes         text[] NOT NULL,
    severity      integer NOT NULL CHECK (severity BETWEEN 1 AND 3),
    action        text NOT NULL CHECK (action IN ('automatic', 'query', 'propose', 'person', 'stop')),
    delta_fen     bigint NOT NULL,
    state         text NOT NULL CHECK (state IN ('checking', 'open', 'assigned', 'proposed', 'approved', 'executing', 'resolved', 'closed', 'auto_closed', 'superseded')),
    assignee      text CHECK (assignee <> ''),
    opened_at     timestamptz NOT NULL,
    moved_at      timestamptz NOT NULL,
    version       bigint NOT NULL CHECK (version > 0),
    chain         bytea NOT NULL CHECK (length(chain) = 32),
    CONSTRAINT difference_assigned CHECK (state NOT IN ('assigned', 'proposed', 'approved', 'executing') OR assignee IS NOT NULL)
);
CREATE INDEX difference_by_day ON difference (account, kind, bill_day);
CREATE INDEX difference_waiting ON difference (severity, original_day, difference_no)
    WHERE state NOT IN ('closed', 'auto_closed', 'superseded');

CREATE TABLE difference_event (
    difference_no text NOT NULL REFERENCES difference (difference_no),
    seq           bigint NOT NULL CHECK (seq > 0),
    machine       text NOT NULL DEFAULT 'difference' CHECK (machine = 'difference'),
    from_state    text NOT NULL,
    event         text NOT NULL,
    to_state      text NOT NULL,
    effect        text NOT NULL,
    actor         text NOT NULL CHECK (actor <> ''),
    detail        text NOT NULL,
    at            timestamptz NOT NULL,
    hash          bytea NOT NULL CHECK (length(hash) = 32),
    evidence_slot       integer,
    evidence_attempt_no text,
    evidence_digest     bytea,
    PRIMARY KEY (difference_no, seq),
    FOREIGN KEY (machine, from_state, event, to_state) REFERENCES transition (machine, from_state, event, to_state),
    FOREIGN KEY (evidence_slot, evidence_attempt_no, evidence_digest) REFERENCES evidence (slot, attempt_no, digest) MATCH FULL,
    CONSTRAINT difference_event_evidence CHECK (event NOT IN ('heal', 'confirm') OR evidence_digest IS NOT NULL),
    -- A run's events name the run, everybody else's a client; no client's name holds a colon.
    CONSTRAINT difference_event_actor CHECK ((event IN ('find', 'check', 'confirm', 'change', 'return', 'heal', 'supersede'))
                                             = (actor LIKE 'run:%'))
);

CREATE INDEX difference_event_attached ON difference_event ((detail::jsonb->>'digest')) WHERE event = 'attach';

CREATE TABLE difference_shown (
    run_id        bigint NOT NULL,
    difference_no text NOT NULL REFERENCES difference (difference_no),
    seq           bigint NOT NULL,
    PRIMARY KEY (run_id, difference_no),
    FOREIGN KEY (run_id, seq) REFERENCES recon_result (run_id, seq)
);
CREATE INDEX difference_shown_by_difference ON difference_shown (difference_no, run_id);

CREATE TABLE action_request (
    difference_no   text NOT NULL REFERENCES difference (difference_no),
    number          integer NOT NULL CHECK (number > 0),
    kind            text NOT NULL CHECK (kind IN ('accept', 'refund')),
    amount_fen      bigint CHECK (amount_fen > 0),
    reason          text NOT NULL CHECK (reason <> ''),
    maker           text NOT NULL CHECK (maker <> '' AND maker NOT LIKE '%:%'),
    checker         text CHECK (checker <> '' AND checker NOT LIKE '%:%'),
    state           text NOT NULL CHECK (state IN ('proposed', 'approved', 'rejected', 'void', 'executing', 'done', 'failed')),
    idempotency_key text NOT NULL UNIQUE,
    effect_slot     integer,
    effect_refund_no text,
    proposed_at     timestamptz NOT NULL,
    decided_at      timestamptz,
    executed_at     timestamptz,
    PRIMARY KEY (difference_no, number),
    FOREIGN KEY (effect_slot, effect_refund_no) REFERENCES refund (slot, refund_no) MATCH FULL,
    CONSTRAINT action_request_two_people CHECK (state = 'rejected' OR checker <> maker),
    CONSTRAINT action_request_decided CHECK (
        (checker IS NULL) = (decided_at IS NULL)
        AND (state = 'void' OR (state = 'proposed') = (checker IS NULL))),
    CONSTRAINT action_request_executed CHECK ((executed_at IS NOT NULL) = (state IN ('executing', 'done', 'failed'))),
    CONSTRAINT action_request_effect CHECK ((effect_refund_no IS NOT NULL) = (kind = 'refund' AND executed_at IS NOT NULL)),
    CHECK ((amount_fen IS NOT NULL) = (kind = 'refund'))
);
CREATE UNIQUE INDEX action_request_one_at_a_time ON action_request (difference_no)
    WHERE state IN ('proposed', 'approved', 'executing');
CREATE UNIQUE INDEX action_request_one_effect ON action_request (effect_slot, effect_refund_no) WHERE effect_refund_no IS NOT NULL;
CREATE INDEX action_request_executing ON action_request (effect_slot, effect_refund_no) WHERE state = 'executing';

CREATE TABLE difference_attachment (
    digest bytea PRIMARY KEY,
    bytes  bytea NOT NULL CHECK (length(bytes) BETWEEN 1 AND 40960),
    CONSTRAINT difference_attachment_content CHECK (digest = sha256(bytes))
);

-- The hash of an event of a difference, in the form of the audit trail (decision 0014): the difference stands in the place of the
-- payment, slot is 0, and the digest of the detail in the place of the evidence's.
CREATE FUNCTION difference_hash(previous bytea, difference_no text, seq bigint, from_state text, event text, to_state text,
                                effect text, actor text, detail text, at timestamptz) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT event_hash(previous, 0, difference_no, seq, NULL, NULL, 'difference', from_state, event, to_state, effect,
                      sha256(convert_to(detail, 'UTF8')), actor, at)
$$;
COMMENT ON FUNCTION difference_hash(bytea, text, bigint, text, text, text, text, text, text, timestamptz)
    IS 'hash of an event of a difference over its columns and the hash of the event before it';

COMMENT ON TABLE difference IS 'something that reconciliation found, from the run that found it to its end';
COMMENT ON COLUMN difference.difference_no IS 'its identity: the first 16 bytes of the SHA-256 over account, kind, family, original day, side and keys';
COMMENT ON COLUMN difference.account IS 'configured account';
COMMENT ON COLUMN difference.provider IS 'which provider';
COMMENT ON COLUMN difference.kind IS 'kind of bill';
COMMENT ON COLUMN difference.bill_day IS 'the day whose runs show it';
COMMENT ON COLUMN difference.original_day IS 'the day it belongs to: the day before where it was carried in';
COMMENT ON COLUMN difference.family IS 'which question its code belongs to; gateway/core/difference_families.def';
COMMENT ON COLUMN difference.side IS 'payment, refund, movement (of the account''s own bill alone), order or invoice';
COMMENT ON COLUMN difference.attempt_no IS 'our number of the attempt, if any';
COMMENT ON COLUMN difference.refund_no IS 'our number of the refund, or the one on the line, if any';
COMMENT ON COLUMN difference.provider_trade_no IS 'the provider''s number, if any';
COMMENT ON COLUMN difference.merchant_order_no IS 'our number as the bill says it, if any';
COMMENT ON COLUMN difference.owner IS 'client of the order, if any';
COMMENT ON COLUMN difference.order_no IS 'order, if any';
COMMENT ON COLUMN difference.invoice_id IS 'the invoice of one without an order, if any';
COMMENT ON COLUMN difference.code IS 'the gravest of its codes';
COMMENT ON COLUMN difference.codes IS 'all its codes in the order of the registry';
COMMENT ON COLUMN difference.severity IS '1 money or a certificate at risk now to 3';
COMMENT ON COLUMN difference.action IS 'what the registry says is done about its code';
COMMENT ON COLUMN difference.delta_fen IS 'bill less books, as the run that shows it has it, or the amount of a movement; 0 where the money ties';
COMMENT ON COLUMN difference.state IS 'where it stands; moved by its events alone';
COMMENT ON COLUMN difference.assignee IS 'client that looks after it; kept when a run moves it';
COMMENT ON COLUMN difference.opened_at IS 'when the first run published it';
COMMENT ON COLUMN difference.moved_at IS 'when its last event was';
COMMENT ON COLUMN difference.version IS 'counts its events';
COMMENT ON COLUMN difference.chain IS 'hash of its last event';

COMMENT ON TABLE difference_event IS 'its history; added and read, never changed';
COMMENT ON COLUMN difference_event.difference_no IS 'the difference';
COMMENT ON COLUMN difference_event.seq IS 'from 1 within the difference';
COMMENT ON COLUMN difference_event.machine IS 'always difference';
COMMENT ON COLUMN difference_event.from_state IS 'state before; none for the first';
COMMENT ON COLUMN difference_event.event IS 'what happened';
COMMENT ON COLUMN difference_event.to_state IS 'state after';
COMMENT ON COLUMN difference_event.effect IS 'move or keep';
COMMENT ON COLUMN difference_event.actor IS 'client, or run: and the number of a run';
COMMENT ON COLUMN difference_event.detail IS 'what was said or found, a JSON object; hashed as it stands';
COMMENT ON COLUMN difference_event.at IS 'when';
COMMENT ON COLUMN difference_event.hash IS 'over itself and the event before it in its difference';
COMMENT ON COLUMN difference_event.evidence_slot IS 'the provider''s statement that it stands on: slot';
COMMENT ON COLUMN difference_event.evidence_attempt_no IS 'the provider''s statement that it stands on: attempt';
COMMENT ON COLUMN difference_event.evidence_digest IS 'the provider''s statement that it stands on: digest';

COMMENT ON TABLE difference_shown IS 'which run showed which difference, in which result';
COMMENT ON COLUMN difference_shown.run_id IS 'the run';
COMMENT ON COLUMN difference_shown.difference_no IS 'the difference';
COMMENT ON COLUMN difference_shown.seq IS 'the result';

COMMENT ON TABLE difference_attachment IS 'what people attach to differences, under its hash; who attached it to what stands in the events';
COMMENT ON COLUMN difference_attachment.digest IS 'SHA-256 of the bytes';
COMMENT ON COLUMN difference_attachment.bytes IS 'the bytes as they came';

COMMENT ON TABLE action_request IS 'what one person proposes about a difference and another approves; executed at most once';
COMMENT ON COLUMN action_request.difference_no IS 'the difference';
COMMENT ON COLUMN action_request.number IS 'counts the proposals about the difference, from 1';
COMMENT ON COLUMN action_request.kind IS 'accept: it is taken as it is; refund: money of its attempt goes back';
COMMENT ON COLUMN action_request.amount_fen IS 'what goes back, in fen; null for accept';
COMMENT ON COLUMN action_request.reason IS 'why, in the words of whoever proposes';
COMMENT ON COLUMN action_request.maker IS 'client that proposed it';
COMMENT ON COLUMN action_request.checker IS 'client that approved or rejected it; who approves is not who proposed';
COMMENT ON COLUMN action_request.state IS 'proposed, approved, rejected, void (its difference changed or went away), executing, done, failed';
COMMENT ON COLUMN action_request.idempotency_key IS 'names the effect: the refund carries it as its request';
COMMENT ON COLUMN action_request.effect_slot IS 'the refund that was asked for: slot';
COMMENT ON COLUMN action_request.effect_refund_no IS 'the refund that was asked for';
COMMENT ON COLUMN action_request.proposed_at IS 'when it was proposed';
COMMENT ON COLUMN action_request.decided_at IS 'when it was approved or rejected';
COMMENT ON COLUMN action_request.executed_at IS 'when it was executed';

-- What a run opened is one message, beside what became of the run.
ALTER TABLE outbox
    DROP CONSTRAINT outbox_kind_check,
    ADD CONSTRAINT outbox_kind_check
        CHECK (CASE WHEN slot >= 0 THEN kind IN ('payment.paid', 'payment.closed', 'payment.late_paid', 'payment.duplicate_paid',
                                                 'payment.mismatch', 'payment.mismatch_accepted', 'refund.succeeded',
                                                 'refund.failed', 'refund.withdrawn')
                    ELSE kind IN ('reconciliation.completed', 'reconciliation.blocked', 'difference.opened')
                         AND slot = -1 AND payment_no = 'recon' END);

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON difference, difference_event, difference_shown, action_request
            TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON difference, difference_shown TO tallygate_recon;
        GRANT INSERT ON difference_event TO tallygate_app, tallygate_recon;
        GRANT UPDATE (state, assignee, moved_at, version, chain) ON difference TO tallygate_app;
        GRANT UPDATE (bill_day, code, codes, severity, action, delta_fen, state, moved_at, version, chain) ON difference
            TO tallygate_recon;
        GRANT SELECT ON difference_attachment TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON action_request, difference_attachment TO tallygate_app;
        GRANT UPDATE (checker, state, effect_slot, effect_refund_no, decided_at, executed_at) ON action_request TO tallygate_app;
        GRANT UPDATE (state) ON action_request TO tallygate_recon;
    END IF;
END
$$;
