-- SPDX-License-Identifier: Apache-2.0
-- What stands on an invoice: an item each, with its rate and its tax. A document that was reported without them has none.
SET LOCAL search_path = tallygate;

CREATE TABLE invoice_item (
    slot       integer NOT NULL,
    owner      text NOT NULL,
    invoice_id text NOT NULL,
    number     integer NOT NULL CHECK (number > 0),
    name       text NOT NULL CHECK (name <> ''),
    quantity   text NOT NULL,
    taxed      text NOT NULL CHECK (taxed IN ('by_rate', 'exempt', 'outside', 'margin')),
    rate_ppm   bigint CHECK (rate_ppm BETWEEN 0 AND 1000000),
    net_fen    bigint NOT NULL,
    tax_fen    bigint NOT NULL,
    total_fen  bigint NOT NULL CHECK (total_fen = net_fen + tax_fen),
    PRIMARY KEY (slot, owner, invoice_id, number),
    FOREIGN KEY (slot, owner, invoice_id) REFERENCES invoice (slot, owner, invoice_id),
    CHECK (taxed <> 'by_rate' OR rate_ppm IS NOT NULL),
    CHECK (taxed NOT IN ('exempt', 'outside') OR rate_ppm IS NULL)
);
COMMENT ON TABLE invoice_item IS 'what stands on an invoice; an invoice that was reported without its items has none';
COMMENT ON COLUMN invoice_item.slot IS 'slot of the invoice';
COMMENT ON COLUMN invoice_item.owner IS 'client that reported it';
COMMENT ON COLUMN invoice_item.invoice_id IS 'the invoice';
COMMENT ON COLUMN invoice_item.number IS 'place on the document, from 1';
COMMENT ON COLUMN invoice_item.name IS 'what was sold';
COMMENT ON COLUMN invoice_item.quantity IS 'how much of it, as reported; empty when it was not';
COMMENT ON COLUMN invoice_item.taxed IS 'by_rate; exempt or outside the tax, which is not a rate of 0; margin: by another amount than net';
COMMENT ON COLUMN invoice_item.rate_ppm IS 'rate in parts of a million; null where there is none';
COMMENT ON COLUMN invoice_item.net_fen IS 'amount without tax, in fen; of a discount with the other sign';
COMMENT ON COLUMN invoice_item.tax_fen IS 'tax, in fen';
COMMENT ON COLUMN invoice_item.total_fen IS 'amount with tax, in fen';

-- The contract with the portal has a column more. What an operator has put in place of the view stays, and shows no items until the portal's
-- view has them and is linked again (sql/portal/link.sql).
DO $$
BEGIN
    EXECUTE 'CREATE OR REPLACE VIEW portal_invoice AS
        SELECT invoice_id, order_no, status, red, blue_invoice_id, number, code, title, tax_no, net_fen, tax_fen, total_fen, asked_at,
               issued_at, kind, red_reason, confirmation, confirmation_no, confirmation_asked_at, allocations, updated_at,
               NULL::jsonb AS items
          FROM (' || rtrim(pg_get_viewdef('portal_invoice'::regclass), ';') || ') AS shown';
END
$$;
COMMENT ON COLUMN portal_invoice.items IS 'array of {"name", "quantity", "taxed", "rate_ppm", "net", "tax", "total"} in fen, as in docs/openapi.yaml; null: not known';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON invoice_item TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT, UPDATE, DELETE ON invoice_item TO tallygate_app, tallygate_recon;
    END IF;
END
$$;
