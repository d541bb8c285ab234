/* SPDX-License-Identifier: Apache-2.0 */
/* The time of a statement runs from the moment it is asked for, also behind a slow one. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <libpq-fe.h>

#include "database.h"

#define A            "2603100070000000011"
#define STATEMENT_MS 2000
#define RELEASE_MS   1500
#define MARK_MS      3000 /* a time that began when the slow statement ended would be over at 3500 */

static struct database database;
static struct event_base *base;
static struct db *db;

static struct told {
    bool done;
    enum err err;
} told[2];

static PGconn *holders[2];

static void
hold(int i, const char *attempt_no)
{
    char sql[160];
    (void)snprintf(sql, sizeof(sql),
                   "BEGIN; SELECT 1 FROM tallygate.attempt WHERE attempt_no = '%s' FOR UPDATE",
                   attempt_no);
    holders[i] = PQconnectdb(database.superuser);
    PGresult *result = PQexec(holders[i], sql);
    cr_assert_eq(PQntuples(result), 1, "%s", PQerrorMessage(holders[i]));
    PQclear(result);
}

static void
open_house(void)
{
    database_open(&database);
    database_payment(&database, 7, A, "A-1", 2);
    hold(0, A "01");
    hold(1, A "02");
    base = event_base_new();
    cr_assert_eq(db_open(base, database.app, 1, STATEMENT_MS, &db), ERR_OK);
}

static void
close_house(void)
{
    db_close(&db);
    event_base_free(base);
    PQfinish(holders[0]);
    PQfinish(holders[1]);
    database_close(&database);
}

TestSuite(deadline, .init = open_house, .fini = close_house);

static void
done(void *context, const struct db_answer *answer)
{
    struct told *one = context;
    one->done = true;
    one->err = answer->err;
    if (told[0].done && told[1].done) {
        (void)event_base_loopbreak(base);
    }
}

static void
claim(const char *attempt_no, struct told *one)
{
    struct db_params params;
    struct wall_time now = { .us = INT64_C(1773108000000000) };
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, attempt_no);
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, 1000));
    db_bool(&params, true);
    db_run(db, STATEMENT_attempt_claim_query, &params, done, one);
}

static void
on_release(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    PQclear(PQexec(context, "ROLLBACK"));
}

static void
on_mark(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)event_base_loopbreak(context);
}

static struct event *
at(int ms, event_callback_fn call, void *context)
{
    struct timeval wait = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };
    struct event *timer = event_new(base, -1, 0, call, context);
    cr_assert_eq(event_add(timer, &wait), 0);
    return timer;
}

/* One connection, two statements, asked for together. The first is slow and succeeds; the second is
 * sent late and hangs. Timers that are due together run in the order of their times. */
Test(deadline, waiting_behind_a_slow_statement_counts)
{
    claim(A "01", &told[0]);
    claim(A "02", &told[1]);
    struct event *release = at(RELEASE_MS, on_release, holders[0]);
    struct event *mark = at(MARK_MS, on_mark, base);
    (void)event_base_dispatch(base);
    cr_expect(told[0].done);
    cr_expect_eq(told[0].err, ERR_OK, "%s", err_name(told[0].err));
    cr_expect(told[1].done, "its time began only when a connection took it");
    cr_expect_eq(told[1].err, ERR_DB_OUTCOME, "%s", err_name(told[1].err));
    event_free(release);
    event_free(mark);
}
