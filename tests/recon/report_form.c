/* SPDX-License-Identifier: Apache-2.0 */
/* What form 6 of the papers adds, and that papers of before it are as they were. */
#include <criterion/criterion.h>

#include "check.h"
#include "report.h"
#include "report_day.h"

#define TEXT_MAX ((size_t)4 * 1024 * 1024)

static enum err
results_csv(const struct report *report, enum language language, struct buf *out)
{
    return report_csv(report, REPORT_RESULTS, language, out);
}

static enum err
differences_csv(const struct report *report, enum language language, struct buf *out)
{
    return report_csv(report, REPORT_DIFFERENCES, language, out);
}

static enum err
fees_csv(const struct report *report, enum language language, struct buf *out)
{
    return report_csv(report, REPORT_FEES, language, out);
}

/* The records behind the titles begin with these numbers. */
static void
expect_numbers(struct span text, const char *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = span_find(text, SPAN_LIT("\r\n"));
        cr_assert_lt(at + 2, text.len);
        text = span_sub(text, at + 2, text.len);
        cr_expect_eq(text.at[0], wanted[i], "record %zu: %.*s", i + 1,
                     SPAN_ARG(span_sub(text, 0, 40)));
    }
}

/* 290.00 and 288.26 of the same bill were both its "net". */
Test(report_form, net_before_fees_and_after_them_have_two_names_and_one_in_the_form_of_before)
{
    static const char *const words[][2] = {
        { "N   账单净额 = 付款", "N   扣费后净额 = 付款" },
        { "我方      账簿当日净额 ", "我方      账簿当日收退净额（未扣手续费） " },
        { "渠道      渠道账单当日净额 ", "渠道      渠道账单当日收退净额（未扣手续费） " },
    };
    static const char *const opened[] = { "账簿余额（期初加当日净额）",
                                          "账簿余额（期初加当日收退净额，未扣手续费）" };
    for (int now = 0; now < 2; now++) {
        DEFER(buf_fini) struct buf sheet = BUF_MAX(TEXT_MAX);
        DEFER(buf_fini) struct buf balance = BUF_MAX(TEXT_MAX);
        struct report report = report_day();
        report.form = REPORT_FORM_NET - 1 + now;
        CHECK_OK(report_sheet(&report, LANGUAGE_ZH, &sheet));
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            cr_expect_lt(span_find(buf_span(&sheet), span_of(words[i][now])), sheet.len, "%s",
                         words[i][now]);
            cr_expect_eq(span_find(buf_span(&sheet), span_of(words[i][1 - now])), sheet.len);
        }
        report.sheet.flow = (struct recon_flow){ .there = true,
                                                 .balanced = true,
                                                 .opening_fen = 10000,
                                                 .closing_fen = 37826,
                                                 .pay = { 3, 37000 },
                                                 .refund = { 1, -8000 },
                                                 .fee = { 5, -174 },
                                                 .other = { 1, -1000 } };
        CHECK_OK(report_balance_csv(&report, LANGUAGE_ZH, &balance));
        cr_expect_lt(span_find(buf_span(&balance), span_of(opened[now])), balance.len);
        cr_expect_eq(span_find(buf_span(&balance), span_of(opened[1 - now])), balance.len);
    }
}

/* A time without its zone is no time: once at the head of each paper. */
Test(report_form, zone_of_the_times_is_named_and_in_the_form_of_before_on_the_sheet_alone)
{
    static const char *const on_sheet[LANGUAGE_COUNT][2] = {
        { "数据截至 2026-11-24 10:30:00  UTC+08:00\n",
          "数据截至 2026-11-24 10:30:00  北京时间 UTC+8\n" },
        { "As of 2026-11-24 10:30:00  UTC+08:00\n",
          "As of 2026-11-24 10:30:00  China time UTC+8\n" },
    };
    static const char *const on_page[LANGUAGE_COUNT] = {
        "<dt>时区</dt><dd>北京时间 UTC+8</dd>",
        "<dt>time zone</dt><dd>China time UTC+8</dd>",
    };
    for (int i = 0; i < 4; i++) {
        DEFER(buf_fini) struct buf sheet = BUF_MAX(TEXT_MAX);
        DEFER(buf_fini) struct buf page = BUF_MAX(TEXT_MAX);
        struct report report = report_day();
        int now = i % 2;
        enum language language = (enum language)(i / 2);
        report.form = REPORT_FORM_ZONE - 1 + now;
        CHECK_OK(report_sheet(&report, language, &sheet));
        CHECK_OK(report_html(&report, language, &page));
        cr_expect_lt(span_find(buf_span(&sheet), span_of(on_sheet[language][now])), sheet.len);
        cr_expect_eq(span_find(buf_span(&page), span_of(on_page[language])) < page.len, now == 1);
        cr_expect_eq(span_find(buf_span(&page), SPAN_LIT("UTC")) < page.len, now == 1);
    }
    DEFER(buf_fini) struct buf other = BUF_MAX(TEXT_MAX);
    struct report report = report_day();
    report.form = REPORT_FORM_ZONE;
    report.east_min = -210;
    CHECK_OK(report_sheet(&report, LANGUAGE_ZH, &other));
    cr_expect_lt(span_find(buf_span(&other), SPAN_LIT("2026-11-23 23:00:00  UTC-03:30\n")),
                 other.len);
}

