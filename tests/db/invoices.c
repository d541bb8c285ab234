/* SPDX-License-Identifier: Apache-2.0 */
/* invoice_import and what reconciliation reads of it: a document of several orders, its parts, and who comes second. */
#include <stdio.h>

#include <libpq-fe.h>

#include "check.h"
#include "database.h"
#include "snapshot_house.h"

static struct database database;
static struct snapshot_house house;

static void
open_database(void)
{
    database_open(&database);
}

static void
close_database(void)
{
    snapshot_house_fini(&house);
    database_close(&database);
}

TestSuite(invoices, .init = open_database, .fini = close_database);

/* A report of a document that lives in slot 7, under A-1. */
struct document {
    const char *id;
    const char *status;
    int64_t total_fen;
    const char *parts;
    const char *number;
    const char *confirmation;
    const char *items; /* NULL: not told */
};

#define PART(no, slot, fen) "{\"order_no\":\"" no "\",\"slot\":" slot ",\"fen\":" fen "}"
#define BOTH                PART("A-1", "7", "560") "," PART("A-2", "8", "280")
#define ONE                 PART("A-1", "7", "840")

static const struct document two = { "I-1", "issued", 840, BOTH, "", "", NULL };

static size_t
add_row(char *text, size_t size, size_t n, const struct document *report)
{
    bool red = report->total_fen < 0;
    int wrote = snprintf(
        text, size,
        "%s{\"n\":%zu,\"slot\":7,\"invoice_id\":\"%s\",\"order_no\":\"A-1\",\"status\":\"%s\",\"red\":%s,"
        "\"blue_invoice_id\":\"%s\",\"number\":\"%s\",\"code\":\"\",\"title\":\"Jia Ltd\",\"tax_no\":\"\","
        "\"net_fen\":%lld,\"tax_fen\":0,\"total_fen\":%lld,\"asked_at\":\"2026-03-10T02:00:00Z\","
        "\"issued_at\":\"2026-03-10T02:00:00Z\",\"kind\":\"ordinary\",\"red_reason\":\"%s\","
        "\"confirmation_no\":\"\",\"confirmation\":\"%s\",\"confirmation_asked_at\":%s,\"parts\":[%s],\"items\":%s}",
        n == 0 ? "" : ",", n, report->id, report->status, red ? "true" : "false", red ? "I-0" : "",
        report->number, (long long)report->total_fen, (long long)report->total_fen,
        red ? "allowance" : "", report->confirmation,
        report->confirmation[0] == 0 ? "null" : "\"2026-03-10T02:00:00Z\"", report->parts,
        report->items == NULL ? "null" : report->items);
    cr_assert(wrote > 0 && (size_t)wrote < size);
    return (size_t)wrote;
}

#define EDGES "asked>asked asked>issued issued>issued issued>void"

/* The array of the statement; lives until the next. */
static const char *
rows_of(const struct document *reports, size_t count)
{
    static char text[16384];
    size_t len = 0;
    text[len++] = '[';
    for (size_t i = 0; i < count; i++) {
        len += add_row(text + len, sizeof(text) - len - 2, i, &reports[i]);
    }
    text[len++] = ']';
    text[len] = 0;
    return text;
}

static void
expect_outcomes(const struct document *reports, size_t count, const char *const *outcomes)
{
    DEFER(db_rows_free) struct db_rows *answer = NULL;
    struct db_params params;
    db_params_init(&params, database.arena);
    db_cstr(&params, rows_of(reports, count));
    db_cstr(&params, "portal");
    db_time(&params, (struct wall_time){ .us = INT64_C(1773108001000000) });
    db_cstr(&params, EDGES);
    enum err err = db_session_run(database.session, STATEMENT_invoice_import, &params, &answer);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(database.session));
    cr_assert_eq(db_rows_count(answer), count);
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(db_row_i64(answer, i, "n"), (int64_t)i);
        CHECK_TEXT(db_row_text(answer, i, "outcome"), outcomes[i]);
    }
}

static void
expect_outcome(const struct document *report, const char *outcome)
{
    expect_outcomes(report, 1, &outcome);
}

/* The invoices of their day, as a run reads them. */
static void
snapshot(void)
{
    snapshot_house_read(&house, database.session, (struct day){ 2026, 3, 10 }, "");
}

static void
expect_part(size_t row, const char *order_no, int64_t share_fen, bool merged)
{
    CHECK_TEXT(house.run.invoices[row].order_no, order_no);
    cr_expect_eq(house.run.invoices[row].share_fen, share_fen);
    cr_expect_eq(house.run.invoices[row].merged, merged);
}

