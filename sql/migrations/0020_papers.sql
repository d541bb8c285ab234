-- SPDX-License-Identifier: Apache-2.0
-- What a reconciliation of papers needs to know: invoices of several orders, their kinds, what a red document waits for, what
-- the portal says of an order after it was paid, and money that came past every provider.
SET LOCAL search_path = tallygate;

ALTER TABLE invoice
    ADD COLUMN kind text NOT NULL DEFAULT '' CHECK (kind IN ('', 'special', 'ordinary')),
    ADD COLUMN red_reason text NOT NULL DEFAULT ''
        CHECK (red_reason IN ('', 'issued_wrongly', 'goods_returned', 'service_stopped', 'allowance')),
    ADD COLUMN confirmation_no text NOT NULL DEFAULT '',
    ADD COLUMN confirmation text NOT NULL DEFAULT ''
        CHECK (confirmation IN ('', 'not_needed', 'buyer_to_confirm', 'seller_to_confirm', 'confirmed', 'denied_by_buyer',
                                'denied_by_seller', 'expired', 'withdrawn', 'withdrawn_after_confirmation', 'in_request')),
    ADD COLUMN confirmation_asked_at timestamptz,
    ADD CONSTRAINT invoice_red_only CHECK (red OR (red_reason = '' AND confirmation = '')),
    ADD CONSTRAINT invoice_confirmation_clock CHECK (confirmation = '' OR confirmation_asked_at IS NOT NULL);
COMMENT ON COLUMN invoice.kind IS 'special or ordinary; empty: not said';
COMMENT ON COLUMN invoice.red_reason IS 'why a red document was asked for; empty: not said';
COMMENT ON COLUMN invoice.confirmation_no IS 'number of the confirmation that a red document stands on';
COMMENT ON COLUMN invoice.confirmation IS 'how far that confirmation is; empty: not said';
COMMENT ON COLUMN invoice.confirmation_asked_at IS 'when it was asked for: 72 hours later an open one has lapsed';

CREATE TABLE invoice_allocation (
    slot       integer NOT NULL,
    owner      text NOT NULL,
    invoice_id text NOT NULL,
    order_no   text NOT NULL CHECK (order_no <> ''),
    order_slot integer NOT NULL CHECK (order_slot BETWEEN 0 AND 999),
    amount_fen bigint NOT NULL CHECK (amount_fen <> 0),
    PRIMARY KEY (slot, owner, invoice_id, order_no),
    FOREIGN KEY (slot, owner, invoice_id) REFERENCES invoice (slot, owner, invoice_id)
);
CREATE INDEX invoice_allocation_by_order ON invoice_allocation (order_slot, owner, order_no);
COMMENT ON TABLE invoice_allocation IS 'which part of an invoice is for which order; the parts of one invoice sum to its total';
COMMENT ON COLUMN invoice_allocation.slot IS 'slot of the invoice: it is written where the invoice is';
COMMENT ON COLUMN invoice_allocation.owner IS 'client that reported it';
COMMENT ON COLUMN invoice_allocation.invoice_id IS 'the invoice';
COMMENT ON COLUMN invoice_allocation.order_no IS 'an order that it is for';
COMMENT ON COLUMN invoice_allocation.order_slot IS 'slot of that order';
COMMENT ON COLUMN invoice_allocation.amount_fen IS 'part of the total, in fen, with its sign';
INSERT INTO invoice_allocation (slot, owner, invoice_id, order_no, order_slot, amount_fen)
SELECT slot, owner, invoice_id, order_no, slot, total_fen FROM invoice;

CREATE TABLE order_report (
    slot         integer NOT NULL,
    owner        text NOT NULL,
    order_no     text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('', 'new', 'replacement', 'change', 'renewal')),
    quantity     bigint NOT NULL CHECK (quantity >= 0),
    unit_fee_fen bigint NOT NULL CHECK (unit_fee_fen >= 0),
    amount_fen   bigint NOT NULL CHECK (amount_fen >= 0),
    refunded_fen bigint NOT NULL CHECK (refunded_fen >= 0),
    reported_at  timestamptz NOT NULL,
    PRIMARY KEY (slot, owner, order_no),
    FOREIGN KEY (slot, owner, order_no) REFERENCES ca_order (slot, owner, order_no)
);
CREATE INDEX order_report_by_time ON order_report (reported_at);
CREATE INDEX ca_order_by_buyer ON ca_order (owner, uscc, created_at);
COMMENT ON TABLE order_report IS 'what the portal says of an order now; what was paid for stands in ca_order and never changes';
COMMENT ON COLUMN order_report.slot IS 'slot of the order';
COMMENT ON COLUMN order_report.owner IS 'client that reported it';
COMMENT ON COLUMN order_report.order_no IS 'order';
COMMENT ON COLUMN order_report.kind IS 'kind as it stands there now; empty: the terms were not reported';
COMMENT ON COLUMN order_report.quantity IS 'quantity as it stands there now';
COMMENT ON COLUMN order_report.unit_fee_fen IS 'fee of one as it stands there now, in fen';
COMMENT ON COLUMN order_report.amount_fen IS 'payable as it stands there now, in fen';
COMMENT ON COLUMN order_report.refunded_fen IS 'what the portal has marked as given back, in fen';
COMMENT ON COLUMN order_report.reported_at IS 'when terms or refund were last reported';

