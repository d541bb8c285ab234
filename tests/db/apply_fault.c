/* SPDX-License-Identifier: Apache-2.0 */
/* Payments whose n-th statement fails, for every n: nobody is told of what is not stored, nothing is stored by half, and the
 * callback that comes again succeeds with the same books. */
#include <stdio.h>

#include <criterion/criterion.h>
#include <event2/event.h>

#include "apply.h"
#include "check.h"
#include "database.h"
#include "evidence_seal.h"
#include "nth_query.h"
#include "payment_store.h"

#define WAITING 3 /* attempts of three payments: the first goes alone, the others together */
#define GUARD_S 60

static const char *const numbers[WAITING] = { "2603100070000000011", "2603100070000000029",
                                              "2603100070000000037" };
static const char *const orders[WAITING] = { "A-1", "B-1", "C-1" };

static struct database database;
static struct event_base *base;
static struct event *guard;
static struct evidence *statements[WAITING];
static struct payment_change changes[WAITING];
static char attempts[WAITING][32];
static enum err told[WAITING];
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
prepare(size_t i)
{
    struct evidence_claim claim = {
        .source = EVIDENCE_CALLBACK,
        .verdict = EVIDENCE_PAID,
        .provider_trade_no = SPAN_LIT("T1"),
        .provider_status = SPAN_LIT("TRADE_SUCCESS"),
        .amount = { 56000, CURRENCY_CNY },
        .paid_at = { .us = INT64_C(1773108000000000) },
        .raw = span_of(orders[i]),
    };
    CHECK_OK(evidence_seal(&claim, &statements[i]));
    (void)snprintf(attempts[i], sizeof(attempts[i]), "%s01", numbers[i]);
    changes[i] = (struct payment_change){ .slot = 7,
                                          .attempt_no = span_of(attempts[i]),
                                          .event = ATTEMPT_EVENT_PAID,
                                          .evidence = statements[i],
                                          .now = { .us = INT64_C(1773108001000000) } };
}

static void
open_house(void)
{
    struct timeval wait = { .tv_sec = GUARD_S };
    for (size_t i = 0; i < WAITING; i++) {
        prepare(i);
    }
    base = event_base_new();
    guard = event_new(base, -1, 0, give_up, NULL);
    cr_assert_eq(event_add(guard, &wait), 0);
}

static void
close_house(void)
{
    for (size_t i = 0; i < WAITING; i++) {
        evidence_free(&statements[i]);
    }
    event_free(guard);
    event_base_free(base);
}

TestSuite(apply_fault, .init = open_house, .fini = close_house);

static void
done(void *context, enum err err, const struct payment_change_result *result)
{
    enum err *one = context;
    *one = err;
    cr_expect((err == ERR_OK) == (result != NULL));
    if (--left == 0) {
        (void)event_base_loopbreak(base);
    }
}

/* All three callbacks arrive while the first is being stored. */
static void
arrive(void)
{
    struct db *db = NULL;
    struct apply_queue *queue = NULL;
    CHECK_OK(db_open(base, database.app, 1, 20000, &db));
    CHECK_OK(apply_queue_new(db, &queue));
    left = WAITING;
    for (size_t i = 0; i < WAITING; i++) {
        apply_submit(queue, &changes[i], done, &told[i]);
    }
    (void)event_base_dispatch(base);
    nth_query_armed = NTH_QUERY_NONE;
    apply_queue_free(&queue);
    db_close(&db);
}

/* Of one payment, as one number: the state, events, evidence, rows of the outbox, counted successes. */
static int64_t
look(size_t i)
{
    char sql[1024];
    (void)snprintf(
        sql, sizeof(sql),
        "SELECT (SELECT count(*) FROM payment WHERE payment_no = '%s' AND state = 'paid') * 10000"
        " + (SELECT count(*) FROM event WHERE payment_no = '%s') * 1000"
        " + (SELECT count(*) FROM evidence WHERE attempt_no = '%s') * 100"
        " + (SELECT count(*) FROM outbox WHERE payment_no = '%s' AND kind = 'payment.paid') * 10"
        " + (SELECT success_count FROM ca_order WHERE order_no = '%s')",
        numbers[i], numbers[i], attempts[i], numbers[i], orders[i]);
    return database_number(&database, sql);
}

static bool
is_row_expected(enum nth_query_kind kind, enum err err)
{
    bool gone = err == ERR_DB_AWAY || err == ERR_DB_OUTCOME;
    return kind == NTH_QUERY_REFUSED ? err == ERR_DB_CONSTRAINT : gone;
}

static void
weigh(enum nth_query_kind kind, size_t n, size_t i)
{
    int64_t stored = look(i);
    cr_expect(stored == 0 || stored == 11111, "kind %d, place %zu: half of it: %lld", kind, n,
              (long long)stored);
    if (told[i] == ERR_OK) {
        cr_expect_eq(stored, 11111, "kind %d, place %zu: acknowledged and not stored", kind, n);
        return;
    }
    cr_expect(nth_query_failed, "kind %d, place %zu: %s without a cause", kind, n,
              err_name(told[i]));
    cr_expect(is_row_expected(kind, told[i]), "kind %d, place %zu gave %s", kind, n,
              err_name(told[i]));
    cr_expect(stored == 0 || told[i] == ERR_DB_OUTCOME, "kind %d, place %zu: %s, and it is stored",
              kind, n, err_name(told[i]));
}

static bool
fail_nth(enum nth_query_kind kind, size_t n)
{
    database_open(&database);
    for (size_t i = 0; i < WAITING; i++) {
        database_payment(&database, 7, numbers[i], orders[i], 1);
    }
    nth_query_arm(kind, n);
    arrive();
    bool failed = nth_query_failed;
    for (size_t i = 0; i < WAITING; i++) {
        weigh(kind, n, i);
    }
    arrive(); /* whoever was not acknowledged comes again; so does whoever was */
    for (size_t i = 0; i < WAITING; i++) {
        cr_expect_eq(told[i], ERR_OK, "kind %d, place %zu: again: %s", kind, n, err_name(told[i]));
        cr_expect_eq(look(i), 11111, "kind %d, place %zu: again", kind, n);
    }
    database_close(&database);
    return failed;
}

Test(apply_fault, what_is_acknowledged_is_stored_once_and_what_is_not_comes_again)
{
    for (int kind = NTH_QUERY_AWAY; kind < NTH_QUERY_KINDS; kind++) {
        size_t n = 1;
        while (n < NTH_QUERY_MOST && fail_nth((enum nth_query_kind)kind, n)) {
            n++;
        }
        cr_expect(n > 3 && n < NTH_QUERY_MOST, "kind %d: %zu places", kind, n - 1);
    }
}
