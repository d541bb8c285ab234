/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>
#include <xlsxwriter.h>

#include "report_parts.h"

#define SCRATCH_MAX  ((size_t)64 * 1024) /* above what a cell holds */
#define FEN_PER_YUAN 100
#define EXACT_MAX    (INT64_C(1) << 53) /* above it doubles skip whole numbers */

/* A workbook being written. libxlsxwriter with constant_memory wants rows from the top down. */
struct book {
    const struct report *report;
    lxw_workbook *workbook;
    lxw_format *title;
    lxw_format *amount;
    lxw_format *text; /* "@": what is typed over a cell stays text as well */
    struct buf *scratch;
    struct buf *cstr;
};

static enum err
lxw(lxw_error error)
{
    if (error == LXW_ERROR_MEMORY_MALLOC_FAILED) {
        return ERR_NO_MEMORY;
    }
    return error == LXW_NO_ERROR ? ERR_OK : ERR_FILE_WRITE;
}

/* A workbook knows no other numbers than IEEE doubles, and the library takes nothing else: this is
 * the one place that makes one of money. fen / 100 is the double nearest to the decimal we mean, and the
 * sixteen digits that the library prints of it read back as that same double. */
static enum err
put_fen(const struct book *book, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column, int64_t fen)
{
    if (fen > EXACT_MAX || fen < -EXACT_MAX) {
        return ERR_AMOUNT_OVERFLOW;
    }
    return lxw(
        worksheet_write_number(sheet, row, column, (double)fen / FEN_PER_YUAN, book->amount));
}

static enum err
put_count(lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column, int64_t count)
{
    if (count > EXACT_MAX || count < -EXACT_MAX) {
        return ERR_AMOUNT_OVERFLOW;
    }
    return lxw(worksheet_write_number(sheet, row, column, (double)count, NULL));
}

static enum err
put_span(const struct book *book, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column,
         struct span s, lxw_format *format)
{
    const char *text;
    buf_reset(book->cstr);
    TRY(buf_append(book->cstr, s));
    TRY(buf_cstr(book->cstr, &text));
    return lxw(worksheet_write_string(sheet, row, column, text, format));
}

static enum err
put_text(const struct book *book, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column,
         const char *text)
{
    return put_span(book, sheet, row, column, span_of(text), NULL);
}

/* The columns of 核对表. */
enum {
    AT_LETTER,
    AT_ZH,
    AT_EN,
    AT_COUNT,
    AT_AMOUNT,
    AT_COUNT_RIGHT,
    AT_AMOUNT_RIGHT,
};

/* A row of titles; NULL leaves a cell empty. */
static enum err
put_titles(const struct book *book, lxw_worksheet *sheet, lxw_row_t row,
           const char *const titles[AT_AMOUNT_RIGHT + 1])
{
    for (lxw_col_t i = 0; i <= AT_AMOUNT_RIGHT; i++) {
        if (titles[i] != NULL) {
            TRY(put_span(book, sheet, row, i, span_of(titles[i]), book->title));
        }
    }
    return ERR_OK;
}

/* "账号" and beside it what the buffer was given. */
static enum err
put_fact(const struct book *book, lxw_worksheet *sheet, lxw_row_t *row, const char *name)
{
    TRY(put_span(book, sheet, *row, AT_LETTER, span_of(name), book->title));
    TRY(put_span(book, sheet, *row, AT_ZH, buf_span(book->scratch), book->text));
    buf_reset(book->scratch);
    (*row)++;
    return ERR_OK;
}

static enum err
put_facts(const struct book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    const struct report *r = book->report;
    buf_reset(book->scratch);
    TRY(report_text_guard(book->scratch, r->account));
    TRY(put_fact(book, sheet, row, "账号 account"));
    TRY(report_text_guard(book->scratch, r->provider));
    TRY(put_fact(book, sheet, row, "渠道 provider"));
    TRY(day_format(r->day, book->scratch));
    TRY(put_fact(book, sheet, row, "账单日 day"));
    TRY(buf_i64(book->scratch, r->version));
    TRY(put_fact(book, sheet, row, "版本 version"));
    TRY(wall_format_civil(r->as_of, r->east_min, book->scratch));
    TRY(put_fact(book, sheet, row, "数据截至 as of"));
    TRY(buf_append(book->scratch, r->bill_sha256));
    TRY(put_fact(book, sheet, row, "账单文件 sha256"));
    TRY(buf_text(book->scratch, "差额 Δ = 账单 b - 账簿 p；Δ > 0 长款 long，Δ < 0 短款 short"));
    return put_fact(book, sheet, row, "定义 definition");
}

