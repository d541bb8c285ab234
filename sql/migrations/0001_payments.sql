-- SPDX-License-Identifier: Apache-2.0
-- Orders, payments, attempts and what stands behind them. Slot is the first column of every key, so that the same schema
-- runs on one PostgreSQL or spread by slot. No triggers: illegal edges are refused by a foreign key, appending by rights.

CREATE SCHEMA IF NOT EXISTS tallygate;
SET LOCAL search_path = tallygate;

CREATE TABLE transition (
    machine    text NOT NULL,
    from_state text NOT NULL,
    event      text NOT NULL,
    to_state   text NOT NULL,
    effect     text NOT NULL CHECK (effect IN ('move', 'keep', 'alarm', 'refuse')),
    PRIMARY KEY (machine, from_state, event),
    UNIQUE (machine, from_state, event, to_state)
);
COMMENT ON TABLE transition IS 'every allowed edge of every state machine; the same rows as the .def tables of gateway/core';
COMMENT ON COLUMN transition.machine IS 'attempt, refund or payment';
COMMENT ON COLUMN transition.from_state IS 'state before';
COMMENT ON COLUMN transition.event IS 'what happened';
COMMENT ON COLUMN transition.to_state IS 'state after';
COMMENT ON COLUMN transition.effect IS 'move, keep (recorded, nothing changes), alarm (kept, a person must look), refuse (nothing is recorded)';

