/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <criterion/criterion.h>

#include "check.h"
#include "report_day.h"

#define TEXT_MAX ((size_t)4 * 1024 * 1024)

static const char *
sheet_text(enum language language, struct buf *out)
{
    struct report report = report_day();
    report.form = REPORT_FORM;
    const char *text = NULL;
    cr_assert_eq(report_sheet(&report, language, out), ERR_OK);
    cr_assert_eq(buf_cstr(out, &text), ERR_OK);
    return text;
}

static const char *
csv_text(enum report_list list, enum language language, struct buf *out)
{
    struct report report = report_day();
    const char *text = NULL;
    cr_assert_eq(report_csv(&report, list, language, out), ERR_OK);
    cr_assert_eq(buf_cstr(out, &text), ERR_OK);
    return text;
}

Test(report, sheet_is_refused_when_a_proof_fails)
{
    struct report broken[9];
    size_t count = sizeof(broken) / sizeof(broken[0]);
    for (size_t i = 0; i < count; i++) {
        broken[i] = report_day();
        broken[i].form = REPORT_FORM;
    }
    broken[0].trailer.fen++;             /* A = B */
    broken[1].sheet.in_transit.fen++;    /* J = E + F' + K + L */
    broken[2].sheet.unexplained_fen = 1; /* the last line */
    broken[3].rows++;                    /* the list lacks a line of the bill */
    broken[3].row_count--;
    broken[4].sheet.books_no_order.fen++; /* J = P1 + P6 + P7 */
    broken[5].sheet.books_refund.count++; /* ... by number too */
    broken[6].sheet.transferred.fen++;    /* P = P1 + P2 + P3 + P4 + P5 */
    broken[7].sheet.invoice_off.fen++;    /* Q = Q1 + Q2 */
    broken[8].sheet.orders_paid.fen++;
    for (size_t i = 0; i < count; i++) {
        DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
        cr_expect_eq(report_sheet(&broken[i], LANGUAGE_ZH, &out), ERR_INTERNAL, "case %zu", i);
        cr_expect_eq(out.len, 0);
    }
}

/* Of a run of before, the cells are not known. */
Test(report, sheet_ties_no_orders_in_the_form_of_before)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    struct report report = report_day();
    report.form = REPORT_FORM_ORDERS - 1;
    report.sheet.paid_here = (struct recon_cell){ 0, 0 };
    CHECK_OK(report_sheet(&report, LANGUAGE_EN, &out));
    cr_expect_lt(span_find(buf_span(&out), SPAN_LIT("P   orders paid")), out.len);
    cr_expect_lt(span_find(buf_span(&out), SPAN_LIT("Q   their valid invoices")), out.len);
    cr_expect_eq(span_find(buf_span(&out), SPAN_LIT("P1")), out.len);
    cr_expect_eq(span_find(buf_span(&out), SPAN_LIT("Q1")), out.len);
}

/* As a sheet of before was printed. */
Test(report, sheet_has_no_number_of_the_bill_in_the_form_of_before)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    struct report report = report_day();
    report.form = REPORT_FORM_LINE_NUMBER - 1;
    CHECK_OK(report_sheet(&report, LANGUAGE_EN, &out));
    cr_expect_lt(span_find(buf_span(&out), SPAN_LIT("  provider's -  bill line 8\n")), out.len);
    cr_expect_eq(span_find(buf_span(&out), SPAN_LIT("merchant's number on the bill")), out.len);
}

