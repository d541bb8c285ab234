/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_PACK_ROWS_H
#define TALLYGATE_RECONCILE_PACK_ROWS_H

/* Rows of a list where they stand in its file: one way through it finds them by their first cells, and later they are read in
 * any order. For files without a quote whose records end where their lines do, as a run without odd texts writes them. */

#include <stdalign.h>
#include <stddef.h>

#include "alike.h"
#include "buf.h"
#include "pack_list_parts.h"

#define PACK_ROWS_KEYS 4 /* first cells of a record */

struct pack_rows {
    enum pack_list list;
    struct span bytes; /* the whole file */
    size_t first;      /* where the records begin, behind the header */
};

/* Whole records side by side. */
struct pack_range {
    size_t from;
    size_t len;
};

/* A cell that says the same as the one above it means the same: a reader keeps the row that it read last, and what its rows have
 * alike. Zeroed at first; for one thread and one file, while the bytes are there that were read. */
struct pack_memo {
    struct alike alike;
    uint64_t held; /* runs, by their first cell, of which `row` has the values */
    struct span cells[PACK_COLUMNS_MAX];
    alignas(max_align_t) unsigned char row[PACK_ROW_MAX_BYTES];
};

/* False when the file is not such a one; then pack_list_each reads it, or says what is wrong. `bytes` must outlive *out. */
bool pack_rows_open(enum pack_list list, struct span bytes, struct pack_rows *out);

/* Each record once, from the first on; a cell that it does not have is empty. Errors: BUF_FULL for a record of more than 4 MiB, and
 * those of `each`. */
typedef enum err (*pack_rows_key)(void *context, struct pack_range range,
                                  const struct span keys[PACK_ROWS_KEYS]);
MUST_USE enum err pack_rows_scan(const struct pack_rows *rows, pack_rows_key each, void *context);

/* The cells above are gone. */
void pack_memo_forget(struct pack_memo *memo);

/* Appends the structs of these records, whole ones of the file or copies of such, to `out`; their texts stay where they are. Errors: those of
 * pack_list_each, and *where tells the place. */
MUST_USE enum err pack_rows_read(const struct pack_rows *rows, struct span records,
                                 struct pack_memo *memo, struct buf *out, struct pack_place *where);

#endif
