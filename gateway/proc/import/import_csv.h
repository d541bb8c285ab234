/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_IMPORT_IMPORT_CSV_H
#define TALLYGATE_PROC_IMPORT_IMPORT_CSV_H

/* A CSV file (RFC 4180, UTF-8 with or without a mark at its beginning) turned into the JSON lines of a
 * batch. The first record names the columns of import_columns.def, in any order. Where a column of a list is among
 * them, a record without key and with cells of lists alone continues the line of the record above. */

#include "import.h"

struct import_csv;

/* Takes a JSON line, the number of its first record (the header is 1), or what is wrong with a record itself: then the
 * line is empty. */
typedef enum err (*import_csv_line)(void *context, int64_t number, struct span line,
                                    enum err wrong);

MUST_USE enum err import_csv_new(const struct import_kind *kind, import_csv_line line,
                                 void *context, struct import_csv **out);
void import_csv_free(struct import_csv **csv);

/* Errors: IMPORT_HEADER (import_csv_column names the column that is unknown or there twice), IMPORT_CSV (quotes that do
 * not fit; nothing behind them can be read), at the end IMPORT_EMPTY when not even a header was there, and whatever `line` gives. */
MUST_USE enum err import_csv_bytes(struct import_csv *csv, struct span bytes);
MUST_USE enum err import_csv_end(struct import_csv *csv);
const char *import_csv_column(const struct import_csv *csv);
int64_t import_csv_record(const struct import_csv *csv); /* the one that is being read */

#endif
