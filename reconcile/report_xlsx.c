/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "arena.h"
#include "index.h"
#include "report_xlsx_parts.h"

#define SCRATCH_MAX    ((size_t)64 * 1024) /* above what a cell holds */
#define NAME_MAX_BYTES 64                  /* of a worksheet */
#define FEN_PER_YUAN   100
#define EXACT_MAX      (INT64_C(1) << 53)          /* above it doubles skip whole numbers */
#define SEEN_MAX       ((size_t)256 * 1024 * 1024) /* the orders of a list */

_Static_assert(REPORT_SHEET_ROWS_MAX + 4 <= LXW_ROW_MAX, "titles and totals stand there, too");

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

static enum err
put_text(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column,
         const char *text)
{
    return report_xlsx_span(book, sheet, row, column, span_of(text), NULL);
}

/* Text that is not ours. */
static enum err
put_foreign(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column,
            struct span s)
{
    DEFER(buf_fini) struct buf guarded = BUF_MAX(SCRATCH_MAX);
    TRY(report_text_guard(&guarded, s));
    return report_xlsx_span(book, sheet, row, column, buf_span(&guarded), book->text);
}

const char *
report_xlsx_say(const struct report_book *book, const char *zh, const char *en)
{
    return book->language == LANGUAGE_ZH ? zh : en;
}

/* The columns of 核对表. */
enum {
    AT_LETTER,
    AT_WORDS,
    AT_COUNT,
    AT_AMOUNT,
    AT_COUNT_RIGHT,
    AT_AMOUNT_RIGHT,
};

