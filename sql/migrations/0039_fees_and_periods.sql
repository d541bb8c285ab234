-- SPDX-License-Identifier: Apache-2.0
-- A fee that is another one than the contract has is accepted by two people, once; who proposed it, who agreed and why stay.
SET LOCAL search_path = tallygate;

-- A difference of fees has an amount of its own: its money ties.
ALTER TABLE difference
    ADD COLUMN fee_fen bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT difference_fee CHECK (fee_fen = 0 OR family = 'fee');
UPDATE difference d SET fee_fen = r.fee_fen - r.fee_due_fen
  FROM recon_result r
 WHERE d.family = 'fee' AND r.fee_due_fen IS NOT NULL
   AND (r.run_id, r.seq) = (SELECT w.run_id, w.seq FROM difference_shown w
                             WHERE w.difference_no = d.difference_no ORDER BY w.run_id DESC LIMIT 1);
COMMENT ON COLUMN difference.fee_fen IS 'fee on the bill less fee by contract, as the bill signs fees: below 0 where more was taken than is due; 0 for what is about no fee';

ALTER TABLE action_request
    ADD COLUMN contract text CHECK (contract <> ''),
    DROP CONSTRAINT action_request_kind_check,
    ADD CONSTRAINT action_request_kind_check
        CHECK (kind IN ('accept', 'refund', 'write_off', 'adjust', 'accept_fee')),
    ADD CONSTRAINT action_request_contract CHECK ((contract IS NOT NULL) = (kind = 'accept_fee'));
COMMENT ON COLUMN action_request.kind IS
    'accept: it is taken as it is; refund: money of its attempt goes back; write_off: it is a loss or a gain; adjust: it is carried in suspense; accept_fee: its fee is posted';
COMMENT ON COLUMN action_request.contract IS 'contract, or letter about it, by which the fee of accept_fee is right; null for every other kind';

ALTER TABLE adjustment_line
    DROP CONSTRAINT adjustment_line_ledger_check,
    ADD CONSTRAINT adjustment_line_ledger_check CHECK (ledger IN ('provider_receivable', 'suspense', 'loss', 'gain', 'fee'));
COMMENT ON COLUMN adjustment_line.ledger IS
    'provider_receivable: what the provider holds for us; suspense: until its owner is known; loss; gain; fee: fees of providers beside what contracts make due';
COMMENT ON TABLE adjustment IS 'a difference that two people took as a loss, a gain, in suspense or as a fee; added and read, never changed';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT UPDATE (fee_fen) ON difference TO tallygate_recon;
    END IF;
END
$$;
