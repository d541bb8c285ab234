-- SPDX-License-Identifier: Apache-2.0
-- Items of invoices whose tax is not that of their rate, as a run found them: INV_TAX names the order, these name what is wrong. A run of
-- before has none, and its report stays as it is.
SET LOCAL search_path = tallygate;

CREATE TABLE recon_item_off (
    run_id         bigint NOT NULL REFERENCES recon_run (run_id),
    owner          text NOT NULL,
    order_no       text NOT NULL,
    invoice_id     text NOT NULL,
    reported_under text NOT NULL,
    number         bigint NOT NULL CHECK (number > 0),
    name           text NOT NULL,
    net_fen        bigint NOT NULL,
    tax_fen        bigint NOT NULL,
    off_fen        bigint NOT NULL CHECK (off_fen <> 0),
    PRIMARY KEY (run_id, owner, order_no, invoice_id, reported_under, number)
);
COMMENT ON TABLE recon_item_off IS 'items of the invoices of a run''s orders whose tax is not that of their rate';
COMMENT ON COLUMN recon_item_off.run_id IS 'the run';
COMMENT ON COLUMN recon_item_off.owner IS 'client that reported the invoice';
COMMENT ON COLUMN recon_item_off.order_no IS 'an order that the document is for';
COMMENT ON COLUMN recon_item_off.invoice_id IS 'the document';
COMMENT ON COLUMN recon_item_off.reported_under IS 'of a document for several orders, the one that it lives with; else as the run read it';
COMMENT ON COLUMN recon_item_off.number IS 'place of the item on the document, from 1';
COMMENT ON COLUMN recon_item_off.name IS 'what was sold';
COMMENT ON COLUMN recon_item_off.net_fen IS 'its amount without tax, in fen';
COMMENT ON COLUMN recon_item_off.tax_fen IS 'its tax, in fen';
COMMENT ON COLUMN recon_item_off.off_fen IS 'how much its tax is more than that of its rate, in fen; where there is no rate, all of it';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_recon') THEN
        GRANT SELECT ON recon_item_off TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON recon_item_off TO tallygate_recon;
    END IF;
END
$$;
