-- SPDX-License-Identifier: Apache-2.0
-- What further providers say: on which day's bill a payment stands, what else their files name it by, a notice that only makes us ask,
-- and keys that change without us.
SET LOCAL search_path = tallygate;

INSERT INTO transition (machine, from_state, event, to_state, effect) VALUES
    ('attempt', 'created', 'noticed', 'created', 'keep'),
    ('attempt', 'pending', 'noticed', 'pending', 'keep'),
    ('attempt', 'unknown', 'noticed', 'unknown', 'keep'),
    ('attempt', 'closing', 'noticed', 'closing', 'keep'),
    ('attempt', 'closed', 'noticed', 'closed', 'keep'),
    ('attempt', 'paid', 'noticed', 'paid', 'keep'),
    ('attempt', 'late_paid', 'noticed', 'late_paid', 'keep');

ALTER TABLE attempt ADD COLUMN bill_day date, ADD COLUMN trace text;
UPDATE attempt SET bill_day = (paid_at AT TIME ZONE 'Asia/Shanghai')::date WHERE paid_at IS NOT NULL;
ALTER TABLE attempt ADD CHECK ((paid_at IS NOT NULL) = (bill_day IS NOT NULL));
DROP INDEX attempt_paid_at;
CREATE INDEX attempt_bill_day ON attempt (account, bill_day) WHERE bill_day IS NOT NULL;
COMMENT ON COLUMN attempt.bill_day IS 'the day on whose bill the payment is expected: as the provider said it, else the day of payment in China';
COMMENT ON COLUMN attempt.trace IS 'what else the provider''s files name the payment by; unionpay: traceNo and traceTime';
COMMENT ON COLUMN attempt.method IS 'page, wap, qr, b2b, jsapi';

ALTER TABLE bill_fetch DROP CONSTRAINT bill_fetch_outcome_check;
ALTER TABLE bill_fetch ADD CONSTRAINT bill_fetch_outcome_check
    CHECK (outcome IN ('stored', 'known', 'not_ready', 'none', 'link', 'transfer', 'refused', 'hash'));
COMMENT ON COLUMN bill_fetch.outcome IS 'stored, known (the same content was there), not_ready, none (the provider says there is no bill), link, transfer, refused, hash (not the file that the provider''s signed hash names)';

CREATE TABLE provider_key (
    account     text NOT NULL,
    serial      text NOT NULL,
    pem         text NOT NULL,
    not_before  timestamptz,
    not_after   timestamptz,
    accepted_at timestamptz NOT NULL,
    PRIMARY KEY (account, serial)
);
COMMENT ON TABLE provider_key IS 'keys of providers that were downloaded and accepted; never changed, only added to';
COMMENT ON COLUMN provider_key.account IS 'configured account that trusts it';
COMMENT ON COLUMN provider_key.serial IS 'the provider''s name of the key';
COMMENT ON COLUMN provider_key.pem IS 'the certificate, or the chain with its leaf first';
COMMENT ON COLUMN provider_key.not_before IS 'when it begins to count; null when it has no beginning';
COMMENT ON COLUMN provider_key.not_after IS 'when it ends to count; null when it has no end';
COMMENT ON COLUMN provider_key.accepted_at IS 'when its chain, or the sealed answer that brought it, was verified';

CREATE TABLE provider_key_want (
    account   text NOT NULL,
    serial    text NOT NULL,
    seen_at   timestamptz NOT NULL,
    asked_at  timestamptz,
    PRIMARY KEY (account, serial)
);
COMMENT ON TABLE provider_key_want IS 'serials that a message named and nobody knows; chores ask the provider for them';
COMMENT ON COLUMN provider_key_want.account IS 'configured account';
COMMENT ON COLUMN provider_key_want.serial IS 'the serial; empty: the regular download';
COMMENT ON COLUMN provider_key_want.seen_at IS 'when it was first seen';
COMMENT ON COLUMN provider_key_want.asked_at IS 'when the provider was last asked';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON provider_key, provider_key_want TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON provider_key, provider_key_want TO tallygate_app;
        GRANT UPDATE (asked_at) ON provider_key_want TO tallygate_app;
        GRANT DELETE ON provider_key_want TO tallygate_app;
        GRANT UPDATE (bill_day, trace) ON attempt TO tallygate_app;
    END IF;
END
$$;
