/* SPDX-License-Identifier: Apache-2.0 */
/* Which payments are taken to be closed: whose time is over, and whose end was never written down. */
#include <criterion/criterion.h>

#include "database.h"

#define A "2603100070000000011"

static struct database database;

static void
open_database(void)
{
    database_open(&database);
    database_payment(&database, 7, A, "A-1", 2);
    database_set(&database, "payment", "expires_at", "2026-03-10 03:00:00Z", NULL, NULL);
}

static void
close_database(void)
{
    database_close(&database);
}

TestSuite(expire, .init = open_database, .fini = close_database);

static struct wall_time
began_and(int64_t minutes)
{
    return (struct wall_time){ .us = (INT64_C(1773108000) + minutes * 60) * 1000000 };
}

/* The rows taken some minutes after the payment began, which lasts an hour. */
static size_t
taken(int64_t minutes)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    db_params_init(&params, database.arena);
    db_time(&params, began_and(minutes));
    db_i64(&params, 50);
    enum err err = db_session_run(database.session, STATEMENT_payment_expire_claim, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    return db_rows_count(rows);
}

Test(expire, an_open_payment_is_taken_once_when_its_time_is_over)
{
    cr_expect_eq(taken(59), 0);
    cr_expect_eq(taken(61), 1);
    cr_expect_eq(taken(62), 0, "its attempts are asked about by the schedule");
    cr_expect_eq(database_count(&database, "payment", "close_asked_at", NULL), 0);
}

Test(expire, one_that_only_waits_to_be_written_down_as_closed_is_taken_again)
{
    cr_expect_eq(taken(61), 1);
    database_set(&database, "attempt", "state", "closed", "attempt_no", A "01");
    cr_expect_eq(taken(62), 0, "the other attempt may be paid");
    database_set(&database, "attempt", "state", "closed", "attempt_no", A "02");
    cr_expect_eq(taken(62), 1);
    database_set(&database, "payment", "state", "closed", NULL, NULL);
    cr_expect_eq(taken(62), 0);
}
