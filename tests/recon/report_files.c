/* SPDX-License-Identifier: Apache-2.0 */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "folder.h"
#include "program.h"
#include "report.h"
#include "report_day.h"

#define TEXT_MAX ((size_t)4 * 1024 * 1024)

struct folder {
    char path[64];
};

static struct folder
a_folder(void)
{
    struct folder folder = { "/tmp/tallygate-report-XXXXXX" };
    cr_assert_not_null(mkdtemp(folder.path));
    return folder;
}

static void
folder_fini(struct folder *folder)
{
    cr_expect_eq(folder_drop(folder->path), 0);
}

static void
read_file(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "rbe");
    cr_assert_not_null(file, "%s", path);
    char bytes[4096];
    size_t len;
    while ((len = fread(bytes, 1, sizeof(bytes), file)) > 0) {
        CHECK_OK(buf_append(out, span_make(bytes, len)));
    }
    (void)fclose(file);
}

/* One part of a workbook, by another reader than the writer. */
static void
part_of(const char *path, const char *name, struct buf *out)
{
    struct archive *zip = archive_read_new();
    struct archive_entry *entry;
    char bytes[4096];
    la_ssize_t len = 0;
    cr_assert_eq(archive_read_support_format_zip(zip), ARCHIVE_OK);
    cr_assert_eq(archive_read_open_filename(zip, path, 4096), ARCHIVE_OK);
    while (archive_read_next_header(zip, &entry) == ARCHIVE_OK) {
        if (strcmp(archive_entry_pathname(entry), name) == 0) {
            while ((len = archive_read_data(zip, bytes, sizeof(bytes))) > 0) {
                CHECK_OK(buf_append(out, span_make(bytes, (size_t)len)));
            }
        }
    }
    cr_assert_eq(archive_read_free(zip), ARCHIVE_OK);
    cr_assert_gt(out->len, 0, "%s has no %s", path, name);
}

static void
expect_in_part(const char *path, const char *part, const char *const *wanted, size_t count)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    part_of(path, part, &out);
    for (size_t i = 0; i < count; i++) {
        cr_expect_neq(span_find(buf_span(&out), span_of(wanted[i])), out.len, "%s lacks %s", part,
                      wanted[i]);
    }
}

#define EXPECT_IN_PART(path, part, ...)                                                \
    do {                                                                               \
        static const char *const wanted_[] = { __VA_ARGS__ };                          \
        expect_in_part((path), (part), wanted_, sizeof(wanted_) / sizeof(wanted_[0])); \
    } while (0)

/* "79.98999999999999" as fen: what a reader that rounds to two places sees. */
static int64_t
fen_of(struct span s)
{
    int64_t fen = 0;
    size_t point = span_index(s, '.');
    for (size_t i = s.at[0] == '-' ? 1 : 0; i < point + 4; i++) {
        int digit = i < s.len ? s.at[i] - '0' : 0;
        if (i != point) {
            cr_assert(digit >= 0 && digit <= 9, "%.*s", SPAN_ARG(s));
            fen = fen * 10 + digit;
        }
    }
    fen = (fen + 5) / 10;
    return s.at[0] == '-' ? -fen : fen;
}

/* The sum of a column of a list, its title and its own total apart. */
static int64_t
column_sum(const char *path, const char *part, char column, int last)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    int64_t sum = 0;
    part_of(path, part, &out);
    for (int row = 2; row <= last; row++) {
        char cell[32];
        (void)snprintf(cell, sizeof(cell), "<c r=\"%c%d\" ", column, row);
        struct span rest = buf_span(&out);
        rest = span_sub(rest, span_find(rest, span_of(cell)), rest.len);
        if (rest.len > 0) {
            rest = span_sub(rest, span_find(rest, SPAN_LIT("<v>")) + 3, rest.len);
            sum += fen_of(span_sub(rest, 0, span_index(rest, '<')));
        }
    }
    return sum;
}

static void
make_book(const struct folder *folder, const char *name, char path[128])
{
    struct report report = report_day();
    (void)snprintf(path, 128, "%s/%s", folder->path, name);
    CHECK_OK(report_xlsx(&report, LANGUAGE_ZH, path));
}

Test(report_files, workbook_is_refused_when_a_proof_fails)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    struct report report = report_day();
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/no.xlsx", folder.path);
    report.sheet.matched.fen++;
    CHECK_ERR(report_xlsx(&report, LANGUAGE_ZH, path), ERR_INTERNAL);
    cr_expect_neq(access(path, F_OK), 0);
}

