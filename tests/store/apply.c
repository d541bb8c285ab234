/* SPDX-License-Identifier: Apache-2.0 */
/* payment_apply: every cell, repeats, duplicates, mismatches, batches; of every store. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "database.h"
#include "evidence_seal.h"
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

TestSuite(apply, .init = open_database, .fini = close_database);

#define PAYMENT "2603100070000000011"

static struct evidence *
said_by(enum evidence_source source, const char *raw)
{
    struct evidence_claim claim = {
        .source = source,
        .verdict = EVIDENCE_PAID,
        .provider_trade_no = SPAN_LIT("T1"),
        .provider_status = SPAN_LIT("TRADE_SUCCESS"),
        .amount = { 56000, CURRENCY_CNY },
        .paid_at = { .us = INT64_C(1773108000000000) },
        .raw = span_of(raw),
    };
    struct evidence *evidence = NULL;
    cr_assert_eq(evidence_seal(&claim, &evidence), ERR_OK);
    return evidence;
}

static struct evidence *
statement(const char *raw)
{
    return said_by(EVIDENCE_CALLBACK, raw);
}

static struct payment_change
change_of(const char *attempt_no, enum attempt_event event, const struct evidence *evidence)
{
    return (struct payment_change){
        .slot = 7,
        .attempt_no = span_of(attempt_no),
        .event = event,
        .evidence = evidence,
        .mismatch = event == ATTEMPT_MISMATCH ? "amount" : NULL,
        .now = { .us = INT64_C(1773108001000000) },
    };
}

static struct payment_change_result
apply(const struct payment_change *change)
{
    struct db_params params;
    struct db_rows *rows = NULL;
    struct payment_change_result result = { 0 };
    db_params_init(&params, database.arena);
    payment_apply_params(&params, change);
    enum err err = db_session_run(database.session, STATEMENT_payment_apply, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    cr_assert_eq(payment_apply_row(rows, 0, &result), ERR_OK);
    db_rows_free(&rows);
    return result;
}

Test(apply, every_cell_of_the_machine_is_what_the_table_says)
{
    database_payment(&database, 7, PAYMENT, "A-1", 1);
    int cell = 0;
    for (int s = ATTEMPT_CREATED; s < ATTEMPT_STATE_COUNT; s++) {
        for (int e = ATTEMPT_SENT; e < ATTEMPT_EVENT_COUNT; e++) {
            char raw[32];
            struct attempt_edge edge;
            (void)snprintf(raw, sizeof(raw), "cell %d", cell++);
            DEFER(evidence_free) struct evidence *evidence = statement(raw);
            bool allowed =
                attempt_next((enum attempt_state)s, (enum attempt_event)e, &edge) == ERR_OK;
            database_attempts(&database, attempt_state_code((enum attempt_state)s));
            struct payment_change change = change_of(PAYMENT "01", (enum attempt_event)e, evidence);
            struct payment_change_result result = apply(&change);
            cr_expect_eq(result.outcome, allowed ? PAYMENT_APPLIED : PAYMENT_REFUSED, "%d %d", s,
                         e);
            cr_expect_eq(result.state, allowed ? edge.to : (enum attempt_state)s, "%d %d", s, e);
            cr_expect_eq(result.effect, allowed ? edge.effect : ATTEMPT_REFUSE, "%d %d", s, e);
        }
    }
}

Test(apply, the_same_statement_twice_is_one_row)
{
    database_payment(&database, 7, PAYMENT, "A-1", 1);
    DEFER(evidence_free) struct evidence *evidence = statement("paid once");
    struct payment_change change = change_of(PAYMENT "01", ATTEMPT_EVENT_PAID, evidence);
    cr_expect_eq(apply(&change).outcome, PAYMENT_APPLIED);
    cr_expect_eq(apply(&change).outcome, PAYMENT_REPEATED);
    cr_expect_eq(database_count(&database, "evidence", NULL, NULL), 1);
    cr_expect_eq(database_count(&database, "event", NULL, NULL), 1);
    cr_expect_eq(database_count(&database, "outbox", "kind", "payment.paid"), 1);
}

/* Signatures may be the same each time, so that two answers are the same bytes. The later one is news all the
 * same: what it leads to depends on when it was said. */
