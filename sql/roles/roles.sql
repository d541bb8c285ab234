-- SPDX-License-Identifier: Apache-2.0
-- Run once per cluster by a superuser, before the migrations. tallygate_owner owns the schema and runs migrations;
-- tallygate_app is what tallygated connects as; tallygate_recon runs the night; tallygate_audit only reads.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['tallygate_owner', 'tallygate_app', 'tallygate_recon', 'tallygate_audit'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- somebody else just did
            END;
        END IF;
    END LOOP;
END
$$;
