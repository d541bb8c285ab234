-- SPDX-License-Identifier: Apache-2.0
-- What the portal's own database may show us of its invoices: the contract is the columns, as with portal_order. The view is empty until
-- an operator puts a query over a foreign table in its place (sql/portal/link.sql).
SET LOCAL search_path = tallygate;

CREATE VIEW portal_invoice (invoice_id, order_no, status, red, blue_invoice_id, number, code, title, tax_no, net_fen, tax_fen, total_fen,
                            asked_at, issued_at, kind, red_reason, confirmation, confirmation_no, confirmation_asked_at, allocations,
                            updated_at) AS
    SELECT ''::text, ''::text, ''::text, false, ''::text, ''::text, ''::text, ''::text, ''::text, 0::bigint, 0::bigint, 0::bigint, now(),
           now(), ''::text, ''::text, ''::text, ''::text, now(), '[]'::jsonb, now()
     WHERE false;
COMMENT ON VIEW portal_invoice IS 'invoices as the portal''s own database shows them; empty until it is linked';
COMMENT ON COLUMN portal_invoice.invoice_id IS 'the portal''s own number of it';
COMMENT ON COLUMN portal_invoice.order_no IS 'the order it is for; of several, the one that it is reported under, always the same';
COMMENT ON COLUMN portal_invoice.status IS 'asked, issued, failed, void';
COMMENT ON COLUMN portal_invoice.red IS 'a red document: amounts are negative; null: it is not';
COMMENT ON COLUMN portal_invoice.blue_invoice_id IS 'the blue document that a red one reduces; null where there is none';
COMMENT ON COLUMN portal_invoice.number IS 'invoice number as text, 20 digits or 8; null before it is issued';
COMMENT ON COLUMN portal_invoice.code IS 'invoice code of the old forms, 10 or 12 digits; null where there is none';
COMMENT ON COLUMN portal_invoice.title IS 'buyer''s name';
COMMENT ON COLUMN portal_invoice.tax_no IS 'buyer''s tax number; null where there is none';
COMMENT ON COLUMN portal_invoice.net_fen IS 'amount without tax, in fen';
COMMENT ON COLUMN portal_invoice.tax_fen IS 'tax, in fen';
COMMENT ON COLUMN portal_invoice.total_fen IS 'tax-inclusive total, in fen';
COMMENT ON COLUMN portal_invoice.asked_at IS 'when it was asked for; null: not known';
COMMENT ON COLUMN portal_invoice.issued_at IS 'when it was issued; null before that';
COMMENT ON COLUMN portal_invoice.kind IS 'special or ordinary; null: not known';
COMMENT ON COLUMN portal_invoice.red_reason IS 'issued_wrongly, goods_returned, service_stopped, allowance; null: not known';
COMMENT ON COLUMN portal_invoice.confirmation IS 'how far the confirmation of a red document is, as in docs/openapi.yaml; null: there is none';
COMMENT ON COLUMN portal_invoice.confirmation_no IS 'its number; null: not known';
COMMENT ON COLUMN portal_invoice.confirmation_asked_at IS 'when it was asked for; null where there is none';
COMMENT ON COLUMN portal_invoice.allocations IS 'array of {"order_no", "amount"} in fen, one for each order; null: all of it is for order_no';
COMMENT ON COLUMN portal_invoice.updated_at IS 'when anything of the invoice last changed';
COMMENT ON COLUMN invoice.updated_at IS 'when a report last changed it';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON portal_invoice TO tallygate_app, tallygate_recon, tallygate_audit;
        -- The operator's command line takes the portal's invoices in, as it does orders.
        GRANT INSERT, UPDATE ON invoice TO tallygate_recon;
        GRANT INSERT, UPDATE, DELETE ON invoice_allocation TO tallygate_recon;
    END IF;
END
$$;
