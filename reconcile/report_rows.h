/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_ROWS_H
#define TALLYGATE_RECONCILE_REPORT_ROWS_H

/* Lists that are not about one run, as CSV: each column is read from the rows of a statement. */

#include <stddef.h>

#include "buf.h"
#include "err.h"

struct db_rows;

/* How a column is read and written; empty text is an empty cell. */
enum report_rows_how {
    REPORT_AS_AGE,    /* days as their class */
    REPORT_AS_ID,     /* number of a difference */
    REPORT_AS_NAME,   /* code of a finding, in words */
    REPORT_AS_SIDE,   /* fen: long or short */
    REPORT_AS_NUMBER, /* integer */
    REPORT_AS_YUAN,   /* fen */
    REPORT_AS_TEXT,
    REPORT_AS_DIGITS, /* text that no spreadsheet may take for a number */
    REPORT_AS_TIME,   /* in China */
    REPORT_AS_WORD    /* a word of postings, in words */
};

struct report_rows_column {
    const char *name;  /* the English heading */
    const char *words; /* and what stands before it in Chinese */
    const char *column;
    enum report_rows_how how;
};

/* Titles and a record for each row, in the form of report_csv. Errors: BUF_FULL, DB_ROWS. */
MUST_USE enum err report_rows_list(const struct report_rows_column *columns, size_t count,
                                   const struct db_rows *rows, enum language language,
                                   struct buf *out);

/* The same, and the definition. */
MUST_USE enum err report_rows_csv(const struct report_rows_column *columns, size_t count,
                                  const struct db_rows *rows, enum language language,
                                  struct buf *out);

#endif
