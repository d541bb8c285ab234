-- SPDX-License-Identifier: Apache-2.0
-- Attempts that stay without a final word long after their time.
SET LOCAL search_path = tallygate;

ALTER TABLE attempt ADD COLUMN overdue_told_at timestamptz;
CREATE INDEX attempt_unfinished ON attempt (expires_at) WHERE state IN ('created', 'pending', 'unknown', 'closing');
COMMENT ON COLUMN attempt.overdue_told_at IS 'when a person was told that it stays without a final word long after its time';
COMMENT ON COLUMN attempt.next_poll_at IS 'when the schedule looks at it again; null when it has ended or nothing can change any more';
COMMENT ON COLUMN attempt.poll_count IS 'how often the schedule has looked at it';

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tallygate_app') THEN
        GRANT UPDATE (overdue_told_at) ON attempt TO tallygate_app;
    END IF;
END
$$;
