/* SPDX-License-Identifier: Apache-2.0 */
/* Refunds: what may be reserved, who decides, what each end gives back. */
#include "check.h"
#include "database.h"
#include "evidence_seal.h"
#include "refund_store.h"

#define PAYMENT "2603100070000000011"
#define ATTEMPT PAYMENT "01"
#define PAID    56000
#define MAKER   "finance"
#define CHECKER "checker"

static struct database database;

/* One order, paid with 560.00 yuan by one attempt. */
static void
open_database(void)
{
    database_open(&database);
    database_payment(&database, 7, PAYMENT, "A-1", 1);
    database_attempts(&database, "paid");
    database_set(&database, "attempt", "refundable_fen", "56000", NULL, NULL);
}

static void
close_database(void)
{
    database_close(&database);
}

TestSuite(refund, .init = open_database, .fini = close_database);

static const struct wall_time now = { .us = INT64_C(1773108001000000) };

static struct evidence *
said(const char *raw)
{
    struct evidence_claim claim = {
        .source = EVIDENCE_QUERY,
        .provider_trade_no = SPAN_LIT("T1"),
        .provider_status = SPAN_LIT("SUCCESS"),
        .refund_no = SPAN_LIT(ATTEMPT "R01"),
        .raw = span_of(raw),
    };
    struct evidence *evidence = NULL;
    CHECK_OK(evidence_seal(&claim, &evidence));
    return evidence;
}

/* The outcome; a refund that was made is `refund_no`. */
static struct span
ask(int64_t fen, const char *actor, const char *request_key, struct span *refund_no)
{
    struct db_params params;
    struct db_rows *rows = NULL;
    struct span outcome;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, ATTEMPT);
    db_cstr(&params, "portal");
    db_i64(&params, fen);
    db_cstr(&params, "order withdrawn");
    db_cstr(&params, actor);
    db_time(&params, now);
    db_cstr(&params, request_key);
    enum err err = db_session_run(database.session, STATEMENT_refund_create, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    CHECK_OK(arena_copy(database.arena, db_row_text(rows, 0, "outcome"), &outcome));
    CHECK_OK(arena_copy(database.arena, db_row_text(rows, 0, "refund_no"), refund_no));
    db_rows_free(&rows);
    return outcome;
}

static struct span
create(int64_t fen, const char *actor, struct span *refund_no)
{
    return ask(fen, actor, NULL, refund_no);
}

static struct span
made(int64_t fen)
{
    struct span refund_no;
    CHECK_TEXT(create(fen, MAKER, &refund_no), "created");
    return refund_no;
}

static struct refund_change
change_of(struct span refund_no, enum refund_event event, const struct evidence *evidence)
{
    bool by_a_person = event == REFUND_CONFIRM || event == REFUND_APPROVE || event == REFUND_REJECT;
    return (struct refund_change){
        .slot = 7,
        .refund_no = refund_no,
        .event = event,
        .actor = by_a_person ? SPAN_LIT(CHECKER) : SPAN_LIT(""),
        .version = REFUND_ANY_VERSION,
        .evidence = evidence,
        .mismatch = event == REFUND_MISMATCH ? "amount" : NULL,
        .now = now,
    };
}

