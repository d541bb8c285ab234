/* SPDX-License-Identifier: Apache-2.0 */
/* A database of another shape than this program's is refused, and so are rows of another shape. */
#include "check.h"
#include "database.h"
#include "migrate.h"
#include "payment_store.h"

static struct database database;

static void
open_database(void)
{
    database_open(&database);
}

static void
close_database(void)
{
    database_close(&database);
}

TestSuite(shape, .init = open_database, .fini = close_database);

Test(shape, a_migration_whose_text_changed_is_refused)
{
    int applied = 0;
    CHECK_OK(migrate_check(database.session));
    database_sql(&database, "UPDATE tallygate.schema_migration SET sha256 = sha256('other')"
                            " WHERE version = 1");
    CHECK_ERR(migrate_check(database.session), ERR_DB_SCHEMA);
    CHECK_ERR(migrate_up(database.session, NULL, &applied), ERR_DB_SCHEMA);
    cr_expect_eq(applied, 0);
}

Test(shape, an_older_and_a_newer_database_are_refused)
{
    database_sql(&database, "INSERT INTO tallygate.schema_migration SELECT 9999, 'newer', sha256,"
                            " applied_at FROM tallygate.schema_migration WHERE version = 1");
    CHECK_ERR(migrate_check(database.session), ERR_DB_SCHEMA);
    database_sql(&database, "DELETE FROM tallygate.schema_migration WHERE version IN (3, 9999)");
    CHECK_ERR(migrate_check(database.session), ERR_DB_SCHEMA);
}

Test(shape, bytes_that_are_none_are_refused)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct span bytes = SPAN("untouched");
    CHECK_OK(db_session_run(database.session, STATEMENT_migration_list, NULL, &rows));
    CHECK_ERR(db_row_bytes(rows, 0, "name", database.arena, &bytes), ERR_DB_ROWS);
    CHECK_TEXT(bytes, "untouched");
}