/* A row of titles; NULL leaves a cell empty. */
static enum err
put_titles(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t row,
           const char *const titles[AT_AMOUNT_RIGHT + 1])
{
    for (lxw_col_t i = 0; i <= AT_AMOUNT_RIGHT; i++) {
        if (titles[i] != NULL) {
            TRY(report_xlsx_span(book, sheet, row, i, span_of(titles[i]), book->title));
        }
    }
    return ERR_OK;
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

/* "账号" and beside it what the buffer was given. */
static enum err
put_fact(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t *row, const char *zh,
         const char *en)
{
    TRY(report_xlsx_span(book, sheet, *row, AT_LETTER, span_of(report_xlsx_say(book, zh, en)),
                         book->title));
    TRY(report_xlsx_span(book, sheet, *row, AT_WORDS, buf_span(book->scratch), book->text));
    buf_reset(book->scratch);
    (*row)++;
    return ERR_OK;
}

static enum err
put_late_bills(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    struct span rest = book->report->late_bills;
    bool there = true;
    while (!span_empty(rest)) {
        TRY(report_text_late(&rest, book->language, book->scratch, &there));
        TRY(put_fact(book, sheet, row, "迟到账单", "late bill"));
    }
    return ERR_OK;
}

static enum err
put_facts(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    const struct report *r = book->report;
    buf_reset(book->scratch);
    TRY(report_text_guard(book->scratch, r->account));
    TRY(put_fact(book, sheet, row, "账号", "account"));
    TRY(report_text_guard(book->scratch, r->provider));
    TRY(put_fact(book, sheet, row, "渠道", "provider"));
    TRY(day_format(r->day, book->scratch));
    TRY(put_fact(book, sheet, row, r->of_settlement ? "银行日" : "账单日", "day"));
    TRY(buf_i64(book->scratch, r->version));
    TRY(put_fact(book, sheet, row, "版本", "version"));
    TRY(wall_format_civil(r->as_of, r->east_min, book->scratch));
    TRY(put_fact(book, sheet, row, "数据截至", "as of"));
    if (r->form >= REPORT_FORM_ZONE) {
        TRY(report_text_zone(r->east_min, book->language, book->scratch));
        TRY(put_fact(book, sheet, row, "时区", "time zone"));
    }
    if (!r->of_settlement) {
        TRY(buf_append(book->scratch, r->bill_sha256));
        TRY(put_fact(book, sheet, row, "账单文件 sha256", "bill file sha256"));
    }
    if (report_text_marked(r)) {
        TRY(report_text_mark(r, book->language, book->scratch));
        TRY(put_fact(book, sheet, row, "标注", "mark"));
    }
    TRY(put_late_bills(book, sheet, row));
    TRY(buf_text(book->scratch, report_text_definition(r->of_settlement, book->language)));
    TRY(put_fact(book, sheet, row, "定义", "definition"));
    if (r->form < REPORT_FORM_LEGEND) {
        return ERR_OK;
    }
    TRY(buf_text(book->scratch, report_text_legend(book->language)));
    return put_fact(book, sheet, row, "级别", "severity");
}

static enum err
put_lines(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    struct report_line lines[REPORT_LINES_MAX];
    size_t count = 0;
    TRY(report_lines_take(book->report, lines, &count));
    TRY(put_titles(book, sheet, (*row)++,
                   (const char *[]){ report_xlsx_say(book, "行", "line"),
                                     report_xlsx_say(book, "项目", "item"),
                                     report_xlsx_say(book, "笔数", "count"),
                                     report_xlsx_say(book, "金额", "yuan"), NULL, NULL }));
    for (size_t i = 0; i < count; i++, (*row)++) {
        TRY(put_text(book, sheet, *row, AT_LETTER, lines[i].letter));
        TRY(put_text(book, sheet, *row, AT_WORDS, lines[i].label[book->language]));
        if (lines[i].counted) {
            TRY(report_xlsx_count(sheet, *row, AT_COUNT, lines[i].cell.count));
        }
        TRY(report_xlsx_fen(book, sheet, *row, AT_AMOUNT, lines[i].cell.fen));
    }
    return ERR_OK;
}

static enum err
put_proofs(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    struct report_proof proofs[REPORT_PROOFS_MAX];
    size_t count = 0;
    TRY(report_lines_prove(book->report, proofs, &count));
    TRY(put_titles(book, sheet, (*row)++,
                   (const char *[]){ report_xlsx_say(book, "验证", "proof"), NULL,
                                     report_xlsx_say(book, "左笔数", "left count"),
                                     report_xlsx_say(book, "左金额", "left yuan"),
                                     report_xlsx_say(book, "右笔数", "right count"),
                                     report_xlsx_say(book, "右金额", "right yuan") }));
    for (size_t i = 0; i < count; i++, (*row)++) {
        TRY(put_text(book, sheet, *row, AT_LETTER, proofs[i].formula));
        TRY(put_text(book, sheet, *row, AT_WORDS, report_xlsx_say(book, "成立", "holds")));
        if (proofs[i].counted) {
            TRY(report_xlsx_count(sheet, *row, AT_COUNT, proofs[i].left.count));
        }
        TRY(report_xlsx_fen(book, sheet, *row, AT_AMOUNT, proofs[i].left.fen));
        if (proofs[i].counted) {
            TRY(report_xlsx_count(sheet, *row, AT_COUNT_RIGHT, proofs[i].right.count));
        }
        TRY(report_xlsx_fen(book, sheet, *row, AT_AMOUNT_RIGHT, proofs[i].right.fen));
    }
    TRY(put_text(book, sheet, *row, AT_WORDS, report_text_flow(book->report, book->language)));
    (*row)++;
    return ERR_OK;
}

static enum err
put_class(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t row, enum finding finding,
          int64_t count)
{
    TRY(put_text(book, sheet, row, AT_LETTER, finding_name(finding)));
    TRY(put_text(book, sheet, row, AT_WORDS, finding_text(finding, book->language)));
    return report_xlsx_count(sheet, row, AT_COUNT, count);
}

static enum err
put_classes(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t *row)
{
    struct report_class all[FINDING_COUNT];
    TRY(report_lines_classes(book->report, all));
    TRY(put_titles(book, sheet, (*row)++,
                   (const char *[]){ report_xlsx_say(book, "分类", "class"), NULL,
                                     report_xlsx_say(book, "笔数", "count"),
                                     report_xlsx_say(book, "差额", "delta"), NULL, NULL }));
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        if (all[i].primary_count > 0) {
            TRY(put_class(book, sheet, *row, (enum finding)i, all[i].primary_count));
            TRY(report_xlsx_fen(book, sheet, (*row)++, AT_AMOUNT, all[i].delta_fen));
        }
    }
    TRY(put_titles(book, sheet, (*row)++,
                   (const char *[]){ report_xlsx_say(book, "附注", "finding"), NULL,
                                     report_xlsx_say(book, "笔数", "count"), NULL, NULL, NULL }));
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        if (all[i].note_count > 0) {
            TRY(put_class(book, sheet, (*row)++, (enum finding)i, all[i].note_count));
        }
    }
    return ERR_OK;
}