CREATE TABLE manual_payment (
    slot              integer NOT NULL,
    owner             text NOT NULL,
    order_no          text NOT NULL,
    number            integer NOT NULL CHECK (number > 0),
    direction         text NOT NULL CHECK (direction IN ('in', 'out')),
    amount_fen        bigint NOT NULL CHECK (amount_fen > 0),
    received_on       date NOT NULL,
    voucher           text NOT NULL CHECK (voucher <> ''),
    attachment_sha256 text NOT NULL CHECK (attachment_sha256 = '' OR attachment_sha256 ~ '^[0-9a-f]{64}$'),
    payer_name        text NOT NULL CHECK (payer_name <> ''),
    reason            text NOT NULL CHECK (reason <> ''),
    state             text NOT NULL CHECK (state IN ('recorded', 'confirmed', 'rejected')),
    recorded_by       text NOT NULL CHECK (recorded_by <> ''),
    recorded_at       timestamptz NOT NULL,
    decided_by        text CHECK (decided_by <> ''),
    decided_at        timestamptz,
    deposit_fen       bigint CHECK (deposit_fen > 0),
    deposited_on      date,
    PRIMARY KEY (slot, owner, order_no, number),
    FOREIGN KEY (slot, owner, order_no) REFERENCES ca_order (slot, owner, order_no),
    CONSTRAINT manual_payment_decided CHECK ((state = 'recorded') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
    CONSTRAINT manual_payment_two_people CHECK (state <> 'confirmed' OR decided_by <> recorded_by),
    CONSTRAINT manual_payment_deposit CHECK ((state = 'confirmed') = (deposit_fen IS NOT NULL)
                                             AND (deposit_fen IS NULL) = (deposited_on IS NULL))
);
CREATE UNIQUE INDEX manual_payment_voucher ON manual_payment (slot, owner, order_no, direction, voucher) WHERE state <> 'rejected';
CREATE INDEX manual_payment_by_day ON manual_payment (received_on);
COMMENT ON TABLE manual_payment IS 'money that moved by bank transfer past every provider: one person records it, another confirms it by the bank''s statement';
COMMENT ON COLUMN manual_payment.slot IS 'slot of the order';
COMMENT ON COLUMN manual_payment.owner IS 'client that the order belongs to';
COMMENT ON COLUMN manual_payment.order_no IS 'order';
COMMENT ON COLUMN manual_payment.number IS 'counts the records of the order, from 1';
COMMENT ON COLUMN manual_payment.direction IS 'in: it came; out: it was given back';
COMMENT ON COLUMN manual_payment.amount_fen IS 'amount that was recorded, in fen';
COMMENT ON COLUMN manual_payment.received_on IS 'day it came or went, by the voucher';
COMMENT ON COLUMN manual_payment.voucher IS 'the bank''s number of the transfer';
COMMENT ON COLUMN manual_payment.attachment_sha256 IS 'SHA-256 of the voucher''s copy, kept elsewhere; empty: there is none';
COMMENT ON COLUMN manual_payment.payer_name IS 'whose account it came from or went to';
COMMENT ON COLUMN manual_payment.reason IS 'why it did not go by a provider, in the words of whoever recorded it';
COMMENT ON COLUMN manual_payment.state IS 'recorded, confirmed or rejected';
COMMENT ON COLUMN manual_payment.recorded_by IS 'client that recorded it';
COMMENT ON COLUMN manual_payment.recorded_at IS 'when it was recorded';
COMMENT ON COLUMN manual_payment.decided_by IS 'client that confirmed or rejected it; who confirms is not who recorded';
COMMENT ON COLUMN manual_payment.decided_at IS 'when it was decided';
COMMENT ON COLUMN manual_payment.deposit_fen IS 'what our bank''s statement has of it, in fen, by who confirmed';
COMMENT ON COLUMN manual_payment.deposited_on IS 'its day on that statement';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON invoice_allocation, order_report, manual_payment TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT, UPDATE, DELETE ON invoice_allocation TO tallygate_app;
        GRANT INSERT, UPDATE ON order_report TO tallygate_app;
        GRANT INSERT ON manual_payment TO tallygate_app;
        GRANT UPDATE (state, decided_by, decided_at, deposit_fen, deposited_on) ON manual_payment TO tallygate_app;
    END IF;
END
$$;
