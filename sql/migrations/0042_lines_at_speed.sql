-- SPDX-License-Identifier: Apache-2.0
-- Lines of bills and attempts of a run are stored by whole days at a time. That their run exists is looked up once for a statement, not for
-- each of its rows, which took longer than all else about a row.

SET LOCAL search_path = tallygate;

-- Its arguments are the tables. Goes from run to run along their keys: a look-up for each run that has rows, however many those are.
CREATE FUNCTION rows_of_runs() RETURNS trigger LANGUAGE plpgsql SET search_path = tallygate, pg_temp AS $$
DECLARE
    strange bigint;
BEGIN
    FOR i IN 0 .. TG_NARGS - 1 LOOP
        EXECUTE format('WITH RECURSIVE held AS (
                (SELECT run_id FROM %1$I ORDER BY run_id LIMIT 1)
                UNION ALL
                SELECT (SELECT n.run_id FROM %1$I n WHERE n.run_id > h.run_id ORDER BY n.run_id LIMIT 1)
                  FROM held h WHERE h.run_id IS NOT NULL
            )
            SELECT h.run_id FROM held h
             WHERE h.run_id IS NOT NULL AND NOT EXISTS (SELECT FROM recon_run r WHERE r.run_id = h.run_id) LIMIT 1', TG_ARGV[i]) INTO strange;
        IF strange IS NOT NULL THEN
            RAISE foreign_key_violation USING MESSAGE = format('rows of %I are of run %s, which does not exist', TG_ARGV[i], strange),
                CONSTRAINT = format('%s_of_runs', TG_ARGV[i]), TABLE = TG_ARGV[i], SCHEMA = TG_TABLE_SCHEMA;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION rows_of_runs() IS 'refuses rows of a run that does not exist, all rows of a statement at once';

ALTER TABLE bill_line DROP CONSTRAINT bill_line_run_id_fkey;
ALTER TABLE recon_population DROP CONSTRAINT recon_population_run_id_fkey;
CREATE TRIGGER bill_line_of_runs AFTER INSERT OR UPDATE ON bill_line
    FOR EACH STATEMENT EXECUTE FUNCTION rows_of_runs('bill_line');
CREATE TRIGGER recon_population_of_runs AFTER INSERT OR UPDATE ON recon_population
    FOR EACH STATEMENT EXECUTE FUNCTION rows_of_runs('recon_population');
CREATE TRIGGER recon_run_kept AFTER DELETE OR UPDATE OF run_id ON recon_run
    FOR EACH STATEMENT EXECUTE FUNCTION rows_of_runs('bill_line', 'recon_population');
CREATE TRIGGER recon_run_not_emptied AFTER TRUNCATE ON recon_run
    FOR EACH STATEMENT EXECUTE FUNCTION rows_of_runs('bill_line', 'recon_population');
