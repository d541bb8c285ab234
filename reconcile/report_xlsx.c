/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "report_xlsx_parts.h"

#define SCRATCH_MAX  ((size_t)64 * 1024) /* above what a cell holds */
#define FEN_PER_YUAN 100
#define EXACT_MAX    (INT64_C(1) << 53) /* above it doubles skip whole numbers */
#define PAPER_A4     9
#define PAGE_PLACES  280 /* columns of a page across, at half their size */

enum err
report_xlsx_check(lxw_error error)
{
    if (error == LXW_ERROR_MEMORY_MALLOC_FAILED) {
        return ERR_NO_MEMORY;
    }
    if (error == LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED
        || error == LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE) {
        return ERR_BUF_FULL;
    }
    return error == LXW_NO_ERROR ? ERR_OK : ERR_FILE_WRITE;
}

/* A workbook knows no other numbers than IEEE doubles, and the library takes nothing else: this is
 * the one place that makes one of money. fen / 100 is the double nearest to the decimal we mean, and the
 * sixteen digits that the library prints of it read back as that same double. */
enum err
report_xlsx_fen(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t row,
                lxw_col_t column, int64_t fen)
{
    if (fen > EXACT_MAX || fen < -EXACT_MAX) {
        return ERR_AMOUNT_OVERFLOW;
    }
    return report_xlsx_check(
        worksheet_write_number(sheet, row, column, (double)fen / FEN_PER_YUAN, book->amount));
}

enum err
report_xlsx_count(lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column, int64_t count)
{
    if (count > EXACT_MAX || count < -EXACT_MAX) {
        return ERR_AMOUNT_OVERFLOW;
    }
    return report_xlsx_check(worksheet_write_number(sheet, row, column, (double)count, NULL));
}

enum err
report_xlsx_span(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t row,
                 lxw_col_t column, struct span s, lxw_format *format)
{
    const char *text;
    buf_reset(book->cstr);
    TRY(buf_append(book->cstr, s));
    TRY(buf_cstr(book->cstr, &text));
    return report_xlsx_check(worksheet_write_string(sheet, row, column, text, format));
}

const char *
report_xlsx_say(const struct report_book *book, const char *zh, const char *en)
{
    return book->language == LANGUAGE_ZH ? zh : en;
}

enum err
report_xlsx_mark(const struct report_book *book, lxw_worksheet *sheet, lxw_col_t column)
{
    buf_reset(book->scratch);
    TRY(report_text_mark(book->report, book->language, book->scratch));
    return book->scratch->len > 0
               ? report_xlsx_span(book, sheet, 0, column, buf_span(book->scratch), book->title)
               : ERR_OK;
}

/* Which run a page of paper is of, and which of how many pages. An ampersand begins a word of the library's; no name of an account has one
 * (report_write). */
static enum err
put_footer(const struct report_book *book, lxw_worksheet *sheet)
{
    const struct report *r = book->report;
    const char *text = NULL;
    buf_reset(book->scratch);
    TRY(buf_text(book->scratch, "&L"));
    TRY(report_text_clean(book->scratch, r->account));
    TRY(buf_byte(book->scratch, ' '));
    TRY(day_format(r->day, book->scratch));
    TRY(buf_printf(book->scratch, " v%lld&C&A&R%s", (long long)r->version,
                   report_xlsx_say(book, "第 &P 页，共 &N 页", "page &P of &N")));
    TRY(buf_cstr(book->scratch, &text));
    return report_xlsx_check(worksheet_set_footer(sheet, text));
}

void
report_xlsx_widen(const struct report_book *book, lxw_worksheet *sheet, int places)
{
    int pages = (places + PAGE_PLACES - 1) / PAGE_PLACES;
    if (book->report->form >= REPORT_FORM_PRINTER && pages > 1) {
        worksheet_fit_to_pages(sheet, (uint16_t)pages, 0);
        (void)worksheet_repeat_columns(sheet, 0, 0);
    }
}

