/* SPDX-License-Identifier: Apache-2.0 */
#include "report_ageing.h"

#include <string.h>

#include <criterion/criterion.h>

#include "clock_fake.h"
#include "difference_people.h"

#define TEXT_MAX ((size_t)1024 * 1024)
#define DAY_MS   INT64_C(86400000)

static const struct difference_unit unknown = { .code = "LONG_UNKNOWN",
                                                .merchant_order_no = "=X-1",
                                                .provider_trade_no = "20261123",
                                                .b_fen = 1000 };

/* On the 24th a run finds it. */
static void
open_house(void)
{
    difference_house_open();
    clock_fake_set_wall(now);
    difference_day(1, 1, &unknown);
}

TestSuite(report_ageing, .init = open_house, .fini = people_close);

static enum err
print(int mday, enum language language, struct buf *out)
{
    const struct day day = { 2026, 11, mday };
    return report_ageing(database.session, SPAN_LIT("main"), day, language, out);
}

static size_t
lines(struct span text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += text.at[i] == '\n' ? 1 : 0;
    }
    return count;
}

Test(report_ageing, day_that_is_not_over_has_none)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    CHECK_ERR(print(24, LANGUAGE_ZH, &out), ERR_TIME);
    cr_expect_eq(out.len, 0);
    CHECK_OK(
        print(23, LANGUAGE_ZH, &out)); /* found on the 24th: the day before knows nothing of it */
    cr_expect_eq(lines(buf_span(&out)), 2); /* the titles and what long means */
}

Test(report_ageing, past_day_stays_as_it_was_when_it_ended)
{
    DEFER(buf_fini) struct buf first = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf again = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf after = BUF_MAX(TEXT_MAX);
    clock_fake_advance_ms(DAY_MS);
    CHECK_OK(print(24, LANGUAGE_EN, &first));
    struct span text = buf_span(&first);
    cr_expect_eq(lines(text), 5); /* with what is long of its age and in all */
    cr_expect_lt(span_find(text, SPAN_LIT("\r\n\"difference\",\"0-1\",1,1,\"dif_")), text.len);
    cr_expect_lt(span_find(text, SPAN_LIT("\",\"open\",2,\"LONG_UNKNOWN\",")), text.len);
    cr_expect_lt(
        span_find(text,
                  SPAN_LIT(",\"payment\",\"long\",10.00,,\"\",\"2026-11-23\",\"2026-11-23\",")),
        text.len);
    cr_expect_lt(span_find(text, SPAN_LIT(",\"\t'=X-1\",")), text.len);
    cr_expect_lt(span_find(text, SPAN_LIT("a note. \",,,,,,,,,,,,,,,,,,,,,,\r\n")), text.len);
    cr_expect_lt(span_find(text, SPAN_LIT(" never netted. Severity 1: money or a")), text.len);
    clock_fake_advance_ms(DAY_MS);
    difference_day(2, 2, NULL); /* on the 26th it is superseded */
    clock_fake_advance_ms(DAY_MS);
    CHECK_OK(print(24, LANGUAGE_EN, &again));
    cr_expect(span_eq(text, buf_span(&again)));
    CHECK_OK(print(26, LANGUAGE_EN, &after));
    cr_expect_eq(lines(buf_span(&after)), 2);
}

/* What was carried in suspense and is shown no longer waits again, as the run has it that says so. */
Test(report_ageing, one_whose_posting_is_to_be_reversed_waits)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    difference_sql("UPDATE tallygate.difference SET owner = 'portal'");
    people_open();
    CHECK_TEXT(move("assign", MAKER, "{\"assignee\":\"" MAKER "\"}", MAKER), "moved");
    CHECK_TEXT(propose("adjust", 1000, MAKER), "moved");
    CHECK_TEXT(decide("approve", "adjust", 1000, CHECKER), "moved");
    CHECK_TEXT(execute(MAKER), "moved");
    difference_sql(
        "UPDATE tallygate.difference_event SET at = '2026-11-24T04:00:00Z' WHERE actor <> 'run:2'");
    clock_fake_advance_ms(DAY_MS);
    CHECK_OK(print(24, LANGUAGE_EN, &out));
    cr_expect_lt(span_find(buf_span(&out), SPAN_LIT("\",\"resolved\",2,\"LONG_UNKNOWN\",")),
                 out.len);
    cr_expect_lt(span_find(buf_span(&out), SPAN_LIT(",10.00,,\"" MAKER "\",\"2026-11-23\",")),
                 out.len);
    difference_day(2, 2, NULL);
    clock_fake_advance_ms(DAY_MS);
    buf_reset(&out);
    CHECK_OK(print(25, LANGUAGE_EN, &out));
    cr_expect_eq(lines(buf_span(&out)), 5);
    cr_expect_lt(span_find(buf_span(&out), SPAN_LIT("\",\"open\",2,\"LONG_UNKNOWN\",")), out.len);
    cr_expect_lt(span_find(buf_span(&out), SPAN_LIT(",0.00,,\"" MAKER "\",\"2026-11-23\",")),
                 out.len, "%.*s", SPAN_ARG(buf_span(&out)));
}

