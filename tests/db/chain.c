/* SPDX-License-Identifier: Apache-2.0 */
/* The chain of a payment's events. The expected hashes were made by printf and sha256sum from the form
 * that docs/decisions/0014 describes. */
#include <stdio.h>

#include <criterion/criterion.h>
#include <libpq-fe.h>

#include "check.h"
#include "database.h"
#include "evidence_seal.h"
#include "payment_store.h"

static struct database database;

static void
open_database(void)
{
    database_open(&database);
    database_payment(&database, 7, "2603100070000000011", "A-1", 2);
}

static void
close_database(void)
{
    database_close(&database);
}

TestSuite(chain, .init = open_database, .fini = close_database);

#define PAYMENT "2603100070000000011"
#define SENT    "8306d4e8b03b09d345c3f872f7b580cec80b2683013ccd134aa11c11679c45c0"
#define PAID    "38ee19284ca84e75754459a448cd6099d55d8b69e31f4f750dd2bc39baa6c9a2"
#define CLOSED  "26aab46cf6a1f0de083bc601c114248307783d358d586f6eb520e454f4131312"

static const struct wall_time when = { .us = INT64_C(1773108001000000) };

static enum payment_outcome
apply(const char *attempt_no, enum attempt_event event, const struct evidence *evidence)
{
    struct payment_change change = { .slot = 7,
                                     .attempt_no = span_of(attempt_no),
                                     .event = event,
                                     .evidence = evidence,
                                     .now = when };
    struct payment_change_result result = { 0 };
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, database.arena);
    payment_apply_params(&params, &change);
    CHECK_OK(db_session_run(database.session, STATEMENT_payment_apply, &params, &rows));
    CHECK_OK(payment_apply_row(rows, 0, &result));
    return result.outcome;
}

static struct evidence *
paid_by(const char *raw)
{
    struct evidence_claim claim = { .source = EVIDENCE_CALLBACK,
                                    .verdict = EVIDENCE_PAID,
                                    .provider_trade_no = SPAN_LIT("T1"),
                                    .provider_status = SPAN_LIT("TRADE_SUCCESS"),
                                    .amount = { 56000, CURRENCY_CNY },
                                    .paid_at = when,
                                    .raw = span_of(raw) };
    struct evidence *evidence = NULL;
    CHECK_OK(evidence_seal(&claim, &evidence));
    return evidence;
}

static int64_t
holds(const char *condition)
{
    char sql[512];
    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", condition);
    return database_number(&database, sql);
}

Test(chain, each_event_is_hashed_together_with_the_one_before_it)
{
    DEFER(evidence_free) struct evidence *evidence = paid_by("paid words");
    cr_assert_eq(apply(PAYMENT "01", ATTEMPT_SENT, NULL), PAYMENT_APPLIED);
    cr_assert_eq(apply(PAYMENT "01", ATTEMPT_EVENT_PAID, evidence), PAYMENT_APPLIED);
    cr_expect_eq(holds("event WHERE seq = 1 AND hash = '\\x" SENT "'"), 1);
    cr_expect_eq(holds("event WHERE seq = 2 AND hash = '\\x" PAID "'"), 1);
    cr_expect_eq(holds("payment WHERE version = 2 AND chain = '\\x" PAID "'"), 1);
}

Test(chain, what_changes_nothing_adds_no_link)
{
    DEFER(evidence_free) struct evidence *evidence = paid_by("paid words");
    cr_assert_eq(apply(PAYMENT "01", ATTEMPT_SENT, NULL), PAYMENT_APPLIED);
    cr_assert_eq(apply(PAYMENT "01", ATTEMPT_EVENT_PAID, evidence), PAYMENT_APPLIED);
    cr_expect_eq(apply(PAYMENT "01", ATTEMPT_EVENT_PAID, evidence), PAYMENT_REPEATED);
    cr_expect_eq(holds("payment WHERE version = 2 AND chain = '\\x" PAID "'"), 1);
}

Test(chain, the_end_of_a_payment_is_a_link)
{
    struct db_params params;
    database_sql(&database, "UPDATE tallygate.payment SET close_asked_at = now();"
                            "UPDATE tallygate.attempt SET state = 'closed'");
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, PAYMENT);
    db_time(&params, when);
    CHECK_OK(db_session_run(database.session, STATEMENT_payment_close_settle, &params, NULL));
    cr_expect_eq(holds("event WHERE seq = 1 AND hash = '\\x" CLOSED "'"), 1);
}

/* Two attempts of one payment change at the same time: the second waits for the payment's row and goes
 * on from what the first has made of it. */
Test(chain, of_two_at_once_the_second_goes_on_from_the_first)
{
    PGconn *other = PQconnectdb(database.superuser);
    PQclear(PQexec(other,
                   "SET search_path = tallygate; BEGIN; UPDATE payment p SET version = 1, chain = "
                   "event_hash(NULL, 7, p.payment_no, 1, p.payment_no || '01', NULL, 'attempt', "
                   "'created', 'sent', 'pending', 'move', NULL, NULL, to_timestamp(1773108001))"));
    cr_assert_eq(PQsendQuery(other, "SELECT pg_sleep(0.3); COMMIT"), 1);
    cr_expect_eq(apply(PAYMENT "02", ATTEMPT_SENT, NULL), PAYMENT_APPLIED);
    PQfinish(other);
    cr_expect_eq(holds("payment WHERE version = 2"), 1);
    cr_expect_eq(holds("event WHERE seq = 2 AND hash = sha256('\\x" SENT "'::bytea || '7|" PAYMENT
                       "|2|" PAYMENT "02||attempt|created|sent|pending|move|||1773108001000000'"
                       "::bytea)"),
                 1);
}