INSERT INTO transition (machine, from_state, event, to_state, effect) VALUES
    ('attempt', 'created', 'sent', 'pending', 'move'),
    ('attempt', 'created', 'paid', 'paid', 'move'),
    ('attempt', 'created', 'unpaid', 'pending', 'move'),
    ('attempt', 'created', 'unpaid_final', 'closed', 'move'),
    ('attempt', 'created', 'no_answer', 'unknown', 'move'),
    ('attempt', 'created', 'close_asked', 'closed', 'move'),
    ('attempt', 'created', 'closed', 'closed', 'move'),
    ('attempt', 'created', 'mismatch', 'created', 'alarm'),
    ('attempt', 'pending', 'paid', 'paid', 'move'),
    ('attempt', 'pending', 'unpaid', 'pending', 'keep'),
    ('attempt', 'pending', 'unpaid_final', 'closed', 'move'),
    ('attempt', 'pending', 'no_answer', 'unknown', 'move'),
    ('attempt', 'pending', 'close_asked', 'closing', 'move'),
    ('attempt', 'pending', 'closed', 'closed', 'move'),
    ('attempt', 'pending', 'mismatch', 'pending', 'alarm'),
    ('attempt', 'unknown', 'paid', 'paid', 'move'),
    ('attempt', 'unknown', 'unpaid', 'pending', 'move'),
    ('attempt', 'unknown', 'unpaid_final', 'closed', 'move'),
    ('attempt', 'unknown', 'no_answer', 'unknown', 'keep'),
    ('attempt', 'unknown', 'close_asked', 'closing', 'move'),
    ('attempt', 'unknown', 'closed', 'closed', 'move'),
    ('attempt', 'unknown', 'mismatch', 'unknown', 'alarm'),
    ('attempt', 'closing', 'paid', 'paid', 'move'),
    ('attempt', 'closing', 'unpaid', 'closing', 'keep'),
    ('attempt', 'closing', 'unpaid_final', 'closed', 'move'),
    ('attempt', 'closing', 'no_answer', 'closing', 'keep'),
    ('attempt', 'closing', 'close_asked', 'closing', 'keep'),
    ('attempt', 'closing', 'closed', 'closed', 'move'),
    ('attempt', 'closing', 'mismatch', 'closing', 'alarm'),
    ('attempt', 'closed', 'paid', 'late_paid', 'move'),
    ('attempt', 'closed', 'unpaid', 'closed', 'alarm'),
    ('attempt', 'closed', 'unpaid_final', 'closed', 'keep'),
    ('attempt', 'closed', 'no_answer', 'closed', 'keep'),
    ('attempt', 'closed', 'close_asked', 'closed', 'keep'),
    ('attempt', 'closed', 'closed', 'closed', 'keep'),
    ('attempt', 'closed', 'mismatch', 'closed', 'alarm'),
    ('attempt', 'paid', 'paid', 'paid', 'keep'),
    ('attempt', 'paid', 'unpaid', 'paid', 'alarm'),
    ('attempt', 'paid', 'unpaid_final', 'paid', 'alarm'),
    ('attempt', 'paid', 'no_answer', 'paid', 'keep'),
    ('attempt', 'paid', 'close_asked', 'paid', 'refuse'),
    ('attempt', 'paid', 'closed', 'paid', 'alarm'),
    ('attempt', 'paid', 'mismatch', 'paid', 'alarm'),
    ('attempt', 'late_paid', 'paid', 'late_paid', 'keep'),
    ('attempt', 'late_paid', 'unpaid', 'late_paid', 'alarm'),
    ('attempt', 'late_paid', 'unpaid_final', 'late_paid', 'alarm'),
    ('attempt', 'late_paid', 'no_answer', 'late_paid', 'keep'),
    ('attempt', 'late_paid', 'close_asked', 'late_paid', 'refuse'),
    ('attempt', 'late_paid', 'closed', 'late_paid', 'alarm'),
    ('attempt', 'late_paid', 'mismatch', 'late_paid', 'alarm'),
    ('refund', 'requested', 'approve', 'approved', 'move'),
    ('refund', 'requested', 'reject', 'rejected', 'move'),
    ('refund', 'approved', 'send', 'sent', 'move'),
    ('refund', 'sent', 'accept', 'accepted', 'move'),
    ('refund', 'sent', 'succeed', 'succeeded', 'move'),
    ('refund', 'sent', 'fail', 'failed', 'move'),
    ('refund', 'sent', 'abnormal', 'abnormal', 'move'),
    ('refund', 'sent', 'no_answer', 'unknown', 'move'),
    ('refund', 'unknown', 'send', 'sent', 'move'),
    ('refund', 'unknown', 'accept', 'accepted', 'move'),
    ('refund', 'unknown', 'succeed', 'succeeded', 'move'),
    ('refund', 'unknown', 'fail', 'failed', 'move'),
    ('refund', 'unknown', 'abnormal', 'abnormal', 'move'),
    ('refund', 'unknown', 'no_answer', 'unknown', 'keep'),
    ('refund', 'accepted', 'accept', 'accepted', 'keep'),
    ('refund', 'accepted', 'succeed', 'succeeded', 'move'),
    ('refund', 'accepted', 'fail', 'failed', 'move'),
    ('refund', 'accepted', 'abnormal', 'abnormal', 'move'),
    ('refund', 'accepted', 'no_answer', 'accepted', 'keep'),
    ('refund', 'abnormal', 'send', 'sent', 'move'),
    ('refund', 'abnormal', 'succeed', 'succeeded', 'move'),
    ('refund', 'abnormal', 'fail', 'failed', 'move'),
    ('refund', 'abnormal', 'abnormal', 'abnormal', 'keep'),
    ('refund', 'abnormal', 'no_answer', 'abnormal', 'keep'),
    ('refund', 'succeeded', 'succeed', 'succeeded', 'keep'),
    ('refund', 'succeeded', 'accept', 'succeeded', 'keep'),
    ('refund', 'succeeded', 'fail', 'succeeded', 'alarm'),
    ('refund', 'succeeded', 'abnormal', 'succeeded', 'alarm'),
    ('refund', 'succeeded', 'no_answer', 'succeeded', 'keep'),
    ('refund', 'failed', 'fail', 'failed', 'keep'),
    ('refund', 'failed', 'succeed', 'failed', 'alarm'),
    ('refund', 'failed', 'accept', 'failed', 'alarm'),
    ('refund', 'failed', 'no_answer', 'failed', 'keep'),
    ('payment', 'open', 'closed', 'closed', 'move');

