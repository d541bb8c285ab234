/* SPDX-License-Identifier: Apache-2.0 */
/* invoice_put and what reconciliation reads of it: a document of several orders, its parts, and who comes second. */
#include "check.h"
#include "database.h"

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

TestSuite(invoices, .init = open_database, .fini = close_database);

struct report {
    const char *id;
    const char *status;
    const char *before;
    int64_t total_fen;
    const char *slots;
    const char *orders;
    const char *parts;
    const char *confirmation;
};

static const struct report two = {
    "I-1", "issued", "", 840, "{7,8}", "{A-1,A-2}", "{560,280}", ""
};

/* How many rows it touches; the document lives in slot 7, under A-1. */
static size_t
put(const struct report *report)
{
    DEFER(db_rows_free) struct db_rows *touched = NULL;
    struct db_params params;
    bool red = report->total_fen < 0;
    db_params_init(&params, database.arena);
    db_i64(&params, 7);
    db_cstr(&params, "portal");
    db_cstr(&params, report->id);
    db_cstr(&params, "A-1");
    db_cstr(&params, report->status);
    db_bool(&params, red);
    db_cstr(&params, red ? "I-0" : "");
    db_cstr(&params, "");
    db_cstr(&params, "");
    db_cstr(&params, "Jia Ltd");
    db_cstr(&params, "");
    db_i64(&params, report->total_fen);
    db_i64(&params, 0);
    db_i64(&params, report->total_fen);
    db_time(&params, (struct wall_time){ .us = INT64_C(1773108000000000) });
    db_time(&params, (struct wall_time){ .us = INT64_C(1773108000000000) });
    db_time(&params, (struct wall_time){ .us = INT64_C(1773108001000000) });
    db_cstr(&params, report->before);
    db_cstr(&params, "ordinary");
    db_cstr(&params, red ? "allowance" : "");
    db_cstr(&params, "");
    db_cstr(&params, report->confirmation);
    db_time(&params, report->confirmation[0] == 0
                         ? (struct wall_time){ 0 }
                         : (struct wall_time){ .us = INT64_C(1773108000000000) });
    db_cstr(&params, report->slots);
    db_cstr(&params, report->orders);
    db_cstr(&params, report->parts);
    enum err err = db_session_run(database.session, STATEMENT_invoice_put, &params, &touched);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    return db_rows_affected(touched);
}

/* The invoices of orders, as a run reads them. */
static void
snapshot(void)
{
    struct db_params params;
    db_rows_free(&rows);
    rows = NULL;
    db_params_init(&params, database.arena);
    db_cstr(&params, "{7,8}");
    db_cstr(&params, "{portal,portal}");
    db_cstr(&params, "{A-1,A-2}");
    db_time(&params, (struct wall_time){ .us = INT64_C(1773072000000000) });
    db_time(&params, (struct wall_time){ .us = INT64_C(1773158400000000) });
    db_cstr(&params, "main");
    enum err err =
        db_session_run(database.session, STATEMENT_recon_snapshot_invoices, &params, &rows);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
}

static void
expect_part(size_t row, const char *order_no, int64_t share_fen, bool merged)
{
    CHECK_TEXT(db_row_text(rows, row, "order_no"), order_no);
    cr_expect_eq(db_row_i64(rows, row, "share_fen"), share_fen);
    cr_expect_eq(db_row_bool(rows, row, "merged"), merged);
}

Test(invoices, a_document_of_two_orders_stands_with_its_part_of_each)
{
    cr_expect_eq(put(&two), 2);
    snapshot();
    cr_assert_eq(db_rows_count(rows), 2);
    expect_part(0, "A-1", 560, true);
    expect_part(1, "A-2", 280, true);
    CHECK_TEXT(db_row_text(rows, 1, "kind"), "ordinary");
}

Test(invoices, parts_that_do_not_sum_to_the_document_touch_nothing)
{
    struct report one = two;
    one.parts = "{560,281}";
    cr_expect_eq(put(&one), 0);
    cr_expect_eq(database_count(&database, "invoice", NULL, NULL), 0);
    cr_expect_eq(put(&two), 2);
    one.before = "issued";
    cr_expect_eq(put(&one), 0);
    snapshot();
    expect_part(1, "A-2", 280, true);
}

Test(invoices, a_later_report_moves_the_parts)
{
    struct report one = two;
    cr_expect_eq(put(&two), 2);
    one.before = "issued";
    one.slots = "{7}";
    one.orders = "{A-1}";
    one.parts = "{840}";
    cr_expect_eq(put(&one), 1);
    snapshot();
    cr_assert_eq(db_rows_count(rows), 1);
    expect_part(0, "A-1", 840, false);
}

Test(invoices, who_judged_by_another_status_comes_too_late)
{
    struct report one = two;
    cr_expect_eq(put(&two), 2);
    one.before = "asked";
    one.parts = "{280,560}";
    cr_expect_eq(put(&one), 0);
    snapshot();
    expect_part(0, "A-1", 560, true);
}

Test(invoices, what_a_red_document_waits_for_is_read_back)
{
    const struct report red = { "I-2", "asked", "",       -560,
                                "{7}", "{A-1}", "{-560}", "buyer_to_confirm" };
    cr_expect_eq(put(&red), 1);
    snapshot();
    cr_assert_eq(db_rows_count(rows), 1);
    expect_part(0, "A-1", -560, false);
    CHECK_TEXT(db_row_text(rows, 0, "red_reason"), "allowance");
    CHECK_TEXT(db_row_text(rows, 0, "confirmation"), "buyer_to_confirm");
    cr_expect_eq(db_row_time(rows, 0, "confirmation_asked_at").us, INT64_C(1773108000000000));
}

Test(invoices, a_blue_document_has_no_reason_and_an_open_confirmation_a_beginning)
{
    cr_expect_eq(put(&two), 2);
    cr_expect_str_eq(database_refusal(database.superuser,
                                      "UPDATE tallygate.invoice SET red_reason = 'allowance'"),
                     "23514");
    cr_expect_str_eq(database_refusal(database.superuser,
                                      "UPDATE tallygate.invoice SET red = true, total_fen = -840,"
                                      " net_fen = -840, confirmation = 'in_request'"),
                     "23514");
}