Test(report_files, workbook_printed_twice_is_equal_byte_for_byte)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    DEFER(buf_fini) struct buf first = BUF_MAX(TEXT_MAX);
    DEFER(buf_fini) struct buf second = BUF_MAX(TEXT_MAX);
    char path[128];
    make_book(&folder, "a.xlsx", path);
    read_file(path, &first);
    /* Another second on the clock, told by a file of the next one. */
    struct stat before;
    struct stat now;
    cr_assert_eq(stat(path, &before), 0);
    do {
        make_book(&folder, "b.xlsx", path);
        cr_assert_eq(stat(path, &now), 0);
    } while (now.st_mtim.tv_sec <= before.st_mtim.tv_sec + 1); /* zip times count in twos */
    read_file(path, &second);
    cr_expect(span_eq(buf_span(&first), buf_span(&second)));
}

Test(report_files, workbook_holds_text_as_text_and_money_as_money)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    char path[128];
    make_book(&folder, "book.xlsx", path);
    EXPECT_IN_PART(path, "xl/workbook.xml", "\"核对表\"", "\"余额调节表\"", "\"结果\"", "\"差异\"",
                   "\"重复\"", "\"发票\"", "\"趋势\"");
    EXPECT_IN_PART(path, "docProps/core.xml", "2026-11-24T02:30:00Z");
    EXPECT_IN_PART(path, "xl/styles.xml", "formatCode=\"0.00\"", "formatCode=\"@\"");
    EXPECT_IN_PART(path, "xl/worksheets/sheet1.xml", "<v>-230.01</v>", "<v>288.26</v>",
                   "UNEXPLAINED", SHA256_HEX);
    EXPECT_IN_PART(path, "xl/worksheets/sheet3.xml", "<t>" TRADE_NO "</t>",
                   "<t>'=HYPERLINK(\"http://x\",\"y\")</t>", "state=\"frozen\"",
                   "<t>北京某某科技有限公司</t>", "<t>REF_OK</t>");
    EXPECT_IN_PART(path, "xl/worksheets/sheet8.xml", "<t>2026-11-20</t>", "<v>-3.06</v>",
                   "<c r=\"C2\"><v>5</v>", "<t>2026-11-22</t>", "<v>-110.1</v>", "<v>13.24</v>",
                   "<t>2026-11-23</t>");
    cr_expect_eq(column_sum(path, "xl/worksheets/sheet8.xml", 'J', 3), -11010);       /* short */
    cr_expect_eq(column_sum(path, "xl/worksheets/sheet8.xml", 'K', 3), 50000 + 1324); /* net */
    EXPECT_IN_PART(path, "xl/worksheets/sheet4.xml", "<t>SHORT_PAY</t>", "state=\"frozen\"");
    cr_expect_eq(column_sum(path, "xl/worksheets/sheet3.xml", 'H', 10), 29000); /* bill */
    cr_expect_eq(column_sum(path, "xl/worksheets/sheet3.xml", 'I', 10), 52001); /* books */
    cr_expect_eq(column_sum(path, "xl/worksheets/sheet4.xml", 'J', 7), -23001); /* delta */
    DEFER(buf_fini) struct buf differences = BUF_MAX(TEXT_MAX);
    part_of(path, "xl/worksheets/sheet4.xml", &differences);
    cr_expect_eq(span_find(buf_span(&differences), SPAN_LIT("REF_OK")), differences.len);
    cr_expect_eq(span_find(buf_span(&differences), SPAN_LIT("<f>")), differences.len);
}

