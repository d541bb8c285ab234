/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_PARTS_H
#define TALLYGATE_RECONCILE_REPORT_PARTS_H

/* What the three forms of a report (text, CSV, workbook) share: how a word looks, the lines and
 * proofs of the sheet, the columns of the lists. For the files report_*.c alone. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "finding.h"
#include "report.h"
#include "span.h"

/* Places that `s` takes on a screen: two for a Chinese character, none for a combining one. */
size_t report_text_width(struct span s);

/* `s` and then, or before it, as many blanks as are missing to `width` places. */
MUST_USE enum err report_text_left(struct buf *out, struct span s, size_t width);
MUST_USE enum err report_text_right(struct buf *out, struct span s, size_t width);

/* Foreign text without what would move a cursor, break a line or turn the writing direction: each
 * such character becomes one blank. */
MUST_USE enum err report_text_clean(struct buf *out, struct span s);

/* The same, and behind an apostrophe when a spreadsheet would take it for a formula. */
MUST_USE enum err report_text_guard(struct buf *out, struct span s);

/* Signed fen as yuan with two places. */
MUST_USE enum err report_text_fen(struct buf *out, int64_t fen);

/* What every paper of a report on a bill that is not simply the provider's says: the code and its name; nothing of any other. */
bool report_text_marked(const struct report *report);
MUST_USE enum err report_text_mark(const struct report *report, enum language language,
                                   struct buf *out);

/* The next of report->late_bills in words: "DAY_CLOSED", its name, its day and hash; false when there is none left. `rest` begins as
 * all of them. */
MUST_USE enum err report_text_late(struct span *rest, enum language language, struct buf *out,
                                   bool *there);

/* What a code is a value of; report_words.def has the words. */
enum report_code {
    REPORT_CODE_ORDER_KIND,
    REPORT_CODE_ORDER_STATUS,
    REPORT_CODE_MONEY, /* the state of an attempt or of a refund */
    REPORT_CODE_INVOICE_STATUS,
    REPORT_CODE_BUCKET
};

/* The code in words; as it stands when nobody here knows it, or in an older form of the papers. */
struct span report_words(const struct report *report, enum report_code of, struct span code,
                         enum language language);

const char *report_text_bucket(enum finding_bucket bucket); /* "LONG" */
const char *report_text_action(enum finding_action action, enum language language);
const char *report_text_side(int64_t delta_fen, enum language language); /* long, short or "" */

/* What long and short mean, in lines; and what of the account's balance is proved, in one. */
const char *report_text_definition(bool of_settlement, enum language language);
const char *report_text_flow(const struct report *report, enum language language);

/* The zone of the times on paper: "北京时间 UTC+8", "China time UTC+8"; of another zone "UTC+08:30". */
MUST_USE enum err report_text_zone(int east_min, enum language language, struct buf *out);

/* What the severities mean, in a line; wherever one is printed. */
const char *report_text_legend(enum language language);

/* A line of the adding-up sheet. */
struct report_line {
    const char *letter;
    const char *label[LANGUAGE_COUNT];
    struct recon_cell cell;
    bool counted;   /* false: the count says nothing */
    bool new_block; /* stands apart from the line before */
};
#define REPORT_LINES_MAX 48

/* Two sides of the sheet that must be equal, in count (when counted) and sum. */
struct report_proof {
    const char *formula;
    struct recon_cell left;
    struct recon_cell right;
    bool counted;
};
#define REPORT_PROOFS_MAX 16

/* What the lines with a finding of fees, or all judged lines, were due to be charged and were. */
struct report_fees {
    int64_t count;
    int64_t due_fen;
    int64_t charged_fen;
};

/* `out` by finding; `all` has each line once. Errors: AMOUNT_OVERFLOW. */
MUST_USE enum err report_lines_fees(const struct report *report,
                                    struct report_fees out[FINDING_COUNT], struct report_fees *all);

/* How often a class or finding occurs, and the delta of the rows it is the class of. */
struct report_class {
    int64_t primary_count;
    int64_t note_count;
    int64_t delta_fen;
};

/* Errors: AMOUNT_OVERFLOW. */
MUST_USE enum err report_lines_take(const struct report *report,
                                    struct report_line out[REPORT_LINES_MAX], size_t *count);
MUST_USE enum err report_lines_prove(const struct report *report,
                                     struct report_proof out[REPORT_PROOFS_MAX], size_t *count);
MUST_USE enum err report_lines_classes(const struct report *report,
                                       struct report_class out[FINDING_COUNT]);

/* Errors: AMOUNT_OVERFLOW. */
MUST_USE enum err report_cells_total(const struct recon_cell *cells, size_t count,
                                     struct recon_cell *out);

/* report_orders.c: adds the lines of the orders and invoices, P and Q, and what proves them. Errors: AMOUNT_OVERFLOW. */
void report_orders_take(const struct report *report, struct report_line out[REPORT_LINES_MAX],
                        size_t *count);
