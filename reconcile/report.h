/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_H
#define TALLYGATE_RECONCILE_REPORT_H

/* What people are given of a finished run. A struct report is a plain value, filled from the rows of
 * that run alone and never from the books of today, so that a reprint is equal byte for byte. Money
 * is signed fen inside and yuan with two places on paper. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buf.h"
#include "clock.h"
#include "err.h"
#include "finding.h"
#include "recon.h"
#include "settlement.h"
#include "span.h"
#include "trend.h"

struct db_session;
struct db_rows;

#define REPORT_SHEET_ROWS_MAX \
    ((size_t)1048000) /* of a list on one worksheet, which holds 1,048,576 */
#define REPORT_MAX_BYTES ((size_t)512 * 1024 * 1024) /* one file */
#define REPORT_PATH_MAX  ((size_t)4096)
#define REPORT_FILES_MAX 32

/* Less than the limits above and than the memory that a run may take, in tests of what is larger; 0: those. */
struct report_limits {
    size_t sheet_rows;
    size_t file_bytes;
    size_t arena_bytes;
};

/* Which of the files of report_files.def are larger than a file may be. */
struct report_left_out {
    bool files[REPORT_FILES_MAX];
    size_t count;
};

/* One unit of the run: a bill line, an attempt, a refund, a line with one of them, an order or invoice
 * without money, or a movement of the account that no line explains; of a run of settlement a payout, or a line of the bank that stands
 * for none. */
struct report_row {
    int64_t seq;
    int64_t line_no;  /* line of the bill file; 0: none */
    int64_t early_no; /* line of the bill of the day before, carried in; 0: none */
    struct span provider_trade_no;
    struct span merchant_order_no; /* as the bill says it */
    struct span attempt_no;
    struct span refund_no;
    struct span owner;
    struct span order_no;
    struct span order_kind;
    struct span order_status;
    struct span invoice_id;
    struct span title; /* of the invoice asked for */
    enum finding primary;
    enum finding findings[RECON_FINDINGS_MAX];
    size_t finding_count;
    int64_t face_fen;
    int64_t b_fen;
    int64_t p_fen;
    int64_t delta_fen; /* b - p */
    int64_t fee_fen;
    int64_t order_fen;          /* payable of the order */
    int64_t invoiced_fen;       /* valid invoices of the order, blue less red */
    struct wall_time billed_at; /* 0: not on the bill */
    struct wall_time paid_at;   /* 0: not paid in our books */
    bool carry_out;
    int64_t flow_no;           /* line of the account's bill; 0: none */
    int64_t flow_fen;          /* what it moved, negative when it left */
    bool fee_judged;           /* a contract speaks of the line's fee, */
    int64_t fee_due_fen;       /* and has it so, as the bill signs fees */
    struct span payout_no;     /* that a run of settlement judges; empty: none */
    struct span deposit_no;    /* line of the bank that stands for no payout; empty: none */
    struct span attempt_state; /* of the attempt or refund, in the snapshot of the run */
    struct span raw; /* the line of the bill, or of the account's bill, as it stands there */
};

/* An attempt or a refund as the run's snapshot has it: what an order of the differences went through. */
struct report_story {
    struct span owner;
    struct span order_no;
    struct span attempt_no; /* of a refund: whose money goes back */
    struct span refund_no;  /* empty: this is an attempt */
    struct span provider_trade_no;
    struct span state;
    int64_t amount_fen;  /* negative for a refund */
    struct wall_time at; /* paid, or taken on by the provider; 0: neither */
    bool counted;
    bool carried_in;
};

/* An item of an invoice of an order, whose tax is not that of its rate: INV_TAX. */
struct report_item {
    struct span owner;
    struct span order_no;
    struct span invoice_id;
    int64_t number; /* on the document, from 1 */
    struct span name;
    int64_t net_fen;
    int64_t tax_fen;
    int64_t off_fen; /* of the tax, what is too much */
};

/* An invoice of an order, or this order's part of one. */
struct report_paper {
    struct span owner;
    struct span order_no;
    struct span invoice_id;
    struct span reported_under; /* the order that the document lives with */
    struct span status;         /* asked, issued, failed, void */
    bool red;
    int64_t fen;         /* with tax; below zero when red */
    struct wall_time at; /* issued, or else asked for; 0: not said */
};

/* A file that was printed of the run before. */
struct report_kept {
    struct span name;
    struct span sha256; /* empty: it was left out, being larger than a file may be */
};

struct progress;

