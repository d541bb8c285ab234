/* SPDX-License-Identifier: Apache-2.0 */
/* Two who complete abandoned keys at the same time; tests/store has the rest. */
#include "check.h"
#include "database.h"

#define NOW_US INT64_C(1773108000000000)

static struct database database;
static struct db_session *worker;
static struct db_session *chores;

static void
open_house(void)
{
    database_open(&database);
    cr_assert_eq(db_session_open(database.app, &worker), ERR_OK);
    cr_assert_eq(db_session_open(database.app, &chores), ERR_OK);
}

static void
close_house(void)
{
    db_session_close(&worker);
    db_session_close(&chores);
    database_close(&database);
}

TestSuite(idempotency, .init = open_house, .fini = close_house);

static struct wall_time
second(int64_t s)
{
    return (struct wall_time){ .us = NOW_US + s * 1000000 };
}

static struct db_rows *
run(struct db_session *session, enum statement statement, const struct db_params *params)
{
    struct db_rows *rows = NULL;
    enum err err = db_session_run(session, statement, params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(session));
    return rows;
}

#define HASH "0123456789abcdef0123456789abcdef"

static void
take(const char *key, int64_t at_s)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, "portal");
    db_cstr(&params, key);
    db_bytes(&params, SPAN_LIT(HASH));
    db_time(&params, second(at_s));
    db_time(&params, second(at_s + 30));
    db_time(&params, second(at_s + 1000));
    db_cstr(&params, "payment_create");
    db_cstr(&params, "A-1");
    db_bytes(&params, span_of("content"));
    DEFER(db_rows_free)
    struct db_rows *rows = run(worker, STATEMENT_idempotency_claim, &params);
    CHECK_TEXT(db_row_text(rows, 0, "outcome"), "claimed");
}

static struct db_rows *
abandoned(struct db_session *session, int64_t now_s, int64_t at_most)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_time(&params, second(now_s));
    db_time(&params, second(now_s + 30));
    db_i64(&params, at_most);
    return run(session, STATEMENT_idempotency_abandoned, &params);
}

Test(idempotency, two_completers_share_the_keys_between_them)
{
    take("first", 0);
    take("second", 1);
    CHECK_OK(db_session_begin(worker, false));
    DEFER(db_rows_free) struct db_rows *one = abandoned(worker, 40, 1);
    DEFER(db_rows_free) struct db_rows *two = abandoned(chores, 40, 50);
    CHECK_OK(db_session_commit(worker));
    cr_assert_eq(db_rows_count(one), 1);
    cr_assert_eq(db_rows_count(two), 1);
    CHECK_TEXT(db_row_text(one, 0, "key"), "first"); /* the oldest lease */
    CHECK_TEXT(db_row_text(two, 0, "key"), "second");
}
