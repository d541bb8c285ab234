/* SPDX-License-Identifier: Apache-2.0 */
/* The list of what was posted in a month: entries, sums of the ledgers, and a total that ties. */
#include "report_postings.h"

#include "clock_fake.h"
#include "difference_people.h"

#define TEXT_MAX ((size_t)1024 * 1024)
#define DAY_MS   INT64_C(86400000)

static void
open_house(void)
{
    difference_house_open();
    clock_fake_set_wall(now); /* 2026-11-24 */
}

TestSuite(report_postings, .init = open_house, .fini = people_close);

static enum err
print(int month, enum language language, struct buf *out)
{
    return report_postings(database.session, SPAN_LIT("main"), (struct day){ 2026, month, 1 },
                           language, out);
}

static void
posted(const char *kind, int64_t fen, const char *contract)
{
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    CHECK_TEXT(propose_by(kind, fen, contract, MAKER), "moved");
    CHECK_TEXT(decide_by("approve", kind, fen, contract, CHECKER), "moved");
    CHECK_TEXT(execute(MAKER), "moved");
}

/* 7.00 short is first carried in suspense, then lost: three ledgers, two adjustments. */
static void
post_twice(void)
{
    difference_day(
        1, 1,
        &(struct difference_unit){ .code = "SHORT_PAY", .attempt_no = ATTEMPT, .p_fen = 700 });
    people_open();
    posted("adjust", 700, NULL);
    CHECK_TEXT(move("close", MAKER, "{}", NULL), "moved");
    CHECK_TEXT(move("reopen", MAKER, "{}", NULL), "moved");
    posted("write_off", 700, NULL);
}

static void
has(const struct buf *out, const char *text)
{
    cr_expect_lt(span_find(buf_span(out), span_of(text)), out->len, "%s in %.*s", text,
                 SPAN_ARG(buf_span(out)));
}

Test(report_postings, month_that_is_not_over_has_none)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    CHECK_ERR(print(11, LANGUAGE_ZH, &out), ERR_TIME);
    cr_expect_eq(out.len, 0);
    CHECK_OK(print(10, LANGUAGE_EN, &out));
    has(&out, "\r\n\"total\",,\"\",\"\",,0.00,0.00,");
}

Test(report_postings, entries_ledgers_and_total_tie)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf again = BUF_MAX(TEXT_MAX);
    post_twice();
    clock_fake_advance_ms(10 * DAY_MS);
    CHECK_OK(print(11, LANGUAGE_EN, &out));
    has(&out,
        "\"2026-11-23\",\"provider_receivable\",\"held by the provider\",0.00,7.00,\"carried in "
        "suspense\",\"dif_");
    has(&out, "\"2026-11-23\",\"suspense\",\"suspense\",7.00,0.00,\"carried in suspense\",\"dif_");
    has(&out, "\"suspense\",\"suspense\",0.00,7.00,\"written off\",\"dif_");
    has(&out, "\"loss\",\"loss\",7.00,0.00,\"written off\",\"dif_");
    has(&out, "\"the order is closed\",\"\",\"finance\",\"checker\",");
    has(&out, "\r\n\"sum of the ledger\",,\"\",\"loss\",\"loss\",7.00,0.00,");
    has(&out,
        "\r\n\"sum of the ledger\",,\"\",\"provider_receivable\",\"held by the provider\",0.00,7.00,");
    has(&out, "\r\n\"sum of the ledger\",,\"\",\"suspense\",\"suspense\",7.00,7.00,");
    has(&out, "\r\n\"total\",,\"\",\"\",,14.00,14.00,");
    CHECK_OK(print(11, LANGUAGE_EN, &again));
    cr_expect(span_eq(buf_span(&out), buf_span(&again)), "a reprint is equal byte for byte");
    buf_reset(&again);
    CHECK_OK(print(11, LANGUAGE_ZH, &again));
    has(&again, "\"总计\",,\"\",\"\",,14.00,14.00,");
    has(&again, "\"suspense\",\"挂账待查\",7.00,7.00,");
}

/* What a later run calls the difference is news of that run, and none of the month that was printed. */
Test(report_postings, a_run_of_later_changes_no_month_that_is_over)
{
    DEFER(buf_fini) struct buf before = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf after = BUF_MAX(TEXT_MAX);
    post_twice();
    clock_fake_advance_ms(10 * DAY_MS);
    CHECK_OK(print(11, LANGUAGE_EN, &before));
    has(&before, ",\"SHORT_PAY\",\"success here, not on its bill\",\"2026-11-23\",");
    difference_day(2, 2,
                   &(struct difference_unit){
                       .code = "SHORT_ORDER_CLOSED", .attempt_no = ATTEMPT, .p_fen = 700 });
    cr_expect_eq(difference_count("tallygate.difference WHERE code = 'SHORT_ORDER_CLOSED'"), 1);
    CHECK_OK(print(11, LANGUAGE_EN, &after));
    cr_expect(span_eq(buf_span(&before), buf_span(&after)), "%.*s", SPAN_ARG(buf_span(&after)));
}

/* 7.00 are written off and come after all: both entries stand there, and their ledgers are even. */
Test(report_postings, a_posting_and_its_reversal_both_stand_there)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    difference_day(
        1, 1,
        &(struct difference_unit){ .code = "SHORT_PAY", .attempt_no = ATTEMPT, .p_fen = 700 });
    people_open();
    posted("write_off", 700, NULL);
    difference_day(2, 2, NULL);
    CHECK_TEXT(move("assign", MAKER, "{}", MAKER), "moved");
    CHECK_TEXT(propose_of("reverse", 700, NULL, 1, MAKER), "moved");
    CHECK_TEXT(decide_of("approve", "reverse", 700, NULL, 1, CHECKER), "moved");
    CHECK_TEXT(execute(MAKER), "moved");
    clock_fake_advance_ms(10 * DAY_MS);
    CHECK_OK(print(11, LANGUAGE_EN, &out));
    has(&out, "\"loss\",\"loss\",7.00,0.00,\"written off\",\"dif_");
    has(&out, "\"loss\",\"loss\",0.00,7.00,\"reversed\",\"dif_");
    has(&out,
        "\"2026-11-23\",\"provider_receivable\",\"held by the provider\",7.00,0.00,\"reversed\",");
    has(&out, "\r\n\"sum of the ledger\",,\"\",\"loss\",\"loss\",7.00,7.00,");
    has(&out, "\r\n\"total\",,\"\",\"\",,14.00,14.00,");
    buf_reset(&out);
    CHECK_OK(print(11, LANGUAGE_ZH, &out));
    has(&out, "\"差错损失\",0.00,7.00,\"冲销\",\"dif_");
}

/* A fee that was accepted stands there with its contract. */
Test(report_postings, a_fee_stands_with_its_contract)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    difference_day(
        1, 1,
        &(struct difference_unit){ .code = "SHORT_PAY", .attempt_no = ATTEMPT, .p_fen = 700 });
    people_open();
    difference_sql("UPDATE tallygate.difference SET family = 'fee', code = 'FEE_AMOUNT',"
                   " codes = '{FEE_AMOUNT}', fee_fen = 25, delta_fen = 0");
    posted("accept_fee", 25, "contract 7");
    clock_fake_advance_ms(10 * DAY_MS);
    CHECK_OK(print(11, LANGUAGE_EN, &out));
    has(&out, "\"fee\",\"fees beside contract\",0.00,0.25,\"fee accepted\",\"dif_");
    has(&out, ",\"the order is closed\",\"contract 7\",\"finance\",\"checker\",");
    has(&out, "\r\n\"total\",,\"\",\"\",,0.25,0.25,");
}