/* On the sheet and on the page, once for each bill; of a day without one nothing is said. */
Test(report, bills_that_came_for_signed_days_are_told_on_paper)
{
    static const char *const lines[] = {
        "DAY_CLOSED 影响已关账期: FILE_REISSUED 账单重发 2026-11-20 ab",
        "DAY_CLOSED 影响已关账期: FILE_REISSUED 账单重发 2026-11-21 cd",
    };
    struct report report = report_day();
    report.late_bills = SPAN_LIT("2026-11-20 ab,2026-11-21 cd");
    DEFER(buf_fini) struct buf sheet = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf page = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf plain = BUF_MAX(TEXT_MAX);
    CHECK_OK(report_sheet(&report, LANGUAGE_ZH, &sheet));
    CHECK_OK(report_html(&report, LANGUAGE_ZH, &page));
    for (size_t i = 0; i < 2; i++) {
        cr_expect_lt(span_find(buf_span(&sheet), span_of(lines[i])), sheet.len, "%s", lines[i]);
        cr_expect_lt(span_find(buf_span(&page), span_of(lines[i])), page.len, "%s", lines[i]);
    }
    (void)sheet_text(LANGUAGE_ZH, &plain);
    cr_expect_eq(span_find(buf_span(&plain), SPAN_LIT("DAY_CLOSED")), plain.len);
}

static size_t
commas(struct span text, size_t record)
{
    struct span line = text;
    size_t count = 0;
    for (size_t i = 0; i <= record; i++) {
        (void)span_cut(&text, '\n', &line);
    }
    bool quoted = false;
    for (size_t i = 0; i < line.len; i++) {
        quoted = line.at[i] == '"' ? !quoted : quoted;
        count += line.at[i] == ',' && !quoted ? 1 : 0;
    }
    return count;
}

/* In the heading of a last column, beside a mark, so that a list without rows says it too. */
Test(report, bills_that_came_for_signed_days_are_told_in_every_csv)
{
    struct report report = report_day();
    DEFER(buf_fini) struct buf plain = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf late = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf balance = BUF_MAX(TEXT_MAX);
    CHECK_OK(report_csv(&report, REPORT_RESULTS, LANGUAGE_ZH, &plain));
    report.edited = true;
    report.late_bills = SPAN_LIT("2026-11-20 ab,2026-11-21 cd");
    CHECK_OK(report_csv(&report, REPORT_RESULTS, LANGUAGE_ZH, &late));
    CHECK_OK(report_balance_csv(&report, LANGUAGE_EN, &balance));
    cr_expect_lt(
        span_find(
            buf_span(&late),
            SPAN_LIT("; DAY_CLOSED 影响已关账期: FILE_REISSUED 账单重发 2026-11-20 ab; DAY_CLOSED "
                     "影响已关账期: FILE_REISSUED 账单重发 2026-11-21 cd\"\r\n")),
        late.len);
    cr_expect_lt(span_find(buf_span(&late), SPAN_LIT(",\"FILE_EDITED ")), late.len);
    cr_expect_lt(span_find(buf_span(&balance), SPAN_LIT("2026-11-21 cd\"\r\n")), balance.len);
    for (size_t record = 0; record < 3; record++) {
        cr_expect_eq(commas(buf_span(&late), record), commas(buf_span(&plain), record) + 1);
    }
    report.edited = false;
    buf_reset(&late);
    CHECK_OK(report_csv(&report, REPORT_RESULTS, LANGUAGE_ZH, &late));
    cr_expect_lt(span_find(buf_span(&late), SPAN_LIT(",\"DAY_CLOSED ")), late.len);
}

Test(report, sheet_ends_with_the_line_that_machines_look_for)
{
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
        const char *text = sheet_text((enum language)language, &out);
        const char *last = "\nUNEXPLAINED 0.00\n";
        cr_expect_str_eq(text + strlen(text) - strlen(last), last);
        cr_expect_not_null(strstr(text, "长款"));
        cr_expect_not_null(strstr(text, SHA256_HEX));
        cr_expect_not_null(strstr(text, "2026-11-24 10:30:00"));
    }
}

