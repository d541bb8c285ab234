/* SPDX-License-Identifier: Apache-2.0 */
/* What finance reads of runs, by the statements that the API uses. */
#include "recon_house.h"
#include "report.h"

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