static struct refund_change_result
apply(const struct refund_change *change)
{
    struct db_params params;
    struct db_rows *rows = NULL;
    struct refund_change_result result = { .outcome = REFUND_OUTCOME_NONE };
    db_params_init(&params, database.arena);
    refund_apply_params(&params, change);
    enum err err = db_session_run(database.session, STATEMENT_refund_apply, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    CHECK_OK(refund_apply_row(rows, &result));
    db_rows_free(&rows);
    return result;
}

static enum refund_state
step(struct span refund_no, enum refund_event event, const char *raw)
{
    DEFER(evidence_free) struct evidence *evidence = raw == NULL ? NULL : said(raw);
    struct refund_change change = change_of(refund_no, event, evidence);
    struct refund_change_result result = apply(&change);
    cr_assert_eq(result.outcome, REFUND_APPLIED, "%s", refund_event_code(event));
    return result.state;
}

static int64_t
reserved(void)
{
    return database_value(&database, "attempt", "refund_reserved_fen");
}

static int64_t
having(const char *table, const char *column, const char *value)
{
    return database_count(&database, table, column, value);
}

Test(refund, the_sum_of_all_refunds_never_exceeds_what_came_in)
{
    struct span refund_no;
    CHECK_TEXT(create(PAID + 1, MAKER, &refund_no), "refund_amount");
    CHECK_TEXT(made(PAID - 100), ATTEMPT "R01");
    CHECK_TEXT(create(101, MAKER, &refund_no), "refund_amount");
    CHECK_TEXT(made(100), ATTEMPT "R02");
    CHECK_TEXT(create(1, MAKER, &refund_no), "refund_amount");
    cr_expect_eq(reserved(), PAID);
    cr_expect_eq(having("refund", NULL, NULL), 2);
    cr_expect_eq(having("event", "machine", "refund"), 2);
}

Test(refund, what_was_not_paid_cannot_be_given_back)
{
    struct span refund_no;
    database_set(&database, "attempt", "refundable_fen", "0", NULL, NULL);
    CHECK_TEXT(create(1, MAKER, &refund_no), "payment_state");
    database_set(&database, "attempt", "refundable_fen", "56000", NULL, NULL);
    database_set(&database, "attempt", "refund_count", "50", NULL, NULL);
    CHECK_TEXT(create(1, MAKER, &refund_no), "refund_limit");
    cr_expect_eq(having("refund", NULL, NULL), 0);
}

Test(refund, the_same_request_after_a_crash_finds_what_it_made)
{
    struct span refund_no;
    CHECK_TEXT(ask(100, MAKER, "key", &refund_no), "created");
    CHECK_TEXT(ask(100, MAKER, "key", &refund_no), "created");
    CHECK_TEXT(refund_no, ATTEMPT "R01");
    cr_expect_eq(reserved(), 100);
    CHECK_TEXT(ask(100, MAKER, "other key", &refund_no), "created");
    CHECK_TEXT(refund_no, ATTEMPT "R02");
}

Test(refund, what_is_rejected_or_fails_gives_its_reservation_back_and_success_keeps_it)
{
    struct span rejected = made(100);
    struct span failed = made(200);
    struct span moved = made(300);
    cr_expect_eq(reserved(), 600);
    cr_expect_eq(step(rejected, REFUND_REJECT, NULL), REFUND_REJECTED);
    cr_expect_eq(reserved(), 500);
    (void)step(failed, REFUND_APPROVE, NULL);
    (void)step(failed, REFUND_SEND, NULL);
    cr_expect_eq(step(failed, REFUND_FAIL, "refused"), REFUND_FAILED);
    cr_expect_eq(reserved(), 300);
    (void)step(moved, REFUND_APPROVE, NULL);
    (void)step(moved, REFUND_SEND, NULL);
    cr_expect_eq(step(moved, REFUND_SUCCEED, "moved"), REFUND_SUCCEEDED);
    cr_expect_eq(reserved(), 300);
    cr_expect_eq(database_value(&database, "attempt", "refunded_fen"), 300);
    cr_expect_eq(having("outbox", "kind", "refund.succeeded"), 1);
    cr_expect_eq(having("outbox", "kind", "refund.failed"), 1);
    cr_expect_eq(having("evidence", NULL, NULL), 2);
}

Test(refund, the_same_words_again_change_nothing)
{
    struct span refund_no = made(100);
    (void)step(refund_no, REFUND_APPROVE, NULL);
    (void)step(refund_no, REFUND_SEND, NULL);
    (void)step(refund_no, REFUND_SUCCEED, "moved");
    DEFER(evidence_free) struct evidence *evidence = said("moved");
    struct refund_change change = change_of(refund_no, REFUND_SUCCEED, evidence);
    cr_expect_eq(apply(&change).outcome, REFUND_REPEATED);
    cr_expect_eq(database_value(&database, "attempt", "refunded_fen"), 100);
    cr_expect_eq(having("outbox", NULL, NULL), 1);
}

Test(refund, whoever_saw_an_older_state_loses)
{
    struct span refund_no = made(100);
    struct refund_change change = change_of(refund_no, REFUND_APPROVE, NULL);
    change.version = 1;
    cr_expect_eq(apply(&change).outcome, REFUND_LOST_RACE);
    change.version = 0;
    cr_expect_eq(apply(&change).outcome, REFUND_APPLIED);
    change.refund_no = SPAN_LIT(ATTEMPT "R09");
    cr_expect_eq(apply(&change).outcome, REFUND_OUTCOME_UNKNOWN);
    CHECK_ERR(refund_outcome_err(REFUND_OUTCOME_UNKNOWN), ERR_REFUND_UNKNOWN);
    CHECK_ERR(refund_outcome_err(REFUND_LOST_RACE), ERR_LOST_RACE);
}

Test(refund, whoever_asked_for_it_may_not_approve_it)
{
    struct span refund_no = made(100);
    struct refund_change change = change_of(refund_no, REFUND_APPROVE, NULL);
    change.actor = SPAN_LIT(MAKER);
    struct refund_change_result result = apply(&change);
    cr_expect_eq(result.outcome, REFUND_SAME_PERSON);
    cr_expect_eq(result.state, REFUND_REQUESTED);
    cr_expect_eq(having("refund", "approved_by", NULL), 1);
    CHECK_ERR(refund_outcome_err(result.outcome), ERR_REFUND_SAME_PERSON);
}

static size_t
waiting(const char *owner, int64_t most, struct span *first)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    db_params_init(&params, database.arena);
    db_cstr(&params, owner);
    db_i64(&params, most);
    CHECK_OK(db_session_run(database.session, STATEMENT_refund_waiting, &params, &rows));
    if (db_rows_count(rows) > 0) {
        CHECK_OK(arena_copy(database.arena, db_row_text(rows, 0, "refund_no"), first));
    }
    return db_rows_count(rows);
}

Test(refund, what_waits_for_people_is_listed_oldest_first_until_it_is_decided)
{
    struct span first = SPAN("");
    struct span one = made(100);
    struct span two = made(200);
    cr_expect_eq(waiting("portal", 10, &first), 2);
    CHECK_TEXT(first, ATTEMPT "R01");
    cr_expect_eq(waiting("portal", 1, &first), 1);
    cr_expect_eq(waiting("somebody", 10, &first), 0);
    (void)step(one, REFUND_APPROVE, NULL);
    cr_expect_eq(waiting("portal", 10, &first), 1);
    CHECK_TEXT(first, ATTEMPT "R02");
    (void)step(two, REFUND_REJECT, NULL);
    cr_expect_eq(waiting("portal", 10, &first), 0);
}
