/* SPDX-License-Identifier: Apache-2.0 */
/* The invoices of an order, in the reports of a day that was made by hand. */
#include "report_papers.h"

#include <string.h>

#include <criterion/criterion.h>

#include "check.h"
#include "report_day.h"

#define TEXT_MAX ((size_t)4 * 1024 * 1024)

/* The order of row 4 has a document for itself, of which all is red by now, and a part of one for several orders; another owner's order of that
 * number has one, too. */
Test(report_papers, the_documents_of_an_order_are_named_where_it_differs)
{
    static const struct recon_invoice invoices[] = {
        { .owner = SPAN("portal"),
          .order_no = SPAN("202611230003"),
          .invoice_id = SPAN("R-9"),
          .status = SPAN("issued"),
          .red = true,
          .total_fen = -8000,
          .issued_at = { 1795402800000000 } },
        { .owner = SPAN("zzz"),
          .order_no = SPAN("202611230003"),
          .invoice_id = SPAN("OTHER"),
          .status = SPAN("issued"),
          .total_fen = 8000 },
        { .owner = SPAN("portal"),
          .order_no = SPAN("202611230003"),
          .invoice_id = SPAN("B-7"),
          .reported_under = SPAN("202611230001"),
          .status = SPAN("issued"),
          .merged = true,
          .total_fen = 50000,
          .share_fen = 8000,
          .issued_at = { 1795402800000000 } },
        { .owner = SPAN("portal"),
          .order_no = SPAN("202611230001"),
          .invoice_id = SPAN("B-1"),
          .status = SPAN("asked"),
          .total_fen = 28000,
          .asked_at = { 1795402800000000 } },
    };
    static const char *const wanted[] = {
        "<td>B-7</td><td>blue</td><td>issued</td><td class=\"n\">80.00</td><td>2026-11-23 11:00:00</td>",
        "<td>R-9</td><td>red</td><td>issued</td><td class=\"n\">-80.00</td><td>2026-11-23 11:00:00</td>",
    };
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    DEFER(arena_free) struct arena *arena = NULL;
    struct report report = report_day();
    struct report_row rows[sizeof(report_day_rows) / sizeof(report_day_rows[0])];
    memcpy(rows, report_day_rows, sizeof(rows));
    rows[3].owner = SPAN_LIT("portal");
    report.rows = rows;
    CHECK_OK(arena_new(TEXT_MAX, &arena));
    report.form = REPORT_FORM_PAPERS - 1;
    CHECK_OK(report_papers_take(invoices, 4, arena, &report));
    cr_expect_eq(report.paper_count, 0, "a run of before is printed as it was");
    report.form = REPORT_FORM_PAPERS;
    CHECK_OK(report_papers_take(invoices, 4, arena, &report));
    CHECK_OK(report_csv(&report, REPORT_DIFFERENCES, LANGUAGE_EN, &out));
    struct span text = buf_span(&out);
    cr_expect_lt(span_find(text, SPAN_LIT(",\"\tB-7 R-9\",")), text.len);
    cr_expect_eq(span_find(text, SPAN_LIT("OTHER")), text.len);
    buf_reset(&out);
    CHECK_OK(report_html(&report, LANGUAGE_EN, &out));
    text = buf_span(&out);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        cr_expect_lt(span_find(text, span_of(wanted[i])), text.len, "%s", wanted[i]);
    }
    cr_expect_eq(span_find(text, SPAN_LIT("OTHER")), text.len);
    cr_expect_eq(span_find(text, SPAN_LIT("B-1")), text.len, "that order does not differ");
}
