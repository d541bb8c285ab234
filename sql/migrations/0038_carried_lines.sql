-- SPDX-License-Identifier: Apache-2.0
-- Lines that a bill has before our books do are carried to the next day, as bookings that come before their bill are. A run keeps the lines
-- that it took in; its sheet tells what went out and what came in.
SET LOCAL search_path = tallygate;

ALTER TABLE bill_line ADD COLUMN pending boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN bill_line.pending IS 'a refund that the provider had not ended when it wrote the bill; runs before this column existed say false';

CREATE TABLE recon_early (
    run_id            bigint NOT NULL REFERENCES recon_run (run_id),
    line_no           bigint NOT NULL CHECK (line_no > 0),
    refund            boolean NOT NULL,
    provider_trade_no text NOT NULL,
    merchant_order_no text NOT NULL,
    refund_no         text NOT NULL,
    fen               bigint NOT NULL,
    at                timestamptz,
    pending           boolean NOT NULL,
    raw               text NOT NULL,
    PRIMARY KEY (run_id, line_no)
);
COMMENT ON TABLE recon_early IS 'lines of the bill of the day before that were ahead of our books, as a run took them in';
COMMENT ON COLUMN recon_early.run_id IS 'the run';
COMMENT ON COLUMN recon_early.line_no IS 'line of the bill of the day before';
COMMENT ON COLUMN recon_early.refund IS 'a refund; else a payment';
COMMENT ON COLUMN recon_early.provider_trade_no IS 'the provider''s number';
COMMENT ON COLUMN recon_early.merchant_order_no IS 'our attempt''s number, as the bill has it';
COMMENT ON COLUMN recon_early.refund_no IS 'our refund''s number, as the bill has it; empty: none';
COMMENT ON COLUMN recon_early.fen IS 'what it counts, negative for a refund';
COMMENT ON COLUMN recon_early.at IS 'its time';
COMMENT ON COLUMN recon_early.pending IS 'a refund that the provider had not ended when it wrote the bill';
COMMENT ON COLUMN recon_early.raw IS 'the line itself';

ALTER TABLE recon_result
    ADD COLUMN early_no bigint,
    ADD CONSTRAINT recon_result_early FOREIGN KEY (run_id, early_no) REFERENCES recon_early (run_id, line_no),
    DROP CONSTRAINT recon_result_line,
    ADD CONSTRAINT recon_result_line CHECK (line_no IS NOT NULL OR (face_fen = 0 AND (early_no IS NOT NULL OR b_fen = 0))),
    ADD CONSTRAINT recon_result_once CHECK (early_no IS NULL OR (line_no IS NULL AND NOT carry_out));
CREATE UNIQUE INDEX recon_result_one_early ON recon_result (run_id, early_no) WHERE early_no IS NOT NULL;
COMMENT ON COLUMN recon_result.early_no IS 'line of the bill of the day before that was carried in; its face and fee count there';
COMMENT ON COLUMN recon_result.carry_out IS 'in transit: the next day''s run takes its line or its booking in';

ALTER TABLE recon_run
    ADD COLUMN early_out_count bigint NOT NULL DEFAULT 0,
    ADD COLUMN early_out_fen   bigint NOT NULL DEFAULT 0,
    ADD COLUMN early_in_count  bigint NOT NULL DEFAULT 0,
    ADD COLUMN early_in_fen    bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT recon_run_bill,
    DROP CONSTRAINT recon_run_bill_count,
    DROP CONSTRAINT recon_run_delta,
    ADD CONSTRAINT recon_run_bill
        CHECK (in_scope_fen + early_in_fen = matched_fen + amount_bill_fen + bill_only_fen + repeated_fen + early_out_fen),
    ADD CONSTRAINT recon_run_bill_count
        CHECK (in_scope_count + early_in_count = matched_count + amount_bill_count + bill_only_count + repeated_count + early_out_count),
    ADD CONSTRAINT recon_run_delta CHECK (in_scope_fen + early_in_fen - population_fen = delta_long_fen + delta_short_fen),
    ADD CONSTRAINT recon_run_early CHECK (least(early_out_count, early_in_count) >= 0);
ALTER TABLE recon_run
    ALTER COLUMN early_out_count DROP DEFAULT, ALTER COLUMN early_out_fen DROP DEFAULT,
    ALTER COLUMN early_in_count DROP DEFAULT, ALTER COLUMN early_in_fen DROP DEFAULT;
COMMENT ON COLUMN recon_run.early_out_count IS 'L'': lines ahead of our books, carried out, how many';
COMMENT ON COLUMN recon_run.early_out_fen IS 'L'': lines ahead of our books, carried out, in fen';
COMMENT ON COLUMN recon_run.early_in_count IS 'M'': lines carried in, how many';
COMMENT ON COLUMN recon_run.early_in_fen IS 'M'': lines carried in, in fen';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_recon') THEN
        GRANT SELECT ON recon_early TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON recon_early TO tallygate_recon;
    END IF;
END
$$;
