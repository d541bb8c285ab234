/* SPDX-License-Identifier: Apache-2.0 */
/* COPY to a program that reads it: every cell as it stands in the table, and no reader that disagrees with its statement goes on. */
#include "check.h"
#include "database.h"
#include "snapshot_house.h"

#define FIRST "2603100070000000011"

static struct database database;
static struct db_reader reader;
static bool more;

static void
open_database(void)
{
    database_open(&database);
    database_payment(&database, 7, FIRST, "A-1", 1);
    database_sql(&database, "UPDATE tallygate.ca_order SET status = 'paid', status_at ="
                            " '2026-03-10T04:00:00Z'");
    CHECK_OK(db_session_begin(database.session, true));
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, database.arena);
    db_cstr(&params, "main");
    db_cstr(&params, "trade");
    db_day(&params, (struct day){ 2026, 3, 10 });
    db_time(&params, (struct wall_time){ .us = INT64_C(1773072000000000) });
    db_time(&params, (struct wall_time){ .us = INT64_C(1773158400000000) });
    CHECK_OK(db_session_run(database.session, STATEMENT_recon_scope, &params, &rows));
    CHECK_OK(db_read_open(database.session, STATEMENT_recon_read_dated, &reader));
}

static void
close_database(void)
{
    db_reader_fini(&reader);
    database_close(&database);
}

TestSuite(copy_out, .init = open_database, .fini = close_database);

Test(copy_out, gives_the_cells_and_then_no_more)
{
    CHECK_OK(db_read_next(&reader, &more));
    cr_assert(more);
    cr_expect_eq(db_read_i64(&reader), 7);
    CHECK_TEXT(db_read_text(&reader), "portal");
    CHECK_TEXT(db_read_text(&reader), "A-1");
    CHECK_OK(db_read_next(&reader, &more));
    cr_expect_not(more);
    CHECK_OK(db_session_commit(database.session)); /* the session goes on */
}

Test(copy_out, refuses_to_go_on_in_a_row_that_was_not_taken_whole)
{
    CHECK_OK(db_read_next(&reader, &more));
    cr_expect_eq(db_read_i64(&reader), 7);
    cr_expect_eq(db_read_next(&reader, &more), ERR_DB_ROWS);
}

Test(copy_out, refuses_a_cell_of_another_size)
{
    CHECK_OK(db_read_next(&reader, &more));
    cr_expect_not(db_read_bool(&reader)); /* four bytes */
    (void)db_read_text(&reader);
    (void)db_read_text(&reader);
    cr_expect_eq(db_read_next(&reader, &more), ERR_DB_ROWS);
}

Test(copy_out, refuses_a_time_where_a_number_is)
{
    CHECK_OK(db_read_next(&reader, &more));
    cr_expect_eq(db_read_time(&reader).us, 0);
    (void)db_read_text(&reader);
    (void)db_read_text(&reader);
    cr_expect_eq(db_read_next(&reader, &more), ERR_DB_ROWS);
}

Test(copy_out, refuses_more_cells_than_there_are)
{
    CHECK_OK(db_read_next(&reader, &more));
    for (int i = 0; i < 3; i++) {
        (void)db_read_text(&reader);
    }
    cr_expect(span_empty(db_read_text(&reader)));
    cr_expect_eq(db_read_next(&reader, &more), ERR_DB_ROWS);
}

/* What breaks off in the middle leaves no session that somebody would take the rest of the rows from. */
Test(copy_out, left_half_read_ends_with_its_session)
{
    CHECK_OK(db_read_next(&reader, &more));
    db_session_rollback(database.session);
    cr_expect_eq(db_session_begin(database.session, false), ERR_DB_AWAY);
}

Test(copy_out, a_failure_of_the_server_is_the_answer)
{
    DEFER(db_reader_fini) struct db_reader rest = { .session = NULL };
    CHECK_OK(db_read_next(&reader, &more));
    (void)db_read_i64(&reader);
    (void)db_read_text(&reader);
    (void)db_read_text(&reader);
    CHECK_OK(db_read_next(&reader, &more));
    /* nobody made the table */
    cr_expect_eq(db_read_open(database.session, STATEMENT_recon_read_orders, &rest),
                 ERR_DB_STATEMENT);
}
