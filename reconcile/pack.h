/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_PACK_H
#define TALLYGATE_RECONCILE_PACK_H

/* The lists that a run reads, as CSV files: what is kept with the run, and what an auditor repeats it from. UTF-8, RFC 4180
 * with CRLF, the columns of pack_columns.def in their order; equal lists give equal bytes. Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "span.h"

#define PACK_FILE_MAX_BYTES ((size_t)1024 * 1024 * 1024)

enum pack_list {
    PACK_BOOKS,         /* struct recon_member */
    PACK_REFUNDS,       /* struct recon_refund */
    PACK_ORDERS,        /* struct recon_order */
    PACK_PAYMENTS,      /* struct recon_payment */
    PACK_INVOICES,      /* struct recon_invoice */
    PACK_MANUALS,       /* struct recon_manual */
    PACK_INVOICE_ITEMS, /* struct recon_invoice_item; a run that has none has no such file */
    PACK_EARLY,         /* struct recon_early */
    PACK_LIST_COUNT,    /* of a run of a bill */
    /* of a run of settlement */
    PACK_PAYOUTS = PACK_LIST_COUNT, /* struct deposit_payout */
    PACK_DEPOSITS,                  /* struct deposit_entry */
    PACK_TRANSFERS,                 /* struct deposit_transfer */
    PACK_EVERY_COUNT
};

/* Where in a file reading stopped. */
struct pack_place {
    const char *file;
    int64_t record;     /* the header is 1; 0: the file as a whole */
    const char *column; /* "": the record as a whole */
};

const char *pack_list_file(enum pack_list list); /* "books.csv" */
bool pack_list_may_lack(enum pack_list list); /* of a run without any row of it there is no file */

/* `rows` are those structs. Errors: BUF_FULL, NO_MEMORY. */
MUST_USE enum err pack_list_write(enum pack_list list, const void *rows, size_t count,
                                  struct buf *out);

/* Rows live in `arena`, their texts there or in `bytes`, which must live as long. Errors: IMPORT_HEADER when the columns are not those, IMPORT_CELLS, IMPORT_CSV, ENCODING; NUMBER,
 * TIME, FIELD_VALUE or the word's own for a cell; NO_MEMORY, ARENA_FULL. *where tells the place. */
MUST_USE enum err pack_list_read(enum pack_list list, struct span bytes, struct arena *arena,
                                 void **rows, size_t *count, struct pack_place *where);

/* The same row by row, each the list's struct; it lives during the call, its texts at least as long. */
typedef enum err (*pack_row)(void *context, const void *row);
MUST_USE enum err pack_list_each(enum pack_list list, struct span bytes, pack_row each,
                                 void *context, struct pack_place *where);

#endif