/* 280.00 was paid for an order and 80.00 of it went back: two results, and one order of 280.00 beside the one of 0.01. */
Test(report_files, workbook_has_an_orders_money_once_in_its_totals)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    struct report report = report_day();
    struct report_row rows[9];
    char path[128];
    cr_assert_eq(report.row_count, 9);
    memcpy(rows, report.rows, sizeof(rows));
    rows[6].owner = rows[0].owner;
    rows[6].order_no = rows[0].order_no;
    rows[6].order_fen = rows[0].order_fen;
    rows[6].invoiced_fen = rows[0].invoiced_fen;
    report.rows = rows;
    report.form = REPORT_FORM_ORDER_ONCE;
    (void)snprintf(path, sizeof(path), "%s/book.xlsx", folder.path);
    CHECK_OK(report_xlsx(&report, LANGUAGE_ZH, path));
    const char *results = "xl/worksheets/sheet3.xml";
    int64_t payable = column_sum(path, results, 'S', 10);
    int64_t invoiced = column_sum(path, results, 'T', 10);
    cr_expect_eq(payable, 28000 + 1 + 28000);
    cr_expect_eq(column_sum(path, results, 'S', 11) - payable, 28000 + 1);
    cr_expect_eq(invoiced, 28000 + 28000);
    cr_expect_eq(column_sum(path, results, 'T', 11) - invoiced, 28000);
    report.form = REPORT_FORM_ORDER_ONCE - 1;
    (void)snprintf(path, sizeof(path), "%s/before.xlsx", folder.path);
    CHECK_OK(report_xlsx(&report, LANGUAGE_ZH, path));
    cr_expect_eq(column_sum(path, results, 'S', 11), 2 * payable, "as a run of before was printed");
    cr_expect_eq(column_sum(path, results, 'T', 11), 2 * invoiced);
}

static bool
part_says(const char *path, const char *part, const char *text)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(TEXT_MAX);
    part_of(path, part, &out);
    return span_find(buf_span(&out), span_of(text)) < out.len;
}

/* 3.00 long and 0.99 short in one column are no 2.01: either stands alone, of fees as of money. */
Test(report_files, workbook_totals_what_is_long_and_what_is_short_apart)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    struct report report = report_day();
    struct report_row rows[9];
    int64_t above[2] = { 0, 0 }; /* of money, of fees */
    int64_t below[2] = { 0, 0 };
    char path[128];
    memcpy(rows, report.rows, sizeof(rows));
    rows[0].fee_judged = rows[6].fee_judged = true;
    rows[0].fee_due_fen = rows[0].fee_fen - 300;
    rows[6].fee_due_fen = rows[6].fee_fen + 99;
    for (size_t i = 0; i < 9; i++) {
        int64_t off = rows[i].fee_judged ? rows[i].fee_fen - rows[i].fee_due_fen : 0;
        above[0] += rows[i].delta_fen > 0 ? rows[i].delta_fen : 0;
        below[0] += rows[i].delta_fen < 0 ? rows[i].delta_fen : 0;
        above[1] += off > 0 ? off : 0;
        below[1] += off < 0 ? off : 0;
    }
    cr_assert(above[0] > 0 && below[0] < 0 && above[1] >= 300 && below[1] <= -99);
    report.rows = rows;
    report.form = REPORT_FORM_APART;
    (void)snprintf(path, sizeof(path), "%s/book.xlsx", folder.path);
    CHECK_OK(report_xlsx(&report, LANGUAGE_ZH, path));
    const char *results = "xl/worksheets/sheet3.xml";
    int64_t delta = column_sum(path, results, 'J', 11);
    int64_t fees = column_sum(path, results, 'N', 11);
    cr_expect_eq(delta, above[0] + below[0], "the total of all says nothing of differences");
    cr_expect_eq(column_sum(path, results, 'J', 12) - delta, above[0]);
    cr_expect_eq(column_sum(path, results, 'J', 13) - delta, above[0] + below[0]);
    cr_expect_eq(fees, above[1] + below[1]);
    cr_expect_eq(column_sum(path, results, 'N', 12) - fees, above[1]);
    cr_expect_eq(column_sum(path, results, 'N', 13) - fees, above[1] + below[1]);
    cr_expect_eq(column_sum(path, results, 'H', 11), 2 * column_sum(path, results, 'H', 10));
    cr_expect_eq(column_sum(path, results, 'H', 13), column_sum(path, results, 'H', 11));
    EXPECT_IN_PART(path, results, "<t>差额合计（&gt; 0）</t>", "<t>差额合计（&lt; 0）</t>");
    cr_expect_not(part_says(path, "xl/worksheets/sheet6.xml", "差额合计"), "invoices have none");
    report.form = REPORT_FORM_APART - 1;
    (void)snprintf(path, sizeof(path), "%s/before.xlsx", folder.path);
    CHECK_OK(report_xlsx(&report, LANGUAGE_ZH, path));
    cr_expect_eq(column_sum(path, results, 'J', 13), 2 * (above[0] + below[0]), "as before");
    cr_expect_not(part_says(path, results, "差额合计"));
}

