/* SPDX-License-Identifier: Apache-2.0 */
/* order_clearance: what the statement counts, over payments that were paid, doubled, closed and doubted. */
#include <stdio.h>

#include "check.h"
#include "database.h"
#include "evidence_seal.h"
#include "payment_store.h"

#define FIRST  "2603100070000000011"
#define SECOND "2603100070000000029"

static struct database database;
static struct db_rows *rows;

static void
open_database(void)
{
    database_open(&database);
}

static void
close_database(void)
{
    db_rows_free(&rows);
    database_close(&database);
}

TestSuite(clearance, .init = open_database, .fini = close_database);

static void
happen(const char *attempt_no, enum attempt_event event, int64_t amount_fen, const char *raw)
{
    struct evidence_claim claim = {
        .source = EVIDENCE_CALLBACK,
        .verdict = EVIDENCE_PAID,
        .provider_trade_no = SPAN_LIT("T1"),
        .provider_status = SPAN_LIT("S"),
        .amount = { amount_fen, CURRENCY_CNY },
        .paid_at = { .us = INT64_C(1773108000000000) },
        .raw = span_of(raw),
    };
    DEFER(evidence_free) struct evidence *evidence = NULL;
    CHECK_OK(evidence_seal(&claim, &evidence));
    struct payment_change change = {
        .slot = 7,
        .attempt_no = span_of(attempt_no),
        .event = event,
        .evidence = event == ATTEMPT_NO_ANSWER ? NULL : evidence,
        .mismatch = event == ATTEMPT_MISMATCH ? "amount" : NULL,
        .now = { .us = INT64_C(1773108001000000) },
    };
    DEFER(db_rows_free) struct db_rows *applied = NULL;
    struct db_params params;
    db_params_init(&params, database.arena);
    payment_apply_params(&params, &change);
    CHECK_OK(db_session_run(database.session, STATEMENT_payment_apply, &params, &applied));
    CHECK_TEXT(db_row_text(applied, 0, "outcome"), "applied");
}

static void
look_as(const char *owner, const char *order_no)
{
    struct db_params params;
    db_rows_free(&rows);
    rows = NULL;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, owner);
    db_cstr(&params, order_no);
    enum err err = db_session_run(database.session, STATEMENT_order_clearance, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
}

static void
look(const char *order_no)
{
    look_as("portal", order_no);
}

static void
expect(int64_t proved_whole, int64_t unproved, int64_t pending, int64_t unknown, int64_t paid_fen)
{
    look("A-1");
    cr_assert_eq(db_rows_count(rows), 1);
    cr_expect_eq(db_row_i64(rows, 0, "proved_whole"), proved_whole);
    cr_expect_eq(db_row_i64(rows, 0, "unproved"), unproved);
    cr_expect_eq(db_row_i64(rows, 0, "pending"), pending);
    cr_expect_eq(db_row_i64(rows, 0, "unknown"), unknown);
    cr_expect_eq(db_row_i64(rows, 0, "paid_fen"), paid_fen);
    cr_expect_eq(db_row_null(rows, 0, "evidence_digest"), proved_whole == 0);
}

/* What came late or twice waits for its policy. */
static void
expect_undecided(int64_t undecided)
{
    cr_expect_eq(db_row_i64(rows, 0, "undecided"), undecided);
}

static void
decide(const char *decision)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "UPDATE surplus SET decision = '%s', decided_at = now(), due_at = NULL",
                   decision);
    database_sql(&database, sql);
}

Test(clearance, an_order_that_nobody_placed_has_no_row)
{
    look("A-1");
    cr_expect_eq(db_rows_count(rows), 0);
}

Test(clearance, an_order_without_a_payment_has_a_row_without_state)
{
    database_payment(&database, 7, FIRST, "A-1", 0);
    database_sql(&database, "DELETE FROM payment");
    expect(0, 0, 0, 0, 0);
    CHECK_TEXT(db_row_text(rows, 0, "state"), "");
}

