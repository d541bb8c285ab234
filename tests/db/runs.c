/* SPDX-License-Identifier: Apache-2.0 */
/* What finance reads of runs, by the statements that the API uses. */
#include "recon_house.h"
#include "report.h"
#include "run_view.h"

static struct db_rows *rows;

/* Three runs of one day: the second counts. */
static void
open_house(void)
{
    database_open(&database);
    recon_house_bill("ab");
    recon_house_run(1, "{FEE_OK}", "LONG_UNKNOWN");
    recon_house_run(2, "{ORD_NOT_ADVANCED}", "LONG_UNKNOWN");
    recon_house_run(3, "{FEE_OK}", "LONG_UNKNOWN");
    database_sql(&database,
                 "INSERT INTO tallygate.recon_current VALUES ('main', 'trade', '2026-11-23', 2)");
}

static void
close_house(void)
{
    db_rows_free(&rows);
    database_close(&database);
}

TestSuite(runs, .init = open_house, .fini = close_house);

static size_t
ask(enum statement statement, const struct db_params *params)
{
    db_rows_free(&rows);
    rows = NULL;
    cr_assert_eq(db_session_run(database.session, statement, params, &rows), ERR_OK, "%s",
                 db_session_trouble(database.session));
    return db_rows_count(rows);
}

static struct day
november(int mday)
{
    return mday == 0 ? (struct day){ .year = 0 } : (struct day){ 2026, 11, mday };
}

/* Of the days from `first` to `last` of November; 0: no end there. */
static size_t
list_between(int first, int last)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_cstr(&params, "main");
    db_cstr(&params, "");
    db_day(&params, november(first));
    db_day(&params, november(last));
    db_cstr(&params, "");
    db_i64(&params, 0);
    db_i64(&params, 9);
    return ask(STATEMENT_run_list, &params);
}

static size_t
list(const char *account, const char *kind, int mday, const char *state, int64_t after,
     int64_t limit)
{
    struct db_params params;
    db_params_init(&params, database.arena);
    db_cstr(&params, account);
    db_cstr(&params, kind);
    db_day(&params, november(mday));
    db_day(&params, november(mday));
    db_cstr(&params, state);
    db_i64(&params, after);
    db_i64(&params, limit);
    return ask(STATEMENT_run_list, &params);
}

static void
expect_pages(void)
{
    static const int64_t wanted[] = { 3, 2, 1 };
    int64_t after = 0;
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(list("main", "", 0, "", after, 1), 1);
        after = db_row_i64(rows, 0, "run_id");
        cr_expect_eq(after, wanted[i]);
        cr_expect_eq(db_row_bool(rows, 0, "counts"), after == 2);
    }
    cr_expect_eq(list("main", "", 0, "", after, 1), 0);
}

static void
expect_filters(void)
{
    cr_expect_eq(list("", "", 0, "", 0, 9), 3);
    cr_expect_eq(list("main", "", 23, "complete", 0, 9), 3);
    cr_expect_eq(list("main", "", 23, "counting", 0, 9), 1);
    cr_expect_eq(list("main", "", 23, "blocked", 0, 9), 0);
    cr_expect_eq(list("main", "", 22, "", 0, 9), 0);
    cr_expect_eq(list("other", "", 0, "", 0, 9), 0);
    cr_expect_eq(list("main", "trade", 23, "counting", 0, 9), 1);
    cr_expect_eq(list("main", "deposits", 0, "", 0, 9), 0);
}

/* The third run is made one of the 25th. */
static void
expect_days(void)
{
    static const struct {
        int first;
        int last;
        size_t wanted;
    } spans[] = { { 0, 0, 3 },   { 0, 22, 0 },  { 0, 23, 2 },  { 0, 24, 2 }, { 0, 25, 3 },
                  { 23, 0, 3 },  { 24, 0, 1 },  { 25, 0, 1 },  { 26, 0, 0 }, { 23, 25, 3 },
                  { 23, 23, 2 }, { 24, 24, 0 }, { 24, 26, 1 }, { 25, 23, 0 } };
    database_sql(&database,
                 "UPDATE tallygate.recon_run SET bill_day = '2026-11-25' WHERE run_id = 3");
    for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        cr_expect_eq(list_between(spans[i].first, spans[i].last), spans[i].wanted, "case %zu", i);
    }
}

/* A database takes longer than all that is asked of it. */
Test(runs, list_has_each_once_the_newest_first_and_marks_the_one_that_counts_and_is_signed)
{
    expect_pages();
    expect_filters();
    database_sql(
        &database,
        "SET search_path = tallygate;"
        "INSERT INTO period_signoff VALUES ('main', 'trade', '2026-11-23', 1, 2, 'text',"
        " sha256('text'), 'finance', now());"
        "INSERT INTO period_decision VALUES ('main', 'trade', '2026-11-23', 1, 2, 'finance', 'signed',"
        " 'checker', NULL, now())");
    cr_assert_eq(list("main", "", 23, "", 0, 9), 3);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(db_row_bool(rows, i, "signed"), db_row_i64(rows, i, "run_id") == 2);
    }
    expect_days();
}

static size_t
results(int64_t run, const char *owner, int64_t after, bool differs)
{
    struct db_params params;
    DEFER(buf_fini) struct buf codes = BUF_MAX(16384);
    CHECK_OK(report_load_codes(&codes));
    db_params_init(&params, database.arena);
    db_i64(&params, run);
    db_cstr(&params, owner);
    db_i64(&params, after);
    db_bool(&params, differs);
    db_text(&params, buf_span(&codes));
    db_i64(&params, 9);
    return ask(STATEMENT_run_results, &params);
}

