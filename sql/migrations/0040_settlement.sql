-- SPDX-License-Identifier: Apache-2.0
-- What the provider paid out against what came to the bank is a run like that of a bill: of one account and bank day, with versions, results,
-- a sheet and differences. What is not explained stands among its results and is taken in by the day after. Added and read, never changed.
SET LOCAL search_path = tallygate;

CREATE TABLE recon_settlement (
    run_id          bigint PRIMARY KEY REFERENCES recon_run (run_id),
    opening_count   bigint NOT NULL CHECK (opening_count >= 0),
    opening_fen     bigint NOT NULL,
    paid_count      bigint NOT NULL CHECK (paid_count >= 0),
    paid_fen        bigint NOT NULL,
    banked_count    bigint NOT NULL CHECK (banked_count >= 0),
    banked_fen      bigint NOT NULL,
    closing_count   bigint NOT NULL CHECK (closing_count >= 0),
    closing_fen     bigint NOT NULL,
    loose_in_count  bigint NOT NULL CHECK (loose_in_count >= 0),
    loose_in_fen    bigint NOT NULL,
    lines_count     bigint NOT NULL CHECK (lines_count >= 0),
    lines_fen       bigint NOT NULL,
    transfers_count bigint NOT NULL CHECK (transfers_count >= 0),
    transfers_fen   bigint NOT NULL,
    loose_out_count bigint NOT NULL CHECK (loose_out_count >= 0),
    loose_out_fen   bigint NOT NULL,
    fee_count       bigint NOT NULL CHECK (fee_count >= 0),
    fee_fen         bigint NOT NULL CHECK (fee_fen >= 0),
    CONSTRAINT recon_settlement_payouts CHECK (opening_fen + paid_fen = banked_fen + closing_fen),
    CONSTRAINT recon_settlement_lines CHECK (loose_in_fen + lines_fen = banked_fen + transfers_fen + loose_out_fen)
);
COMMENT ON TABLE recon_settlement IS 'the sheet of a run of settlement: what was to come, was paid out, came and is to come; what the bank has and what it stands for';
COMMENT ON COLUMN recon_settlement.run_id IS 'the run';
COMMENT ON COLUMN recon_settlement.opening_count IS 'payouts taken in from the day before, how many';
COMMENT ON COLUMN recon_settlement.opening_fen IS 'payouts taken in from the day before: what the bank did not have yet';
COMMENT ON COLUMN recon_settlement.paid_count IS 'payouts that moved on the day, how many';
COMMENT ON COLUMN recon_settlement.paid_fen IS 'what was paid out on the day, less what came back to the account';
COMMENT ON COLUMN recon_settlement.banked_count IS 'parts of lines that stand for payouts, how many';
COMMENT ON COLUMN recon_settlement.banked_fen IS 'what came to the bank for payouts, with the bank''s fees, less what was sent back';
COMMENT ON COLUMN recon_settlement.closing_count IS 'payouts carried out to the day after, how many';
COMMENT ON COLUMN recon_settlement.closing_fen IS 'payouts carried out to the day after: what the bank does not have yet';
COMMENT ON COLUMN recon_settlement.loose_in_count IS 'lines that were not explained on the day before, how many';
COMMENT ON COLUMN recon_settlement.loose_in_fen IS 'lines that were not explained on the day before';
COMMENT ON COLUMN recon_settlement.lines_count IS 'lines of the bank of the day, how many';
COMMENT ON COLUMN recon_settlement.lines_fen IS 'lines of the bank of the day, with its fees, less what was sent back';
COMMENT ON COLUMN recon_settlement.transfers_count IS 'payers'' own transfers that are recorded for orders, how many';
COMMENT ON COLUMN recon_settlement.transfers_fen IS 'payers'' own transfers that are recorded for orders';
COMMENT ON COLUMN recon_settlement.loose_out_count IS 'lines that are not explained, how many';
COMMENT ON COLUMN recon_settlement.loose_out_fen IS 'lines that are not explained';
COMMENT ON COLUMN recon_settlement.fee_count IS 'lines of the day that the bank took a fee of, how many';
COMMENT ON COLUMN recon_settlement.fee_fen IS 'what the bank took of the lines of the day';

