/* SPDX-License-Identifier: Apache-2.0 */
/* Money that nobody waited for is written down in the statement that finds it, and decided about once. */
#include "check.h"
#include "database.h"
#include "evidence_seal.h"
#include "payment_store.h"

#define PAYMENT "2603100070000000011"
#define PAID    56000

static struct database database;

static void
open_database(void)
{
    database_open(&database);
    database_payment(&database, 7, PAYMENT, "A-1", 2);
}

static void
close_database(void)
{
    database_close(&database);
}

TestSuite(surplus, .init = open_database, .fini = close_database);

static const struct wall_time now = { .us = INT64_C(1773108001000000) };

static void
happens(const char *attempt_no, enum attempt_event event, int64_t fen, const char *raw)
{
    struct evidence_claim claim = {
        .source = EVIDENCE_CALLBACK,
        .verdict = EVIDENCE_PAID,
        .provider_trade_no = SPAN_LIT("T1"),
        .amount = { fen, CURRENCY_CNY },
        .paid_at = { .us = event == ATTEMPT_EVENT_CLOSED ? 0 : INT64_C(1773108000000000) },
        .raw = span_of(raw),
    };
    DEFER(evidence_free) struct evidence *evidence = NULL;
    CHECK_OK(evidence_seal(&claim, &evidence));
    struct payment_change change = { .slot = 7,
                                     .attempt_no = span_of(attempt_no),
                                     .event = event,
                                     .evidence = evidence,
                                     .mismatch = event == ATTEMPT_MISMATCH ? "amount" : NULL,
                                     .now = now };
    struct db_params params;
    struct db_rows *rows = NULL;
    struct payment_change_result result = { 0 };
    db_params_init(&params, database.arena);
    payment_apply_params(&params, &change);
    enum err err = db_session_run(database.session, STATEMENT_payment_apply, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    CHECK_OK(payment_apply_row(rows, 0, &result));
    cr_assert_eq(result.outcome, PAYMENT_APPLIED);
    db_rows_free(&rows);
}

struct decided {
    struct span outcome;
    struct span decision;
    struct span refund_no;
};

static struct decided
decide(const char *attempt_no, const char *cause, const char *decision, int64_t most_fen)
{
    struct db_params params;
    struct db_rows *rows = NULL;
    struct decided decided;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, attempt_no);
    db_cstr(&params, cause);
    db_cstr(&params, decision);
    db_i64(&params, most_fen);
    db_time(&params, now);
    enum err err = db_session_run(database.session, STATEMENT_refund_policy, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    const struct {
        const char *column;
        struct span *to;
    } texts[] = { { "outcome", &decided.outcome },
                  { "decision", &decided.decision },
                  { "refund_no", &decided.refund_no } };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        CHECK_OK(arena_copy(database.arena, db_row_text(rows, 0, texts[i].column), texts[i].to));
    }
    db_rows_free(&rows);
    return decided;
}

/* Rows whose column has that value; NULL: that hold nothing there. */
static int64_t
having(const char *table, const char *column, const char *value)
{
    return database_count(&database, table, column, value);
}

static int64_t
rows_of(const char *table)
{
    return database_count(&database, table, NULL, NULL);
}

static void
paid_late(void)
{
    happens(PAYMENT "01", ATTEMPT_EVENT_CLOSED, PAID, "closed");
    happens(PAYMENT "01", ATTEMPT_EVENT_PAID, PAID, "paid all the same");
}

Test(surplus, a_payment_in_time_leaves_none)
{
    happens(PAYMENT "01", ATTEMPT_EVENT_PAID, PAID, "paid");
    cr_expect_eq(rows_of("surplus"), 0);
    cr_expect_eq(having("attempt", "refundable_fen", "56000"), 1);
}

Test(surplus, late_money_and_a_second_payment_are_found_with_the_payment_itself)
{
    paid_late();
    cr_expect_eq(having("surplus", "cause", "late"), 1);
    cr_expect_eq(having("surplus", "amount_fen", "56000"), 1);
    cr_expect_eq(having("surplus", "attempt_no", PAYMENT "01"), 1);
    cr_expect_eq(having("surplus", "due_at", NULL), 0);
    happens(PAYMENT "02", ATTEMPT_EVENT_PAID, PAID, "paid by another attempt");
    cr_expect_eq(having("surplus", "cause", "duplicate"), 1);
    cr_expect_eq(having("surplus", "attempt_no", PAYMENT "02"), 1);
    cr_expect_eq(rows_of("surplus"), 2);
}

