/* SPDX-License-Identifier: Apache-2.0 */
/* What the portal reports of an order, and what a run reads of orders, attempts and payments. */
#include <stdio.h>

#include "check.h"
#include "database.h"
#include "evidence_seal.h"
#include "payment_store.h"
#include "snapshot_house.h"

#define FIRST  "2603100070000000019"
#define SECOND "2603100070000000027"

static struct database database;
static struct db_rows *rows;
static struct snapshot_house house;

static void
open_database(void)
{
    database_open(&database);
    database_payment(&database, 7, FIRST, "A-1", 1);
}

static void
close_database(void)
{
    db_rows_free(&rows);
    snapshot_house_fini(&house);
    database_close(&database);
}

TestSuite(orders, .init = open_database, .fini = close_database);

static void
run(enum statement statement, const struct db_params *params)
{
    db_rows_free(&rows);
    rows = NULL;
    enum err err = db_session_run(database.session, statement, params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
}

/* How many rows: none after a lost race. */
static size_t
report(const char *before, const char *kind, int64_t quantity, int64_t refunded_fen)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, "portal");
    db_cstr(&params, "A-1");
    db_cstr(&params, before);
    db_cstr(&params, "paid");
    db_i64(&params, 0);
    db_time(&params, (struct wall_time){ .us = INT64_C(1773108000000000) });
    db_cstr(&params, kind);
    db_i64(&params, quantity);
    db_i64(&params, 28000);
    db_i64(&params, quantity * 28000);
    db_i64(&params, refunded_fen);
    run(STATEMENT_order_set_status, &params);
    return db_rows_count(rows);
}

static void
find(void)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, "portal");
    db_cstr(&params, "A-1");
    run(STATEMENT_order_find, &params);
    cr_assert_eq(db_rows_count(rows), 1);
}

/* The books of 10 March 2026 for a bill that names that attempt, or none. */
static const struct run *
books(const char *attempt_no)
{
    snapshot_house_read(&house, database.session, (struct day){ 2026, 3, 10 }, attempt_no);
    return &house.run;
}

Test(orders, a_report_adds_what_it_says_and_leaves_the_rest)
{
    cr_expect_eq(report("draft", "", 0, -1), 1);
    cr_expect_eq(database_count(&database, "order_report", NULL, NULL), 0);
    cr_expect_eq(report("paid", "renewal", 3, -1), 1);
    find();
    CHECK_TEXT(db_row_text(rows, 0, "said_kind"), "renewal");
    cr_expect_eq(db_row_i64(rows, 0, "said_refunded_fen"), 0);
    cr_expect_eq(report("paid", "", 0, 500), 1);
    cr_expect_eq(report("paid", "", 0, -1), 1);
    find();
    CHECK_TEXT(db_row_text(rows, 0, "said_kind"), "renewal");
    cr_expect_eq(db_row_i64(rows, 0, "said_quantity"), 3);
    cr_expect_eq(db_row_i64(rows, 0, "said_amount_fen"), 84000);
    cr_expect_eq(db_row_i64(rows, 0, "said_refunded_fen"), 500);
    CHECK_TEXT(db_row_text(rows, 0, "kind"), "new"); /* what was paid for stays */
}

Test(orders, who_judged_by_another_status_says_nothing)
{
    cr_expect_eq(report("submitted", "renewal", 3, 500), 0);
    cr_expect_eq(database_count(&database, "order_report", NULL, NULL), 0);
}

Test(orders, a_report_brings_its_order_into_the_run_of_its_day)
{
    cr_expect_eq(books("")->order_count, 0);
    cr_expect_eq(report("draft", "renewal", 3, 500), 1);
    database_sql(&database, "UPDATE tallygate.ca_order SET status_at = '2026-01-01'");
    cr_assert_eq(books("")->order_count, 1);
    CHECK_TEXT(house.run.orders[0].said_kind, "renewal");
    cr_expect_eq(house.run.orders[0].said_refunded_fen, 500);
}

