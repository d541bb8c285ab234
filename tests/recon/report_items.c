/* SPDX-License-Identifier: Apache-2.0 */
/* What the papers say of items of invoices whose tax is not that of their rate. */
#include <string.h>

#include <criterion/criterion.h>

#include "check.h"
#include "report.h"
#include "report_day.h"

#define TEXT_MAX ((size_t)4 * 1024 * 1024)

/* A row that has those two findings, and items of its order and of another one. */
static struct report_row item_row = { .seq = 1,
                                      .owner = SPAN("portal"),
                                      .order_no = SPAN("O-1"),
                                      .primary = FINDING_PAY_OK,
                                      .findings = { FINDING_INV_OK, FINDING_INV_TAX },
                                      .finding_count = 2 };

static struct report
item_report(int64_t form)
{
    static const struct report_item items[] = {
        { .owner = SPAN("portal"),
          .order_no = SPAN("O-0"),
          .invoice_id = SPAN("I-0"),
          .number = 1,
          .name = SPAN("another order's"),
          .net_fen = 1,
          .tax_fen = 1,
          .off_fen = 7 },
        { .owner = SPAN("portal"),
          .order_no = SPAN("O-1"),
          .invoice_id = SPAN("I-1"),
          .number = 2,
          .name = SPAN("证书<b>"),
          .net_fen = 25000,
          .tax_fen = 3000,
          .off_fen = 1415 },
        { .owner = SPAN("portal"),
          .order_no = SPAN("O-1"),
          .invoice_id = SPAN("I-1"),
          .number = 5,
          .name = SPAN("折扣"),
          .net_fen = -1000,
          .tax_fen = -70,
          .off_fen = -10 },
    };
    return (struct report){ .form = form,
                            .account = SPAN_LIT("a"),
                            .day = report_day().day,
                            .version = 1,
                            .rows = &item_row,
                            .row_count = 1,
                            .items = items,
                            .item_count = 3 };
}

/* Whether the list as it is printed has that text. */
static bool
list_has(const struct report *report, enum report_list list, enum language language,
         const char *text)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    CHECK_OK(report_csv(report, list, language, &out));
    return span_find(buf_span(&out), span_of(text)) < out.len;
}

Test(report_items, page_names_the_items_whose_tax_is_off)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    struct report report = item_report(0);
    CHECK_OK(report_html(&report, LANGUAGE_EN, &out));
    struct span text = buf_span(&out);
    cr_expect_lt(span_find(text, SPAN_LIT("<td>I-1</td><td class=\"n\">2</td>"
                                          "<td>证书&lt;b&gt;</td>")),
                 text.len);
    cr_expect_lt(span_find(text, SPAN_LIT("<td>折扣</td>")), text.len);
    cr_expect_lt(span_find(text, SPAN_LIT("14.15")), text.len);
    cr_expect_eq(span_find(text, SPAN_LIT("another order")), text.len);
    item_row.findings[1] = FINDING_INV_TITLE;
    buf_reset(&out);
    CHECK_OK(report_html(&report, LANGUAGE_EN, &out));
    text = buf_span(&out);
    cr_expect_eq(span_find(text, SPAN_LIT("I-1")), text.len, "it is not about the tax");
}

/* In one cell, so that a difference stays one record. */
Test(report_items, lists_name_the_items_whose_tax_is_off_in_the_form_that_has_them)
{
    static const enum report_list lists[] = { REPORT_RESULTS, REPORT_DIFFERENCES, REPORT_INVOICES };
    struct report report = item_report(REPORT_FORM_ITEMS);
    struct report before = item_report(REPORT_FORM_ITEMS - 1);
    for (size_t i = 0; i < 3; i++) {
        cr_expect(list_has(&report, lists[i], LANGUAGE_ZH, ",\"税额不符项目 items_off\"\r\n"),
                  "list %zu", i);
        cr_expect(list_has(&report, lists[i], LANGUAGE_ZH,
                           ",\"I-1 第2项 证书<b>：不含税 250.00，税额 30.00，比税率应得多出 14.15; "
                           "I-1 第5项 折扣：不含税 -10.00，税额 -0.70，比税率应得多出 -0.10\"\r\n"),
                  "list %zu", i);
        cr_expect(
            list_has(&report, lists[i], LANGUAGE_EN,
                     ",\"I-1 item 2 证书<b>: net 250.00, tax 30.00, more than by its rate 14.15; "
                     "I-1 item 5 折扣: net -10.00, tax -0.70, more than by its rate -0.10\"\r\n"),
            "list %zu", i);
        cr_expect_not(list_has(&before, lists[i], LANGUAGE_EN, "items_off"), "list %zu", i);
        cr_expect_not(list_has(&before, lists[i], LANGUAGE_EN, "I-1"), "list %zu", i);
    }
    cr_expect_not(list_has(&report, REPORT_FEES, LANGUAGE_EN, "items_off"));
    cr_expect_not(list_has(&report, REPORT_DUPLICATES, LANGUAGE_EN, "items_off"));
    item_row.findings[1] = FINDING_INV_TITLE;
    cr_expect_not(list_has(&report, REPORT_RESULTS, LANGUAGE_EN, "I-1"), "it is not about the tax");
}

/* The longest names in the longest characters, for which a spreadsheet has room; how many are left out is told. */
Test(report_items, a_cell_takes_twenty_items_and_says_how_many_there_are_more)
{
    static char name[300 * 4];
    static struct report_item items[200];
    struct report report = item_report(REPORT_FORM);
    for (size_t i = 0; i < 300; i++) {
        memcpy(name + i * 4, "\xF0\xA0\x80\x80", 4);
    }
    for (size_t i = 0; i < 200; i++) {
        items[i] = (struct report_item){ .owner = SPAN_LIT("portal"),
                                         .order_no = SPAN_LIT("O-1"),
                                         .invoice_id = SPAN_LIT("I-1"),
                                         .number = (int64_t)i + 1,
                                         .name = span_make(name, sizeof(name)),
                                         .net_fen = INT64_MIN,
                                         .tax_fen = INT64_MIN,
                                         .off_fen = INT64_MIN };
    }
    report.items = items;
    report.item_count = 20;
    cr_expect(list_has(&report, REPORT_DIFFERENCES, LANGUAGE_EN, "I-1 item 20 "));
    cr_expect_not(list_has(&report, REPORT_DIFFERENCES, LANGUAGE_EN, " more\""));
    report.item_count = 200;
    cr_expect(list_has(&report, REPORT_DIFFERENCES, LANGUAGE_EN, "; 180 more\"\r\n"));
    cr_expect(list_has(&report, REPORT_DIFFERENCES, LANGUAGE_ZH, "; 另有 180 项\"\r\n"));
    cr_expect_not(list_has(&report, REPORT_DIFFERENCES, LANGUAGE_EN, "I-1 item 21 "));
}