Test(report, sheet_shows_the_sums_of_the_day)
{
    static const char *const wanted[] = {
        "A   bill total by its own trailer                    6              295.00\n",
        "E   matched                                          3              200.01\n",
        "J   gateway population                               6              520.01\n",
        "    long in all (delta > 0)                          1               10.00\n",
        "    short in all (delta < 0)                         3             -240.01\n",
        "N   net after fees: pay + refund + fee                              288.26\n",
        "P   orders paid, their payable                       3              360.01\n",
        "P1    paid by payments of J                          4              440.01\n",
        "P2    paid on other days, other accounts             1               10.00\n",
        "P3    paid by bank transfer                          1               20.00\n",
        "P4    payable less paid, with a finding              1             -100.00\n",
        "P5    paid twice, found with the other               1              -10.00\n",
        "P6  payments of J without an order                   1              160.00\n",
        "P7  refunds of J                                     1              -80.00\n",
        "P8  orders free of charge                            2                0.00\n",
        "Q   their valid invoices, blue less red              1              280.00\n",
        "Q1    due on the orders invoiced                     2              300.00\n",
        "Q2    invoiced less due, with a finding              1              -20.00\n",
        "J = P1 + P6 + P7                 6 = 6              520.01 = 520.01  holds\n",
        "P = P1+P2+P3+P4+P5                              360.01 = 360.01  holds\n",
        "Q = Q1 + Q2                                     280.00 = 280.00  holds\n",
        "-230.01 = -230.01  holds\n",
        "    order -  attempt -  provider's -  merchant's number on the bill =1+1  bill line 8\n",
        "\n1. SHORT_PAY success here, not on its bill (ask the provider, then act on its signed answer)\n    severity 1\n",
    };
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    const char *text = sheet_text(LANGUAGE_EN, &out);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        cr_expect_not_null(strstr(text, wanted[i]), "%s", wanted[i]);
    }
}

/* "Portal paid" beside a draft, or an invoice of another amount, cannot be judged without them. */
Test(report, sheet_tells_how_the_order_of_a_difference_stands)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    const char *mine = "    order status draft  payable 0.01  invoiced 0.00\n";
    const char *first = strstr(sheet_text(LANGUAGE_EN, &out), "    order status ");
    cr_assert_not_null(first);
    cr_expect_eq(strncmp(first, mine, strlen(mine)), 0);
    cr_expect_null(strstr(first + 1, "    order status "), "said of an order that we do not have");
}

/* The C library's own idea of how wide a character is. */
static int
places(const char *line, size_t len)
{
    char narrow[512] = { 0 };
    wchar_t wide[512];
    cr_assert_lt(len, sizeof(narrow));
    memcpy(narrow, line, len);
    size_t count = mbstowcs(wide, narrow, 512);
    cr_assert_neq(count, (size_t)-1);
    return wcswidth(wide, count);
}

Test(report, chinese_columns_stand_under_each_other)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    cr_assert_not_null(setlocale(LC_CTYPE, "C.UTF-8"));
    const char *line = strstr(sheet_text(LANGUAGE_ZH, &out), "行  项目");
    cr_assert_not_null(line);
    size_t lines = 0;
    while (strncmp(line, "验证", strlen("验证")) != 0) {
        const char *end = strchr(line, '\n');
        cr_assert_not_null(end);
        if (end > line) {
            cr_expect_eq(places(line, (size_t)(end - line)), 74, "%.*s", (int)(end - line), line);
            lines++;
        }
        line = end + 1;
    }
    cr_expect_eq(lines, 35); /* a title and 34 lines */
}