static enum err
put_lines(const struct book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    struct report_line lines[REPORT_LINES_MAX];
    size_t count = 0;
    TRY(report_lines_take(book->report, lines, &count));
    TRY(put_titles(
        book, sheet, (*row)++,
        (const char *[]){ "行 line", "项目", "item", "笔数 count", "金额 yuan", NULL, NULL }));
    for (size_t i = 0; i < count; i++, (*row)++) {
        TRY(put_text(book, sheet, *row, AT_LETTER, lines[i].letter));
        TRY(put_text(book, sheet, *row, AT_ZH, lines[i].label[LANGUAGE_ZH]));
        TRY(put_text(book, sheet, *row, AT_EN, lines[i].label[LANGUAGE_EN]));
        if (lines[i].counted) {
            TRY(put_count(sheet, *row, AT_COUNT, lines[i].cell.count));
        }
        TRY(put_fen(book, sheet, *row, AT_AMOUNT, lines[i].cell.fen));
    }
    return ERR_OK;
}

static enum err
put_proofs(const struct book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    struct report_proof proofs[REPORT_PROOFS_MAX];
    size_t count = 0;
    TRY(report_lines_prove(book->report, proofs, &count));
    TRY(put_titles(
        book, sheet, (*row)++,
        (const char *[]){ "验证 proof", NULL, NULL, "左 left", "左 yuan", "右 right", "右 yuan" }));
    for (size_t i = 0; i < count; i++, (*row)++) {
        TRY(put_text(book, sheet, *row, AT_LETTER, proofs[i].formula));
        TRY(put_text(book, sheet, *row, AT_ZH, "成立"));
        TRY(put_text(book, sheet, *row, AT_EN, "holds"));
        if (proofs[i].counted) {
            TRY(put_count(sheet, *row, AT_COUNT, proofs[i].left.count));
        }
        TRY(put_fen(book, sheet, *row, AT_AMOUNT, proofs[i].left.fen));
        if (proofs[i].counted) {
            TRY(put_count(sheet, *row, AT_COUNT_RIGHT, proofs[i].right.count));
        }
        TRY(put_fen(book, sheet, *row, AT_AMOUNT_RIGHT, proofs[i].right.fen));
    }
    return ERR_OK;
}

static enum err
put_class(const struct book *book, lxw_worksheet *sheet, lxw_row_t row, enum finding finding,
          int64_t count)
{
    TRY(put_text(book, sheet, row, AT_LETTER, finding_name(finding)));
    TRY(put_text(book, sheet, row, AT_ZH, finding_text(finding, LANGUAGE_ZH)));
    TRY(put_text(book, sheet, row, AT_EN, finding_text(finding, LANGUAGE_EN)));
    return put_count(sheet, row, AT_COUNT, count);
}

static enum err
put_classes(const struct book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    struct report_class all[FINDING_COUNT];
    TRY(report_lines_classes(book->report, all));
    TRY(put_titles(
        book, sheet, (*row)++,
        (const char *[]){ "分类 class", NULL, NULL, "笔数 count", "差额 yuan", NULL, NULL }));
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        if (all[i].primary_count > 0) {
            TRY(put_class(book, sheet, *row, (enum finding)i, all[i].primary_count));
            TRY(put_fen(book, sheet, (*row)++, AT_AMOUNT, all[i].delta_fen));
        }
    }
    TRY(put_titles(book, sheet, (*row)++,
                   (const char *[]){ "附注 finding", NULL, NULL, "笔数 count", NULL, NULL, NULL }));
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        if (all[i].note_count > 0) {
            TRY(put_class(book, sheet, (*row)++, (enum finding)i, all[i].note_count));
        }
    }
    return ERR_OK;
}