static enum err
set_widths(lxw_worksheet *sheet)
{
    TRY(report_xlsx_check(worksheet_set_column(sheet, AT_LETTER, AT_LETTER, 24, NULL)));
    TRY(report_xlsx_check(worksheet_set_column(sheet, AT_WORDS, AT_WORDS, 48, NULL)));
    return report_xlsx_check(worksheet_set_column(sheet, AT_COUNT, AT_AMOUNT_RIGHT, 16, NULL));
}

static enum err
write_sheet(const struct report_book *book, lxw_worksheet *sheet)
{
    lxw_row_t row = 0;
    TRY(set_widths(sheet));
    TRY(put_facts(book, sheet, &row));
    row++;
    TRY(put_lines(book, sheet, &row));
    row++;
    TRY(put_proofs(book, sheet, &row));
    row++;
    TRY(put_classes(book, sheet, &row));
    row++;
    TRY(report_xlsx_span(book, sheet, row, AT_LETTER, span_of("UNEXPLAINED"), book->title));
    TRY(put_text(book, sheet, row, AT_WORDS, report_xlsx_say(book, "未解释金额", "unexplained")));
    return report_xlsx_fen(book, sheet, row, AT_AMOUNT, book->report->sheet.unexplained_fen);
}

/* 余额调节表. */
static enum err
write_balance(const struct report_book *book, lxw_worksheet *sheet)
{
    struct report_balance_line lines[REPORT_BALANCE_MAX];
    size_t count = 0;
    TRY(report_balance_take(book->report, lines, &count));
    TRY(set_widths(sheet));
    TRY(put_titles(book, sheet, 0,
                   (const char *[]){ report_xlsx_say(book, "方", "side"),
                                     report_xlsx_say(book, "项目", "item"),
                                     report_xlsx_say(book, "笔数", "count"),
                                     report_xlsx_say(book, "金额", "yuan"), NULL, NULL }));
    TRY(report_xlsx_mark(book, sheet, AT_AMOUNT + 1));
    worksheet_freeze_panes(sheet, 1, 0);
    for (lxw_row_t i = 0; i < count; i++) {
        TRY(report_xlsx_span(book, sheet, i + 1, AT_LETTER,
                             span_of(report_balance_side(lines[i].side, book->language)),
                             lines[i].total ? book->title : NULL));
        TRY(report_xlsx_span(book, sheet, i + 1, AT_WORDS, span_of(lines[i].label[book->language]),
                             lines[i].total ? book->title : NULL));
        if (lines[i].counted) {
            TRY(report_xlsx_count(sheet, i + 1, AT_COUNT, lines[i].count));
        }
        TRY(report_xlsx_fen(book, sheet, i + 1, AT_AMOUNT, lines[i].fen));
    }
    return ERR_OK;
}