MUST_USE enum err report_orders_prove(const struct report *report,
                                      struct report_proof out[REPORT_PROOFS_MAX], size_t *count);

/* report_settlement.c: the same of a run of settlement. */
MUST_USE enum err report_settlement_take(const struct report *report,
                                         struct report_line out[REPORT_LINES_MAX], size_t *count);
MUST_USE enum err report_settlement_prove(const struct report *report,
                                          struct report_proof out[REPORT_PROOFS_MAX],
                                          size_t *count);

/* INTERNAL unless every proof holds and nothing is unexplained. */
MUST_USE enum err report_lines_tie(const struct report *report);

/* The columns of the lists. */
enum report_column {
#define REPORT_COLUMN(name, kind, width, zh) REPORT_COLUMN_##name,
#include "report_columns.def"
#undef REPORT_COLUMN
    REPORT_COLUMN_COUNT
};

enum report_cell_kind {
    REPORT_CELL_NUMBER,
    REPORT_CELL_AMOUNT,
    REPORT_CELL_ID,  /* digits that are no number */
    REPORT_CELL_TEXT /* words */
};

struct report_cell {
    bool empty;
    int64_t number;   /* of NUMBER; fen of AMOUNT */
    struct span text; /* of ID and TEXT, as it is; may stand in the scratch buffer */
};

/* "订单号 order_no", and "order_no" in English. */
const char *report_column_title(enum report_column column, enum language language);
const char *report_column_words(enum report_column column); /* "订单号" */
enum report_cell_kind report_column_kind(enum report_column column);
int report_column_width(enum report_column column); /* places */
MUST_USE enum err report_column_cell(const struct report *report, const struct report_row *row,
                                     enum report_column column, enum language language,
                                     struct buf *scratch, struct report_cell *out);

/* The columns of a list, REPORT_COLUMN_COUNT at most, and its rows in their order. They stay the report's; free the listing.
 * Errors: NO_MEMORY. */
const enum report_column *report_list_columns(const struct report *report, enum report_list list,
                                              size_t *count);
struct report_listing {
    const struct report_row **rows;
    size_t count;
};
MUST_USE enum err report_list_make(const struct report *report, enum report_list list,
                                   struct report_listing *out);
void report_list_free(struct report_listing *listing);
const char *report_list_title(enum report_list list, enum language language);  /* "差异" */
bool report_list_is_there(const struct report *report, enum report_list list); /* of such a run */

/* Both sides of the statement of balances (余额调节表): each begins with a balance, has items that the
 * other side does not know, and ends with a total; the two totals are equal. */
enum report_balance_side { REPORT_BALANCE_BOOKS, REPORT_BALANCE_PROVIDER };
struct report_balance_line {
    enum report_balance_side side;
    const char *label[LANGUAGE_COUNT];
    int64_t count; /* of the items; 0 on lines of a balance */
    int64_t fen;
    bool total;   /* the last of its side */
    bool counted; /* the count says something */
};
#define REPORT_BALANCE_MAX 32

/* From the run alone; with the account's own bill the balances are those of the account, without it
 * the movements of the day. Errors: AMOUNT_OVERFLOW; INTERNAL when the sides do not end equal. */
MUST_USE enum err report_balance_take(const struct report *report,
                                      struct report_balance_line out[REPORT_BALANCE_MAX],
                                      size_t *count);

const char *report_balance_side(enum report_balance_side side, enum language language);

/* A text of CSV between quotes (RFC 4180), guarded, with `before` in front of it. */
MUST_USE enum err report_csv_text(struct buf *out, const char *before, struct span s);

/* The last record of every CSV: what long and short mean, as one line in its first cell, all other cells empty. `legend`: and what the
 * severities mean. */
MUST_USE enum err report_csv_definition(struct buf *out, size_t columns, bool of_settlement,
                                        bool legend, enum language language);
#define REPORT_CSV_BOM "\xEF\xBB\xBF" /* without it Excel reads the Chinese as GBK */
#define REPORT_CSV_END "\r\n"

/* Ends the line of titles, with the mark of a marked report and the bills that came late as the last of them, so that a list without rows says it too;
 * and a line of cells. */
MUST_USE enum err report_csv_titles_end(const struct report *report, enum language language,
                                        struct buf *out);
MUST_USE enum err report_csv_cells_end(const struct report *report, struct buf *out);

/* The files of report_files.def, in their order. Making one gives its bytes; `folder` is where the library that writes workbooks
 * may put its own files meanwhile. Errors: REPORT_SIZE when it is larger than `out` may be, or was left out for that before; FILE_READ, FILE_WRITE,
 * and those of the functions of report.h. */
/* Of a report whose files were printed before these are they, and no others. */
bool report_file_has(const struct report *report, size_t file);
MUST_USE enum err report_file_make(const struct report *report, size_t file, const char *folder,
                                   struct buf *out);

/* A file that was printed. Errors: FILE_READ, BUF_FULL, NO_MEMORY. */
MUST_USE enum err report_file_read(const char *path, struct buf *out);

#endif
