-- SPDX-License-Identifier: Apache-2.0
-- How far the night has read in the views of the portal's own database.
SET LOCAL search_path = tallygate;

CREATE TABLE portal_mark (
    owner         text NOT NULL CHECK (owner <> ''),
    kind          text NOT NULL CHECK (kind IN ('orders', 'invoices')),
    changed_at    timestamptz,
    read_at       timestamptz,
    failing_since timestamptz,
    trouble       text NOT NULL,
    PRIMARY KEY (owner, kind),
    CHECK ((failing_since IS NULL) = (trouble = ''))
);
COMMENT ON TABLE portal_mark IS 'how far the night has read in the portal''s own database';
COMMENT ON COLUMN portal_mark.owner IS 'client whose they are';
COMMENT ON COLUMN portal_mark.kind IS 'orders or invoices';
COMMENT ON COLUMN portal_mark.changed_at IS 'newest change that was taken; null: none yet';
COMMENT ON COLUMN portal_mark.read_at IS 'when a reading last succeeded; null: never';
COMMENT ON COLUMN portal_mark.failing_since IS 'first reading of those that failed since; null: the last one succeeded';
COMMENT ON COLUMN portal_mark.trouble IS 'name of the error of the last reading; empty: none';

COMMENT ON COLUMN portal_invoice.updated_at IS 'when anything of the invoice last changed; null: not known, then it is read every time';
COMMENT ON COLUMN portal_order.updated_at IS 'when anything of the order last changed; null: not known, then it is read every time';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON portal_mark TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT, UPDATE ON portal_mark TO tallygate_recon, tallygate_app; -- the night without a role of its own is the service
    END IF;
END
$$;