Test(report_ageing, ages_are_classes_of_days_in_the_language_of_the_reader)
{
    static const struct {
        int mday;
        const char *said;
    } ages[] = {
        { 24, "\"差异\",\"0-1\",1,1," },
        { 25, "\"差异\",\"2-3\",1,2," },
        { 27, "\"差异\",\"4-7\",1,4," },
        { 30, "\"差异\",\"4-7\",1,7," },
    };
    clock_fake_advance_ms(10 * DAY_MS);
    for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
        DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
        CHECK_OK(print(ages[i].mday, LANGUAGE_ZH, &out));
        cr_expect_lt(span_find(buf_span(&out), span_of(ages[i].said)), out.len, "%s", ages[i].said);
        cr_expect_lt(
            span_find(
                buf_span(&out),
                SPAN_LIT("\"待指派\",2,\"LONG_UNKNOWN\",\"长款无主资金\",\"支付\",\"长款\",10.00")),
            out.len);
    }
}

/* Beside 10.00 long of the 23rd: of the 24th 7.00 long, 3.00 and 1.50 short, two fees of 0.02 and 0.05 too much and one of 0.01 too little, and an
 * order without money. */
static void
second_day(void)
{
    static const struct {
        const char *code;
        const char *findings;
        int64_t b_fen;
        int64_t fee_fen;
    } units[] = {
        { "LONG_UNKNOWN", NULL, 700, 0 },      { "REF_UNKNOWN", NULL, -300, 0 },
        { "REF_UNKNOWN", NULL, -150, 0 },      { "PAY_OK", "{FEE_AMOUNT}", 0, -338 },
        { "PAY_OK", "{FEE_AMOUNT}", 0, -341 }, { "PAY_OK", "{FEE_AMOUNT}", 0, -335 },
        { "ORD_PAID_NO_MONEY", NULL, 0, 0 },
    };
    difference_run(2, "2026-11-24", 1);
    for (int i = 0; i < 7; i++) {
        char merchant[16];
        (void)snprintf(merchant, sizeof(merchant), "M-%d", i);
        difference_result(2, i + 1,
                          &(struct difference_unit){ .code = units[i].code,
                                                     .findings = units[i].findings,
                                                     .merchant_order_no = i < 6 ? merchant : NULL,
                                                     .b_fen = units[i].b_fen });
        if (units[i].fee_fen != 0) {
            difference_sql("UPDATE tallygate.recon_result SET fee_fen = %lld, fee_due_fen = -336"
                           " WHERE run_id = 2 AND seq = %d",
                           (long long)units[i].fee_fen, i + 1);
        }
    }
    difference_publish(2);
}

/* Long and short are never netted, and fees are no part of them. */
Test(report_ageing, ages_have_their_sums_and_a_fee_its_amount)
{
    static const char *const wanted[] = {
        "\"FEE_AMOUNT\",\"手续费不符\",\"支付\",\"\",,-0.02,",
        "\"FEE_AMOUNT\",\"手续费不符\",\"支付\",\"\",,0.01,",
        "\"ORD_PAID_NO_MONEY\",\"订单已付无资金\",\"订单\",\"\",0.00,,",
        "\r\n\"长款合计\",\"0-1\",1,,,,,,,,,7.00,,",
        "\r\n\"短款合计\",\"0-1\",2,,,,,,,,,-4.50,,",
        "\r\n\"手续费多收合计\",\"0-1\",2,,,,,,,,,,-0.07,",
        "\r\n\"手续费少收合计\",\"0-1\",1,,,,,,,,,,0.01,",
        "\r\n\"无金额合计\",\"0-1\",1,,,,,,,,,,,",
        "\r\n\"长款合计\",\"2-3\",1,,,,,,,,,10.00,,",
        "\r\n\"长款合计\",\"总计\",2,,,,,,,,,17.00,,",
        "\r\n\"短款合计\",\"总计\",2,,,,,,,,,-4.50,,",
        "\r\n\"手续费多收合计\",\"总计\",2,,,,,,,,,,-0.07,",
    };
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    clock_fake_advance_ms(DAY_MS);
    second_day();
    clock_fake_advance_ms(DAY_MS);
    CHECK_OK(print(25, LANGUAGE_ZH, &out));
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        cr_expect_lt(span_find(buf_span(&out), span_of(wanted[i])), out.len, "%s\n%.*s", wanted[i],
                     SPAN_ARG(buf_span(&out)));
    }
    cr_expect_eq(lines(buf_span(&out)), 1 + 8 + 6 + 5 + 1);
}

/* A payout that did not come is no payment of a customer. */
Test(report_ageing, difference_of_settlement_names_its_kind)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    difference_sql("UPDATE tallygate.difference SET side = 'deposit', kind = 'deposits'");
    clock_fake_advance_ms(DAY_MS);
    CHECK_OK(print(24, LANGUAGE_ZH, &out));
    cr_expect_lt(span_find(buf_span(&out), SPAN_LIT(",\"结算到账\",\"长款\",10.00,")), out.len,
                 "%.*s", SPAN_ARG(buf_span(&out)));
}
