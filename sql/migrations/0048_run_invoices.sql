-- SPDX-License-Identifier: Apache-2.0
-- The invoices of the orders of a run's differences, as the run read them: what its printed reports name is told by the API from rows, too. A run
-- of before has none, and says so. And which files of a run are larger than a file may be, so that nobody tries to print them for ever.
SET LOCAL search_path = tallygate;

CREATE TABLE recon_invoice (
    run_id         bigint NOT NULL REFERENCES recon_run (run_id),
    owner          text NOT NULL,
    order_no       text NOT NULL,
    invoice_id     text NOT NULL,
    reported_under text NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('', 'special', 'ordinary')),
    red            boolean NOT NULL,
    status         text NOT NULL,
    net_fen        bigint NOT NULL,
    tax_fen        bigint NOT NULL,
    total_fen      bigint NOT NULL,
    part_fen       bigint NOT NULL,
    asked_at       timestamptz,
    issued_at      timestamptz,
    PRIMARY KEY (run_id, owner, order_no, invoice_id, reported_under)
);
COMMENT ON TABLE recon_invoice IS 'invoices of the orders of a run''s differences, as the run read them';
COMMENT ON COLUMN recon_invoice.run_id IS 'the run';
COMMENT ON COLUMN recon_invoice.owner IS 'client that reported the invoice';
COMMENT ON COLUMN recon_invoice.order_no IS 'an order that the document is for';
COMMENT ON COLUMN recon_invoice.invoice_id IS 'the document';
COMMENT ON COLUMN recon_invoice.reported_under IS 'of a document for several orders, the one that it lives with; else as the run read it';
COMMENT ON COLUMN recon_invoice.kind IS 'special, ordinary, or empty: not said';
COMMENT ON COLUMN recon_invoice.red IS 'whether it takes a blue one back';
COMMENT ON COLUMN recon_invoice.status IS 'asked, issued, failed or void, when the run read it';
COMMENT ON COLUMN recon_invoice.net_fen IS 'of the document, without tax, in fen; below 0 when red';
COMMENT ON COLUMN recon_invoice.tax_fen IS 'of the document, its tax, in fen';
COMMENT ON COLUMN recon_invoice.total_fen IS 'of the document, with tax, in fen';
COMMENT ON COLUMN recon_invoice.part_fen IS 'what of total_fen is for order_no, in fen';
COMMENT ON COLUMN recon_invoice.asked_at IS 'when it was asked for; null: not said';
COMMENT ON COLUMN recon_invoice.issued_at IS 'when it was issued; null: it was not';

ALTER TABLE recon_run ADD COLUMN invoices_kept boolean CHECK (invoices_kept);
ALTER TABLE recon_run ALTER COLUMN invoices_kept SET DEFAULT true;
COMMENT ON COLUMN recon_run.invoices_kept IS 'true: the invoices of its differences are in recon_invoice; null: the run is from before they were kept';

CREATE TABLE recon_report_left_out (
    run_id bigint NOT NULL REFERENCES recon_run (run_id),
    name   text NOT NULL CHECK (name ~ '^[a-z]+([.]en)?[.](txt|csv|html|xlsx)$'),
    PRIMARY KEY (run_id, name)
);
COMMENT ON TABLE recon_report_left_out IS 'files of a run that are larger than a file may be, and are not printed';
COMMENT ON COLUMN recon_report_left_out.run_id IS 'the run';
COMMENT ON COLUMN recon_report_left_out.name IS 'name of the file in the folder of the run, if it were there';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_recon') THEN
        GRANT SELECT ON recon_invoice, recon_report_left_out TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON recon_invoice, recon_report_left_out TO tallygate_recon;
    END IF;
END
$$;