Test(apply, an_answer_in_the_same_words_moves_what_it_now_decides)
{
    database_payment(&database, 7, PAYMENT, "A-1", 1);
    DEFER(evidence_free) struct evidence *answer = said_by(EVIDENCE_QUERY, "not successful");
    struct payment_change unpaid = change_of(PAYMENT "01", ATTEMPT_UNPAID, answer);
    struct payment_change nothing = change_of(PAYMENT "01", ATTEMPT_NO_ANSWER, NULL);
    struct payment_change final = change_of(PAYMENT "01", ATTEMPT_UNPAID_FINAL, answer);
    cr_expect_eq(apply(&unpaid).state, ATTEMPT_PENDING);
    cr_expect_eq(apply(&unpaid).outcome, PAYMENT_REPEATED);
    cr_expect_eq(apply(&nothing).state, ATTEMPT_UNKNOWN);
    cr_expect_eq(apply(&unpaid).state, ATTEMPT_PENDING);
    struct payment_change_result result = apply(&final);
    cr_expect_eq(result.outcome, PAYMENT_APPLIED);
    cr_expect_eq(result.state, ATTEMPT_CLOSED);
    cr_expect_eq(apply(&final).outcome, PAYMENT_REPEATED);
    cr_expect_eq(database_count(&database, "evidence", NULL, NULL), 1);
    cr_expect_eq(database_count(&database, "event", NULL, NULL), 4);
}

Test(apply, a_callback_sent_again_moves_nothing)
{
    database_payment(&database, 7, PAYMENT, "A-1", 1);
    DEFER(evidence_free) struct evidence *notice = statement("not yet");
    struct payment_change unpaid = change_of(PAYMENT "01", ATTEMPT_UNPAID, notice);
    struct payment_change nothing = change_of(PAYMENT "01", ATTEMPT_NO_ANSWER, NULL);
    cr_expect_eq(apply(&unpaid).state, ATTEMPT_PENDING);
    cr_expect_eq(apply(&nothing).state, ATTEMPT_UNKNOWN);
    struct payment_change_result result = apply(&unpaid);
    cr_expect_eq(result.outcome, PAYMENT_REPEATED);
    cr_expect_eq(result.state, ATTEMPT_UNKNOWN);
}

Test(apply, an_unknown_attempt_leaves_nothing_behind)
{
    DEFER(evidence_free) struct evidence *evidence = statement("whose");
    struct payment_change change = change_of(PAYMENT "01", ATTEMPT_EVENT_PAID, evidence);
    cr_expect_eq(apply(&change).outcome, PAYMENT_UNKNOWN_ATTEMPT);
    cr_expect_eq(database_count(&database, "evidence", NULL, NULL), 0);
}

Test(apply, a_second_success_on_the_order_is_a_duplicate_in_the_same_transaction)
{
    database_payment(&database, 7, PAYMENT, "A-1", 2);
    DEFER(evidence_free) struct evidence *first = statement("first");
    DEFER(evidence_free) struct evidence *second = statement("second");
    struct payment_change one = change_of(PAYMENT "01", ATTEMPT_EVENT_PAID, first);
    struct payment_change two = change_of(PAYMENT "02", ATTEMPT_EVENT_PAID, second);
    struct payment_change_result a = apply(&one);
    struct payment_change_result b = apply(&two);
    cr_expect(a.payment_paid && !a.duplicate);
    cr_expect(b.payment_paid && b.duplicate);
    cr_expect_eq(database_value(&database, "ca_order", "success_count"), 2);
    cr_expect_eq(database_count(&database, "outbox", "kind", "payment.duplicate_paid"), 1);
}

Test(apply, money_after_closing_is_late_and_a_second_success_elsewhere_is_found)
{
    database_payment(&database, 7, PAYMENT, "A-1", 2);
    DEFER(evidence_free) struct evidence *closed = statement("closed");
    DEFER(evidence_free) struct evidence *late = statement("late");
    struct payment_change close = change_of(PAYMENT "01", ATTEMPT_EVENT_CLOSED, closed);
    struct payment_change pay = change_of(PAYMENT "01", ATTEMPT_EVENT_PAID, late);
    cr_expect_eq(apply(&close).state, ATTEMPT_CLOSED);
    struct payment_change_result result = apply(&pay);
    cr_expect_eq(result.state, ATTEMPT_LATE_PAID);
    cr_expect(result.late && result.payment_paid);
}

