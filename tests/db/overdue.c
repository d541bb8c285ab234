/* SPDX-License-Identifier: Apache-2.0 */
/* Attempts that stay without a final word: who is told of them, once, and how many are counted. */
#include <criterion/criterion.h>

#include "database.h"

#define A      "2603100070000000011"
#define NOW_US INT64_C(1773108000000000)
#define NOW    "'2026-03-10T02:00:00Z'::timestamptz"

static struct database database;
static struct db_session *other;

static void
open_house(void)
{
    database_open(&database);
    database_payment(&database, 7, A, "A-1", 5);
    cr_assert_eq(db_session_open(database.app, &other), ERR_OK);
    database_sql(&database, "UPDATE attempt SET state = 'pending', next_poll_at = " NOW
                            ", expires_at = " NOW " - interval '4 hours'");
    database_sql(&database, "UPDATE attempt SET state = 'closing', next_poll_at = NULL, "
                            "query_trouble = 'provider_busy' WHERE attempt_no = '" A "02'");
    database_sql(&database, "UPDATE attempt SET expires_at = " NOW
                            " - interval '2 hours' WHERE attempt_no = '" A "03'");
    database_sql(&database,
                 "UPDATE attempt SET expires_at = " NOW
                 " + interval '1 hour', next_poll_at = NULL WHERE attempt_no = '" A "04'");
    database_sql(&database, "UPDATE attempt SET state = 'closed', next_poll_at = NULL "
                            "WHERE attempt_no = '" A "05'");
}

static void
close_house(void)
{
    db_session_close(&other);
    database_close(&database);
}

TestSuite(overdue, .init = open_house, .fini = close_house);

static struct db_rows *
run(struct db_session *session, enum statement statement)
{
    struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, database.arena);
    db_time(&params, (struct wall_time){ .us = NOW_US });
    db_time(&params, (struct wall_time){ .us = NOW_US - INT64_C(3) * 3600 * 1000000 });
    if (statement == STATEMENT_attempt_overdue_claim) {
        db_i64(&params, 50);
    }
    cr_assert_eq(db_session_run(session, statement, &params, &rows), ERR_OK, "%s",
                 db_session_trouble(session));
    return rows;
}

Test(overdue, each_is_told_once_over_all_nodes)
{
    DEFER(db_rows_free) struct db_rows *first = NULL;
    DEFER(db_rows_free) struct db_rows *second = NULL;
    cr_assert_eq(db_session_begin(other, false), ERR_OK);
    first = run(other, STATEMENT_attempt_overdue_claim);
    second = run(database.session, STATEMENT_attempt_overdue_claim);
    cr_expect_eq(db_rows_count(first), 2);
    cr_expect_eq(db_rows_count(second), 0, "the other node is telling");
    cr_assert_eq(db_session_commit(other), ERR_OK);
    DEFER(db_rows_free)
    struct db_rows *third = run(database.session, STATEMENT_attempt_overdue_claim);
    cr_expect_eq(db_rows_count(third), 0);
    int64_t told = database_number(&database, "SELECT count(*) FROM attempt WHERE "
                                              "overdue_told_at = " NOW);
    cr_expect_eq(told, 2);
}

Test(overdue, it_says_which_and_why)
{
    DEFER(db_rows_free) struct db_rows *rows = run(other, STATEMENT_attempt_overdue_claim);
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        bool second = span_eq_cstr(db_row_text(rows, i, "attempt_no"), A "02");
        cr_expect(span_eq_cstr(db_row_text(rows, i, "state"), second ? "closing" : "pending"));
        cr_expect(
            span_eq_cstr(db_row_text(rows, i, "query_trouble"), second ? "provider_busy" : ""));
    }
    cr_expect_eq(db_rows_count(rows), 2);
}

Test(overdue, what_is_late_and_what_is_not_asked_about_any_more_is_counted)
{
    DEFER(db_rows_free) struct db_rows *rows = run(other, STATEMENT_attempt_overdue_count);
    cr_expect_eq(db_row_i64(rows, 0, "overdue"), 2);
    cr_expect_eq(db_row_i64(rows, 0, "given_up"), 1, "one that can still be paid is not given up");
    cr_expect_eq(db_row_time(rows, 0, "oldest").us, NOW_US - INT64_C(4) * 3600 * 1000000);
    database_sql(&database, "UPDATE attempt SET state = 'closed'");
    DEFER(db_rows_free) struct db_rows *none = run(other, STATEMENT_attempt_overdue_count);
    cr_expect_eq(db_row_i64(none, 0, "overdue"), 0);
    cr_expect(db_row_null(none, 0, "oldest"));
}