/* As Excel keeps it (ECMA-376): A4 across, one page wide, titles on every page, the number of the page below. */
Test(report_files, workbook_is_set_up_for_a_printer_and_in_the_form_of_before_not)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    struct report report = report_day();
    char path[128];
    report.form = REPORT_FORM_PRINTER;
    (void)snprintf(path, sizeof(path), "%s/book.xlsx", folder.path);
    CHECK_OK(report_xlsx(&report, LANGUAGE_ZH, path));
    for (int sheet = 1; sheet <= 8; sheet++) {
        char part[40];
        (void)snprintf(part, sizeof(part), "xl/worksheets/sheet%d.xml", sheet);
        EXPECT_IN_PART(
            path, part, "<pageSetUpPr fitToPage=\"1\"/>", "paperSize=\"9\"", "fitToHeight=\"0\"",
            "orientation=\"landscape\"",
            "<oddFooter>&amp;Lalipay-main 2026-11-23 v2&amp;C&amp;A&amp;R第 &amp;P 页，共 &amp;N 页</oddFooter>");
    }
    EXPECT_IN_PART(path, "xl/workbook.xml", "余额调节表'!$1:$1<", "'差异'!$A:$A,'差异'!$1:$1<",
                   "趋势'!$1:$1<");
    cr_expect_not(part_says(path, "xl/workbook.xml", "核对表'!$1:$1<"),
                  "its first row is no title");
    EXPECT_IN_PART(path, "xl/worksheets/sheet4.xml", "fitToWidth=\"3\"");
    cr_expect_not(part_says(path, "xl/worksheets/sheet2.xml", "fitToWidth"), "one, as usual");
    report.form = REPORT_FORM_PRINTER - 1;
    (void)snprintf(path, sizeof(path), "%s/before.xlsx", folder.path);
    CHECK_OK(report_xlsx(&report, LANGUAGE_ZH, path));
    cr_expect_not(part_says(path, "xl/worksheets/sheet3.xml", "pageSetup"));
    cr_expect_not(part_says(path, "xl/worksheets/sheet3.xml", "oddFooter"));
    cr_expect_not(part_says(path, "xl/workbook.xml", "$1:$1"));
}

Test(report_files, trend_names_its_net_as_before_fees_and_as_it_was_named_before)
{
    static const char *const words[LANGUAGE_COUNT][2] = {
        { "<t>净额（元）</t>", "<t>收退净额（未扣手续费，元）</t>" },
        { "<t>net, yuan</t>", "<t>net of refunds, before fees, yuan</t>" },
    };
    static const char *const charts[LANGUAGE_COUNT][2] = {
        { ">净额与手续费（元）<", ">收退净额（未扣手续费）与手续费（元）<" },
        { ">Net and fees, yuan<", ">Net of refunds before fees, and fees, yuan<" },
    };
    for (int i = 0; i < 4; i++) {
        DEFER(folder_fini) struct folder folder = a_folder();
        struct report report = report_day();
        int now = i % 2;
        int language = i / 2;
        char path[128];
        report.form = REPORT_FORM_NET - 1 + now;
        (void)snprintf(path, sizeof(path), "%s/book.xlsx", folder.path);
        CHECK_OK(report_xlsx(&report, (enum language)language, path));
        for (int which = 0; which < 2; which++) {
            cr_expect_eq(part_says(path, "xl/worksheets/sheet8.xml", words[language][which]),
                         which == now);
            cr_expect_eq(part_says(path, "xl/charts/chart3.xml", charts[language][which]),
                         which == now);
        }
    }
}

/* Nine results on worksheets of four rows are four, four and one, and six differences four and two. The order of the first result stands on the
 * second worksheet again, and counts once: 280.00 and 0.01. */