/* 1: 200.00 short, 0.01 short, a paid order without money; 2: 10.00 long, an order not advanced; 4: in transit. The results keep the
 * order of the run. */
Test(report,
     differences_stand_with_the_gravest_and_largest_first_and_as_they_came_in_the_form_of_before)
{
    static const char wanted[2][6] = { { '2', '3', '4', '5', '6', '9' },
                                       { '5', '4', '9', '3', '2', '6' } };
    static const char *const first[2] = { "\n1. PAY_OK ", "\n1. SHORT_PAY " };
    static const char *const page_first[2] = { "<h3>1. ORD_NOT_ADVANCED", "<h3>1. SHORT_PAY" };
    for (int now = 0; now < 2; now++) {
        DEFER(buf_fini) struct buf list = BUF_MAX(TEXT_MAX);
        DEFER(buf_fini) struct buf results = BUF_MAX(TEXT_MAX);
        DEFER(buf_fini) struct buf sheet = BUF_MAX(TEXT_MAX);
        DEFER(buf_fini) struct buf page = BUF_MAX(TEXT_MAX);
        struct report report = report_day();
        report.form = REPORT_FORM_GRAVEST - 1 + now;
        CHECK_OK(report_csv(&report, REPORT_DIFFERENCES, LANGUAGE_EN, &list));
        CHECK_OK(report_csv(&report, REPORT_RESULTS, LANGUAGE_EN, &results));
        CHECK_OK(report_sheet(&report, LANGUAGE_EN, &sheet));
        CHECK_OK(report_html(&report, LANGUAGE_EN, &page));
        expect_numbers(buf_span(&list), wanted[now], 6);
        expect_numbers(buf_span(&results), "123456789", 9);
        cr_expect_lt(span_find(buf_span(&sheet), span_of(first[now])), sheet.len);
        cr_expect_lt(span_find(buf_span(&page), span_of(page_first[now])), page.len);
    }
}

/* An invoice without money before one that is only not asked for, whatever came first. */
Test(report_form, invoices_stand_with_the_gravest_first)
{
    struct report_row rows[] = {
        { .seq = 1,
          .primary = FINDING_PAY_OK,
          .findings = { FINDING_INV_NONE },
          .finding_count = 1 },
        { .seq = 2,
          .primary = FINDING_PAY_OK,
          .findings = { FINDING_INV_OVERDUE },
          .finding_count = 1 },
        { .seq = 3,
          .primary = FINDING_PAY_OK,
          .findings = { FINDING_INV_NO_MONEY },
          .finding_count = 1 },
    };
    struct report report = { .form = REPORT_FORM_GRAVEST, .rows = rows, .row_count = 3 };
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    CHECK_OK(report_csv(&report, REPORT_INVOICES, LANGUAGE_EN, &out));
    expect_numbers(buf_span(&out), "321", 3);
}

/* Where a severity is printed; the statement of balances and the list of fees have none. */
Test(report_form, severities_are_explained_where_they_are_printed_and_not_in_the_form_of_before)
{
    static const struct {
        enum err (*make)(const struct report *report, enum language language, struct buf *out);
        bool wanted;
    } papers[] = {
        { report_sheet, true },    { report_html, true }, { results_csv, true },
        { differences_csv, true }, { fees_csv, false },   { report_balance_csv, false },
    };
    static const struct span legend[LANGUAGE_COUNT] = {
        SPAN("级别 1：资金或证书现有风险，未了结则该日不能签字；"),
        SPAN("Severity 1: money or a certificate is at risk now, and no day is signed with it;"),
    };
    for (size_t i = 0; i < 2 * sizeof(papers) / sizeof(papers[0]); i++) {
        enum language language = (enum language)(i % 2);
        for (int64_t form = REPORT_FORM_LEGEND - 1; form <= REPORT_FORM_LEGEND; form++) {
            DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
            struct report report = report_day();
            report.form = form;
            CHECK_OK(papers[i / 2].make(&report, language, &out));
            bool told = span_find(buf_span(&out), legend[language]) < out.len;
            cr_expect_eq(told, papers[i / 2].wanted && form == REPORT_FORM_LEGEND, "%zu, form %d",
                         i, (int)form);
        }
    }
}
