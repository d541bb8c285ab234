/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a batch: each has its own verdict, and only good ones are stored. */
#include <stdio.h>

#include "check.h"
#include "http.h"
#include "import.h"

#define NOW_US INT64_C(1773108000000000) /* 2026-03-10T10:00:00+08:00 */

static struct arena *arena;
static struct import_batch batch;

static void
set_up(void)
{
    cr_assert_eq(arena_new((size_t)32 * 1024 * 1024, &arena), ERR_OK);
    cr_assert_eq(import_batch_open(&import_orders, SPAN_LIT("portal"),
                                   (struct wall_time){ .us = NOW_US }, arena, &batch),
                 ERR_OK);
}

static void
tear_down(void)
{
    import_batch_close(&batch);
    arena_free(&arena);
}

TestSuite(import_batch, .init = set_up, .fini = tear_down);

#define ORDER(more)                                                                            \
    "{\"order\":{\"order_no\":\"A-1\",\"kind\":\"new\",\"applicant\":\"supplier\","            \
    "\"unit_name\":\"某公司\",\"uscc\":\"91350100M000100Y43\",\"quantity\":2,\"unit_fee\":" \
    "100,\"amount\":200,\"invoice\":{\"title\":\"某公司\"}}" more "}"

static const struct import_line *
add(const char *line)
{
    size_t before = batch.count;
    cr_assert_eq(import_batch_add(&batch, (int64_t)before + 1, span_of(line)), ERR_OK);
    cr_assert_eq(batch.count, before + 1);
    return &batch.lines[before];
}

static void
expect_refused(const char *line, enum err err, const char *field, enum err fault)
{
    size_t good = batch.good;
    const struct import_line *kept = add(line);
    cr_expect_eq(kept->err, err, "%s", err_name(kept->err));
    cr_expect_eq(batch.good, good);
    cr_assert_geq(kept->fault_count, 1, "%s", line);
    cr_expect_str_eq(kept->faults[0].field, field);
    cr_expect_eq(kept->faults[0].err, fault, "%s", err_name(kept->faults[0].err));
}

Test(import_batch, a_good_line_waits_for_the_statement)
{
    const struct import_line *line = add(ORDER(",\"status\":\"paid\",\"issued_quantity\":1"));
    cr_expect_eq(line->err, ERR_OK);
    CHECK_TEXT(line->key, "A-1");
    cr_expect_eq(batch.good, 1);
}

Test(import_batch, no_tariff_is_asked_but_the_product_is)
{
    cr_expect_eq(add(ORDER(",\"status\":\"draft\""))->err, ERR_OK); /* 1.00 is in no tariff */
    expect_refused("{\"order\":{\"order_no\":\"A-1\",\"kind\":\"new\",\"applicant\":\"supplier\","
                   "\"unit_name\":\"x\",\"uscc\":\"91350100M000100Y43\",\"quantity\":3,"
                   "\"unit_fee\":100,\"amount\":200,\"invoice\":{\"title\":\"x\"}},"
                   "\"status\":\"paid\"}",
                   ERR_VALIDATION, "order.amount", ERR_ORDER_AMOUNT);
}

Test(import_batch, wrong_fields_are_named)
{
    expect_refused(ORDER(""), ERR_VALIDATION, "status", ERR_FIELD_MISSING);
    expect_refused(ORDER(",\"status\":\"lost\""), ERR_VALIDATION, "status", ERR_FIELD_VALUE);
    expect_refused(ORDER(",\"status\":\"paid\",\"colour\":1"), ERR_VALIDATION, "colour",
                   ERR_FIELD_UNKNOWN);
    expect_refused(ORDER(",\"status\":\"paid\",\"issued_quantity\":-1"), ERR_VALIDATION,
                   "issued_quantity", ERR_FIELD_VALUE);
    expect_refused("{\"status\":\"paid\"}", ERR_VALIDATION, "order", ERR_FIELD_MISSING);
}

