-- SPDX-License-Identifier: Apache-2.0
-- The bank's statement has payers' own transfers too; they belong to the orders under whose voucher they were recorded.
SET LOCAL search_path = tallygate;

ALTER TABLE bank_deposit
    ADD COLUMN transfer boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT bank_deposit_transfer CHECK (NOT transfer OR (NOT returned AND payouts = ''));
COMMENT ON COLUMN bank_deposit.transfer IS 'a payer''s own transfer, past every provider; deposit_no is its voucher';
COMMENT ON TABLE bank_deposit IS 'lines of the bank''s statement about what providers paid out and what payers transferred, as finance entered them; added, never changed';

CREATE INDEX manual_payment_by_voucher ON manual_payment (voucher) WHERE state <> 'rejected';
