/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that wait for one another and for a lock in PostgreSQL. tests/store has what every store does. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>
#include <event2/event.h>
#include <libpq-fe.h>

#include "apply.h"
#include "database.h"
#include "evidence_seal.h"
#include "metrics.h"
#include "payment_store.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define A           "2603100070000000011"
#define B           "2603100070000000029"
#define C           "2603100070000000037"
#define MOST        16
#define GUARD_S     60

static struct database database;
static struct event_base *base;
static struct event *guard;
static struct db *db;
static struct apply_queue *queue;

static struct told {
    bool done;
    enum err err;
    struct payment_change_result result;
} told[MOST];
static struct payment_change changes[MOST];
static struct evidence *statements[MOST];
static size_t count;
static size_t left;

static void
give_up(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    cr_assert_fail("the loop did not end");
}

static void
open_queue(const char *conninfo)
{
    struct timeval wait = { .tv_sec = GUARD_S };
    base = event_base_new();
    guard = event_new(base, -1, 0, give_up, NULL);
    cr_assert_eq(event_add(guard, &wait), 0);
    cr_assert_eq(db_open(base, conninfo, 2, 20000, &db), ERR_OK);
    cr_assert_eq(apply_queue_new(db, &queue), ERR_OK);
}

static void
open_house(void)
{
    database_open(&database);
    database_payment(&database, 7, A, "A-1", 3);
    database_payment(&database, 7, B, "B-1", 1);
    database_payment(&database, 7, C, "C-1", 1);
}

static void
close_house(void)
{
    for (size_t i = 0; i < count; i++) {
        evidence_free(&statements[i]);
    }
    apply_queue_free(&queue);
    db_close(&db);
    event_free(guard);
    event_base_free(base);
    database_close(&database);
}

TestSuite(apply_queue, .init = open_house, .fini = close_house);

static void
done(void *context, enum err err, const struct payment_change_result *result)
{
    struct told *one = context;
    cr_assert_not(one->done, "told twice");
    one->done = true;
    one->err = err;
    if (result != NULL) {
        one->result = *result;
    }
    if (--left == 0) {
        (void)event_base_loopbreak(base);
    }
}

/* `status` empty: a payment without any statement behind it, which the database refuses. */
static void
submit(const char *attempt_no, const char *status)
{
    size_t i = count++;
    char raw[32];
    (void)snprintf(raw, sizeof(raw), "statement %zu", i);
    struct evidence_claim claim = {
        .source = EVIDENCE_CALLBACK,
        .verdict = EVIDENCE_PAID,
        .provider_trade_no = SPAN_LIT("T1"),
        .provider_status = span_of(status),
        .amount = { 56000, CURRENCY_CNY },
        .paid_at = { .us = INT64_C(1773108000000000) },
        .raw = span_of(raw),
    };
    if (status[0] != 0) {
        cr_assert_eq(evidence_seal(&claim, &statements[i]), ERR_OK);
    }
    changes[i] = (struct payment_change){
        .slot = 7,
        .attempt_no = span_of(attempt_no),
        .event = ATTEMPT_EVENT_PAID,
        .evidence = statements[i],
        .now = { .us = INT64_C(1773108001000000) },
    };
    left++;
    apply_submit(queue, &changes[i], done, &told[i]);
}

static void
expect(size_t i, enum err err, enum payment_outcome outcome)
{
    cr_expect(told[i].done, "%zu", i);
    cr_expect_eq(told[i].err, err, "%zu gave %s", i, err_name(told[i].err));
    cr_expect_eq(told[i].result.outcome, outcome, "%zu: %d", i, (int)told[i].result.outcome);
}

/* The other side holds the order and then wants the attempt that our statement holds. */
Test(apply_queue, a_deadlock_undoes_nobody)
{
    PGconn *other = PQconnectdb(database.superuser);
    open_queue(database.app);
    PQclear(PQexec(other, "SET search_path = tallygate; SET deadlock_timeout = '50s'; BEGIN; "
                          "UPDATE ca_order SET status_at = now() WHERE order_no = 'B-1'"));
    submit(A "01", "TRADE_SUCCESS");
    submit(B "01", "TRADE_SUCCESS");
    submit(C "01", "TRADE_SUCCESS");
    while (database_number(&database, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0) {
        (void)event_base_loop(base, EVLOOP_NONBLOCK);
    }
    cr_assert_eq(PQsendQuery(other, "UPDATE attempt SET poll_count = 1 WHERE attempt_no = '" B
                                    "01'; COMMIT"),
                 1);
    (void)event_base_dispatch(base);
    for (size_t i = 0; i < count; i++) {
        expect(i, ERR_OK, PAYMENT_APPLIED);
    }
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM attempt WHERE poll_count = 1"),
                 1);
    PQfinish(other);
}
