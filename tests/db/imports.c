/* SPDX-License-Identifier: Apache-2.0 */
/* Batches of orders and invoices in a real database: verdicts line by line, twice at once, and out of a second database. */
#include <stdio.h>

#include "check.h"
#include "database.h"
#include "import_feed.h"
#include "portal_link.h"

static struct database database;
static struct db_session *app;
static enum import_verdict verdicts[2048];
static enum err reasons[2048];
static size_t verdict_count;

static void
open_database(void)
{
    database_open(&database);
    cr_assert_eq(db_session_open(database.app, &app), ERR_OK);
    verdict_count = 0;
}

static void
close_database(void)
{
    db_session_close(&app);
    database_close(&database);
}

TestSuite(imports, .init = open_database, .fini = close_database);

static enum err
told(void *context, const struct import_batch *batch)
{
    (void)context;
    for (size_t i = 0; i < batch->count; i++) {
        verdicts[verdict_count] = batch->lines[i].verdict;
        reasons[verdict_count] = batch->lines[i].err;
        verdict_count++;
    }
    return ERR_OK;
}

static struct import_feed
feed_of(const struct import_kind *kind)
{
    return (struct import_feed){
        .session = app, .kind = kind, .owner = SPAN_LIT("portal"), .told = told
    };
}

/* The lines as a file. */
static void
import_of(const struct import_kind *kind, const char *text)
{
    struct import_feed feed = feed_of(kind);
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    verdict_count = 0;
    cr_assert_not_null(file);
    CHECK_OK(import_feed_open(&feed));
    enum err err = import_feed_lines(&feed, file);
    cr_assert_eq(err, ERR_OK, "%s: %s", err_name(err), db_session_trouble(app));
    import_feed_close(&feed);
    (void)fclose(file);
}

static void
import(const char *text)
{
    import_of(&import_orders, text);
}

static void
expect(size_t line, enum import_verdict verdict, enum err why)
{
    cr_assert_lt(line, verdict_count);
    cr_expect_eq(verdicts[line], verdict, "line %zu: %s", line,
                 import_verdict_code(verdicts[line]));
    cr_expect_eq(reasons[line], why, "line %zu: %s", line, err_name(reasons[line]));
}

#define LINE(no, amount, status)                                                                   \
    "{\"order\":{\"order_no\":\"" no "\",\"kind\":\"new\",\"applicant\":\"supplier\","             \
    "\"unit_name\":\"某公司\",\"uscc\":\"91350100M000100Y43\",\"quantity\":1,\"unit_fee\":" amount \
    ",\"amount\":" amount ",\"invoice\":{\"title\":\"某公司\"}},\"status\":\"" status              \
    "\",\"status_at\":\"2020-02-03T10:00:00+08:00\"}\n"

Test(imports, each_line_has_its_own_verdict)
{
    import(LINE("A-1", "100", "paid")
               LINE("A-2", "100", "draft") "{}\n" LINE("A-1", "100", "issued"));
    expect(0, IMPORT_CREATED, ERR_OK);
    expect(1, IMPORT_CREATED, ERR_OK);
    expect(2, IMPORT_REFUSED, ERR_VALIDATION);
    expect(3, IMPORT_REFUSED, ERR_IMPORT_REPEATED);
    cr_expect_eq(database_number(&database,
                                 "SELECT count(*) FROM ca_order WHERE owner = 'portal'"
                                 " AND order_no = 'A-1' AND status = 'paid' AND"
                                 " status_at = '2020-02-03 02:00:00+00' AND amount_fen = 100"),
                 1);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM ca_order"), 2);
}

Test(imports, the_same_again_changes_nothing)
{
    import(LINE("A-1", "100", "paid"));
    int64_t written_by = database_number(&database, "SELECT xmin::text::bigint FROM ca_order");
    import(LINE("A-1", "100", "paid"));
    expect(0, IMPORT_UNCHANGED, ERR_OK);
    cr_expect_eq(database_number(&database, "SELECT xmin::text::bigint FROM ca_order"), written_by);
}

