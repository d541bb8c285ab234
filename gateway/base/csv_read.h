/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_CSV_READ_H
#define TALLYGATE_BASE_CSV_READ_H

/* A CSV file (RFC 4180, with or without a byte order mark) as records of
 * cells; a record without any byte is passed over and not counted. Blanks around a cell are not part of it unless it
 * stands between quotes. */

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "span.h"

#define CSV_READ_CELLS_MAX 64

struct csv_read;

/* Takes a record and its number, from 1. The cells live during the call; `count` tells all of them and `cells` has the
 * first CSV_READ_CELLS_MAX. */
typedef enum err (*csv_read_record)(void *context, int64_t number, const struct span *cells,
                                    size_t count);

MUST_USE enum err csv_read_new(csv_read_record record, void *context, struct csv_read **out);
void csv_read_free(struct csv_read **csv);

/* Errors: IMPORT_CSV (quotes that do not fit or a cell of more than 1 MiB; nothing behind them can be read), BUF_FULL
 * (a record of more than 4 MiB), NO_MEMORY, and whatever `record` gives. After an error nothing more is read. */
MUST_USE enum err csv_read_bytes(struct csv_read *csv, struct span bytes);
MUST_USE enum err csv_read_end(struct csv_read *csv);
/* The whole records at the front of *rest that have no quote, from *number on, which they advance; *rest begins with the first that
 * is not such a one; a byte order mark in front of record 1 is passed over. What it gives is what a reader made by csv_read_new gives of the same bytes. Errors: those of csv_read_bytes. */
MUST_USE enum err csv_read_plain(struct span *rest, int64_t *number, csv_read_record record,
                                 void *context);

/* As the parser has it: a cell that stands without quotes, without what is no part of it. */
static inline struct span
csv_read_bare(struct span cell)
{
    while (cell.len > 0 && (cell.at[0] == ' ' || cell.at[0] == '\t')) {
        cell = span_make(cell.at + 1, cell.len - 1);
    }
    while (cell.len > 0 && (cell.at[cell.len - 1] == ' ' || cell.at[cell.len - 1] == '\t')) {
        cell.len--;
    }
    return cell;
}

/* What stands before the LF of a line, without its CR. */
static inline struct span
csv_read_line(struct span line)
{
    bool cr = line.len > 0 && line.at[line.len - 1] == '\r';
    return span_make(line.at, line.len - (cr ? 1 : 0));
}

int64_t csv_read_number(const struct csv_read *csv); /* of the record that is being read */

#endif