/* 100.00 + 360.00 - 80.00 - 1.74 - 5.00 = 373.26, and 278.26 = 288.26 of the bill less 10.00 that did not move. */
Test(report, the_accounts_own_bill_is_shown_with_its_proofs)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    struct report report = report_day();
    report.sheet.flow = (struct recon_flow){ .there = true,
                                             .balanced = true,
                                             .opening_proved = true,
                                             .opening_fen = 10000,
                                             .closing_fen = 37326,
                                             .pay = { 3, 36000 },
                                             .refund = { 1, -8000 },
                                             .fee = { 5, -174 },
                                             .other = { 1, -500 },
                                             .missing = { 1, 1000 } };
    CHECK_OK(report_sheet(&report, LANGUAGE_EN, &out));
    struct span text = buf_span(&out);
    cr_expect_lt(span_find(text, SPAN_LIT("373.26 = 373.26  holds")), text.len);
    cr_expect_lt(span_find(text, SPAN_LIT("278.26 = 278.26  holds")), text.len);
    cr_expect_lt(span_find(text, SPAN_LIT("is what the day before closed with")), text.len);
    int64_t *const numbers[] = { &report.sheet.flow.opening_fen, &report.sheet.flow.closing_fen,
                                 &report.sheet.flow.pay.fen,     &report.sheet.flow.other.fen,
                                 &report.sheet.flow.missing.fen, &report.sheet.flow.coupon_fen,
                                 &report.sheet.flow.only.fen,    &report.sheet.flow.fee_off_fen };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        *numbers[i] += 1;
        CHECK_ERR(report_sheet(&report, LANGUAGE_EN, &out), ERR_INTERNAL);
        *numbers[i] -= 1;
    }
    report.sheet.flow.there = false;
    buf_reset(&out);
    CHECK_OK(report_sheet(&report, LANGUAGE_EN, &out));
    text = buf_span(&out);
    cr_expect_lt(span_find(text, SPAN_LIT("balances and movements are not proved")), text.len);
}

Test(report, csv_begins_with_a_mark_and_ends_every_line_with_crlf)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    const char *text = csv_text(REPORT_RESULTS, LANGUAGE_ZH, &out);
    cr_expect_eq(strncmp(text, "\xEF\xBB\xBF\"序号 seq\",", 16), 0);
    size_t lines = 0;
    for (const char *c = strchr(text, '\n'); c != NULL; c = strchr(c + 1, '\n')) {
        cr_expect_eq(c[-1], '\r');
        lines++;
    }
    cr_expect_eq(lines, 11);
    cr_expect_str_eq(text + strlen(text) - 2, "\r\n");
}

Test(report, csv_gives_a_spreadsheet_nothing_to_calculate)
{
    static const char *const wanted[] = {
        ",\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",", /* RFC 4180 and an apostrophe */
        ",\"'+86\",",
        ",\"\t'=1+1\",",         /* even as a number of an order */
        ",\"\t'-5\",",           /* same */
        ",\"'\xEF\xBC\x9D 1\",", /* the full-width sign counts too */
        ",\"'  @SUM(A1)\",",     /* blanks before it do not help */
        ",\"a  b [31m ,c\",",    /* no line break, escape or override inside */
        ",\"\t" TRADE_NO "\",",  /* text, not 2.02E+27 */
        ",0.00,200.00,-200.00,", /* amounts are plain numbers */
        "\"PAY_OK\",\"平账\",",
    };
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    const char *text = csv_text(REPORT_RESULTS, LANGUAGE_ZH, &out);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        cr_expect_not_null(strstr(text, wanted[i]), "%s", wanted[i]);
    }
}

Test(report, differences_hold_what_somebody_must_look_at)
{
    /* In transit has a delta; the paid order not advanced is a finding of severity 2. */
    static const bool differs[] = { false, true, true, true, true, true, false, false, true };
    static const int severity[] = { 0, 2, 2, 1, 1, 4, 0, 4, 1 };
    for (size_t i = 0; i < sizeof(differs) / sizeof(differs[0]); i++) {
        cr_expect_eq(report_row_differs(&report_day_rows[i]), differs[i], "row %zu", i + 1);
        cr_expect_eq(report_row_severity(&report_day_rows[i]), severity[i], "row %zu", i + 1);
    }
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    const char *text = csv_text(REPORT_DIFFERENCES, LANGUAGE_ZH, &out);
    cr_expect_null(strstr(text, "\"REF_OK\""));
    cr_expect_not_null(strstr(text, "\r\n9,1,\"ORD_PAID_NO_MONEY\""));
}