static enum err
write_sheet(const struct book *book, lxw_worksheet *sheet)
{
    lxw_row_t row = 0;
    TRY(lxw(worksheet_set_column(sheet, AT_LETTER, AT_LETTER, 24, NULL)));
    TRY(lxw(worksheet_set_column(sheet, AT_ZH, AT_EN, 40, NULL)));
    TRY(lxw(worksheet_set_column(sheet, AT_COUNT, AT_AMOUNT_RIGHT, 16, NULL)));
    TRY(put_facts(book, sheet, &row));
    row++;
    TRY(put_lines(book, sheet, &row));
    row++;
    TRY(put_proofs(book, sheet, &row));
    row++;
    TRY(put_classes(book, sheet, &row));
    row++;
    TRY(put_span(book, sheet, row, AT_LETTER, span_of("UNEXPLAINED"), book->title));
    TRY(put_text(book, sheet, row, AT_ZH, "未解释金额"));
    return put_fen(book, sheet, row, AT_AMOUNT, book->report->sheet.unexplained_fen);
}

static enum err
put_cell(const struct book *book, lxw_worksheet *sheet, lxw_row_t row, enum report_column column,
         const struct report_cell *cell)
{
    lxw_col_t at = (lxw_col_t)column;
    if (cell->empty) {
        return ERR_OK;
    }
    switch (report_column_kind(column)) {
    case REPORT_CELL_NUMBER:
        return put_count(sheet, row, at, cell->number);
    case REPORT_CELL_AMOUNT:
        return put_fen(book, sheet, row, at, cell->number);
    case REPORT_CELL_ID:
    case REPORT_CELL_TEXT:
        return put_span(book, sheet, row, at, cell->text, book->text);
    }
    return ERR_INTERNAL;
}

static enum err
put_list_titles(const struct book *book, lxw_worksheet *sheet)
{
    for (int i = 0; i < REPORT_COLUMN_COUNT; i++) {
        enum report_column column = (enum report_column)i;
        lxw_col_t at = (lxw_col_t)i;
        TRY(lxw(worksheet_set_column(sheet, at, at, report_column_width(column), NULL)));
        TRY(put_span(book, sheet, 0, at, span_of(report_column_title(column)), book->title));
    }
    worksheet_freeze_panes(sheet, 1, 0);
    return ERR_OK;
}

static enum err
write_list(const struct book *book, lxw_worksheet *sheet, bool differences_only)
{
    lxw_row_t at = 1;
    TRY(put_list_titles(book, sheet));
    for (size_t i = 0; i < book->report->row_count; i++) {
        const struct report_row *row = &book->report->rows[i];
        if (differences_only && !report_row_differs(row)) {
            continue;
        }
        for (int j = 0; j < REPORT_COLUMN_COUNT; j++) {
            struct report_cell cell;
            TRY(report_column_cell(book->report, row, (enum report_column)j, book->scratch, &cell));
            TRY(put_cell(book, sheet, at, (enum report_column)j, &cell));
        }
        at++;
    }
    return ERR_OK;
}

static enum err
make_formats(struct book *book)
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

static enum err
write_book(struct book *book)
{
    /* The time is the data's and not the printing's, else no two prints would be equal. */
    lxw_doc_properties properties = { .created = (time_t)(book->report->as_of.us / 1000000) };
    TRY(lxw(workbook_set_properties(book->workbook, &properties)));
    TRY(make_formats(book));
    lxw_worksheet *sheet = workbook_add_worksheet(book->workbook, "核对表");
    lxw_worksheet *results = workbook_add_worksheet(book->workbook, "结果");
    lxw_worksheet *differences = workbook_add_worksheet(book->workbook, "差异");
    if (sheet == NULL || results == NULL || differences == NULL) {
        return ERR_NO_MEMORY;
    }
    TRY(write_sheet(book, sheet));
    TRY(write_list(book, results, false));
    return write_list(book, differences, true);
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
report_xlsx(const struct report *report, const char *path)
{
    DEFER(buf_fini) struct buf scratch = BUF_MAX(SCRATCH_MAX);
    DEFER(buf_fini) struct buf cstr = BUF_MAX(SCRATCH_MAX);
    if (report->row_count > REPORT_ROWS_MAX) {
        return ERR_BUF_FULL;
    }
    TRY(report_lines_tie(report));
    char folder[REPORT_PATH_MAX];
    folder_of(path, folder);
    lxw_workbook_options options = { .constant_memory = LXW_TRUE, .tmpdir = folder };
    struct book book = { .report = report, .scratch = &scratch, .cstr = &cstr };
    book.workbook = workbook_new_opt(path, &options);
    if (book.workbook == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = write_book(&book);
    enum err closed = lxw(workbook_close(book.workbook)); /* writes the file and frees the book */
    return err != ERR_OK ? err : closed;
}
