-- SPDX-License-Identifier: Apache-2.0
-- Refunds have a day on whose bill they are expected, and a place in reconciliation beside the payments.
SET LOCAL search_path = tallygate;

ALTER TABLE refund ADD COLUMN taken_at timestamptz, ADD COLUMN bill_day date;
UPDATE refund r
   SET taken_at = t.at, bill_day = (t.at AT TIME ZONE 'Asia/Shanghai')::date
  FROM (SELECT slot, payment_no, refund_no, min(at) AS at FROM event
         WHERE machine = 'refund' AND to_state IN ('accepted', 'abnormal', 'succeeded')
         GROUP BY slot, payment_no, refund_no) t
 WHERE t.slot = r.slot AND t.refund_no = r.refund_no AND r.state IN ('accepted', 'abnormal', 'succeeded');
ALTER TABLE refund
    ADD CONSTRAINT refund_taken CHECK (state NOT IN ('accepted', 'abnormal', 'succeeded')
                                       OR (taken_at IS NOT NULL AND bill_day IS NOT NULL));
CREATE INDEX refund_by_bill_day ON refund (bill_day) WHERE bill_day IS NOT NULL;
COMMENT ON COLUMN refund.taken_at IS 'when the provider took it on, by its own words where it has any';
COMMENT ON COLUMN refund.bill_day IS 'the day on whose bill it is expected, by the provider''s words where it has any; null until it took it on';

CREATE TABLE recon_refund (
    run_id     bigint NOT NULL REFERENCES recon_run (run_id),
    refund_no  text NOT NULL,
    attempt_no text NOT NULL,
    owner      text NOT NULL,
    order_no   text NOT NULL,
    state      text NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    taken_at   timestamptz,
    counted    boolean NOT NULL,
    carried_in boolean NOT NULL,
    PRIMARY KEY (run_id, refund_no)
);
COMMENT ON TABLE recon_refund IS 'our refunds as a run saw them';
COMMENT ON COLUMN recon_refund.run_id IS 'the run';
COMMENT ON COLUMN recon_refund.refund_no IS 'our number of the refund';
COMMENT ON COLUMN recon_refund.attempt_no IS 'the attempt whose money goes back';
COMMENT ON COLUMN recon_refund.owner IS 'client of the order';
COMMENT ON COLUMN recon_refund.order_no IS 'order';
COMMENT ON COLUMN recon_refund.state IS 'state then';
COMMENT ON COLUMN recon_refund.amount_fen IS 'what goes back';
COMMENT ON COLUMN recon_refund.taken_at IS 'when the provider took it on; null: not yet';
COMMENT ON COLUMN recon_refund.counted IS 'must be on this bill or was carried in';
COMMENT ON COLUMN recon_refund.carried_in IS 'in transit the day before';

ALTER TABLE recon_result
    ADD COLUMN refund_no text,
    ADD CONSTRAINT recon_result_refund FOREIGN KEY (run_id, refund_no) REFERENCES recon_refund (run_id, refund_no),
    DROP CONSTRAINT recon_result_member,
    ADD CONSTRAINT recon_result_member CHECK ((attempt_no IS NOT NULL OR p_fen <= 0) AND (refund_no IS NOT NULL OR p_fen >= 0)),
    ADD CONSTRAINT recon_result_one_side CHECK (attempt_no IS NULL OR refund_no IS NULL);
CREATE UNIQUE INDEX recon_result_one_refund ON recon_result (run_id, refund_no) WHERE refund_no IS NOT NULL;
COMMENT ON COLUMN recon_result.refund_no IS 'refund of ours';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_recon') THEN
        GRANT SELECT ON recon_refund TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON recon_refund TO tallygate_recon;
        GRANT UPDATE (taken_at, bill_day) ON refund TO tallygate_app;
    END IF;
END
$$;
