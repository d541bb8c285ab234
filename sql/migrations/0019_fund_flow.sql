-- SPDX-License-Identifier: Apache-2.0
-- The account's own bill of a day beside the bill of trades: every movement with the balance after it, and what it adds to the sheet of
-- the run; and what came to the bank of what was paid out. Added and read, never changed.

SET LOCAL search_path = tallygate;

CREATE TABLE recon_flow (
    run_id         bigint PRIMARY KEY REFERENCES recon_run (run_id),
    file_id        bigint NOT NULL REFERENCES bill_file (file_id),
    opening_fen    bigint,
    closing_fen    bigint,
    opening_proved boolean NOT NULL,
    pay_count      bigint NOT NULL CHECK (pay_count >= 0),
    pay_fen        bigint NOT NULL,
    refund_count   bigint NOT NULL CHECK (refund_count >= 0),
    refund_fen     bigint NOT NULL,
    fee_count      bigint NOT NULL CHECK (fee_count >= 0),
    fee_fen        bigint NOT NULL,
    other_count    bigint NOT NULL CHECK (other_count >= 0),
    other_fen      bigint NOT NULL,
    only_count     bigint NOT NULL CHECK (only_count >= 0),
    only_fen       bigint NOT NULL,
    missing_count  bigint NOT NULL CHECK (missing_count >= 0),
    missing_fen    bigint NOT NULL,
    fee_off_fen    bigint NOT NULL,
    coupon_fen     bigint NOT NULL,
    scope_fen      bigint NOT NULL,
    CHECK ((opening_fen IS NULL) = (closing_fen IS NULL)),
    CHECK (opening_fen IS NOT NULL OR NOT opening_proved),
    CONSTRAINT recon_flow_balance CHECK (closing_fen IS NOT DISTINCT FROM opening_fen + pay_fen + refund_fen + fee_fen + other_fen)
);
COMMENT ON TABLE recon_flow IS 'what the account''s bill of the day adds to the sheet of a run; a run without that bill has no row';
COMMENT ON COLUMN recon_flow.run_id IS 'the run';
COMMENT ON COLUMN recon_flow.file_id IS 'the account''s bill';
COMMENT ON COLUMN recon_flow.opening_fen IS 'balance before the first movement; null: nobody says it';
COMMENT ON COLUMN recon_flow.closing_fen IS 'balance after the last one';
COMMENT ON COLUMN recon_flow.opening_proved IS 'it equals the balance that the run of the day before closed with';
COMMENT ON COLUMN recon_flow.pay_count IS 'payments, how many';
COMMENT ON COLUMN recon_flow.pay_fen IS 'payments, in fen';
COMMENT ON COLUMN recon_flow.refund_count IS 'refunds, how many';
COMMENT ON COLUMN recon_flow.refund_fen IS 'refunds, without the fee that comes back with them, in fen';
COMMENT ON COLUMN recon_flow.fee_count IS 'fees taken and given back, how many';
COMMENT ON COLUMN recon_flow.fee_fen IS 'fees taken and given back, in fen';
COMMENT ON COLUMN recon_flow.other_count IS 'what else moved, how many';
COMMENT ON COLUMN recon_flow.other_fen IS 'what else moved, in fen';
COMMENT ON COLUMN recon_flow.only_count IS 'payments, refunds and fees that are on no line, how many';
COMMENT ON COLUMN recon_flow.only_fen IS 'payments, refunds and fees that are on no line, in fen';
COMMENT ON COLUMN recon_flow.missing_count IS 'lines whose money did not move, how many';
COMMENT ON COLUMN recon_flow.missing_fen IS 'lines whose money did not move, in fen';
COMMENT ON COLUMN recon_flow.fee_off_fen IS 'fees that moved less fees of the lines';
COMMENT ON COLUMN recon_flow.coupon_fen IS 'what is settled less what was sold';
COMMENT ON COLUMN recon_flow.scope_fen IS 'lines of another business with their fees';

