/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"
#include "index.h"
#include "report_xlsx_parts.h"

#define SCRATCH_MAX    ((size_t)64 * 1024)         /* above what a cell holds */
#define NAME_MAX_BYTES 64                          /* of a worksheet */
#define SEEN_MAX       ((size_t)256 * 1024 * 1024) /* the orders of a list */

_Static_assert(REPORT_SHEET_ROWS_MAX + 4 <= LXW_ROW_MAX, "titles and totals stand there, too");

/* Text that is not ours. */
static enum err
put_foreign(const struct report_book *book, lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column,
            struct span s)
{
    DEFER(buf_fini) struct buf guarded = BUF_MAX(SCRATCH_MAX);
    TRY(report_text_guard(&guarded, s));
    return report_xlsx_span(book, sheet, row, column, buf_span(&guarded), book->text);
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
    int places = 0;
    for (size_t i = 0; i < list->count; i++) {
        lxw_col_t at = (lxw_col_t)i;
        enum report_column column = list->columns[i];
        places += report_column_width(column);
        TRY(report_xlsx_check(
            worksheet_set_column(list->sheet, at, at, report_column_width(column), NULL)));
        TRY(report_xlsx_span(book, list->sheet, 0, at,
                             span_of(report_column_title(column, book->language)), book->title));
    }
    report_xlsx_widen(book, list->sheet, places);
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
    TRY(report_xlsx_add(book, text, true, &listing->sheet));
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

enum err
report_xlsx_lists(const struct report_book *book)
{
    for (int i = 0; i < REPORT_LIST_COUNT; i++) {
        enum report_list list = (enum report_list)i;
        if (report_list_is_there(book->report, list)) {
            TRY(write_list(book, list));
        }
    }
    return ERR_OK;
}