Test(report_files, a_list_of_more_rows_than_a_worksheet_holds_goes_on_on_the_next)
{
    static const char *const sheets[] = { "xl/worksheets/sheet3.xml", "xl/worksheets/sheet4.xml",
                                          "xl/worksheets/sheet5.xml" };
    static const int last[] = { 5, 5, 2 };
    DEFER(folder_fini) struct folder folder = a_folder();
    struct report report = report_day();
    struct report_row rows[9];
    char path[128];
    int64_t bill = 0;
    memcpy(rows, report.rows, sizeof(rows));
    rows[6].owner = rows[0].owner;
    rows[6].order_no = rows[0].order_no;
    rows[6].order_fen = rows[0].order_fen;
    report.rows = rows;
    report.form = REPORT_FORM_ORDER_ONCE;
    report.limits.sheet_rows = 4;
    (void)snprintf(path, sizeof(path), "%s/book.xlsx", folder.path);
    CHECK_OK(report_xlsx(&report, LANGUAGE_ZH, path));
    EXPECT_IN_PART(path, "xl/workbook.xml", "\"结果\"", "\"结果 (2)\"", "\"结果 (3)\"", "\"差异\"",
                   "\"差异 (2)\"", "\"趋势\"");
    cr_expect_not(part_says(path, "xl/workbook.xml", "\"结果 (4)\""));
    cr_expect_not(part_says(path, "xl/workbook.xml", "\"差异 (3)\""));
    for (size_t i = 0; i < 3; i++) {
        bill += column_sum(path, sheets[i], 'H', last[i]);
        EXPECT_IN_PART(path, sheets[i], "<t>序号 seq</t>", "state=\"frozen\"");
        cr_expect_eq(part_says(path, sheets[i], "续见下表"), i < 2, "%zu", i);
        cr_expect_eq(part_says(path, sheets[i], "合计"), i == 2, "%zu", i);
    }
    cr_expect_eq(bill, 29000);
    cr_expect_eq(column_sum(path, sheets[2], 'H', 3) - column_sum(path, sheets[2], 'H', 2), bill);
    cr_expect_eq(column_sum(path, sheets[2], 'S', 3) - column_sum(path, sheets[2], 'S', 2),
                 28000 + 1);
    report.limits.sheet_rows = 9;
    (void)snprintf(path, sizeof(path), "%s/whole.xlsx", folder.path);
    CHECK_OK(report_xlsx(&report, LANGUAGE_ZH, path));
    cr_expect_not(part_says(path, "xl/workbook.xml", " (2)"), "as many as it holds are on one");
}

/* The size of a file, -1 where there is none. */
static int64_t
size_in(const char *folder, const char *name)
{
    char path[256];
    struct stat about;
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return stat(path, &about) == 0 ? (int64_t)about.st_size : -1;
}

/* The workbook may not be as large as it is: it is left out with what is larger still, and everything else is there. Where nobody is told of it, nothing
 * is. */
Test(report_files, a_file_that_is_too_large_is_left_out_and_the_others_are_there)
{
    DEFER(folder_fini) struct folder all = a_folder();
    DEFER(folder_fini) struct folder some = a_folder();
    DEFER(buf_fini) struct buf whole = BUF_MAX(REPORT_PATH_MAX);
    struct report report = report_day();
    struct report_left_out left_out;
    const char *everything = NULL;
    size_t missing = 0;
    CHECK_OK(report_write(&report, all.path, &whole));
    CHECK_OK(buf_cstr(&whole, &everything));
    report.limits.file_bytes = (size_t)size_in(everything, "report.xlsx") - 1;
    for (int print = 0; print < 2; print++) {
        DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
        const char *path = NULL;
        report.left_out = NULL;
        CHECK_ERR(report_write(&report, some.path, &where), ERR_REPORT_SIZE);
        report.left_out = &left_out;
        CHECK_OK(report_write(&report, some.path, &where));
        CHECK_OK(buf_cstr(&where, &path));
        missing = 0;
        for (size_t i = 0; i < report_file_count(); i++) {
            const char *name = report_file_name(i);
            int64_t size = size_in(everything, name);
            bool fits = size <= (int64_t)report.limits.file_bytes;
            missing += fits ? 0 : 1;
            cr_expect_eq(size_in(path, name), fits ? size : -1, "%s", name);
            cr_expect_eq(report_file_left_out(&report, i), !fits, "%s", name);
        }
        cr_expect_eq(left_out.count, missing);
    }
    cr_expect_gt(missing, 0);
    cr_expect_lt(missing, report_file_count());
    struct stat about;
    char day[128];
    (void)snprintf(day, sizeof(day), "%s/alipay-main/2026-11-23", some.path);
    cr_assert_eq(stat(day, &about), 0);
    cr_expect_eq(about.st_nlink, 3, "v2 stands alone, no draft is left");
}

/* Runs the reader of another language over the folder of a run; its exit status. */
static int
read_by_another(const char *path, const char *mark, const char *other)
{
    return program_run((const char *const[]){ "python3", "-B", "tests/recon/report_reader.py", path,
                                              "alipay-main", "2026-11-23", "2", mark, other,
                                              NULL });
}

