/* SPDX-License-Identifier: Apache-2.0 */
/* The lease of asking a provider, held by two askers on connections of their own. */
#include <criterion/criterion.h>

#include "database.h"

#define A      "2603100070000000011"
#define NOW_US INT64_C(1773108000000000)

static struct database database;
static struct db_session *early;
static struct db_session *late;

static void
open_house(void)
{
    database_open(&database);
    database_payment(&database, 7, A, "A-1", 1);
    cr_assert_eq(db_session_open(database.app, &early), ERR_OK);
    cr_assert_eq(db_session_open(database.app, &late), ERR_OK);
}

static void
close_house(void)
{
    db_session_close(&early);
    db_session_close(&late);
    database_close(&database);
}

TestSuite(lease, .init = open_house, .fini = close_house);

static struct wall_time
second(int64_t s)
{
    return (struct wall_time){ .us = NOW_US + s * 1000000 };
}

static size_t
touched(struct db_session *session, enum statement statement, const struct db_params *params)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    enum err err = db_session_run(session, statement, params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(session));
    return db_rows_affected(rows);
}

static size_t
claim(struct db_session *session, int64_t now_s, int64_t until_s)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, A "01");
    db_time(&params, second(now_s));
    db_time(&params, second(until_s));
    return touched(session, STATEMENT_attempt_claim_query, &params);
}

/* Whether the attempt is leased to nobody afterwards. */
static bool
release(struct db_session *session, int64_t until_s, bool asked, const char *trouble)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, A "01");
    db_time(&params, second(until_s));
    db_time(&params, second(until_s - 1));
    db_bool(&params, asked);
    db_cstr(&params, trouble);
    cr_expect_eq(touched(session, STATEMENT_attempt_release_query, &params), 1);
    return database_count(&database, "attempt", "query_lease_until", NULL) == 1;
}

Test(lease, a_late_release_leaves_the_next_holder_alone)
{
    cr_expect_eq(claim(early, 0, 12), 1);
    cr_expect_eq(claim(late, 11, 23), 0, "it is still held");
    cr_expect_eq(claim(late, 12, 24), 1, "its time is over");
    cr_expect_not(release(early, 12, true, NULL));
    cr_expect_eq(claim(early, 13, 25), 0, "it is held by the other");
    cr_expect(release(late, 24, true, NULL));
    cr_expect_eq(claim(early, 13, 25), 1);
}

/* Who waits for somebody else's query sees it end, and how; no clock has a part in it. */
Test(lease, each_query_that_ended_is_counted_with_its_trouble)
{
    cr_expect_eq(claim(early, 0, 12), 1);
    cr_expect(release(early, 12, true, "provider_no_answer"));
    cr_expect_eq(database_value(&database, "attempt", "query_count"), 1);
    cr_expect_eq(database_count(&database, "attempt", "query_trouble", "provider_no_answer"), 1);
    cr_expect_eq(claim(late, 1, 13), 1);
    cr_expect(release(late, 13, false, "refresh_budget"), "nobody was asked");
    cr_expect_eq(database_value(&database, "attempt", "query_count"), 1);
    cr_expect_eq(database_count(&database, "attempt", "query_trouble", NULL), 0,
                 "what was so is still so");
    cr_expect_eq(claim(late, 2, 14), 1);
    cr_expect(release(late, 14, true, NULL));
    cr_expect_eq(database_value(&database, "attempt", "query_count"), 2);
    cr_expect_eq(database_count(&database, "attempt", "query_trouble", NULL), 1);
}
