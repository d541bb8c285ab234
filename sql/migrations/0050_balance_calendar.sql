-- SPDX-License-Identifier: Apache-2.0
-- A day that was made without the bill of the account's movements goes on waiting for that bill: it is done, and taken up again all the same.
SET LOCAL search_path = tallygate;

ALTER TABLE recon_day
    ADD COLUMN lacks_kind text,
    DROP CONSTRAINT recon_day_done,
    DROP CONSTRAINT recon_day_late,
    ADD CONSTRAINT recon_day_done CHECK (state <> 'done' OR lacks_kind IS NOT NULL OR (next_at IS NULL AND late_at IS NULL)),
    ADD CONSTRAINT recon_day_late CHECK (late_at IS NULL OR state = 'waiting' OR lacks_kind IS NOT NULL),
    ADD CONSTRAINT recon_day_lacks CHECK (lacks_kind <> kind);
COMMENT ON COLUMN recon_day.lacks_kind IS
    'kind of the bill of the account''s movements, where the run that counts was made without it and it is not known that there is none';
COMMENT ON COLUMN recon_day.next_at IS
    'when the night takes it up, one that is done for the bill that it lacks; null: nothing to do, or given up';
COMMENT ON COLUMN recon_day.late_at IS
    'when it was found late: no bill at the give-up hour, or it is done and lacks one at that bill''s give-up hour; told once';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_recon') THEN
        GRANT UPDATE (lacks_kind) ON recon_day TO tallygate_recon;
    END IF;
END
$$;