CREATE TABLE ca_order (
    slot                  integer NOT NULL CHECK (slot BETWEEN 0 AND 999),
    owner                 text NOT NULL,
    order_no              text NOT NULL CHECK (length(order_no) BETWEEN 1 AND 64),
    kind                  text NOT NULL CHECK (kind IN ('new', 'replacement', 'change', 'renewal')),
    applicant             text NOT NULL CHECK (applicant IN ('purchaser', 'supplier', 'agency')),
    unit_name             text NOT NULL,
    uscc                  text NOT NULL,
    quantity              bigint NOT NULL CHECK (quantity > 0),
    unit_fee_fen          bigint NOT NULL CHECK (unit_fee_fen >= 0),
    amount_fen            bigint NOT NULL CHECK (amount_fen > 0),
    currency              text NOT NULL CHECK (currency = 'CNY'),
    invoice_profile       jsonb NOT NULL,
    content_hash          bytea NOT NULL,
    status                text NOT NULL DEFAULT 'draft'
        CHECK (status IN ('draft', 'paid', 'submitted', 'reviewed', 'issued', 'rejected', 'cancelled')),
    status_at             timestamptz NOT NULL,
    issued_quantity       bigint NOT NULL DEFAULT 0 CHECK (issued_quantity >= 0),
    success_count         integer NOT NULL DEFAULT 0 CHECK (success_count >= 0),
    first_success_attempt text,
    created_at            timestamptz NOT NULL,
    PRIMARY KEY (slot, owner, order_no),
    CHECK (amount_fen = quantity * unit_fee_fen)
);
COMMENT ON TABLE ca_order IS 'the portal''s CA order, as much of it as money needs';
COMMENT ON COLUMN ca_order.slot IS 'hash of owner and order number modulo 1000: where the rows of this order live';
COMMENT ON COLUMN ca_order.owner IS 'the client that the order belongs to';
COMMENT ON COLUMN ca_order.order_no IS 'the portal''s order number';
COMMENT ON COLUMN ca_order.kind IS 'new, replacement, change, renewal';
COMMENT ON COLUMN ca_order.applicant IS 'role of the applicant';
COMMENT ON COLUMN ca_order.unit_name IS 'name of the applying unit';
COMMENT ON COLUMN ca_order.uscc IS 'unified social credit code';
COMMENT ON COLUMN ca_order.quantity IS 'certificates bought';
COMMENT ON COLUMN ca_order.unit_fee_fen IS 'fee of one certificate in fen';
COMMENT ON COLUMN ca_order.amount_fen IS 'payable in fen';
COMMENT ON COLUMN ca_order.currency IS 'always CNY';
COMMENT ON COLUMN ca_order.invoice_profile IS 'invoice data that the applicant gave';
COMMENT ON COLUMN ca_order.content_hash IS 'SHA-256 of what the portal first sent; other data under the same number is refused';
COMMENT ON COLUMN ca_order.status IS 'status at the portal';
COMMENT ON COLUMN ca_order.status_at IS 'when the portal reported the status';
COMMENT ON COLUMN ca_order.issued_quantity IS 'certificates issued so far';
COMMENT ON COLUMN ca_order.success_count IS 'attempts of this order that were paid; more than one is a duplicate payment';
COMMENT ON COLUMN ca_order.first_success_attempt IS 'the attempt that was paid first';
COMMENT ON COLUMN ca_order.created_at IS 'when the order was first seen';

CREATE SEQUENCE payment_seq MINVALUE 1 MAXVALUE 999999999 CYCLE CACHE 20;
COMMENT ON SEQUENCE payment_seq IS 'sequence part of payment numbers; the day and the slot stand before it';