Test(surplus, another_amount_can_go_back_as_the_provider_says_it_took_it)
{
    happens(PAYMENT "01", ATTEMPT_MISMATCH, PAID + 1, "one fen more");
    cr_expect_eq(having("surplus", "cause", "mismatch"), 1);
    cr_expect_eq(having("surplus", "amount_fen", "56001"), 1);
    cr_expect_eq(having("attempt", "refundable_fen", "56001"), 1);
    cr_expect_eq(having("attempt", "paid_at", NULL), 2);
    happens(PAYMENT "01", ATTEMPT_MISMATCH, PAID + 1, "said again in other words");
    cr_expect_eq(rows_of("surplus"), 1);
    struct decided decided = decide(PAYMENT "01", "mismatch", "propose", 0);
    CHECK_TEXT(decided.decision, "propose");
    cr_expect_eq(having("refund", "state", "proposed"), 1);
    cr_expect_eq(having("refund", "amount_fen", "56001"), 1);
    cr_expect_eq(having("refund", "total_fen", "56001"), 1);
    /* What the provider says later must be stored, whatever is reserved. */
    happens(PAYMENT "01", ATTEMPT_EVENT_PAID, PAID, "now as asked");
    cr_expect_eq(having("attempt", "state", "paid"), 1);
}

Test(surplus, what_is_accepted_is_kept)
{
    paid_late();
    struct decided decided = decide(PAYMENT "01", "late", "accept", PAID);
    CHECK_TEXT(decided.outcome, "decided");
    CHECK_TEXT(decided.decision, "accept");
    CHECK_TEXT(decided.refund_no, "");
    cr_expect_eq(rows_of("refund"), 0);
    cr_expect_eq(having("surplus", "due_at", NULL), 1);
}

Test(surplus, a_proposal_waits_for_two_people)
{
    paid_late();
    struct decided decided = decide(PAYMENT "01", "late", "propose", PAID);
    CHECK_TEXT(decided.decision, "propose");
    CHECK_TEXT(decided.refund_no, PAYMENT "01R01");
    cr_expect_eq(rows_of("refund"), 1);
    cr_expect_eq(having("refund", "state", "proposed"), 1);
    cr_expect_eq(having("refund", "amount_fen", "56000"), 1);
    cr_expect_eq(having("refund", "requested_by", NULL), 1);
    cr_expect_eq(having("refund", "approved_by", NULL), 1);
    cr_expect_eq(having("refund", "next_poll_at", NULL), 1);
    cr_expect_eq(having("event", "event", "propose"), 1);
    cr_expect_eq(having("event", "actor", NULL), rows_of("event"));
}

Test(surplus, the_policy_gives_back_up_to_its_limit_and_proposes_above_it)
{
    paid_late();
    happens(PAYMENT "02", ATTEMPT_EVENT_PAID, PAID, "paid by another attempt");
    struct decided above = decide(PAYMENT "01", "late", "refund", PAID - 1);
    CHECK_TEXT(above.decision, "propose");
    struct decided within = decide(PAYMENT "02", "duplicate", "refund", PAID);
    CHECK_TEXT(within.decision, "refund");
    cr_expect_eq(having("refund", "state", "approved"), 1);
    cr_expect_eq(having("refund", "requested_by", "policy:duplicate"), 1);
    cr_expect_eq(having("refund", "approved_by", "policy:limit"), 1);
    cr_expect_eq(having("refund", "next_poll_at", NULL), 1, "the proposal's alone");
    cr_expect_eq(having("refund", "state", "proposed"), 1);
}

Test(surplus, is_decided_about_once)
{
    paid_late();
    CHECK_TEXT(decide(PAYMENT "01", "late", "refund", PAID).outcome, "decided");
    CHECK_TEXT(decide(PAYMENT "01", "late", "refund", PAID).outcome, "lost_race");
    CHECK_TEXT(decide(PAYMENT "01", "duplicate", "refund", PAID).outcome, "lost_race");
    cr_expect_eq(rows_of("refund"), 1);
}

Test(surplus, what_people_have_given_back_already_is_not_given_back_again)
{
    paid_late();
    database_set(&database, "attempt", "refund_reserved_fen", "56000", "attempt_no", PAYMENT "01");
    struct decided decided = decide(PAYMENT "01", "late", "refund", PAID);
    CHECK_TEXT(decided.outcome, "decided");
    CHECK_TEXT(decided.refund_no, "");
    cr_expect_eq(rows_of("refund"), 0);
}
