-- SPDX-License-Identifier: Apache-2.0
-- The fee that a contract has for a line stands beside the fee that was charged: a report of fees is made from the run alone.
SET LOCAL search_path = tallygate;

ALTER TABLE recon_result
    ADD COLUMN fee_due_fen bigint,
    ADD CONSTRAINT recon_result_fee_due CHECK (fee_due_fen IS NULL OR line_no IS NOT NULL);
COMMENT ON COLUMN recon_result.fee_due_fen IS 'fee of the line by the contract of its day, as the bill signs fees; null: no contract speaks of it, or there is no line';
