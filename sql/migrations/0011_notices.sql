-- SPDX-License-Identifier: Apache-2.0
-- A notice that only makes us ask is remembered until a query that began after it was answered, also when the attempt closed.
SET LOCAL search_path = tallygate;

ALTER TABLE attempt ADD COLUMN notice text CHECK (notice IN ('heard', 'asked'));
COMMENT ON COLUMN attempt.notice IS
    'a notice of the provider that a query is to confirm: heard, or asked about since; null when there is none or it was answered';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT UPDATE (notice) ON attempt TO tallygate_app;
    END IF;
END
$$;