CREATE TABLE payment (
    slot           integer NOT NULL,
    payment_no     text NOT NULL CHECK (payment_no ~ '^[0-9]{19}$'),
    owner          text NOT NULL,
    order_no       text NOT NULL,
    state          text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'closed')),
    duplicate      boolean NOT NULL DEFAULT false,
    late           boolean NOT NULL DEFAULT false,
    mismatch       boolean NOT NULL DEFAULT false,
    amount_fen     bigint NOT NULL CHECK (amount_fen > 0),
    currency       text NOT NULL CHECK (currency = 'CNY'),
    return_url     text NOT NULL,
    checkout_token text NOT NULL,
    attempt_count  integer NOT NULL DEFAULT 0,
    version        bigint NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    close_asked_at timestamptz,
    PRIMARY KEY (slot, payment_no),
    UNIQUE (slot, checkout_token),
    FOREIGN KEY (slot, owner, order_no) REFERENCES ca_order (slot, owner, order_no)
);
CREATE UNIQUE INDEX payment_one_open ON payment (slot, owner, order_no) WHERE state = 'open';
CREATE INDEX payment_by_order ON payment (slot, owner, order_no, created_at);
CREATE INDEX payment_to_expire ON payment (expires_at) WHERE state = 'open';
COMMENT ON TABLE payment IS 'one collection for one order; its state is derived in the transaction that changes an attempt';
COMMENT ON COLUMN payment.slot IS 'slot of the order';
COMMENT ON COLUMN payment.payment_no IS 'yymmdd, slot, sequence, check digit';
COMMENT ON COLUMN payment.owner IS 'owner of the order';
COMMENT ON COLUMN payment.order_no IS 'the order that is paid';
COMMENT ON COLUMN payment.state IS 'open, paid or closed';
COMMENT ON COLUMN payment.duplicate IS 'the order was paid more than once';
COMMENT ON COLUMN payment.late IS 'money came after closing';
COMMENT ON COLUMN payment.mismatch IS 'a genuine statement differed from our books';
COMMENT ON COLUMN payment.amount_fen IS 'what is collected, in fen';
COMMENT ON COLUMN payment.currency IS 'always CNY';
COMMENT ON COLUMN payment.return_url IS 'where the payer''s browser goes back to';
COMMENT ON COLUMN payment.checkout_token IS 'unguessable part of the pay page''s address';
COMMENT ON COLUMN payment.attempt_count IS 'attempts made; the last two digits of the newest attempt number';
COMMENT ON COLUMN payment.version IS 'grows with every event; the event''s number';
COMMENT ON COLUMN payment.created_at IS 'when it was made';
COMMENT ON COLUMN payment.expires_at IS 'until when it can be paid';
COMMENT ON COLUMN payment.close_asked_at IS 'when closing was asked for; no attempt starts afterwards';

CREATE TABLE attempt (
    slot              integer NOT NULL,
    attempt_no        text NOT NULL CHECK (attempt_no ~ '^[0-9]{21}$'),
    payment_no        text NOT NULL,
    provider          text NOT NULL,
    account           text NOT NULL,
    application       text NOT NULL,
    merchant          text NOT NULL,
    method            text NOT NULL,
    state             text NOT NULL DEFAULT 'created'
        CHECK (state IN ('created', 'pending', 'unknown', 'closing', 'closed', 'paid', 'late_paid')),
    amount_fen        bigint NOT NULL CHECK (amount_fen > 0),
    currency          text NOT NULL CHECK (currency = 'CNY'),
    provider_trade_no text,
    paid_at           timestamptz,
    expires_at        timestamptz NOT NULL,
    qr_text           text,
    version           bigint NOT NULL DEFAULT 0,
    last_answer_at    timestamptz,
    query_lease_until timestamptz,
    next_poll_at      timestamptz,
    poll_count        integer NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL,
    PRIMARY KEY (slot, attempt_no),
    FOREIGN KEY (slot, payment_no) REFERENCES payment (slot, payment_no),
    CHECK ((state IN ('paid', 'late_paid')) = (paid_at IS NOT NULL))
);
CREATE INDEX attempt_by_payment ON attempt (slot, payment_no);
CREATE INDEX attempt_to_poll ON attempt (next_poll_at) WHERE next_poll_at IS NOT NULL;
CREATE INDEX attempt_paid_at ON attempt (account, paid_at) WHERE paid_at IS NOT NULL;
COMMENT ON TABLE attempt IS 'one try at one provider with its own merchant order number';
COMMENT ON COLUMN attempt.slot IS 'slot of the order';
COMMENT ON COLUMN attempt.attempt_no IS 'our number at the provider: payment number and two digits';
COMMENT ON COLUMN attempt.payment_no IS 'the payment it belongs to';
COMMENT ON COLUMN attempt.provider IS 'which provider';
COMMENT ON COLUMN attempt.account IS 'which configured account';
COMMENT ON COLUMN attempt.application IS 'application number at the provider';
COMMENT ON COLUMN attempt.merchant IS 'merchant number at the provider';
COMMENT ON COLUMN attempt.method IS 'page, wap, qr, b2b';
COMMENT ON COLUMN attempt.state IS 'state of the attempt machine';
COMMENT ON COLUMN attempt.amount_fen IS 'amount asked, in fen';
COMMENT ON COLUMN attempt.currency IS 'always CNY';
COMMENT ON COLUMN attempt.provider_trade_no IS 'the provider''s number once it said one';
COMMENT ON COLUMN attempt.paid_at IS 'the provider''s time of payment';
COMMENT ON COLUMN attempt.expires_at IS 'until when the provider lets it be paid';
COMMENT ON COLUMN attempt.qr_text IS 'what the QR code says';
COMMENT ON COLUMN attempt.version IS 'guards every change: the loser of a race touches no row';
COMMENT ON COLUMN attempt.last_answer_at IS 'when the provider last said something verified';
COMMENT ON COLUMN attempt.query_lease_until IS 'somebody is asking the provider until then';
COMMENT ON COLUMN attempt.next_poll_at IS 'when the schedule asks again; null when it ended';
COMMENT ON COLUMN attempt.poll_count IS 'how often the schedule has asked';
COMMENT ON COLUMN attempt.created_at IS 'when it was made';