static enum err
put_cell(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t at,
         enum report_cell_kind kind, const struct report_cell *cell)
{
    if (cell->empty) {
        return ERR_OK;
    }
    switch (kind) {
    case REPORT_CELL_NUMBER:
        return report_xlsx_count(sheet, row, at, cell->number);
    case REPORT_CELL_AMOUNT:
        return report_xlsx_fen(book, sheet, row, at, cell->number);
    case REPORT_CELL_ID:
    case REPORT_CELL_TEXT:
        return put_foreign(book, sheet, row, at, cell->text);
    }
    return ERR_INTERNAL;
}

/* The rows of totals: of amounts, and of differences by their sign, for long and short are never netted. */
enum total { TOTAL_ALL, TOTAL_ABOVE, TOTAL_BELOW, TOTAL_COUNT };

/* One list: its columns, what each amounts to so far, and the orders that this holds. */
struct listing {
    lxw_worksheet *sheet;
    const enum report_column *columns;
    size_t count;
    int64_t totals[TOTAL_COUNT][REPORT_COLUMN_COUNT];
    struct index seen;
};

/* What is the order's stands with each of its rows, and is its money once. */
static bool
is_of_order(enum report_column column)
{
    return column == REPORT_COLUMN_order_yuan || column == REPORT_COLUMN_invoiced_yuan;
}

static bool
is_difference(const struct report *report, enum report_column column)
{
    return report->form >= REPORT_FORM_APART
           && (column == REPORT_COLUMN_delta_yuan || column == REPORT_COLUMN_fee_off_yuan);
}

/* In which of the totals of its column the amount is counted. */
static enum total
total_of(const struct report *report, enum report_column column, int64_t fen)
{
    return !is_difference(report, column) ? TOTAL_ALL : fen > 0 ? TOTAL_ABOVE : TOTAL_BELOW;
}

static enum err
see_order(struct listing *list, const struct report *report, const struct report_row *row,
          bool *again)
{
    if (report->form < REPORT_FORM_ORDER_ONCE) {
        return ERR_OK;
    }
    *again = index_find(&list->seen, row->owner, row->order_no) != INDEX_NONE;
    return *again ? ERR_OK : index_add(&list->seen, row->owner, row->order_no, list->seen.count);
}

static enum err
put_list_titles(const struct report_book *book, const struct listing *list)
{
    for (size_t i = 0; i < list->count; i++) {
        lxw_col_t at = (lxw_col_t)i;
        enum report_column column = list->columns[i];
        TRY(report_xlsx_check(
            worksheet_set_column(list->sheet, at, at, report_column_width(column), NULL)));
        TRY(report_xlsx_span(book, list->sheet, 0, at,
                             span_of(report_column_title(column, book->language)), book->title));
    }
    TRY(report_xlsx_mark(book, list->sheet, (lxw_col_t)list->count));
    worksheet_freeze_panes(list->sheet, 1, 0);
    return ERR_OK;
}

static enum err
put_list_row(const struct report_book *book, struct listing *list, lxw_row_t at,
             const struct report_row *row)
{
    bool again = false;
    TRY(see_order(list, book->report, row, &again));
    for (size_t i = 0; i < list->count; i++) {
        struct report_cell cell;
        enum report_cell_kind kind = report_column_kind(list->columns[i]);
        bool counts = kind == REPORT_CELL_AMOUNT && !(again && is_of_order(list->columns[i]));
        TRY(report_column_cell(book->report, row, list->columns[i], book->language, book->scratch,
                               &cell));
        TRY(put_cell(book, list->sheet, at, (lxw_col_t)i, kind, &cell));
        int64_t *total = &list->totals[total_of(book->report, list->columns[i], cell.number)][i];
        if (counts && !cell.empty && __builtin_add_overflow(*total, cell.number, total)) {
            return ERR_AMOUNT_OVERFLOW;
        }
    }
    return ERR_OK;
}

