-- SPDX-License-Identifier: Apache-2.0
-- What a reconciliation of papers needs to know: invoices of several orders, their kinds, and what a red document waits for.
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

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON invoice_allocation TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT, UPDATE, DELETE ON invoice_allocation TO tallygate_app;
    END IF;
END
$$;