CREATE TABLE evidence (
    slot              integer NOT NULL,
    attempt_no        text NOT NULL,
    digest            bytea NOT NULL CHECK (length(digest) = 32),
    source            text NOT NULL CHECK (source IN ('callback', 'query', 'bill')),
    raw               bytea NOT NULL,
    signer            text NOT NULL,
    provider_status   text NOT NULL,
    provider_trade_no text NOT NULL,
    amount_fen        bigint,
    paid_at           timestamptz,
    stated_at         timestamptz,
    observed_at       timestamptz NOT NULL,
    mismatch          text,
    PRIMARY KEY (slot, attempt_no, digest),
    FOREIGN KEY (slot, attempt_no) REFERENCES attempt (slot, attempt_no)
);
COMMENT ON TABLE evidence IS 'verified statements of providers, byte for byte; never changed';
COMMENT ON COLUMN evidence.slot IS 'slot of the order';
COMMENT ON COLUMN evidence.attempt_no IS 'the attempt it speaks of';
COMMENT ON COLUMN evidence.digest IS 'SHA-256 of the raw bytes: the same statement twice is one row';
COMMENT ON COLUMN evidence.source IS 'callback, query or bill';
COMMENT ON COLUMN evidence.raw IS 'the bytes that were verified';
COMMENT ON COLUMN evidence.signer IS 'serial of the key that verified it; empty when the scheme has none';
COMMENT ON COLUMN evidence.provider_status IS 'the provider''s own word';
COMMENT ON COLUMN evidence.provider_trade_no IS 'the provider''s number';
COMMENT ON COLUMN evidence.amount_fen IS 'amount it names, in fen';
COMMENT ON COLUMN evidence.paid_at IS 'time of payment it names';
COMMENT ON COLUMN evidence.stated_at IS 'when the provider made the statement';
COMMENT ON COLUMN evidence.observed_at IS 'when it reached us';
COMMENT ON COLUMN evidence.mismatch IS 'what differs from our books; null when nothing does';

CREATE TABLE event (
    slot            integer NOT NULL,
    payment_no      text NOT NULL,
    seq             bigint NOT NULL,
    attempt_no      text,
    machine         text NOT NULL,
    from_state      text NOT NULL,
    event           text NOT NULL,
    to_state        text NOT NULL,
    effect          text NOT NULL,
    evidence_digest bytea,
    at              timestamptz NOT NULL,
    PRIMARY KEY (slot, payment_no, seq),
    FOREIGN KEY (slot, payment_no) REFERENCES payment (slot, payment_no),
    FOREIGN KEY (machine, from_state, event, to_state) REFERENCES transition (machine, from_state, event, to_state),
    FOREIGN KEY (slot, attempt_no, evidence_digest) REFERENCES evidence (slot, attempt_no, digest),
    CHECK (machine <> 'attempt' OR event IN ('sent', 'no_answer', 'close_asked') OR evidence_digest IS NOT NULL)
);
COMMENT ON TABLE event IS 'everything that happened to a payment, in order; appended in the statement that changes state';
COMMENT ON COLUMN event.slot IS 'slot of the order';
COMMENT ON COLUMN event.payment_no IS 'the payment';
COMMENT ON COLUMN event.seq IS 'number of the event within the payment';
COMMENT ON COLUMN event.attempt_no IS 'the attempt, where one is concerned';
COMMENT ON COLUMN event.machine IS 'attempt, refund or payment';
COMMENT ON COLUMN event.from_state IS 'state before';
COMMENT ON COLUMN event.event IS 'what happened';
COMMENT ON COLUMN event.to_state IS 'state after';
COMMENT ON COLUMN event.effect IS 'move, keep or alarm';
COMMENT ON COLUMN event.evidence_digest IS 'the statement that stands behind it; only our own acts have none';
COMMENT ON COLUMN event.at IS 'when it was recorded';

