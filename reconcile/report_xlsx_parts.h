/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_XLSX_PARTS_H
#define TALLYGATE_RECONCILE_REPORT_XLSX_PARTS_H

/* What the sheets of the workbook share. For the files report_xlsx*.c alone, which are the only ones that know the library. */

#include <xlsxwriter.h>

#include "report_parts.h"

/* A workbook being written. libxlsxwriter with constant_memory wants rows from the top down. */
struct report_book {
    const struct report *report;
    enum language language;
    lxw_workbook *workbook;
    lxw_format *title;
    lxw_format *amount;
    lxw_format *text; /* "@": what is typed over a cell stays text as well */
    struct buf *scratch;
    struct buf *cstr;
};

MUST_USE enum err report_xlsx_check(lxw_error error);

/* A cell. Errors: AMOUNT_OVERFLOW for what a double does not hold, FILE_WRITE, NO_MEMORY, BUF_FULL. */
MUST_USE enum err report_xlsx_fen(const struct report_book *book, lxw_worksheet *sheet,
                                  lxw_row_t row, lxw_col_t column, int64_t fen);
MUST_USE enum err report_xlsx_count(lxw_worksheet *sheet, lxw_row_t row, lxw_col_t column,
                                    int64_t count);
MUST_USE enum err report_xlsx_span(const struct report_book *book, lxw_worksheet *sheet,
                                   lxw_row_t row, lxw_col_t column, struct span s,
                                   lxw_format *format);

/* The mark of an edited report as the last title of a row, so that a list without rows says it too. */
MUST_USE enum err report_xlsx_mark(const struct report_book *book, lxw_worksheet *sheet,
                                   lxw_col_t column);

const char *report_xlsx_say(const struct report_book *book, const char *zh, const char *en);

/* A worksheet of that name, with its first row on every page of paper when that is a row of titles. Errors: NO_MEMORY, BUF_FULL, those of a cell. */
MUST_USE enum err report_xlsx_add(const struct report_book *book, const char *name, bool titled,
                                  lxw_worksheet **out);

/* A sheet of so many places: more than can be read on one page of paper go on on the next, each page with the first column. */
void report_xlsx_widen(const struct report_book *book, lxw_worksheet *sheet, int places);

/* report_xlsx_sheet.c: 核对表 and 余额调节表. Errors: those of a cell and of the lines. */
MUST_USE enum err report_xlsx_sheet(const struct report_book *book, lxw_worksheet *sheet);
MUST_USE enum err report_xlsx_balance(const struct report_book *book, lxw_worksheet *sheet);

/* report_xlsx_list.c: every list of such a run, with its totals. */
MUST_USE enum err report_xlsx_lists(const struct report_book *book);

/* The last sheet: a row for each day of the trend and for the day itself, with its charts. */
MUST_USE enum err report_xlsx_trend(const struct report_book *book);

#endif
