/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of orders, invoices, payments and refunds, in the reports of a day that was made by hand. */
#include <string.h>

#include <criterion/criterion.h>

#include "attempt.h"
#include "check.h"
#include "invoice.h"
#include "order.h"
#include "refund.h"
#include "report_day.h"
#include "report_parts.h"

#define TEXT_MAX ((size_t)4 * 1024 * 1024)

static const struct report_story stories[] = {
    { .owner = SPAN("portal"),
      .order_no = SPAN("202611230003"),
      .attempt_no = SPAN("A-1"),
      .state = SPAN("late_paid"),
      .amount_fen = 8000 },
    { .owner = SPAN("portal"),
      .order_no = SPAN("202611230003"),
      .attempt_no = SPAN("A-1"),
      .refund_no = SPAN("A-1R01"),
      .state = SPAN("accepted"),
      .amount_fen = -100 },
};

static const struct report_paper papers[] = {
    { .owner = SPAN("portal"),
      .order_no = SPAN("202611230003"),
      .invoice_id = SPAN("B-1"),
      .status = SPAN("void"),
      .fen = 8000 },
};

/* Row 1 agrees; row 4 differs, and its kind is one that no program knows. */
static struct report
coded_day(struct report_row rows[sizeof(report_day_rows) / sizeof(report_day_rows[0])])
{
    struct report report = report_day();
    memcpy(rows, report_day_rows, sizeof(report_day_rows));
    rows[0].attempt_state = SPAN_LIT("paid");
    rows[3].owner = SPAN_LIT("portal");
    rows[3].order_kind = SPAN_LIT("ca_new");
    rows[3].order_status = SPAN_LIT("cancelled");
    rows[3].attempt_state = SPAN_LIT("late_paid");
    report.rows = rows;
    report.stories = stories;
    report.story_count = 2;
    report.papers = papers;
    report.paper_count = 1;
    return report;
}

static void
expect_words(const struct report *report, enum report_code of, const char *code)
{
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        struct span words = report_words(report, of, span_of(code), (enum language)language);
        bool chinese = words.len > 0 && words.at[0] >= 0x80;
        cr_expect_eq(chinese, language == LANGUAGE_ZH, "%s: %.*s", code, SPAN_ARG(words));
        cr_expect_gt(words.len, 0, "%s", code);
    }
}

Test(report_words, every_code_of_the_books_has_words_in_both_languages)
{
    struct report report = { .form = REPORT_FORM_WORDS };
    for (int i = ORDER_KIND_NONE + 1; i < ORDER_KIND_COUNT; i++) {
        expect_words(&report, REPORT_CODE_ORDER_KIND, order_kind_code((enum order_kind)i));
    }
    for (int i = ORDER_STATUS_NONE + 1; i < ORDER_STATUS_COUNT; i++) {
        expect_words(&report, REPORT_CODE_ORDER_STATUS, order_status_code((enum order_status)i));
    }
    for (int i = ATTEMPT_STATE_NONE + 1; i < ATTEMPT_STATE_COUNT; i++) {
        expect_words(&report, REPORT_CODE_MONEY, attempt_state_code((enum attempt_state)i));
    }
    for (int i = REFUND_STATE_NONE + 1; i < REFUND_STATE_COUNT; i++) {
        expect_words(&report, REPORT_CODE_MONEY, refund_state_code((enum refund_state)i));
    }
    for (int i = INVOICE_STATUS_NONE + 1; i < INVOICE_STATUS_COUNT; i++) {
        expect_words(&report, REPORT_CODE_INVOICE_STATUS,
                     invoice_status_code((enum invoice_status)i));
    }
}

static const struct {
    enum language language;
    const char *words; /* in form 4; NULL: there is nothing to look for */
    const char *codes; /* in form 3 */
} in_csv[] = {
    { LANGUAGE_ZH, ",\"portal\",\"新办\",\"已签发\",280.00,", ",\"portal\",\"new\",\"issued\",280.00," },
    { LANGUAGE_EN, ",\"portal\",\"New certificate\",\"issued\",280.00,",
      ",\"portal\",\"new\",\"issued\",280.00," },
    { LANGUAGE_ZH, ",\"portal\",\"ca_new\",\"已取消\",", ",\"portal\",\"ca_new\",\"cancelled\"," },
    { LANGUAGE_EN, ",\"portal\",\"ca_new\",\"cancelled\",",
      ",\"portal\",\"ca_new\",\"cancelled\"," },
    { LANGUAGE_ZH, ",\"关闭后到账\",", ",\"late_paid\"," },
    { LANGUAGE_EN, ",\"paid after closing\",", ",\"late_paid\"," },
}, on_page[] = {
    { LANGUAGE_ZH, "<td>ca_new</td><td>已取消</td>", "<td>ca_new</td><td>cancelled</td>" },
    { LANGUAGE_ZH, "<td>A-1</td><td>关闭后到账</td>", "<td>A-1</td><td>late_paid</td>" },
    { LANGUAGE_ZH, "<td>A-1R01</td><td>渠道已受理</td>", "<td>A-1R01</td><td>accepted</td>" },
    { LANGUAGE_ZH, "<td>蓝字</td><td>已作废</td>", "<td>蓝字</td><td>void</td>" },
    { LANGUAGE_EN, "<td>A-1</td><td>paid after closing</td>", "<td>A-1</td><td>late_paid</td>" },
}, on_sheet[] = {
    { LANGUAGE_ZH, "    订单状态 草稿  应付 0.01 ", "    订单状态 draft  应付 0.01 " },
    { LANGUAGE_EN, "    order status draft  payable 0.01 ", "    order status draft  payable 0.01 " },
};

static enum err
results_csv(const struct report *report, enum language language, struct buf *out)
{
    return report_csv(report, REPORT_RESULTS, language, out);
}

/* Each form says the one and, where they differ, not the other. */
static void
expect_paper(enum err (*make)(const struct report *, enum language, struct buf *), int64_t form,
             enum language language, const char *wanted, const char *other)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    struct report_row rows[sizeof(report_day_rows) / sizeof(report_day_rows[0])];
    struct report report = coded_day(rows);
    report.form = form;
    CHECK_OK(make(&report, language, &out));
    struct span text = buf_span(&out);
    cr_expect_lt(span_find(text, span_of(wanted)), text.len, "form %d lacks %s", (int)form, wanted);
    cr_expect(strcmp(wanted, other) == 0 || span_find(text, span_of(other)) == text.len,
              "form %d has %s", (int)form, other);
}

#define EXPECT_PAPERS(make, list)                                                        \
    for (size_t i = 0; i < sizeof(list) / sizeof((list)[0]); i++) {                      \
        expect_paper((make), REPORT_FORM_WORDS, (list)[i].language, (list)[i].words,     \
                     (list)[i].codes);                                                   \
        expect_paper((make), REPORT_FORM_WORDS - 1, (list)[i].language, (list)[i].codes, \
                     (list)[i].words);                                                   \
    }

Test(report_words, papers_say_words_and_papers_of_before_say_codes)
{
    EXPECT_PAPERS(results_csv, in_csv)
    EXPECT_PAPERS(report_html, on_page)
    EXPECT_PAPERS(report_sheet, on_sheet)
}