CREATE TABLE outbox (
    slot         integer NOT NULL,
    payment_no   text NOT NULL,
    seq          bigint NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('payment.paid', 'payment.closed', 'payment.late_paid',
                                               'payment.duplicate_paid', 'payment.mismatch')),
    attempt_no   text,
    at           timestamptz NOT NULL,
    delivered_at timestamptz,
    PRIMARY KEY (slot, payment_no, seq, kind),
    FOREIGN KEY (slot, payment_no, seq) REFERENCES event (slot, payment_no, seq)
);
CREATE INDEX outbox_waiting ON outbox (at) WHERE delivered_at IS NULL;
COMMENT ON TABLE outbox IS 'what the portal is to be told; written with the event it tells of';
COMMENT ON COLUMN outbox.slot IS 'slot of the order';
COMMENT ON COLUMN outbox.payment_no IS 'the payment';
COMMENT ON COLUMN outbox.seq IS 'the event it tells of';
COMMENT ON COLUMN outbox.kind IS 'kind of the notice';
COMMENT ON COLUMN outbox.attempt_no IS 'the attempt, where one is concerned';
COMMENT ON COLUMN outbox.at IS 'when it was written';
COMMENT ON COLUMN outbox.delivered_at IS 'when the portal acknowledged it';

CREATE TABLE orphan_statement (
    slot              integer NOT NULL,
    provider          text NOT NULL,
    account           text NOT NULL,
    digest            bytea NOT NULL CHECK (length(digest) = 32),
    merchant_order_no text NOT NULL,
    provider_trade_no text NOT NULL,
    amount_fen        bigint,
    raw               bytea NOT NULL,
    observed_at       timestamptz NOT NULL,
    PRIMARY KEY (slot, provider, account, digest)
);
COMMENT ON TABLE orphan_statement IS 'genuine statements that name no attempt of ours; a person must look';
COMMENT ON COLUMN orphan_statement.slot IS 'slot in the number it names, 0 when that is no number of ours';
COMMENT ON COLUMN orphan_statement.provider IS 'which provider';
COMMENT ON COLUMN orphan_statement.account IS 'account whose key verified it';
COMMENT ON COLUMN orphan_statement.digest IS 'SHA-256 of the raw bytes';
COMMENT ON COLUMN orphan_statement.merchant_order_no IS 'the number it names';
COMMENT ON COLUMN orphan_statement.provider_trade_no IS 'the provider''s number';
COMMENT ON COLUMN orphan_statement.amount_fen IS 'amount it names, in fen';
COMMENT ON COLUMN orphan_statement.raw IS 'the bytes that were verified';
COMMENT ON COLUMN orphan_statement.observed_at IS 'when it reached us';

CREATE TABLE invoice (
    slot            integer NOT NULL,
    owner           text NOT NULL,
    invoice_id      text NOT NULL,
    order_no        text NOT NULL,
    status          text NOT NULL CHECK (status IN ('asked', 'issued', 'failed', 'void')),
    red             boolean NOT NULL,
    blue_invoice_id text NOT NULL,
    number          text NOT NULL,
    code            text NOT NULL,
    title           text NOT NULL,
    tax_no          text NOT NULL,
    net_fen         bigint NOT NULL,
    tax_fen         bigint NOT NULL,
    total_fen       bigint NOT NULL CHECK (total_fen = net_fen + tax_fen),
    asked_at        timestamptz,
    issued_at       timestamptz,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (slot, owner, invoice_id),
    CHECK (red = (total_fen < 0)),
    CHECK (status <> 'issued' OR issued_at IS NOT NULL)
);
CREATE INDEX invoice_by_order ON invoice (slot, owner, order_no);
CREATE UNIQUE INDEX invoice_number ON invoice (slot, code, number) WHERE number <> '';
COMMENT ON TABLE invoice IS 'invoices as the tax side reports them through the portal';
COMMENT ON COLUMN invoice.slot IS 'slot of the order it names';
COMMENT ON COLUMN invoice.owner IS 'client that reported it';
COMMENT ON COLUMN invoice.invoice_id IS 'the portal''s own number of it';
COMMENT ON COLUMN invoice.order_no IS 'the order it is for; the order may be unknown to us';
COMMENT ON COLUMN invoice.status IS 'asked, issued, failed or void';
COMMENT ON COLUMN invoice.red IS 'a red document: amounts are negative';
COMMENT ON COLUMN invoice.blue_invoice_id IS 'the blue document that a red one reduces';
COMMENT ON COLUMN invoice.number IS 'invoice number as text, leading zeros kept';
COMMENT ON COLUMN invoice.code IS 'invoice code of the old forms';
COMMENT ON COLUMN invoice.title IS 'buyer''s name';
COMMENT ON COLUMN invoice.tax_no IS 'buyer''s tax number';
COMMENT ON COLUMN invoice.net_fen IS 'amount without tax, in fen';
COMMENT ON COLUMN invoice.tax_fen IS 'tax, in fen';
COMMENT ON COLUMN invoice.total_fen IS 'tax-inclusive total, in fen';
COMMENT ON COLUMN invoice.asked_at IS 'when it was asked for';
COMMENT ON COLUMN invoice.issued_at IS 'when it was issued';
COMMENT ON COLUMN invoice.updated_at IS 'when the portal last reported it';