CREATE TABLE recon_payout (
    run_id     bigint NOT NULL REFERENCES recon_settlement (run_id),
    payout_no  text NOT NULL CHECK (payout_no <> ''),
    payout_day date NOT NULL,
    paid_fen   bigint NOT NULL,
    banked_fen bigint NOT NULL,
    moved_fen  bigint,
    returned   boolean NOT NULL,
    PRIMARY KEY (run_id, payout_no)
);
COMMENT ON TABLE recon_payout IS 'payouts as a run of settlement read them';
COMMENT ON COLUMN recon_payout.run_id IS 'the run';
COMMENT ON COLUMN recon_payout.payout_no IS 'the provider''s number';
COMMENT ON COLUMN recon_payout.payout_day IS 'day of its first movement';
COMMENT ON COLUMN recon_payout.paid_fen IS 'what left the account for the bank up to the day, less what came back';
COMMENT ON COLUMN recon_payout.banked_fen IS 'of it, what the bank had before the day';
COMMENT ON COLUMN recon_payout.moved_fen IS 'of it, what moved on the day; null: nothing did';
COMMENT ON COLUMN recon_payout.returned IS 'it was sent back on a day before, and nothing came in its place';

CREATE TABLE recon_deposit (
    run_id     bigint NOT NULL REFERENCES recon_settlement (run_id),
    deposit_no text NOT NULL CHECK (deposit_no <> ''),
    bank_day   date NOT NULL,
    fen        bigint NOT NULL CHECK (fen > 0),
    fee_fen    bigint NOT NULL CHECK (fee_fen >= 0),
    returned   boolean NOT NULL,
    transfer   boolean NOT NULL,
    payouts    text NOT NULL,
    carried_in boolean NOT NULL,
    sha256     text,
    PRIMARY KEY (run_id, deposit_no)
);
COMMENT ON TABLE recon_deposit IS 'lines of the bank as a run of settlement read them';
COMMENT ON COLUMN recon_deposit.run_id IS 'the run';
COMMENT ON COLUMN recon_deposit.deposit_no IS 'the bank''s number';
COMMENT ON COLUMN recon_deposit.bank_day IS 'day of the statement';
COMMENT ON COLUMN recon_deposit.fen IS 'what came, or what was sent back';
COMMENT ON COLUMN recon_deposit.fee_fen IS 'what the bank took of it before';
COMMENT ON COLUMN recon_deposit.returned IS 'sent back to the provider';
COMMENT ON COLUMN recon_deposit.transfer IS 'a payer''s own transfer';
COMMENT ON COLUMN recon_deposit.payouts IS 'the numbers of payouts that it names';
COMMENT ON COLUMN recon_deposit.carried_in IS 'of a day before, and not explained there';
COMMENT ON COLUMN recon_deposit.sha256 IS 'file of the bank that had it first; null: it came before files were kept';

CREATE TABLE recon_deposit_part (
    run_id     bigint NOT NULL,
    deposit_no text NOT NULL,
    payout_no  text NOT NULL,
    part_fen   bigint NOT NULL,
    PRIMARY KEY (run_id, deposit_no, payout_no),
    FOREIGN KEY (run_id, deposit_no) REFERENCES recon_deposit (run_id, deposit_no),
    FOREIGN KEY (run_id, payout_no) REFERENCES recon_payout (run_id, payout_no)
);
COMMENT ON TABLE recon_deposit_part IS 'which part of a line of the bank stands for which payout; the parts of a line are the line';
COMMENT ON COLUMN recon_deposit_part.run_id IS 'the run';
COMMENT ON COLUMN recon_deposit_part.deposit_no IS 'the line';
COMMENT ON COLUMN recon_deposit_part.payout_no IS 'the payout';
COMMENT ON COLUMN recon_deposit_part.part_fen IS 'with the bank''s fee; negative when it was sent back';

ALTER TABLE recon_result
    ADD COLUMN payout_no text,
    ADD COLUMN deposit_no text,
    ADD CONSTRAINT recon_result_payout FOREIGN KEY (run_id, payout_no) REFERENCES recon_payout (run_id, payout_no),
    ADD CONSTRAINT recon_result_deposit FOREIGN KEY (run_id, deposit_no) REFERENCES recon_deposit (run_id, deposit_no),
    ADD CONSTRAINT recon_result_settlement CHECK (payout_no IS NULL AND deposit_no IS NULL
        OR (payout_no IS NULL) <> (deposit_no IS NULL) AND line_no IS NULL AND attempt_no IS NULL AND refund_no IS NULL AND flow_no IS NULL
           AND early_no IS NULL AND carry_out = (delta_fen <> 0)),
    DROP CONSTRAINT recon_result_line,
    ADD CONSTRAINT recon_result_line CHECK (line_no IS NOT NULL
        OR (face_fen = 0 AND (early_no IS NOT NULL OR b_fen = 0 OR coalesce(payout_no, deposit_no) IS NOT NULL))),
    DROP CONSTRAINT recon_result_member,
    ADD CONSTRAINT recon_result_member CHECK (coalesce(payout_no, deposit_no) IS NOT NULL
        OR (attempt_no IS NOT NULL OR p_fen <= 0) AND (refund_no IS NOT NULL OR p_fen >= 0)),
    DROP CONSTRAINT recon_result_check,
    ADD CONSTRAINT recon_result_carried CHECK (NOT carry_out OR bucket = 'transit' OR coalesce(payout_no, deposit_no) IS NOT NULL);
