/* SPDX-License-Identifier: Apache-2.0 */
/* What a play asks Alipay to do wrong: each fault shows as often as it was asked for, and a bill's edits do what
 * they say. */
#include <string.h>
#include <zlib.h>

#include <criterion/criterion.h>

#include "alipay_daybill.h"
#include "alipay_fault.h"
#include "check.h"

static struct alipay alipay;

static void
start(void)
{
    TAILQ_INIT(&alipay.faults);
    TAILQ_INIT(&alipay.edits);
}

static void
finish(void)
{
    alipay_fault_clear(&alipay);
    alipay_bill_edit_free_all(&alipay);
}

TestSuite(alipay_faults, .init = start, .fini = finish);

Test(alipay_faults, a_fault_fits_its_order_and_is_used_up)
{
    static const struct {
        const char *name;
        enum alipay_fault_kind kind;
    } rows[] = {
        { "notify_drop", ALIPAY_NOTIFY_DROP },       { "notify_hold", ALIPAY_NOTIFY_HOLD },
        { "notify_twice", ALIPAY_NOTIFY_TWICE },     { "answer_hang", ALIPAY_ANSWER_HANG },
        { "answer_error", ALIPAY_ANSWER_ERROR },     { "answer_html", ALIPAY_ANSWER_HTML },
        { "answer_cut", ALIPAY_ANSWER_CUT },         { "answer_forged", ALIPAY_ANSWER_FORGED },
        { "answer_unpaid", ALIPAY_ANSWER_UNPAID },   { "answer_serial", ALIPAY_ANSWER_SERIAL },
        { "answer_slow", ALIPAY_ANSWER_SLOW },       { "answer_rate", ALIPAY_ANSWER_RATE },
        { "answer_skew", ALIPAY_ANSWER_SKEW },       { "answer_amount", ALIPAY_ANSWER_AMOUNT },
        { "answer_foreign", ALIPAY_ANSWER_FOREIGN }, { "answer_gzip", ALIPAY_ANSWER_GZIP },
        { "answer_drip", ALIPAY_ANSWER_DRIP },
    };
    cr_assert_eq(sizeof(rows) / sizeof(rows[0]), ALIPAY_FAULT_COUNT);
    for (size_t i = 0; i < ALIPAY_FAULT_COUNT; i++) {
        CHECK_OK(alipay_fault_add(&alipay, span_of(rows[i].name), SPAN_LIT("T1"), 1));
        cr_expect_not(alipay_fault_take(&alipay, rows[i].kind, "T2"), "%s", rows[i].name);
        cr_expect_not(alipay_fault_take(&alipay, rows[(i + 1) % ALIPAY_FAULT_COUNT].kind, "T1"));
        cr_expect(alipay_fault_take(&alipay, rows[i].kind, "T1"), "%s", rows[i].name);
        cr_expect_not(alipay_fault_take(&alipay, rows[i].kind, "T1"), "%s", rows[i].name);
    }
    CHECK_ERR(alipay_fault_add(&alipay, SPAN_LIT("answer_odd"), SPAN_LIT(""), 1), ERR_FIELD_VALUE);
}

Test(alipay_faults, zlib_reads_what_gzip_packs)
{
    char text[5000];
    unsigned char plain[sizeof(text)];
    DEFER(buf_fini) struct buf packed = BUF_MAX(ALIPAY_BODY_MAX);
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (char)(i * i % 251);
    }
    CHECK_OK(alipay_gzip(span_make(text, sizeof(text)), &packed));
    z_stream stream = { .next_in = packed.at,
                        .avail_in = (uInt)packed.len,
                        .next_out = plain,
                        .avail_out = sizeof(plain) };
    cr_assert_eq(inflateInit2(&stream, 15 + 16), Z_OK); /* takes gzip and nothing else */
    cr_expect_eq(inflate(&stream, Z_FINISH), Z_STREAM_END);
    cr_expect_eq(stream.avail_in, 0);
    cr_assert_eq(stream.total_out, sizeof(text));
    cr_expect_arr_eq(plain, text, sizeof(text));
    (void)inflateEnd(&stream);
}

static struct alipay_app app = { .app_id = "2021000000000001" };

/* A bill of one line, made at midnight, with the edits of the text. */
static void
edited(const char *edits, struct alipay_bill *bill)
{
    DEFER(json_free) struct json_t *in = NULL;
    const struct alipay_bill_line line = { .out_trade_no = "T1" };
    *bill =
        (struct alipay_bill){ .app = &app, .day = { 2026, 11, 26 }, .exported = { .us = 1000000 } };
    CHECK_OK(alipay_bill_add(bill, &line));
    CHECK_OK(json_parse(span_of(edits), &in));
    CHECK_OK(alipay_bill_edit(&alipay, in));
    CHECK_OK(alipay_bill_edit_apply(&alipay, bill));
}

Test(alipay_faults, a_bill_may_be_empty_made_anew_or_packed)
{
    struct alipay_bill bill;
    edited("{\"day\":\"2026-11-26\",\"edits\":[]}", &bill);
    cr_expect_eq(bill.count, 1);
    cr_expect_not(bill.gzip);
    alipay_bill_fini(&bill);
    edited("{\"day\":\"2026-11-26\",\"edits\":[{\"kind\":\"empty\"}]}", &bill);
    cr_expect_eq(bill.count, 0);
    alipay_bill_fini(&bill);
    edited(
        "{\"day\":\"2026-11-26\",\"edits\":[{\"kind\":\"reissue\",\"by\":60},{\"kind\":\"gzip\"}]}",
        &bill);
    cr_expect_eq(bill.count, 1);
    cr_expect(bill.gzip);
    cr_expect_eq(bill.exported.us, INT64_C(3601000000));
    alipay_bill_fini(&bill);
}