static enum err
put_total(const struct report_book *book, const struct listing *list, lxw_row_t at,
          enum total total)
{
    static const char *const words[TOTAL_COUNT][LANGUAGE_COUNT] = {
        [TOTAL_ALL] = { "合计", "total" },
        [TOTAL_ABOVE] = { "差额合计（> 0）", "differences > 0" },
        [TOTAL_BELOW] = { "差额合计（< 0）", "differences < 0" },
    };
    TRY(report_xlsx_span(book, list->sheet, at, 0, span_of(words[total][book->language]),
                         book->title));
    for (size_t i = 1; i < list->count; i++) {
        enum report_column column = list->columns[i];
        bool here = is_difference(book->report, column) == (total != TOTAL_ALL);
        if (here && report_column_kind(column) == REPORT_CELL_AMOUNT) {
            TRY(report_xlsx_fen(book, list->sheet, at, (lxw_col_t)i, list->totals[total][i]));
        }
    }
    return ERR_OK;
}

static enum err
put_list_totals(const struct report_book *book, const struct listing *list, lxw_row_t at)
{
    bool differs = false;
    for (size_t i = 0; i < list->count; i++) {
        differs = differs || is_difference(book->report, list->columns[i]);
    }
    TRY(put_total(book, list, at, TOTAL_ALL));
    if (!differs) {
        return ERR_OK;
    }
    TRY(put_total(book, list, at + 1, TOTAL_ABOVE));
    return put_total(book, list, at + 2, TOTAL_BELOW);
}

static enum err
add_sheet(const struct report_book *book, const char *name, lxw_worksheet **out)
{
    *out = workbook_add_worksheet(book->workbook, name);
    return *out == NULL ? ERR_NO_MEMORY : ERR_OK;
}

/* The next worksheet of a list, with its titles: "结果", "结果 (2)". */
static enum err
add_part(const struct report_book *book, struct listing *listing, enum report_list list,
         size_t number)
{
    DEFER(buf_fini) struct buf name = BUF_MAX(NAME_MAX_BYTES);
    const char *text = NULL;
    TRY(buf_text(&name, report_list_title(list, book->language)));
    TRY(number == 1 ? ERR_OK : buf_printf(&name, " (%zu)", number));
    TRY(buf_cstr(&name, &text));
    TRY(add_sheet(book, text, &listing->sheet));
    return put_list_titles(book, listing);
}

static enum err
write_list(const struct report_book *book, enum report_list list)
{
    size_t limit = book->report->limits.sheet_rows;
    size_t each = limit == 0 ? REPORT_SHEET_ROWS_MAX : limit;
    lxw_row_t at = 1;
    DEFER(report_list_free) struct report_listing of = { .count = 0 };
    DEFER(arena_free) struct arena *arena = NULL;
    struct listing listing = { .sheet = NULL };
    TRY(report_list_make(book->report, list, &of));
    TRY(arena_new(SEEN_MAX, &arena));
    TRY(index_init(&listing.seen, arena, of.count));
    listing.columns = report_list_columns(book->report, list, &listing.count);
    TRY(add_part(book, &listing, list, 1));
    for (size_t i = 0; i < of.count; i++) {
        if (i > 0 && i % each == 0) {
            TRY(report_xlsx_span(book, listing.sheet, at, 0,
                                 span_of(report_xlsx_say(book, "续见下表", "goes on")),
                                 book->title));
            TRY(add_part(book, &listing, list, i / each + 1));
            at = 1;
        }
        TRY(put_list_row(book, &listing, at++, of.rows[i]));
    }
    return put_list_totals(book, &listing, at);
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

static enum err
add_lists(const struct report_book *book)
{
    for (int i = 0; i < REPORT_LIST_COUNT; i++) {
        enum report_list list = (enum report_list)i;
        if (report_list_is_there(book->report, list)) {
            TRY(write_list(book, list));
        }
    }
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
    TRY(add_sheet(book, report_xlsx_say(book, "核对表", "Sheet"), &sheet));
    TRY(write_sheet(book, sheet));
    if (!book->report->of_settlement) {
        TRY(add_sheet(book, report_xlsx_say(book, "余额调节表", "Balances"), &sheet));
        TRY(write_balance(book, sheet));
    }
    TRY(add_lists(book));
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
