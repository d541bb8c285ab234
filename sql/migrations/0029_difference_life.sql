-- SPDX-License-Identifier: Apache-2.0
-- The provider is asked about differences that its word may end, by ourselves; what it answered is kept with each. Their chains are
-- sealed by the checkpoints of the audit trail.
SET LOCAL search_path = tallygate;

INSERT INTO transition (machine, from_state, event, to_state, effect) VALUES
    ('difference', 'checking', 'answer', 'checking', 'keep'),
    ('difference', 'checking', 'uphold', 'open', 'move'),
    ('difference', 'assigned', 'answer', 'assigned', 'keep');

ALTER TABLE difference_event
    DROP CONSTRAINT difference_event_evidence,
    ADD CONSTRAINT difference_event_evidence
        CHECK (event NOT IN ('heal', 'confirm', 'answer', 'uphold') OR evidence_digest IS NOT NULL),
    ADD CONSTRAINT difference_event_query CHECK ((event IN ('answer', 'uphold')) = (actor LIKE 'query:%'));

CREATE TABLE difference_ask (
    difference_no text PRIMARY KEY REFERENCES difference (difference_no),
    run_id        bigint NOT NULL REFERENCES recon_run (run_id),
    asked         integer NOT NULL CHECK (asked > 0),
    due_at        timestamptz NOT NULL,
    news          boolean NOT NULL DEFAULT false
);
CREATE INDEX difference_ask_news ON difference_ask (difference_no) WHERE news;
CREATE INDEX difference_checking ON difference (difference_no) WHERE state = 'checking';

COMMENT ON TABLE difference_ask IS 'how often the provider was asked about a difference, and whether its word is news to the run that shows it';
COMMENT ON COLUMN difference_ask.difference_no IS 'the difference';
COMMENT ON COLUMN difference_ask.run_id IS 'the newest run that had shown it when it was asked about last';
COMMENT ON COLUMN difference_ask.asked IS 'how often it was asked about since that run';
COMMENT ON COLUMN difference_ask.due_at IS 'when it is asked about again while it is checking and no newer run shows it';
COMMENT ON COLUMN difference_ask.news IS 'the books or the provider''s last word are others than that run saw: its day is to be made again';

CREATE TABLE difference_seal (
    difference_no text PRIMARY KEY REFERENCES difference (difference_no),
    version       bigint NOT NULL CHECK (version > 0)
);
COMMENT ON TABLE difference_seal IS 'up to which event a signed checkpoint names the chain of a difference; beside it, so that sealing and a run do not get into each other''s way';
COMMENT ON COLUMN difference_seal.difference_no IS 'the difference';
COMMENT ON COLUMN difference_seal.version IS 'its version at the newest checkpoint that names it';
COMMENT ON COLUMN audit_checkpoint.heads IS
    'one line for each payment or difference that changed since its last checkpoint: slot (1000: a difference), number, seq, hash of that event';

COMMENT ON COLUMN idempotency.route IS 'the call; empty for one of before this was kept of every call';
COMMENT ON COLUMN idempotency.subject IS
    'order, payment, refund or difference with its client, or endpoint that the call is about; empty when the key is given back without a look';
COMMENT ON COLUMN idempotency.content_hash IS
    'content hash of the order that was sent; of a refund that is asked for, that of the request; of an act about a difference, that of the event''s detail; null where the call sends none of them';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON difference_ask TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON difference_ask TO tallygate_app;
        GRANT UPDATE (run_id, asked, due_at, news) ON difference_ask TO tallygate_app;
        GRANT SELECT ON difference_seal TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT ON difference_seal TO tallygate_app;
        GRANT UPDATE (version) ON difference_seal TO tallygate_app;
        GRANT UPDATE (state, next_at, tries, changed_at) ON recon_day TO tallygate_app;
    END IF;
END
$$;