Test(imports, statuses_go_forward_over_any_number_of_steps)
{
    import(LINE("A-1", "100", "draft") LINE("A-2", "100", "issued") LINE("A-3", "100", "rejected"));
    import(LINE("A-1", "100", "issued") LINE("A-2", "100", "paid") LINE("A-3", "100", "paid"));
    expect(0, IMPORT_UPDATED, ERR_OK);
    expect(1, IMPORT_REFUSED, ERR_ORDER_STATUS);
    expect(2, IMPORT_REFUSED, ERR_ORDER_STATUS);
    cr_expect_eq(
        database_number(&database, "SELECT count(*) FROM ca_order WHERE status = 'issued'"), 2);
}

Test(imports, an_order_with_other_data_is_not_touched)
{
    import(LINE("A-1", "100", "draft"));
    import(LINE("A-1", "200", "paid"));
    expect(0, IMPORT_REFUSED, ERR_ORDER_CHANGED);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM ca_order WHERE status = 'draft'"
                                            " AND amount_fen = 100"),
                 1);
}

Test(imports, another_owners_order_of_that_number_is_another_order)
{
    database_payment(&database, 7, "2603100070000000011", "A-1", 1);
    import(LINE("A-1", "100", "paid"));
    expect(0, IMPORT_CREATED, ERR_OK);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM ca_order WHERE order_no = 'A-1'"),
                 2);
}

/* Somebody else holds the row; when he is done the line is judged by what he left. */
Test(imports, a_line_waits_for_whoever_changes_its_order)
{
    struct db_session *other = NULL;
    struct import_feed feed = feed_of(&import_orders);
    import(LINE("A-1", "100", "paid"));
    CHECK_OK(db_session_open(database.superuser, &other));
    CHECK_OK(db_session_begin(other, false));
    CHECK_OK(db_session_script(other, "UPDATE tallygate.ca_order SET status = 'cancelled'"));
    verdict_count = 0;
    db_session_limit(app, 200);
    CHECK_OK(import_feed_open(&feed));
    CHECK_OK(import_feed_line(&feed, 1, SPAN_LIT(LINE("A-1", "100", "issued")), ERR_OK));
    CHECK_ERR(import_feed_end(&feed), ERR_DB_OUTCOME);
    import_feed_close(&feed);
    CHECK_OK(db_session_commit(other));
    db_session_close(&other);
    db_session_close(&app);
    CHECK_OK(db_session_open(database.app, &app));
    import(LINE("A-1", "100", "issued"));
    expect(0, IMPORT_REFUSED, ERR_ORDER_STATUS);
}

Test(imports, more_lines_than_a_batch_are_taken_in_batches)
{
    static char text[400 * 1200];
    size_t len = 0;
    for (int i = 0; i < 1100; i++) {
        int wrote = snprintf(text + len, sizeof(text) - len,
                             "{\"order\":{\"order_no\":\"N-%d\",\"kind\":\"new\",\"applicant\":"
                             "\"agency\",\"unit_name\":\"x\",\"uscc\":\"91350100M000100Y43\","
                             "\"quantity\":1,\"unit_fee\":%d,\"amount\":%d,\"invoice\":{\"title\":"
                             "\"x\"}},\"status\":\"paid\"}\n",
                             i, i + 1, i + 1);
        cr_assert_gt(wrote, 0);
        len += (size_t)wrote;
        cr_assert_lt(len, sizeof(text));
    }
    import(text);
    cr_expect_eq(verdict_count, 1100);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM ca_order"), 1100);
    cr_expect_eq(database_number(&database, "SELECT sum(amount_fen)::bigint FROM ca_order"),
                 1100 * 1101 / 2);
}

Test(imports, a_line_without_end_is_refused_and_the_next_is_taken)
{
    static char text[80 * 1024 + 512];
    memset(text, 'x', 80 * 1024);
    (void)snprintf(text + 80 * 1024, 512, "\n%s", LINE("A-1", "100", "paid"));
    import(text);
    expect(0, IMPORT_REFUSED, ERR_BUF_FULL);
    expect(1, IMPORT_CREATED, ERR_OK);
}