/* The form of the papers, kept with a run, so that a reprint has the bytes of the first print although the program prints more now. In form 1 the lists
 * name the items whose tax is off; in form 2 the workbook of settlement has its trend; in form 3 the invoices of an order
 * are named, and the merchant number of a line without one, and totals have an order once; in form 4 the sheet ties orders
 * and invoices to the books, and kinds and statuses of orders, invoices, payments and refunds stand in words; in form 5 totals of a workbook have differences above and
 * below zero apart, and lists on the page have no column of the provider's line; in form 6 a code has its name beside it everywhere, what severities mean is told, what is net before fees and after them has two names, the zone of the times is named, differences and invoices stand with the gravest first, and the workbook is set up for a printer. A run of before the form was kept has 0. */
#define REPORT_FORM                  6
#define REPORT_FORM_ITEMS            1 /* since when */
#define REPORT_FORM_SETTLEMENT_TREND 2
#define REPORT_FORM_ORDER_ONCE       3
#define REPORT_FORM_LINE_NUMBER      3
#define REPORT_FORM_PAPERS           3
#define REPORT_FORM_ORDERS           4
#define REPORT_FORM_WORDS            4
#define REPORT_FORM_APART            5
#define REPORT_FORM_PAGE             5
#define REPORT_FORM_NAMES            6
#define REPORT_FORM_LEGEND           6
#define REPORT_FORM_NET              6
#define REPORT_FORM_ZONE             6
#define REPORT_FORM_GRAVEST          6
#define REPORT_FORM_PRINTER          6

struct report {
    int64_t form; /* 0 to REPORT_FORM */
    struct span account;
    struct span provider;
    struct day day;
    int64_t version;
    struct wall_time as_of;
    int east_min;              /* the provider's zone, for the times on paper */
    struct span bill_sha256;   /* hexadecimal; empty when the day had no bill */
    bool edited;               /* FILE_EDITED: every paper says so */
    struct span late_bills;    /* that came for signed days: "day sha256", parted by commas */
    bool by_form;              /* FILE_COLUMNS: a header that two people accepted; likewise */
    struct recon_cell trailer; /* A: what the bill's own trailer says */
    struct recon_sheet sheet;
    bool of_settlement; /* what was paid out against what came to the bank: */
    struct settlement settlement;
    const struct report_row *rows; /* in the order of seq */
    size_t row_count;
    const struct report_story *stories; /* by owner, order number, attempt, refund */
    size_t story_count;
    const struct report_item *items; /* by owner, order number, document, number */
    size_t item_count;
    const struct report_paper *papers; /* by owner, order number, document */
    size_t paper_count;
    const struct trend_day
        *trend; /* days before this one, by day, as they stood when the run was made */
    size_t trend_count;
    const struct report_kept
        *kept;         /* the files are these bytes, whatever would be made of the rows today; */
    size_t kept_count; /* 0: nothing was printed yet */
    const char *archive_dir; /* where they are */
    struct report_limits limits;
    struct report_left_out *
        left_out; /* what report_write could not make for its size; NULL: such a file is a failure */
    struct progress *progress; /* counts the files that report_write makes; NULL: nobody watches */
};

/* The lists of a run: rows that somebody looks for, with the columns he needs. */
enum report_list {
    REPORT_RESULTS,     /* every row */
    REPORT_DIFFERENCES, /* those that differ, the gravest and largest first */
    REPORT_DUPLICATES, /* whatever is there twice, both sides, by order and the provider's number */
    REPORT_INVOICES,   /* what is wrong or due with invoices, likewise */
    REPORT_FEES, /* every fee that was judged: due by contract, charged, and what is between */
    REPORT_LIST_COUNT
};

/* 1 (money or a certificate at risk now) to 4 (a note): the worst of the class and its findings; 0
 * when none of them has a severity. */
int report_row_severity(const struct report_row *row);

/* What is to be done is that of the class when it asks for anything, else of the gravest finding: that is why
 * the row stands among the differences. */
enum finding report_row_act_on(const struct report_row *row);

/* What the row's order went through, its invoices, and, when the row says INV_TAX, the items of these whose tax is off: the first of them, the others
 * behind it. NULL when there are none. */
const struct report_story *report_row_stories(const struct report *report,
                                              const struct report_row *row, size_t *count);
const struct report_paper *report_row_papers(const struct report *report,
                                             const struct report_row *row, size_t *count);
const struct report_item *report_row_items(const struct report *report,
                                           const struct report_row *row, size_t *count);

/* True when its class or a finding has a name that begins with `family` ("DUP_"). */
bool report_row_says(const struct report_row *row, const char *family);

/* True when somebody must look at the row: delta is not 0 or its severity is 1 to 3. */
bool report_row_differs(const struct report_row *row);