CREATE TABLE flow_line (
    run_id            bigint NOT NULL REFERENCES recon_flow (run_id),
    line_no           bigint NOT NULL CHECK (line_no > 0),
    kind              text NOT NULL CHECK (kind IN ('unknown', 'pay', 'refund', 'fee', 'withdraw', 'transfer', 'freeze', 'adjust',
                                                    'interest')),
    provider_trade_no text NOT NULL,
    merchant_order_no text NOT NULL,
    refund_no         text NOT NULL,
    fen               bigint NOT NULL,
    fee_fen           bigint NOT NULL,
    balance_fen       bigint NOT NULL,
    at                timestamptz,
    code              text CHECK (code ~ '^FLOW_[A-Z]+$'),
    trade_line_no     bigint,
    raw               text NOT NULL,
    PRIMARY KEY (run_id, line_no),
    FOREIGN KEY (run_id, trade_line_no) REFERENCES bill_line (run_id, line_no),
    CHECK (code IS NOT NULL OR trade_line_no IS NOT NULL)
);
CREATE UNIQUE INDEX flow_line_one_trade ON flow_line (run_id, trade_line_no) WHERE trade_line_no IS NOT NULL;
COMMENT ON TABLE flow_line IS 'movements of the account''s balance as this run read them';
COMMENT ON COLUMN flow_line.run_id IS 'the run';
COMMENT ON COLUMN flow_line.line_no IS 'line in the account''s bill';
COMMENT ON COLUMN flow_line.kind IS 'what moved';
COMMENT ON COLUMN flow_line.provider_trade_no IS 'the provider''s number';
COMMENT ON COLUMN flow_line.merchant_order_no IS 'our number as the bill says it';
COMMENT ON COLUMN flow_line.refund_no IS 'number of the refund; empty: not said';
COMMENT ON COLUMN flow_line.fen IS 'what moved, negative when it left';
COMMENT ON COLUMN flow_line.fee_fen IS 'of it, the fee that came back with a refund';
COMMENT ON COLUMN flow_line.balance_fen IS 'balance after it';
COMMENT ON COLUMN flow_line.at IS 'time of the booking';
COMMENT ON COLUMN flow_line.code IS 'what it is; null: the payment of the line that it names';
COMMENT ON COLUMN flow_line.trade_line_no IS 'line of the bill of trades whose money it is';
COMMENT ON COLUMN flow_line.raw IS 'the line itself';

ALTER TABLE recon_result
    ADD COLUMN flow_no bigint,
    ADD COLUMN flow_fen bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT recon_result_flow FOREIGN KEY (run_id, flow_no) REFERENCES flow_line (run_id, line_no),
    ADD CONSTRAINT recon_result_movement CHECK (flow_no IS NOT NULL OR flow_fen = 0),
    ADD CONSTRAINT recon_result_movement_alone CHECK (flow_no IS NULL OR (line_no IS NULL AND attempt_no IS NULL AND refund_no IS NULL
                                                                          AND delta_fen = 0));
CREATE UNIQUE INDEX recon_result_one_movement ON recon_result (run_id, flow_no) WHERE flow_no IS NOT NULL;
COMMENT ON COLUMN recon_result.flow_no IS 'movement of the account that no line of the bill of trades explains';
COMMENT ON COLUMN recon_result.flow_fen IS 'what it moved, negative when it left';

CREATE TABLE bank_deposit (
    account    text NOT NULL,
    deposit_no text NOT NULL CHECK (length(deposit_no) BETWEEN 1 AND 64),
    bank_day   date NOT NULL,
    fen        bigint NOT NULL CHECK (fen > 0),
    fee_fen    bigint NOT NULL CHECK (fee_fen >= 0),
    returned   boolean NOT NULL,
    payouts    text NOT NULL CHECK (length(payouts) <= 1000),
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (account, deposit_no)
);
COMMENT ON TABLE bank_deposit IS 'lines of the bank''s statement about what providers paid out, as finance entered them; added, never changed';
COMMENT ON COLUMN bank_deposit.account IS 'configured account whose money it is';
COMMENT ON COLUMN bank_deposit.deposit_no IS 'the bank''s number of the line';
COMMENT ON COLUMN bank_deposit.bank_day IS 'day of the statement';
COMMENT ON COLUMN bank_deposit.fen IS 'what came, or what was sent back';
COMMENT ON COLUMN bank_deposit.fee_fen IS 'what the bank took of it before';
COMMENT ON COLUMN bank_deposit.returned IS 'sent back to the provider';
COMMENT ON COLUMN bank_deposit.payouts IS 'the provider''s numbers of the payouts that it names, blank-separated';
COMMENT ON COLUMN bank_deposit.entered_at IS 'when it was taken in';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_recon') THEN
        GRANT SELECT ON recon_flow, flow_line TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON recon_flow, flow_line TO tallygate_recon;
        GRANT SELECT ON bank_deposit TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON bank_deposit TO tallygate_recon;
    END IF;
END
$$;
