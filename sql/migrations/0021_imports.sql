-- SPDX-License-Identifier: Apache-2.0
-- What the portal's own database may show us of its orders: the contract is the columns. The view is empty until an operator puts
-- a query over a foreign table in its place (CREATE OR REPLACE VIEW, as its owner; see sql/portal/link.sql).
SET LOCAL search_path = tallygate;

CREATE VIEW portal_order (order_no, kind, applicant, unit_name, uscc, quantity, unit_fee_fen, amount_fen, title, tax_no, address,
                          phone, mobile, bank, bank_account, status, status_at, issued_quantity, updated_at) AS
    SELECT ''::text, ''::text, ''::text, ''::text, ''::text, 0::bigint, 0::bigint, 0::bigint, ''::text, ''::text, ''::text,
           ''::text, ''::text, ''::text, ''::text, ''::text, now(), 0::bigint, now()
     WHERE false;
COMMENT ON VIEW portal_order IS 'orders as the portal''s own database shows them; empty until it is linked';
COMMENT ON COLUMN portal_order.order_no IS 'the portal''s order number';
COMMENT ON COLUMN portal_order.kind IS 'new, replacement, change, renewal';
COMMENT ON COLUMN portal_order.applicant IS 'purchaser, supplier, agency';
COMMENT ON COLUMN portal_order.unit_name IS 'name of the applying unit';
COMMENT ON COLUMN portal_order.uscc IS 'unified social credit code';
COMMENT ON COLUMN portal_order.quantity IS 'certificates bought';
COMMENT ON COLUMN portal_order.unit_fee_fen IS 'fee of one certificate in fen';
COMMENT ON COLUMN portal_order.amount_fen IS 'payable in fen';
COMMENT ON COLUMN portal_order.title IS 'buyer''s name on the invoice';
COMMENT ON COLUMN portal_order.tax_no IS 'buyer''s tax number; null where there is none, as in the columns up to bank_account';
COMMENT ON COLUMN portal_order.address IS 'buyer''s address';
COMMENT ON COLUMN portal_order.phone IS 'buyer''s phone';
COMMENT ON COLUMN portal_order.mobile IS 'mobile that the invoice goes to';
COMMENT ON COLUMN portal_order.bank IS 'buyer''s bank';
COMMENT ON COLUMN portal_order.bank_account IS 'buyer''s account';
COMMENT ON COLUMN portal_order.status IS 'draft, paid, submitted, reviewed, issued, rejected, cancelled';
COMMENT ON COLUMN portal_order.status_at IS 'since when it has that status; null: not known';
COMMENT ON COLUMN portal_order.issued_quantity IS 'certificates issued so far; null: not known';
COMMENT ON COLUMN portal_order.updated_at IS 'when anything of the order last changed';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON portal_order TO tallygate_app, tallygate_recon, tallygate_audit;
        -- The night takes the portal's orders in before it reconciles.
        GRANT INSERT ON ca_order TO tallygate_recon;
        GRANT UPDATE (status, status_at, issued_quantity) ON ca_order TO tallygate_recon;
    END IF;
END
$$;