/* The second order of the same buyer, ten minutes later to the second. */
Test(orders, one_like_it_within_ten_minutes_counts_when_it_was_paid)
{
    database_payment(&database, 7, SECOND, "A-2", 1);
    database_sql(&database, "UPDATE tallygate.ca_order SET created_at = '2026-03-10T02:00:00Z';"
                            "UPDATE tallygate.ca_order SET created_at = '2026-03-10T02:10:00Z'"
                            " WHERE order_no = 'A-2'");
    cr_expect_not(books(FIRST "01")->orders[0].like_paid);
    database_sql(&database,
                 "UPDATE tallygate.ca_order SET success_count = 1 WHERE order_no = 'A-2'");
    cr_expect(books(FIRST "01")->orders[0].like_paid);
    static const char *const other[] = {
        "created_at = '2026-03-10T02:10:01Z'",
        "created_at = '2026-03-10T02:05:00Z', kind = 'renewal'",
        "kind = 'new', quantity = 3, amount_fen = 3 * unit_fee_fen",
    };
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        char sql[256];
        (void)snprintf(sql, sizeof(sql), "UPDATE tallygate.ca_order SET %s WHERE order_no = 'A-2'",
                       other[i]);
        database_sql(&database, sql);
        cr_expect_not(books(FIRST "01")->orders[0].like_paid, "%s", other[i]);
    }
}

static void
say(enum attempt_event event, const char *raw)
{
    struct evidence_claim claim = {
        .source = EVIDENCE_QUERY,
        .verdict = event == ATTEMPT_EVENT_PAID ? EVIDENCE_PAID : EVIDENCE_UNPAID,
        .provider_trade_no = SPAN_LIT("T1"),
        .provider_status = SPAN_LIT("S"),
        .amount = { 56000, CURRENCY_CNY },
        .paid_at = { .us = INT64_C(1773108000000000) },
        .raw = span_of(raw),
    };
    DEFER(evidence_free) struct evidence *evidence = NULL;
    CHECK_OK(evidence_seal(&claim, &evidence));
    struct payment_change change = {
        .slot = 7,
        .attempt_no = SPAN_LIT(FIRST "01"),
        .event = event,
        .evidence = evidence,
        .now = { .us = INT64_C(1773108001000000) },
    };
    struct db_params params;
    db_params_init(&params, database.arena);
    payment_apply_params(&params, &change);
    run(STATEMENT_payment_apply, &params);
    CHECK_TEXT(db_row_text(rows, 0, "outcome"), "applied");
}

static bool
denied(void)
{
    cr_assert_eq(books(FIRST "01")->member_count, 1);
    return house.run.members[0].denied;
}

Test(orders, a_success_is_denied_while_the_providers_last_word_is_another)
{
    say(ATTEMPT_UNPAID, "unpaid yet");
    cr_expect_not(denied()); /* nobody called it paid */
    say(ATTEMPT_EVENT_PAID, "paid");
    cr_expect_not(denied());
    say(ATTEMPT_UNPAID, "unpaid after all");
    cr_expect(denied());
    say(ATTEMPT_EVENT_PAID, "paid, said again");
    cr_expect_not(denied());
}

Test(orders, a_refund_that_nobody_decided_yet_is_under_way)
{
    say(ATTEMPT_EVENT_PAID, "paid");
    cr_assert_eq(books(FIRST "01")->payment_count, 1);
    cr_expect_not(house.run.payments[0].refund_open);
    database_sql(&database,
                 "INSERT INTO tallygate.refund (slot, refund_no, payment_no, attempt_no, owner,"
                 " amount_fen, currency, total_fen, cause, reason, state, requested_by, send_count,"
                 " created_at) VALUES (7, '" FIRST "01R01', '" FIRST "', '" FIRST
                 "01', 'portal', 1, 'CNY', 56000, 'asked', 'r', 'requested', 'maker', 0, now())");
    cr_expect(books(FIRST "01")->payments[0].refund_open);
    cr_expect_eq(house.run.payments[0].refunded_fen, 0);
    database_sql(&database,
                 "UPDATE tallygate.refund SET state = 'accepted', approved_by = 'checker',"
                 " send_count = 1, first_sent_at = now(), taken_at = now(),"
                 " bill_day = '2026-03-11'");
    cr_expect_not(books(FIRST "01")->payments[0].refund_open);
    cr_expect_eq(house.run.payments[0].refunded_fen, 1);
}