#define INVOICE(id, no, status, more)                                                 \
    "{\"invoice_id\":\"" id "\",\"order_no\":\"" no "\",\"status\":\"" status         \
    "\",\"title\":\"某公司\",\"net\":943,\"tax\":57,\"total\":1000,\"issued_at\":" \
    "\"2020-02-03T10:00:00+08:00\"" more "}\n"
#define NUMBER ",\"number\":\"2635200000000000000"

/* What a program that died before its first line left is no answer, whatever its form. */
Test(imports, a_file_without_a_line_is_told)
{
    static const struct {
        const char *text;
        bool csv;
        enum err err;
    } files[] = {
        { "", false, ERR_IMPORT_EMPTY },
        { " \n\r\n", false, ERR_IMPORT_EMPTY },
        { "", true, ERR_IMPORT_EMPTY },
        { "order_no,status\n", true, ERR_OK },
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        DEFER(buf_fini) struct buf where = BUF_MAX(64);
        struct import_feed feed = feed_of(&import_orders);
        FILE *file = tmpfile();
        cr_assert_not_null(file);
        cr_assert_geq(fputs(files[i].text, file), 0);
        rewind(file);
        CHECK_OK(import_feed_open(&feed));
        enum err err =
            files[i].csv ? import_feed_csv(&feed, file, &where) : import_feed_lines(&feed, file);
        cr_expect_eq(err, files[i].err, "%zu: %s", i, err_name(err));
        cr_expect_eq(import_feed_count(&feed), 0);
        import_feed_close(&feed);
        (void)fclose(file);
    }
}

Test(imports, invoices_come_in_batches_with_the_orders_that_they_are_for)
{
    static const char lines[] = INVOICE("I-1", "A-1", "issued", NUMBER "1\"")
        INVOICE("I-2", "A-1", "issued",
                NUMBER "2\",\"allocations\":[{\"order_no\":\"A-1\",\"amount\":400},"
                       "{\"order_no\":\"A-2\",\"amount\":600}]")
            INVOICE("I-3", "A-1", "issued",
                    NUMBER "3\",\"allocations\":[{\"order_no\":\"A-1\",\"amount\":400}]")
                INVOICE("I-1", "A-1", "void", "");
    import_of(&import_invoices, lines);
    expect(0, IMPORT_CREATED, ERR_OK);
    expect(1, IMPORT_CREATED, ERR_OK);
    expect(2, IMPORT_REFUSED, ERR_VALIDATION);
    expect(3, IMPORT_REFUSED, ERR_IMPORT_REPEATED);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM invoice"), 2);
    cr_expect_eq(database_number(&database, "SELECT sum(amount_fen)::bigint FROM"
                                            " invoice_allocation WHERE order_no = 'A-1'"),
                 1400);
    import_of(&import_invoices, lines);
    expect(0, IMPORT_UNCHANGED, ERR_OK);
    expect(1, IMPORT_UNCHANGED, ERR_OK);
    import_of(&import_invoices, INVOICE("I-1", "A-1", "void", NUMBER "1\""));
    expect(0, IMPORT_UPDATED, ERR_OK);
    import_of(&import_invoices, INVOICE("I-1", "A-1", "issued", NUMBER "1\""));
    expect(0, IMPORT_REFUSED, ERR_INVOICE_STATUS);
}

Test(imports, a_number_that_another_invoice_has_is_named)
{
    struct import_feed feed = feed_of(&import_invoices);
    CHECK_OK(import_feed_open(&feed));
    CHECK_OK(import_feed_line(&feed, 1, SPAN_LIT(INVOICE("I-1", "A-1", "issued", NUMBER "1\"")),
                              ERR_OK));
    CHECK_OK(import_feed_line(&feed, 2, SPAN_LIT(INVOICE("I-2", "A-1", "issued", NUMBER "1\"")),
                              ERR_OK));
    CHECK_OK(import_feed_end(&feed));
    cr_expect_eq(feed.batch.lines[1].err, ERR_VALIDATION);
    cr_assert_eq(feed.batch.lines[1].fault_count, 1);
    cr_expect_str_eq(feed.batch.lines[1].faults[0].field, "number");
    import_feed_close(&feed);
}