CREATE TABLE idempotency (
    slot         integer NOT NULL,
    owner        text NOT NULL,
    key          text NOT NULL,
    request_hash bytea NOT NULL,
    state        text NOT NULL CHECK (state IN ('in_progress', 'done')),
    lease_until  timestamptz NOT NULL,
    status       integer,
    body         text,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (slot, owner, key),
    CHECK ((state = 'done') = (status IS NOT NULL AND body IS NOT NULL))
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);
COMMENT ON TABLE idempotency IS 'answers already given under an Idempotency-Key';
COMMENT ON COLUMN idempotency.slot IS 'hash of owner and key modulo 1000';
COMMENT ON COLUMN idempotency.owner IS 'client';
COMMENT ON COLUMN idempotency.key IS 'the client''s key';
COMMENT ON COLUMN idempotency.request_hash IS 'SHA-256 of method, path and body';
COMMENT ON COLUMN idempotency.state IS 'in_progress or done';
COMMENT ON COLUMN idempotency.lease_until IS 'after this a crashed owner''s key may be taken over';
COMMENT ON COLUMN idempotency.status IS 'HTTP status of the answer';
COMMENT ON COLUMN idempotency.body IS 'body of the answer';
COMMENT ON COLUMN idempotency.created_at IS 'first use';
COMMENT ON COLUMN idempotency.expires_at IS 'kept until then';

CREATE TABLE portal_nonce (
    keyid      text NOT NULL,
    nonce      text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (keyid, nonce)
);
CREATE INDEX portal_nonce_expiry ON portal_nonce (expires_at);
COMMENT ON TABLE portal_nonce IS 'nonces of signed requests, kept while their signature could still be accepted';
COMMENT ON COLUMN portal_nonce.keyid IS 'key that signed';
COMMENT ON COLUMN portal_nonce.nonce IS 'the nonce';
COMMENT ON COLUMN portal_nonce.expires_at IS 'after this the signature is too old anyway';

-- What each role may do. Evidence and events can be added and read, never changed.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT USAGE ON SCHEMA tallygate TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT SELECT ON ALL TABLES IN SCHEMA tallygate TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT USAGE ON SEQUENCE payment_seq TO tallygate_app;
        GRANT INSERT ON ca_order, payment, attempt, evidence, event, outbox, orphan_statement, invoice, idempotency,
            portal_nonce TO tallygate_app;
        GRANT UPDATE (status, status_at, issued_quantity, success_count, first_success_attempt) ON ca_order TO tallygate_app;
        GRANT UPDATE (state, duplicate, late, mismatch, attempt_count, version, close_asked_at) ON payment TO tallygate_app;
        GRANT UPDATE (state, provider_trade_no, paid_at, qr_text, version, last_answer_at, query_lease_until, next_poll_at,
            poll_count) ON attempt TO tallygate_app;
        GRANT UPDATE (delivered_at) ON outbox TO tallygate_app;
        GRANT UPDATE ON invoice, idempotency TO tallygate_app;
        GRANT DELETE ON idempotency, portal_nonce TO tallygate_app;
    END IF;
END
$$;