/* Our books 520.01 and 10.00 that we lack, less 0.01 on an amount; the bill's 290.00 and 240.00 that it lacks. */
Test(report, both_sides_of_the_statement_of_balances_end_equal)
{
    static const char *const wanted[] = {
        "books     our books: net of refunds, before fees                                520.01\n",
        "books     plus: taken by the provider, not in our books          1               10.00\n",
        "books     amounts that differ (bill less books)                  1               -0.01\n",
        "books     adjusted balance                                                      530.00\n",
        "provider  provider's bill: net of refunds, before fees                          290.00\n",
        "provider  plus: in our books, not taken by the provider          2              240.00\n",
        "provider  adjusted balance                                                      530.00\n",
    };
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    const char *text = sheet_text(LANGUAGE_EN, &out);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        cr_expect_not_null(strstr(text, wanted[i]), "%s", wanted[i]);
    }
}

/* A line of 7.00 that was carried in and is still not in our books: it is long here, and the provider had it on the day before. */
Test(report, what_was_carried_in_is_told_and_is_no_money_of_the_day)
{
    static const char *const wanted[] = {
        "provider's -  yesterday's bill line 4\n",
        "M'  lines carried in from the day before             1                7.00\n",
        "C + M' = E+F+G+H+L'              6 = 6              297.00 = 297.00  holds\n",
        "C + M' - J = ΣΔ                                -223.01 = -223.01  holds\n",
        "B = list                         6 = 6              295.00 = 295.00  holds\n",
        "books     plus: taken by the provider, not in our books          2               17.00\n",
        "books     less: on yesterday's bill, in our books today          1               -7.00\n",
        "books     adjusted balance                                                      530.00\n",
        "provider  adjusted balance                                                      530.00\n",
    };
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    struct report report = report_day();
    struct report_row rows[sizeof(report_day_rows) / sizeof(report_day_rows[0]) + 1];
    memcpy(rows, report_day_rows, sizeof(report_day_rows));
    rows[report.row_count] = (struct report_row){ .seq = 10,
                                                  .early_no = 4,
                                                  .primary = FINDING_LONG_UNKNOWN,
                                                  .b_fen = 700,
                                                  .delta_fen = 700,
                                                  .raw = SPAN_LIT("`the line") };
    report.rows = rows;
    report.row_count++;
    report.sheet.early_in = (struct recon_cell){ 1, 700 };
    report.sheet.bill_only = (struct recon_cell){ 2, 1700 };
    report.sheet.delta_long = (struct recon_cell){ 2, 1700 };
    CHECK_OK(report_sheet(&report, LANGUAGE_EN, &out));
    const char *text = NULL;
    CHECK_OK(buf_cstr(&out, &text));
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        cr_expect_not_null(strstr(text, wanted[i]), "%s\n%s", wanted[i], text);
    }
    buf_reset(&out);
    CHECK_OK(report_html(&report, LANGUAGE_EN, &out));
    struct span line =
        SPAN_LIT("<p>Line of the bill of the day before: 4</p>\n<pre>`the line</pre>");
    cr_expect_lt(span_find(buf_span(&out), line), out.len);
    report.sheet.early_in.fen++;
    buf_reset(&out);
    CHECK_ERR(report_sheet(&report, LANGUAGE_EN, &out), ERR_INTERNAL);
}

/* 100.00 + 520.01 + 10.00 - 0.01 - 1.74 of fees - 5.00 withdrawn + 0.30 of coupons = 623.56, and 373.56 + 240.00 that the
 * bill lacks + 10.00 that did not move = 623.56. */
Test(report, balances_of_the_account_are_reconciled_where_its_bill_tells_them)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    struct report report = report_day();
    report.sheet.flow = (struct recon_flow){ .there = true,
                                             .balanced = true,
                                             .opening_fen = 10000,
                                             .closing_fen = 37356,
                                             .pay = { 3, 36030 },
                                             .refund = { 1, -8000 },
                                             .fee = { 5, -174 },
                                             .other = { 1, -500 },
                                             .coupon_fen = 30,
                                             .missing = { 1, 1000 } };
    CHECK_OK(report_balance_csv(&report, LANGUAGE_EN, &out));
    struct span text = buf_span(&out);
    cr_expect_lt(span_find(text, SPAN_LIT("opening plus net of the day\",,620.01\r\n")), text.len);
    cr_expect_lt(span_find(text, SPAN_LIT("\"books\",\"adjusted balance\",,623.56\r\n")), text.len);
    cr_expect_lt(span_find(text, SPAN_LIT("closing balance\",,373.56\r\n")), text.len);
    cr_expect_lt(span_find(text, SPAN_LIT("\"provider\",\"adjusted balance\",,623.56\r\n")),
                 text.len);
    report.sheet.flow.coupon_fen++;
    CHECK_ERR(report_balance_csv(&report, LANGUAGE_EN, &out), ERR_INTERNAL);
}