Test(import_batch, a_status_cannot_be_of_tomorrow)
{
    cr_expect_eq(
        add(ORDER(",\"status\":\"paid\",\"status_at\":\"2026-03-10T10:05:00+08:00\""))->err,
        ERR_OK);
    expect_refused(ORDER(",\"status\":\"paid\",\"status_at\":\"2026-03-10T10:05:01+08:00\""),
                   ERR_VALIDATION, "status_at", ERR_FIELD_VALUE);
}

Test(import_batch, what_is_no_object_is_the_lines_own_fault)
{
    cr_expect_eq(add("[]")->err, ERR_JSON);
    cr_expect_eq(add("{\"order\":")->err, ERR_JSON);
    cr_expect_eq(add("{\"order\":\"\xB1\"}")->err, ERR_ENCODING);
    cr_expect_eq(add("[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]")->err, ERR_JSON_DEPTH);
    cr_expect_eq(batch.good, 0);
}

Test(import_batch, blank_lines_are_passed_over)
{
    CHECK_OK(import_batch_add(&batch, 1, SPAN_LIT("")));
    CHECK_OK(import_batch_add(&batch, 2, SPAN_LIT(" \t\r")));
    cr_expect_eq(batch.count, 0);
}

Test(import_batch, it_has_an_end)
{
    for (size_t i = 0; i < IMPORT_LINES_MAX; i++) {
        CHECK_OK(import_batch_add(&batch, (int64_t)i + 1, SPAN_LIT("{}")));
    }
    CHECK_ERR(import_batch_add(&batch, 501, SPAN_LIT("{}")), ERR_IMPORT_LINES);
    CHECK_ERR(import_batch_refuse(&batch, 501, ERR_BUF_FULL), ERR_IMPORT_LINES);
    cr_expect_eq(batch.count, 500);
}

Test(import_batch, a_refused_line_says_why_in_both_languages)
{
    static const struct {
        enum language language;
        const char *text;
    } rows[] = {
        { LANGUAGE_EN,
          "{\"line\":7,\"order_no\":null,\"verdict\":\"refused\",\"code\":\"import_cells\","
          "\"detail\":\"the record has more or fewer cells than the header\",\"errors\":[]}" },
        { LANGUAGE_ZH, "{\"line\":7,\"order_no\":null,\"verdict\":\"refused\",\"code\":"
                       "\"import_cells\",\"detail\":\"该行单元格数与表头不符\",\"errors\":[]}" },
    };
    CHECK_OK(import_batch_refuse(&batch, 7, ERR_IMPORT_CELLS));
    for (size_t i = 0; i < 2; i++) {
        DEFER(json_free) struct json_t *view = NULL;
        DEFER(buf_fini) struct buf text = BUF_MAX(4096);
        CHECK_OK(import_line_view(&batch, &batch.lines[0], rows[i].language, &view));
        CHECK_OK(json_encode(view, &text));
        CHECK_TEXT(buf_span(&text), rows[i].text);
    }
}

#define INVOICE(more)                                                                            \
    "{\"invoice_id\":\"I-1\",\"order_no\":\"A-1\",\"status\":\"asked\",\"title\":\"某公司\"," \
    "\"net\":943,\"tax\":57,\"total\":" more "}"

#define ITEM "{\"name\":\"证书\",\"net\":943,\"tax\":57,\"total\":1000"