/* A4 across, as wide as one page and as long as it takes. */
static enum err
set_printer(const struct report_book *book, bool titled, lxw_worksheet *sheet)
{
    worksheet_set_paper(sheet, PAPER_A4);
    worksheet_set_landscape(sheet);
    worksheet_fit_to_pages(sheet, 1, 0);
    TRY(titled ? report_xlsx_check(worksheet_repeat_rows(sheet, 0, 0)) : ERR_OK);
    return put_footer(book, sheet);
}

enum err
report_xlsx_add(const struct report_book *book, const char *name, bool titled, lxw_worksheet **out)
{
    lxw_worksheet *sheet = workbook_add_worksheet(book->workbook, name);
    if (sheet == NULL) {
        return ERR_NO_MEMORY;
    }
    *out = sheet;
    return book->report->form >= REPORT_FORM_PRINTER ? set_printer(book, titled, sheet) : ERR_OK;
}

static enum err
make_formats(struct report_book *book)
{
    book->title = workbook_add_format(book->workbook);
    book->amount = workbook_add_format(book->workbook);
    book->text = workbook_add_format(book->workbook);
    if (book->title == NULL || book->amount == NULL || book->text == NULL) {
        return ERR_NO_MEMORY;
    }
    format_set_bold(book->title);
    format_set_num_format(book->amount, "0.00");
    format_set_num_format(book->text, "@");
    return ERR_OK;
}

static bool
has_trend(const struct report *report)
{
    return !report->of_settlement || report->form >= REPORT_FORM_SETTLEMENT_TREND;
}

static enum err
write_book(struct report_book *book)
{
    lxw_worksheet *sheet = NULL;
    /* The time is the data's and not the printing's, else no two prints would be equal. */
    lxw_doc_properties properties = { .created = (time_t)(book->report->as_of.us / 1000000) };
    TRY(report_xlsx_check(workbook_set_properties(book->workbook, &properties)));
    TRY(make_formats(book));
    TRY(report_xlsx_add(book, report_xlsx_say(book, "核对表", "Sheet"), false, &sheet));
    TRY(report_xlsx_sheet(book, sheet));
    if (!book->report->of_settlement) {
        TRY(report_xlsx_add(book, report_xlsx_say(book, "余额调节表", "Balances"), true, &sheet));
        TRY(report_xlsx_balance(book, sheet));
    }
    TRY(report_xlsx_lists(book));
    return has_trend(book->report) ? report_xlsx_trend(book) : ERR_OK;
}

/* The library's own files lie beside the workbook: who may write there may write nowhere else. */
static void
folder_of(const char *path, char folder[REPORT_PATH_MAX])
{
    size_t len = strnlen(path, REPORT_PATH_MAX - 1);
    while (len > 0 && path[len - 1] != '/') {
        len--;
    }
    memcpy(folder, path, len);
    folder[len] = 0;
    if (len == 0) {
        memcpy(folder, ".", sizeof("."));
    }
}

enum err
report_xlsx(const struct report *report, enum language language, const char *path)
{
    DEFER(buf_fini) struct buf scratch = BUF_MAX(SCRATCH_MAX);
    DEFER(buf_fini) struct buf cstr = BUF_MAX(SCRATCH_MAX);
    TRY(report_lines_tie(report));
    char folder[REPORT_PATH_MAX];
    folder_of(path, folder);
    lxw_workbook_options options = { .constant_memory = LXW_TRUE, .tmpdir = folder };
    struct report_book book = {
        .report = report, .language = language, .scratch = &scratch, .cstr = &cstr
    };
    book.workbook = workbook_new_opt(path, &options);
    if (book.workbook == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = write_book(&book);
    enum err closed =
        report_xlsx_check(workbook_close(book.workbook)); /* writes the file and frees the book */
    return err != ERR_OK ? err : closed;
}