Test(report, page_makes_no_markup_of_what_others_wrote)
{
    struct report report = report_day();
    struct report_row rows[] = { report.rows[2] };
    rows[0].raw = SPAN_LIT("`<script>alert(1)</script>`,\"&amp;'");
    rows[0].owner = SPAN_LIT("portal");
    rows[0].order_no = SPAN_LIT("O-1");
    const struct report_story stories[] = {
        { .owner = SPAN_LIT("portal"),
          .order_no = SPAN_LIT("O-0"),
          .attempt_no = SPAN_LIT("other") },
        { .owner = SPAN_LIT("portal"),
          .order_no = SPAN_LIT("O-1"),
          .attempt_no = SPAN_LIT("A<1>"),
          .state = SPAN_LIT("closed"),
          .amount_fen = 1000 },
        { .owner = SPAN_LIT("portal"),
          .order_no = SPAN_LIT("O-2"),
          .attempt_no = SPAN_LIT("other") },
    };
    report = (struct report){
        .account = SPAN_LIT("a"),
        .day = report.day,
        .version = 1,
        .trailer = { 1, 1000 },
        .sheet = { .parsed = { 1, 1000 },
                   .in_scope = { 1, 1000 },
                   .bill_only = { 1, 1000 },
                   .delta_long = { 1, 1000 },
                   .pay = { 1, 1000 } },
        .rows = rows,
        .row_count = 1,
        .stories = stories,
        .story_count = 3,
    };
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    CHECK_OK(report_html(&report, LANGUAGE_ZH, &out));
    struct span text = buf_span(&out);
    cr_expect_lt(
        span_find(
            text,
            SPAN_LIT("<pre>`&lt;script&gt;alert(1)&lt;/script&gt;`,&quot;&amp;amp;&#39;</pre>")),
        text.len);
    cr_expect_lt(span_find(text, SPAN_LIT("<td>A&lt;1&gt;</td><td>closed</td>")), text.len);
    cr_expect_eq(span_find(text, SPAN_LIT("<td>other</td>")), text.len, "another order's story");
    report.sheet.unexplained_fen = 1;
    CHECK_ERR(report_html(&report, LANGUAGE_ZH, &out), ERR_INTERNAL);
}

/* A row of a list has to leave room for others on a sheet of paper. */
Test(report, page_has_the_providers_line_with_its_difference_and_in_no_column)
{
    static const struct span title = SPAN("<th>账单原始行</th>");
    struct report report = report_day();
    struct report_row rows[sizeof(report_day_rows) / sizeof(report_day_rows[0])];
    memcpy(rows, report.rows, sizeof(rows));
    rows[0].findings[rows[0].finding_count++] = FINDING_DUP_PAY_SAME;
    rows[0].raw = SPAN_LIT("the line as it came");
    report.rows = rows;
    for (int64_t form = REPORT_FORM_PAGE - 1; form <= REPORT_FORM_PAGE; form++) {
        DEFER(buf_fini) struct buf page = BUF_MAX(TEXT_MAX);
        DEFER(buf_fini) struct buf list = BUF_MAX(TEXT_MAX);
        bool column = form < REPORT_FORM_PAGE;
        report.form = form;
        CHECK_OK(report_html(&report, LANGUAGE_ZH, &page));
        CHECK_OK(report_csv(&report, REPORT_DUPLICATES, LANGUAGE_ZH, &list));
        struct span text = buf_span(&page);
        cr_expect_eq(span_find(text, title) < text.len, column, "form %lld", (long long)form);
        cr_expect_eq(span_find(text, SPAN_LIT("<td>the line as it came</td>")) < text.len, column);
        cr_expect_lt(span_find(text, SPAN_LIT("<pre>the line as it came</pre>")), text.len);
        cr_expect_lt(span_find(buf_span(&list), SPAN_LIT("\"the line as it came\"")), list.len);
    }
}