static void
expect_stories(void)
{
    static const struct {
        const char *owner;
        const char *order_no;
        int64_t run;
        size_t wanted;
    } orders[] = { { "portal", "O-1", 1, 1 },
                   { "other", "O-1", 1, 0 },
                   { "", "", 1, 0 },
                   { "portal", "O-1", 9, 0 } };
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        struct db_params params;
        db_params_init(&params, database.arena);
        db_i64(&params, orders[i].run);
        db_cstr(&params, orders[i].owner);
        db_cstr(&params, orders[i].order_no);
        db_i64(&params, 200);
        cr_expect_eq(ask(STATEMENT_run_story, &params), orders[i].wanted, "case %zu", i);
    }
}

/* Of order O-1 in run 1: a blue document whose items 1 and 3 are off, and its part of one that lives with another order. Run 2 keeps none, and
 * run 3 is from before they were kept. */
static void
make_invoices(void)
{
    database_sql(
        &database,
        "SET search_path = tallygate;"
        "UPDATE recon_run SET invoices_kept = true WHERE run_id IN (1, 2);"
        "INSERT INTO recon_invoice VALUES"
        " (1, 'portal', 'O-1', 'B-1', 'O-1', 'special', false, 'issued', 8000, 800, 8800, 8800, NULL, '2026-11-23T05:00:00Z'),"
        " (1, 'portal', 'O-1', 'A-9', 'O-7', '', true, 'asked', -9000, -900, -9900, -4400, '2026-11-23T04:00:00Z', NULL),"
        " (1, 'portal', 'O-2', 'B-2', 'O-2', '', false, 'void', 1, 0, 1, 1, NULL, NULL);"
        "INSERT INTO recon_item_off VALUES (1, 'portal', 'O-1', 'B-1', 'O-1', 1, 'x', 4000, 500, 100),"
        " (1, 'portal', 'O-1', 'B-1', 'O-1', 3, 'y', 4000, 300, -100)");
}

/* What the API tells of them. */
static void
expect_invoices(int64_t run, bool differs, const char *wanted)
{
    struct db_params params;
    DEFER(json_free) struct json_t *view = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(16384);
    const char *told = NULL;
    db_params_init(&params, database.arena);
    db_i64(&params, run);
    db_cstr(&params, "portal");
    db_cstr(&params, "O-1");
    db_i64(&params, 200);
    (void)ask(STATEMENT_run_invoices, &params);
    CHECK_OK(json_new_object(&view));
    CHECK_OK(run_view_invoices(view, rows, differs));
    CHECK_OK(json_encode(view, &text));
    CHECK_OK(buf_cstr(&text, &told));
    cr_expect_str_eq(told, wanted);
}

Test(runs, invoices_of_a_results_order_are_told_with_their_items_that_are_off)
{
    make_invoices();
    expect_invoices(
        1, true,
        "{\"invoices\":[{\"invoice_id\":\"A-9\",\"order_no\":\"O-7\",\"kind\":\"\",\"red\":true,\"status\":\"asked\","
        "\"net\":-9000,\"tax\":-900,\"total\":-9900,\"amount\":-4400,\"asked_at\":\"2026-11-23T04:00:00.000Z\","
        "\"issued_at\":null,\"items_off\":[]},"
        "{\"invoice_id\":\"B-1\",\"order_no\":\"O-1\",\"kind\":\"special\",\"red\":false,\"status\":\"issued\","
        "\"net\":8000,\"tax\":800,\"total\":8800,\"amount\":8800,\"asked_at\":null,"
        "\"issued_at\":\"2026-11-23T05:00:00.000Z\",\"items_off\":["
        "{\"number\":1,\"name\":\"x\",\"net\":4000,\"tax\":500,\"off\":100},"
        "{\"number\":3,\"name\":\"y\",\"net\":4000,\"tax\":300,\"off\":-100}]}]}");
    expect_invoices(2, true, "{\"invoices\":[]}");
    expect_invoices(2, false, "{\"invoices\":null}");
    expect_invoices(3, true, "{\"invoices\":null}");
}

/* Row 1 is the portal's and ties, row 2 is nobody's and does not. */
Test(runs, results_are_those_of_the_owner_and_of_nobody_and_on_wish_what_differs)
{
    struct report_row row;
    cr_assert_eq(results(1, "portal", 0, false), 2);
    CHECK_OK(report_load_row(rows, 0, database.arena, &row));
    cr_expect_eq(row.seq, 1);
    CHECK_TEXT(row.raw, "raw");
    cr_expect_eq(results(1, "portal", 1, false), 1);
    cr_expect_eq(results(1, "portal", 2, false), 0);
    cr_assert_eq(results(1, "other", 0, false), 1);
    cr_expect_eq(db_row_i64(rows, 0, "seq"), 2);
    cr_assert_eq(results(1, "", 0, true), 1);
    cr_expect_eq(db_row_i64(rows, 0, "delta_fen"), 50);
    cr_expect_eq(results(2, "", 0, true), 2, "a finding of severity 2 is enough");
    cr_expect_eq(results(9, "", 0, false), 0);
    expect_stories();
}