Test(clearance, attempts_are_counted_by_what_became_of_them)
{
    database_payment(&database, 7, FIRST, "A-1", 3);
    expect(0, 0, 3, 0, 0);
    happen(FIRST "01", ATTEMPT_NO_ANSWER, 0, "none");
    expect(0, 0, 2, 1, 0);
    happen(FIRST "02", ATTEMPT_EVENT_PAID, 56000, "paid");
    expect(1, 0, 1, 1, 56000);
    CHECK_TEXT(db_row_text(rows, 0, "state"), "paid");
    happen(FIRST "02", ATTEMPT_EVENT_PAID, 56000, "paid, said again");
    expect(1, 0, 1, 1, 56000);
    happen(FIRST "01", ATTEMPT_EVENT_PAID, 56000, "paid twice");
    expect(1, 0, 1, 0, 112000);
    expect_undecided(1);
    decide("accept");
    expect(2, 0, 1, 0, 112000);
    expect_undecided(0);
    cr_expect(db_row_bool(rows, 0, "duplicate"));
}

/* What is asked back is not there to clear the order, and neither is what has gone back in part. */
Test(clearance, money_that_goes_back_or_has_gone_back_proves_nothing)
{
    database_payment(&database, 7, FIRST, "A-1", 2);
    happen(FIRST "01", ATTEMPT_EVENT_PAID, 56000, "paid");
    database_sql(&database,
                 "UPDATE attempt SET refund_reserved_fen = 1 WHERE attempt_no = '" FIRST "01'");
    expect(0, 0, 1, 0, 56000);
    cr_expect_eq(db_row_i64(rows, 0, "refund_open"), 1);
    cr_expect_eq(db_row_i64(rows, 0, "refunded"), 0);
    database_sql(&database, "UPDATE attempt SET refunded_fen = 1 WHERE attempt_no = '" FIRST "01'");
    happen(FIRST "02", ATTEMPT_EVENT_PAID, 56000, "paid again");
    expect(0, 0, 0, 0, 112000);
    expect_undecided(1); /* nobody may build on it before it is said that it stays */
    decide("accept");
    expect(1, 0, 0, 0, 112000);
    cr_expect_eq(db_row_i64(rows, 0, "refund_open"), 0);
    cr_expect_eq(db_row_i64(rows, 0, "refunded"), 1);
}

Test(clearance, a_payment_closed_and_one_paid_after_it_are_one_order)
{
    database_payment(&database, 7, FIRST, "A-1", 1);
    happen(FIRST "01", ATTEMPT_EVENT_CLOSED, 0, "closed");
    database_sql(&database, "UPDATE payment SET state = 'closed'");
    expect(0, 0, 0, 0, 0);
    CHECK_TEXT(db_row_text(rows, 0, "state"), "closed");
    database_payment(&database, 7, SECOND, "A-1", 1);
    expect(0, 0, 1, 0, 0);
    CHECK_TEXT(db_row_text(rows, 0, "payment_no"), SECOND);
    happen(FIRST "01", ATTEMPT_EVENT_PAID, 56000, "late");
    expect(0, 0, 1, 0, 56000);
    expect_undecided(1);
    decide("accept");
    expect(1, 0, 1, 0, 56000);
    expect_undecided(0);
    CHECK_TEXT(db_row_text(rows, 0, "payment_no"), FIRST);
    cr_expect(db_row_bool(rows, 0, "late"));
}

/* The judge keeps such a statement from paying; should one ever do so, it clears nothing. */
Test(clearance, a_statement_of_another_amount_proves_nothing)
{
    database_payment(&database, 7, FIRST, "A-1", 1);
    happen(FIRST "01", ATTEMPT_EVENT_PAID, 55999, "a fen less");
    expect(0, 1, 0, 0, 0);
}

Test(clearance, a_paid_attempt_without_a_statement_proves_nothing)
{
    database_payment(&database, 7, FIRST, "A-1", 1);
    database_sql(
        &database,
        "UPDATE attempt SET state = 'paid', paid_at = now(), bill_day = date '2026-03-10'");
    expect(0, 1, 0, 0, 0);
}

Test(clearance, a_mismatch_is_told_and_moves_nothing)
{
    database_payment(&database, 7, FIRST, "A-1", 1);
    happen(FIRST "01", ATTEMPT_MISMATCH, 1, "a fen");
    expect(0, 0, 1, 0, 0);
    cr_expect(db_row_bool(rows, 0, "mismatch"));
}

Test(clearance, another_owners_order_is_not_seen)
{
    database_payment(&database, 7, FIRST, "A-1", 1);
    look_as("finance", "A-1");
    cr_expect_eq(db_rows_count(rows), 0);
    look_as("portal", "A-1");
    cr_expect_eq(db_rows_count(rows), 1);
}