/* 500 lines of up to 64 KiB would be too much for one statement. */
Test(imports, long_lines_make_short_batches)
{
    static char text[70 * 1024];
    struct import_feed feed = feed_of(&import_invoices);
    memset(text, ' ', sizeof(text));
    CHECK_OK(import_feed_open(&feed));
    for (int i = 0; i < 60; i++) {
        int wrote = snprintf(text, sizeof(text), INVOICE("I-%d", "A-1", "asked", ""), i);
        cr_assert_gt(wrote, 0);
        text[wrote] = ' ';
        CHECK_OK(import_feed_line(&feed, i + 1, span_make(text, (size_t)60 * 1024), ERR_OK));
        cr_expect_leq(feed.batch.count, 52); /* 3 MiB */
    }
    CHECK_OK(import_feed_end(&feed));
    import_feed_close(&feed);
    cr_expect_eq(feed.tallies[IMPORT_CREATED], 60);
}

/* 401 invoices of the amounts 1 to 401 fen are for one order each, one of 600 is for three, one is red; two cannot be taken. */
static void
invoices_from_view(void)
{
    struct import_feed feed = feed_of(&import_invoices);
    CHECK_OK(import_feed_open(&feed));
    verdict_count = 0;
    struct import_view view = { .since = { .us = 1 } };
    enum err err = import_feed_view(&feed, &view);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(app));
    import_feed_close(&feed);
    cr_expect_eq(feed.tallies[IMPORT_CREATED], 403);
    cr_expect_eq(feed.tallies[IMPORT_REFUSED],
                 2); /* parts that do not sum, and red without minus */
    cr_expect_eq(
        database_number(&database, "SELECT sum(amount_fen)::bigint FROM invoice_allocation"),
        401 * 402 / 2 + 600 - 100);
    cr_expect_eq(database_number(&database, "SELECT sum(amount_fen)::bigint FROM invoice_allocation"
                                            " WHERE invoice_id = 'PI-9001' AND order_no = 'P-2'"),
                 200);
    cr_expect_eq(database_number(&database,
                                 "SELECT count(*) FROM invoice WHERE red AND confirmation ="
                                 " 'in_request' AND confirmation_no = 'C1' AND"
                                 " confirmation_asked_at = '2025-06-01 00:00:00+00'"),
                 1);
}

Test(imports, orders_and_invoices_come_out_of_the_portals_own_database)
{
    char portal[96];
    struct import_feed feed = feed_of(&import_orders);
    (void)snprintf(portal, sizeof(portal), "%s_portal", database.name);
    portal_link(&database, "make", portal);

    CHECK_OK(import_feed_open(&feed));
    struct import_view view = { .since = { .us = 1 } };
    enum err err = import_feed_view(&feed, &view);
    cr_assert_eq(err, ERR_OK, "%s", db_session_trouble(app));
    import_feed_close(&feed);
    cr_expect_eq(verdict_count, 1203);
    cr_expect_eq(feed.tallies[IMPORT_CREATED], 1201);
    cr_expect_eq(feed.tallies[IMPORT_REFUSED],
                 2); /* one without a unit, one of an unknown status */
    cr_expect_eq(database_number(&database, "SELECT sum(amount_fen)::bigint FROM ca_order"),
                 1201 * 1202 / 2);

    /* Only what changed since. */
    struct import_feed again = feed_of(&import_orders);
    verdict_count = 0;
    CHECK_OK(import_feed_open(&again));
    view.since.us = INT64_C(1767225600000000);
    CHECK_OK(import_feed_view(&again, &view));
    import_feed_close(&again);
    cr_expect_eq(again.tallies[IMPORT_UNCHANGED], 1);
    cr_expect_eq(verdict_count, 3);

    invoices_from_view();
    portal_link(&database, "drop", portal);
}