Test(invoices, a_document_of_two_orders_stands_with_its_part_of_each)
{
    expect_outcome(&two, "created");
    snapshot();
    cr_assert_eq(house.run.invoice_count, 2);
    expect_part(0, "A-1", 560, true);
    expect_part(1, "A-2", 280, true);
    cr_expect_eq(house.run.invoices[1].kind, INVOICE_ORDINARY);
}

Test(invoices, parts_that_do_not_sum_to_the_document_touch_nothing)
{
    struct document one = two;
    one.parts = PART("A-1", "7", "560") "," PART("A-2", "8", "281");
    expect_outcome(&one, "invoice_parts");
    one.parts = "";
    expect_outcome(&one, "invoice_parts");
    cr_expect_eq(database_count(&database, "invoice", NULL, NULL), 0);
    expect_outcome(&two, "created");
    expect_outcome(&one, "invoice_parts");
    snapshot();
    expect_part(1, "A-2", 280, true);
}

Test(invoices, a_later_report_moves_the_parts)
{
    struct document one = two;
    expect_outcome(&two, "created");
    one.parts = PART("A-1", "7", "280") "," PART("A-3", "9", "560");
    expect_outcome(&one, "updated");
    one.parts = ONE;
    expect_outcome(&one, "updated");
    snapshot();
    cr_assert_eq(house.run.invoice_count, 1);
    expect_part(0, "A-1", 840, false);
}

Test(invoices, the_same_report_again_writes_nothing)
{
    struct document one = two;
    expect_outcome(&two, "created");
    int64_t written_by = database_number(&database, "SELECT xmin::text::bigint FROM invoice");
    one.parts = PART("A-2", "8", "280") "," PART("A-1", "7", "560"); /* in another order */
    expect_outcome(&one, "unchanged");
    cr_expect_eq(database_number(&database, "SELECT xmin::text::bigint FROM invoice"), written_by);
}

#define ITEM(name, rate, net)                                                              \
    "{\"name\":\"" name "\",\"quantity\":\"1.5\",\"taxed\":\"by_rate\",\"rate_ppm\":" rate \
    ",\"net_fen\":" net ",\"tax_fen\":0,\"total_fen\":" net "}"
#define FREE                                                                         \
    "{\"name\":\"介质\",\"quantity\":\"\",\"taxed\":\"exempt\",\"rate_ppm\":null," \
    "\"net_fen\":340,\"tax_fen\":0,\"total_fen\":340}"

/* What a run reads of them: each once, however many orders the document is for. */
static void
expect_item(size_t at, const char *name, const char *quantity, const char *taxed, int64_t rate_ppm,
            int64_t net_fen)
{
    const struct recon_invoice_item *item = &house.run.items[at];
    cr_assert_lt(at, house.run.item_count);
    CHECK_TEXT(item->invoice_id, "I-1");
    CHECK_TEXT(item->reported_under, "A-1");
    CHECK_TEXT(item->name, name);
    CHECK_TEXT(item->quantity, quantity);
    CHECK_TEXT(item->taxed, taxed);
    cr_expect_eq(item->number, (int64_t)at + 1);
    cr_expect_eq(item->rate_ppm, rate_ppm);
    cr_expect_eq(item->net_fen, net_fen);
}

Test(invoices, what_stands_on_a_document_is_what_the_last_report_says)
{
    struct document one = two;
    one.items = "[" ITEM("证书", "60000", "500") "," FREE "]";
    expect_outcome(&one, "created");
    expect_outcome(&one, "unchanged");
    snapshot();
    cr_assert_eq(house.run.item_count, 2);
    expect_item(0, "证书", "1.5", "by_rate", 60000, 500);
    expect_item(1, "介质", "", "exempt", -1, 340);
    one.items =
        "[" FREE "," ITEM("证书", "60000", "500") "]"; /* their order is what it says, too */
    expect_outcome(&one, "updated");
    snapshot();
    expect_item(0, "介质", "", "exempt", -1, 340);
    one.items = "[" FREE "]";
    expect_outcome(&one, "updated");
    snapshot();
    cr_assert_eq(house.run.item_count, 1);
    one.items = NULL;
    expect_outcome(&one, "updated");
    expect_outcome(&one, "unchanged");
    cr_expect_eq(database_count(&database, "invoice_item", NULL, NULL), 0);
}

/* A report that is refused leaves the items as they are. */
Test(invoices, items_of_a_refused_report_are_not_kept)
{
    struct document one = two;
    one.items = "[" FREE "]";
    expect_outcome(&one, "created");
    one.items = "[" ITEM("证书", "60000", "500") "]";
    one.status = "asked";
    expect_outcome(&one, "invoice_status");
    snapshot();
    cr_assert_eq(house.run.item_count, 1);
    expect_item(0, "介质", "", "exempt", -1, 340);
}