Test(report_files, folder_appears_whole_and_a_reprint_finds_it_equal)
{
    DEFER(folder_fini) struct folder folder = a_folder();
    struct report report = report_day();
    for (int print = 0; print < 2; print++) {
        DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
        const char *path;
        CHECK_OK(report_write(&report, folder.path, &where));
        CHECK_OK(buf_cstr(&where, &path));
        cr_expect_str_eq(path + strlen(folder.path), "/alipay-main/2026-11-23/v2");
        cr_expect_eq(read_by_another(path, NULL, NULL), 0);
    }
    report.sheet.invoiced.fen--; /* the same version may not say something else */
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    CHECK_ERR(report_write(&report, folder.path, &where), ERR_REPORT_DIFFERS);
    char day[128];
    struct stat about;
    (void)snprintf(day, sizeof(day), "%s/alipay-main/2026-11-23", folder.path);
    cr_assert_eq(stat(day, &about), 0);
    cr_expect_eq(about.st_nlink, 3, "v2 stands alone, no draft is left");
}

/* An item whose tax is off stands in the lists of CSV and of the workbook; the reader holds them against each other. */
Test(report_files, folder_of_a_form_that_names_items_names_them)
{
    static const struct report_item item = { .owner = SPAN("portal"),
                                             .order_no = SPAN("202611230001"),
                                             .invoice_id = SPAN("I-1"),
                                             .number = 2,
                                             .name = SPAN("=1+1"),
                                             .net_fen = 25000,
                                             .tax_fen = 3000,
                                             .off_fen = 1415 };
    DEFER(folder_fini) struct folder folder = a_folder();
    DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
    struct report report = report_day();
    struct report_row rows[sizeof(report_day_rows) / sizeof(report_day_rows[0])];
    const char *path = NULL;
    char book[160];
    memcpy(rows, report_day_rows, sizeof(rows));
    rows[0].findings[rows[0].finding_count++] = FINDING_INV_TAX;
    report.form = REPORT_FORM;
    report.rows = rows;
    report.items = &item;
    report.item_count = 1;
    CHECK_OK(report_write(&report, folder.path, &where));
    CHECK_OK(buf_cstr(&where, &path));
    cr_expect_eq(read_by_another(path, NULL, NULL), 0);
    (void)snprintf(book, sizeof(book), "%s/report.xlsx", path);
    EXPECT_IN_PART(book, "xl/worksheets/sheet1.xml", "级别 1：资金或证书现有风险，",
                   "<t>北京时间 UTC+8</t>");
    for (int sheet = 3; sheet <= 4; sheet++) { /* results and differences */
        char part[40];
        (void)snprintf(part, sizeof(part), "xl/worksheets/sheet%d.xml", sheet);
        EXPECT_IN_PART(book, part, "<t>税额不符项目 items_off</t>",
                       "<t>I-1 第2项 =1+1：不含税 250.00，税额 30.00，比税率应得多出 14.15</t>");
    }
}

/* Every file of both languages, also a list without rows, says what is not simply the provider's. */
Test(report_files, every_file_of_a_marked_run_is_marked)
{
    static const struct {
        bool edited;
        bool by_form;
        const char *mark;
        const char *other;
    } cases[] = {
        { true, false, "edited", NULL },
        { false, true, "form", NULL },
        { true, true, "edited", "form" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        DEFER(folder_fini) struct folder folder = a_folder();
        DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
        struct report report = report_day();
        const char *path = NULL;
        report.edited = cases[i].edited;
        report.by_form = cases[i].by_form;
        CHECK_OK(report_write(&report, folder.path, &where));
        CHECK_OK(buf_cstr(&where, &path));
        cr_expect_eq(read_by_another(path, cases[i].mark, cases[i].other), 0);
        cr_expect_eq(read_by_another(path, NULL, NULL), 1, "the reader sees no mark");
    }
}

Test(report_files, account_that_leaves_the_folder_is_refused)
{
    static const char *const names[] = { "", "..", ".x", "a/b", "../x", "a b" };
    DEFER(folder_fini) struct folder folder = a_folder();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        DEFER(buf_fini) struct buf where = BUF_MAX(REPORT_PATH_MAX);
        struct report report = report_day();
        report.account = span_of(names[i]);
        CHECK_ERR(report_write(&report, folder.path, &where), ERR_FIELD_CHARACTERS);
    }
}
