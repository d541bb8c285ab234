-- SPDX-License-Identifier: Apache-2.0
-- One budget of queries for all processes of all nodes, and what became of a query for everybody who waits for it.
SET LOCAL search_path = tallygate;

CREATE TABLE query_budget (
    account text PRIMARY KEY,
    full_at timestamptz NOT NULL,
    granted bigint NOT NULL CHECK (granted >= 0)
);
COMMENT ON TABLE query_budget IS 'how far each account''s bucket of provider queries is emptied';
COMMENT ON COLUMN query_budget.account IS 'configured account';
COMMENT ON COLUMN query_budget.full_at IS 'when the bucket is full again if nobody takes any';
COMMENT ON COLUMN query_budget.granted IS 'how many the last asker was given';

ALTER TABLE attempt ADD COLUMN query_count bigint NOT NULL DEFAULT 0, ADD COLUMN query_trouble text;
COMMENT ON COLUMN attempt.query_count IS 'calls to the provider about it that have ended: who waits for one sees it grow';
COMMENT ON COLUMN attempt.query_trouble IS 'why the last of them brought no verified answer; null when it did';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT SELECT ON query_budget TO tallygate_app, tallygate_recon, tallygate_audit;
        GRANT INSERT, UPDATE ON query_budget TO tallygate_app;
        GRANT UPDATE (query_count, query_trouble) ON attempt TO tallygate_app;
    END IF;
END
$$;