/* The adding-up sheet as text for people. Its last line says UNEXPLAINED 0.00. Errors: BUF_FULL,
 * NO_MEMORY; INTERNAL when a proof of the sheet does not hold: then there is no sheet. */
MUST_USE enum err report_sheet(const struct report *report, enum language language,
                               struct buf *out);

/* The same as it was printed first, where it was. Errors: those of report_sheet and bill_store_load. */
MUST_USE enum err report_sheet_printed(const struct report *report, enum language language,
                                       struct buf *out);

/* A list as CSV: UTF-8 with a byte order mark, CRLF, RFC 4180. A text that a spreadsheet would take for a
 * formula stands behind an apostrophe; a number of an order or trade stands behind a TAB, so that none is
 * shown as 2.02E+27. Amounts are plain numbers. Of a marked report, or one that tells of late bills, a last column without values has that as its
 * heading. The last record says what long and short mean. Errors: BUF_FULL, NO_MEMORY. */
MUST_USE enum err report_csv(const struct report *report, enum report_list list,
                             enum language language, struct buf *out);

/* The statement of balances (余额调节表) as CSV, marked in the same way. Errors: BUF_FULL, NO_MEMORY, AMOUNT_OVERFLOW; INTERNAL when
 * its two sides do not end equal. */
MUST_USE enum err report_balance_csv(const struct report *report, enum language language,
                                     struct buf *out);

/* One page for people and printers: HTML (well-formed XML as well) without script or anything from elsewhere. It has
 * the sheet, the statement of balances, the lists but the results, and each difference with its codes in words, its bill
 * line and what its order went through. Errors: BUF_FULL, NO_MEMORY; INTERNAL when a proof does not hold. */
MUST_USE enum err report_html(const struct report *report, enum language language, struct buf *out);

/* The workbook (sheet, balances, lists) as the file `path`, which must not exist. A list of more rows than a worksheet holds goes on on
 * another ("结果 (2)"), and has its totals once, on its last; differences above and below zero are totalled apart. Equal reports give equal bytes. Errors: FILE_WRITE, BUF_FULL for a text that no cell
 * holds, AMOUNT_OVERFLOW, NO_MEMORY, INTERNAL. */
MUST_USE enum err report_xlsx(const struct report *report, enum language language,
                              const char *path);

/* Reads a run of a day's bill, or of its settlement: `version` 0 means the current one. All text lives in `arena`. Errors: RUN_UNKNOWN (also for a blocked day: it has no
 * version), those of db_session_run, DB_ROWS, ARENA_FULL. */
MUST_USE enum err report_load(struct db_session *session, struct span account, struct day day,
                              int64_t version, struct arena *arena, struct report *out);

MUST_USE enum err report_load_settlement(struct db_session *session, struct span account,
                                         struct day day, int64_t version, struct arena *arena,
                                         struct report *out);

/* One row of result_columns.part or story_rows.part; its text lives in `arena`. Errors: DB_ROWS for what only a newer program knows,
 * ARENA_FULL. */
MUST_USE enum err report_load_row(const struct db_rows *rows, size_t at, struct arena *arena,
                                  struct report_row *out);
MUST_USE enum err report_load_story(const struct db_rows *rows, size_t at, struct arena *arena,
                                    struct report_story *out);

/* "{LONG_UNKNOWN,SHORT_PAY}": the codes of which one makes a row differ. Errors: BUF_FULL, NO_MEMORY. */
MUST_USE enum err report_load_codes(struct buf *out);

/* Whether the file at that place of report_files.def is one that was left out, before or by report_write, and what it is called. */
bool report_file_left_out(const struct report *report, size_t file);
const char *report_file_name(size_t file);
size_t report_file_count(void);

/* The folder of a run's files below that of its day: "v2", of a run of settlement "settlement-v2". */
#define REPORT_FOLDER_BYTES 48
void report_folder(bool of_settlement, int64_t version, char out[REPORT_FOLDER_BYTES]);

/* Writes the files of report_files.def, each in Chinese and in English, into <dir>/<account>/<day>/<report_folder>,
 * whose path is put into `where`. The folder appears whole or not at all; one that holds the same bytes already
 * is left as it is. A file that is larger than one may be is left out, and told in report->left_out. Errors: REPORT_SIZE for such a file where nobody is
 * told; FILE_WRITE, FILE_OPEN, REPORT_DIFFERS when that folder holds something else,
 * FIELD_CHARACTERS when the account is no name of a folder, those of the functions above. */
MUST_USE enum err report_write(const struct report *report, const char *dir, struct buf *where);

#endif