CREATE UNIQUE INDEX recon_result_one_payout ON recon_result (run_id, payout_no) WHERE payout_no IS NOT NULL;
CREATE UNIQUE INDEX recon_result_one_deposit ON recon_result (run_id, deposit_no) WHERE deposit_no IS NOT NULL;
COMMENT ON COLUMN recon_result.payout_no IS 'payout that a run of settlement judges';
COMMENT ON COLUMN recon_result.deposit_no IS 'line of the bank that stands for no payout';

ALTER TABLE difference
    DROP CONSTRAINT difference_side_check,
    ADD CONSTRAINT difference_side_check CHECK (side IN ('payment', 'refund', 'movement', 'order', 'invoice', 'deposit'));
COMMENT ON COLUMN difference.side IS 'what differs: a payment, a refund, a movement of the account, an order, an invoice; deposit: a payout (provider_trade_no) or a line of the bank (merchant_order_no)';

CREATE TABLE bank_file (
    account  text NOT NULL,
    sha256   text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    bytes    bigint NOT NULL CHECK (bytes > 0),
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (account, sha256)
);
COMMENT ON TABLE bank_file IS 'files of the bank''s statement as finance handed them in; the bytes lie in the archive under their hash; added, never changed';
COMMENT ON COLUMN bank_file.account IS 'configured account';
COMMENT ON COLUMN bank_file.sha256 IS 'hash of the bytes and their name in the archive';
COMMENT ON COLUMN bank_file.bytes IS 'size';
COMMENT ON COLUMN bank_file.taken_at IS 'when it came first';
ALTER TABLE bank_deposit ADD COLUMN sha256 text,
    ADD CONSTRAINT bank_deposit_file FOREIGN KEY (account, sha256) REFERENCES bank_file (account, sha256);
COMMENT ON COLUMN bank_deposit.sha256 IS 'file that had the line first; null: it came before files were kept';

CREATE INDEX flow_line_payout ON flow_line (run_id) WHERE kind = 'withdraw';
CREATE INDEX bank_deposit_by_day ON bank_deposit (account, bank_day);

ALTER TABLE recon_run DROP CONSTRAINT recon_run_codes,
    ADD CONSTRAINT recon_run_codes CHECK (CASE WHEN state = 'blocked' THEN cardinality(codes) > 0
                                               WHEN kind = 'deposits' THEN cardinality(codes) = 0 AND file_id IS NULL
                                               ELSE codes <@ ARRAY['FILE_NONE_OK', 'FILE_EDITED', 'FILE_COLUMNS', 'FILE_REISSUED', 'DAY_CLOSED']
                                                    AND (file_id IS NULL) = ('FILE_NONE_OK' = ANY (codes))
                                                    AND (coalesce(cardinality(late_bills), 0) > 0) = ('FILE_REISSUED' = ANY (codes))
                                                    AND ('DAY_CLOSED' = ANY (codes)) = ('FILE_REISSUED' = ANY (codes)) END);
ALTER TABLE recon_run DROP CONSTRAINT recon_run_without_file,
    ADD CONSTRAINT recon_run_without_file CHECK (file_id IS NOT NULL OR parsed_count = 0 OR kind = 'deposits');
COMMENT ON COLUMN recon_run.kind IS 'kind of bill, or deposits: what was paid out against what came to the bank';
COMMENT ON COLUMN recon_run.bill_day IS 'the bill''s day in the provider''s zone, or the bank''s day';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_recon') THEN
        GRANT SELECT ON recon_settlement, recon_payout, recon_deposit, recon_deposit_part, bank_file TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON recon_settlement, recon_payout, recon_deposit, recon_deposit_part, bank_file TO tallygate_recon;
    END IF;
END
$$;