/* One set of rules with the report of a single invoice (tests/unit/core_invoice.c); here that they are asked. */
Test(import_batch, wrong_fields_of_an_invoice_are_named)
{
    import_batch_close(&batch);
    cr_assert_eq(import_batch_open(&import_invoices, SPAN_LIT("portal"),
                                   (struct wall_time){ .us = NOW_US }, arena, &batch),
                 ERR_OK);
    cr_expect_eq(add(INVOICE("1000"))->err, ERR_OK);
    CHECK_TEXT(batch.lines[0].key, "I-1");
    expect_refused(INVOICE("1001"), ERR_VALIDATION, "total", ERR_FIELD_VALUE);
    expect_refused(INVOICE("1000,\"colour\":1"), ERR_VALIDATION, "colour", ERR_FIELD_UNKNOWN);
    expect_refused(INVOICE("1000,\"allocations\":[{\"order_no\":\"A-2\",\"amount\":1000}]"),
                   ERR_VALIDATION, "allocations", ERR_FIELD_VALUE);
    expect_refused(INVOICE("1000,\"red_reason\":\"allowance\""), ERR_VALIDATION, "red_reason",
                   ERR_FIELD_VALUE);
    cr_expect_eq(add(INVOICE("1000,\"items\":[" ITEM ",\"rate_ppm\":60000}]"))->err, ERR_OK);
    expect_refused(INVOICE("1000,\"items\":[" ITEM "}]"), ERR_VALIDATION, "items.0.rate_ppm",
                   ERR_FIELD_MISSING);
    expect_refused(INVOICE("1000,\"items\":[" ITEM ",\"rate_ppm\":60000,\"taxed\":\"maybe\"}]"),
                   ERR_VALIDATION, "items.0.taxed", ERR_FIELD_VALUE);
    expect_refused(INVOICE("1000,\"items\":[]"), ERR_VALIDATION, "items", ERR_FIELD_LENGTH);
    expect_refused("{\"order_no\":\"A-1\",\"status\":\"asked\",\"title\":\"x\",\"net\":1,"
                   "\"tax\":0,\"total\":1}",
                   ERR_VALIDATION, "invoice_id", ERR_FIELD_MISSING);
}

/* What one request has for all of it: its body, what the lines say, and the answer about 500 that are wrong in more fields than are told. */
Test(import_batch, lines_that_are_all_wrong_have_room_in_one_request)
{
    DEFER(arena_free) struct arena *small = NULL;
    size_t answer_bytes = 0;
    import_batch_close(&batch);
    CHECK_OK(arena_new(HTTP_ARENA_MAX - HTTP_API_BODY_MAX, &small));
    CHECK_OK(import_batch_open(&import_invoices, SPAN_LIT("portal"),
                               (struct wall_time){ .us = NOW_US }, small, &batch));
    for (size_t i = 0; i < IMPORT_LINES_MAX; i++) {
        DEFER(json_free) struct json_t *view = NULL;
        DEFER(buf_fini) struct buf text = BUF_MAX(65536);
        const struct import_line *line =
            add("{\"a123456789012345678901234567890123456789012345678901234567890\":1}");
        cr_assert_eq(line->err, ERR_VALIDATION);
        cr_assert_eq(line->fault_count, IMPORT_FAULTS_MAX);
        CHECK_OK(import_line_view(&batch, line, LANGUAGE_EN, &view));
        CHECK_OK(json_encode(view, &text));
        answer_bytes += text.len + 1;
    }
    void *answer = NULL;
    CHECK_OK(arena_alloc(small, answer_bytes, &answer));
    cr_expect_str_eq(batch.lines[0].faults[0].field, "invoice_id");
}

/* What a line needs while it is read is not kept. */
Test(import_batch, lines_of_many_items_have_room_in_one_request)
{
    static char line[16384];
    DEFER(arena_free) struct arena *small = NULL;
    size_t len =
        (size_t)snprintf(line, sizeof(line), "%s",
                         "{\"invoice_id\":\"I-1\",\"order_no\":\"A-1\",\"status\":\"asked\","
                         "\"title\":\"x\",\"net\":1,\"tax\":0,\"total\":1,\"items\":[");
    for (int i = 0; i < 200; i++) {
        len += (size_t)snprintf(line + len, sizeof(line) - len,
                                "%s{\"name\":\"x\",\"rate_ppm\":0,\"net\":0,\"tax\":0,\"total\":0}",
                                i == 0 ? "" : ",");
    }
    (void)snprintf(line + len, sizeof(line) - len, "]}");
    import_batch_close(&batch);
    CHECK_OK(arena_new((size_t)256 * 1024, &small));
    CHECK_OK(import_batch_open(&import_invoices, SPAN_LIT("portal"),
                               (struct wall_time){ .us = NOW_US }, small, &batch));
    for (int i = 0; i < 16; i++) {
        cr_assert_eq(add(line)->err, ERR_OK);
    }
    CHECK_TEXT(batch.lines[15].key, "I-1");
}