/* The second payment says that it is one; the first has nothing to say, and is the other side of it. */
Test(report, duplicates_stand_together_with_their_other_side)
{
    const struct report_row rows[] = {
        { .seq = 1,
          .line_no = 6,
          .order_no = SPAN_LIT("O-2"),
          .owner = SPAN_LIT("portal"),
          .primary = FINDING_PAY_OK },
        { .seq = 2,
          .line_no = 7,
          .order_no = SPAN_LIT("O-1"),
          .owner = SPAN_LIT("portal"),
          .provider_trade_no = SPAN_LIT("20"),
          .primary = FINDING_PAY_OK },
        { .seq = 3,
          .line_no = 8,
          .provider_trade_no = SPAN_LIT("30"),
          .primary = FINDING_LONG_UNKNOWN },
        { .seq = 4,
          .line_no = 9,
          .order_no = SPAN_LIT("O-1"),
          .owner = SPAN_LIT("other"),
          .primary = FINDING_PAY_OK },
        { .seq = 5,
          .line_no = 10,
          .order_no = SPAN_LIT("O-1"),
          .owner = SPAN_LIT("portal"),
          .provider_trade_no = SPAN_LIT("10"),
          .primary = FINDING_PAY_OK,
          .findings = { FINDING_DUP_PAY_SAME },
          .finding_count = 1 },
        { .seq = 6,
          .line_no = 11,
          .provider_trade_no = SPAN_LIT("30"),
          .primary = FINDING_DUP_BILL_LINE },
    };
    struct report report = { .rows = rows, .row_count = sizeof(rows) / sizeof(rows[0]) };
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    CHECK_OK(report_csv(&report, REPORT_DUPLICATES, LANGUAGE_EN, &out));
    static const char wanted[] = { '3', '6', '5',
                                   '2' }; /* by order, then by the provider's number */
    struct span text = buf_span(&out);
    for (size_t i = 0; i < sizeof(wanted); i++) {
        size_t at = span_find(text, SPAN_LIT("\r\n"));
        cr_assert_lt(at + 2, text.len);
        text = span_sub(text, at + 2, text.len);
        cr_expect_eq(text.at[0], wanted[i]);
    }
    text = span_sub(text, span_find(text, SPAN_LIT("\r\n")) + 2, text.len);
    cr_expect(span_starts(text, SPAN_LIT("\"Amounts in yuan;")), "a row that is no side of any");
}

/* Row 4 was charged 0.48 where 0.45 was due; of the other lines no contract speaks. */
Test(report, fees_are_told_as_due_and_charged)
{
    DEFER(buf_fini) struct buf list = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf page = BUF_MAX(TEXT_MAX);
    struct report report = report_day();
    const char *text = csv_text(REPORT_FEES, LANGUAGE_EN, &list);
    cr_expect_not_null(strstr(text, "\r\n1,\"INV_OK\",280.00,-1.68,-1.68,0.00,"));
    cr_expect_not_null(strstr(text, "\r\n4,\"AMT_ONE_FEN FEE_AMOUNT\",79.99,-0.45,-0.48,-0.03,"));
    cr_expect_null(strstr(text, "\r\n8,"));
    CHECK_OK(report_html(&report, LANGUAGE_EN, &page));
    CHECK_OK(buf_cstr(&page, &text));
    cr_expect_not_null(strstr(text,
                              "<td>all lines</td><td class=\"n\">2</td><td class=\"n\">-2.13</td>"
                              "<td class=\"n\">-2.16</td><td class=\"n\">-0.03</td>"));
    cr_expect_not_null(strstr(text, "<td>FEE_AMOUNT</td>"));
}