Test(invoices, a_document_does_not_change_its_sign_nor_go_back)
{
    const struct document red = { "I-1", "issued", -840, PART("A-1", "7", "-840"), "", "", NULL };
    struct document one = two;
    expect_outcome(&two, "created");
    expect_outcome(&red, "invoice_changed");
    one.status = "asked";
    expect_outcome(&one, "invoice_status");
    cr_expect_eq(database_number(&database, "SELECT total_fen FROM invoice"), 840);
}

/* Somebody else writes the document and its parts while we wait for it: the parts that we would judge by are gone. */
Test(invoices, who_comes_second_takes_nothing)
{
    struct document one = two;
    PGconn *second = PQconnectdb(database.app);
    expect_outcome(&two, "created");
    CHECK_OK(db_session_begin(database.session, false));
    one.parts = PART("A-1", "7", "280") "," PART("A-3", "9", "560");
    expect_outcome(&one, "updated");
    PQclear(PQexec(second, "SET search_path = tallygate"));
    one.parts = ONE;
    const char *const parameters[] = { rows_of(&one, 1), "portal", "2026-03-10 02:00:01+00",
                                       EDGES };
    cr_assert_eq(PQsendQueryParams(second,
                                   (const char *)statement_files[STATEMENT_invoice_import].at, 4,
                                   NULL, parameters, NULL, NULL, 0),
                 1);
    while (database_number(&database,
                           "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type ="
                           " 'Lock' AND datname = current_database()")
           == 0) {
        cr_assert_eq(PQstatus(second), CONNECTION_OK);
    }
    CHECK_OK(db_session_commit(database.session));
    PGresult *result = PQgetResult(second);
    cr_assert_eq(PQresultStatus(result), PGRES_TUPLES_OK, "%s", PQerrorMessage(second));
    cr_expect_str_eq(PQgetvalue(result, 0, 1), "lost_race");
    PQclear(result);
    PQfinish(second);
    cr_expect_eq(
        database_number(&database, "SELECT sum(amount_fen)::bigint FROM invoice_allocation"), 840);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM invoice_allocation"
                                            " WHERE order_no = 'A-3' AND amount_fen = 560"),
                 1);
}

Test(invoices, lines_of_a_batch_are_judged_by_themselves)
{
    const struct document reports[] = {
        { "I-1", "issued", 840, BOTH, "26352000000000000001", "", NULL },
        { "I-1", "issued", 840, ONE, "", "", NULL },                     /* the id is there */
        { "I-2", "issued", 840, ONE, "26352000000000000001", "", NULL }, /* the number is there */
        { "I-3", "issued", 841, ONE, "26352000000000000003", "", NULL }, /* parts differ */
        { "I-4", "issued", 840, ONE, "26352000000000000003", "",
          NULL }, /* who had it was refused */
    };
    const char *const first[] = { "created", "repeated", "invoice_number", "invoice_parts",
                                  "created" };
    const char *const second[] = { "unchanged", "repeated", "invoice_number", "invoice_parts",
                                   "unchanged" };
    expect_outcomes(reports, 5, first);
    expect_outcomes(reports, 5, second);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM invoice"), 2);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM invoice_allocation"), 3);
}

Test(invoices, a_number_that_another_document_has_is_not_taken_over)
{
    struct document one = two;
    struct document other = two;
    one.number = "26352000000000000001";
    other.id = "I-2";
    other.number = "26352000000000000002";
    expect_outcome(&one, "created");
    expect_outcome(&other, "created");
    other.number = one.number;
    expect_outcome(&other, "invoice_number");
    cr_expect_eq(database_number(&database, "SELECT count(DISTINCT number) FROM invoice"), 2);
}

Test(invoices, what_a_red_document_waits_for_is_read_back)
{
    const struct document red = {
        "I-2", "asked", -560, PART("A-1", "7", "-560"), "", "buyer_to_confirm", NULL
    };
    expect_outcome(&red, "created");
    snapshot();
    cr_assert_eq(house.run.invoice_count, 1);
    expect_part(0, "A-1", -560, false);
    cr_expect_eq(house.run.invoices[0].red_reason, INVOICE_ALLOWANCE);
    cr_expect_eq(house.run.invoices[0].confirmation, INVOICE_BUYER_TO_CONFIRM);
    cr_expect_eq(house.run.invoices[0].confirmation_asked_at.us, INT64_C(1773108000000000));
}

Test(invoices, a_blue_document_has_no_reason_and_an_open_confirmation_a_beginning)
{
    expect_outcome(&two, "created");
    cr_expect_str_eq(database_refusal(database.superuser,
                                      "UPDATE tallygate.invoice SET red_reason = 'allowance'"),
                     "23514");
    cr_expect_str_eq(database_refusal(database.superuser,
                                      "UPDATE tallygate.invoice SET red = true, total_fen = -840,"
                                      " net_fen = -840, confirmation = 'in_request'"),
                     "23514");
}
