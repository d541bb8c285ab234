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

/* Row 1 agrees and is there twice; row 4 differs, and its kind is one that no program knows. */
static struct report
coded_day(struct report_row rows[sizeof(report_day_rows) / sizeof(report_day_rows[0])])
{
    struct report report = report_day();
    memcpy(rows, report_day_rows, sizeof(report_day_rows));
    rows[0].attempt_state = SPAN_LIT("paid");
    rows[0].findings[rows[0].finding_count++] = FINDING_DUP_PAY_SAME;
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

Test(report_words, every_bucket_of_a_class_has_words_in_both_languages)
{
    struct report report = { .form = REPORT_FORM_NAMES };
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        if (finding_kind((enum finding)i) == FINDING_PRIMARY) {
            enum finding_bucket bucket = finding_bucket((enum finding)i);
            expect_words(&report, REPORT_CODE_BUCKET, report_text_bucket(bucket));
        }
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
    const char *words; /* since the form that has them, */
    const char *codes; /* and before */
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

/* Names as the registry has them. */
static const struct {
    enum language language;
    const char *words;
    const char *codes;
} named_in_csv[] = {
    { LANGUAGE_ZH, "\"PAY_OK\",\"平账\",\"平账\",\"INV_OK 票款一致; DUP_PAY_SAME 同渠道重复支付\",",
      "\"PAY_OK\",\"平账\",\"MATCHED\",\"INV_OK DUP_PAY_SAME\"," },
    { LANGUAGE_EN,
      "\"matched\",\"INV_OK invoice equals money; DUP_PAY_SAME order paid twice at one provider\",",
      "\"MATCHED\",\"INV_OK DUP_PAY_SAME\"," },
    { LANGUAGE_ZH, "\"金额不符\",\"AMT_ONE_FEN 一分差; FEE_AMOUNT 手续费不符\",",
      "\"AMOUNT\",\"AMT_ONE_FEN FEE_AMOUNT\"," },
    { LANGUAGE_ZH, "\"订单已付无资金\",\"不计收付\",,", "\"订单已付无资金\",\"NONE\",," },
}, named_on_page[] = {
    { LANGUAGE_ZH, "<td>INV_OK 票款一致; DUP_PAY_SAME 同渠道重复支付</td>", "<td>INV_OK DUP_PAY_SAME</td>" },
}, named_on_sheet[] = {
    { LANGUAGE_ZH, "\n5. DUP_PAY_SAME 同渠道重复支付（系统拟申请，两人复核）\n    级别 2  分类 PAY_OK 平账\n", "\n1. PAY_OK 平账\n" },
    { LANGUAGE_EN, "\n    finding INV_OK invoice equals money\n6. ORD_NOT_ADVANCED paid, order still unpaid",
      "\n    finding DUP_PAY_SAME order paid twice at one provider" },
    { LANGUAGE_EN, "4. LONG_UNKNOWN unknown money (", "3. LONG_UNKNOWN unknown money (" },
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

/* Each form of the list, as it is since then and as it was before. */
#define EXPECT_PAPERS(make, list, since)                                                          \
    do {                                                                                          \
        int64_t now_ = (since);                                                                   \
        for (size_t i = 0; i < sizeof(list) / sizeof((list)[0]); i++) {                           \
            expect_paper((make), now_, (list)[i].language, (list)[i].words, (list)[i].codes);     \
            expect_paper((make), now_ - 1, (list)[i].language, (list)[i].codes, (list)[i].words); \
        }                                                                                         \
    } while (0)

Test(report_words, papers_say_words_and_papers_of_before_say_codes)
{
    EXPECT_PAPERS(results_csv, in_csv, REPORT_FORM_WORDS);
    EXPECT_PAPERS(report_html, on_page, REPORT_FORM_WORDS);
    EXPECT_PAPERS(report_sheet, on_sheet, REPORT_FORM_WORDS);
}

Test(report_words, codes_have_their_names_beside_them_and_in_papers_of_before_none)
{
    EXPECT_PAPERS(results_csv, named_in_csv, REPORT_FORM_NAMES);
    EXPECT_PAPERS(report_html, named_on_page, REPORT_FORM_NAMES);
    EXPECT_PAPERS(report_sheet, named_on_sheet, REPORT_FORM_NAMES);
}