Test(apply, a_mismatch_is_stored_and_moves_nothing)
{
    database_payment(&database, 7, PAYMENT, "A-1", 1);
    DEFER(evidence_free) struct evidence *evidence = statement("wrong amount");
    struct payment_change change = change_of(PAYMENT "01", ATTEMPT_MISMATCH, evidence);
    struct payment_change_result result = apply(&change);
    cr_expect_eq(result.outcome, PAYMENT_APPLIED);
    cr_expect_eq(result.state, ATTEMPT_CREATED);
    cr_expect_eq(result.effect, ATTEMPT_ALARM);
    cr_expect(result.mismatch && !result.payment_paid);
    cr_expect_eq(database_count(&database, "attempt", "provider_trade_no", NULL), 1);
    cr_expect_eq(database_count(&database, "evidence", "mismatch", "amount"), 1);
}

Test(apply, a_batch_takes_one_change_per_order_and_defers_the_rest)
{
    database_payment(&database, 7, PAYMENT, "A-1", 2);
    database_payment(&database, 7, "2603100070000000029", "A-2", 1);
    DEFER(evidence_free) struct evidence *a = statement("a");
    DEFER(evidence_free) struct evidence *b = statement("b");
    DEFER(evidence_free) struct evidence *c = statement("c");
    struct payment_change one = change_of(PAYMENT "01", ATTEMPT_EVENT_PAID, a);
    struct payment_change two = change_of(PAYMENT "02", ATTEMPT_EVENT_PAID, b);
    struct payment_change three = change_of("260310007000000002901", ATTEMPT_EVENT_PAID, c);
    const struct payment_change *changes[] = { &one, &two, &three };
    struct db_params params;
    struct db_rows *rows = NULL;
    db_params_init(&params, database.arena);
    payment_apply_many_params(&params, changes, 3);
    enum err err = db_session_run(database.session, STATEMENT_payment_apply_many, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    cr_assert_eq(db_rows_count(rows), 3);
    static const enum payment_outcome want[] = { PAYMENT_APPLIED, PAYMENT_DEFERRED,
                                                 PAYMENT_APPLIED };
    for (size_t i = 0; i < 3; i++) {
        struct payment_change_result result = { 0 };
        cr_assert_eq(payment_apply_row(rows, i, &result), ERR_OK);
        cr_expect_eq(result.outcome, want[i], "%zu", i);
    }
    db_rows_free(&rows);
    cr_expect_eq(database_count(&database, "evidence", NULL, NULL), 2);
    cr_expect_eq(database_count(&database, "event", "attempt_no", PAYMENT "02"), 0);
}

/* Hashed by hand, with sha256sum, over the form that docs/decisions/0014 describes. */
Test(apply, every_event_carries_the_hash_of_itself_and_the_one_before_it)
{
    database_payment(&database, 7, PAYMENT, "A-1", 1);
    DEFER(evidence_free) struct evidence *evidence = statement("paid once");
    struct payment_change sent = change_of(PAYMENT "01", ATTEMPT_SENT, NULL);
    struct payment_change paid = change_of(PAYMENT "01", ATTEMPT_EVENT_PAID, evidence);
    static const char first[] =
        "\\x8306d4e8b03b09d345c3f872f7b580cec80b2683013ccd134aa11c11679c45c0";
    static const char second[] =
        "\\x6fd344fea4bf96e65cdf84c0ebdcbf40a6f5b1198fed11be4635f48d012d8e30";
    cr_expect_eq(apply(&sent).outcome, PAYMENT_APPLIED);
    cr_expect_eq(database_count(&database, "event", "hash", first), 1);
    cr_expect_eq(database_count(&database, "payment", "chain", first), 1);
    cr_expect_eq(apply(&paid).outcome, PAYMENT_APPLIED);
    cr_expect_eq(database_count(&database, "event", "hash", second), 1);
    cr_expect_eq(database_count(&database, "payment", "chain", second), 1);
}
