/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_BILL_STORE_H
#define TALLYGATE_RECONCILE_BILL_STORE_H

/* Bills are kept for ever under the hash of their content: dir/aa/bb/<sha256>. A file appears whole or
 * not at all, is never changed, and is checked against its name whenever it is read. */

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"
#include "span.h"

#define BILL_STORE_NAME_BYTES 65 /* lower-case hexadecimal and a NUL */

/* Names the content and keeps it; what the superuser keeps is given to the owner of `dir`. *known tells that it was there already. Safe when two programs store
 * the same at once. Errors: FILE_OPEN, FILE_WRITE, ARCHIVE_DAMAGED when another content lies there
 * under this name. */
MUST_USE enum err bill_store_put(const char *dir, struct span bytes,
                                 char name[BILL_STORE_NAME_BYTES], bool *known);

/* Appends the content of that name. Errors: HEX when it is no name, FILE_OPEN, FILE_READ, BUF_FULL,
 * ARCHIVE_DAMAGED. */
MUST_USE enum err bill_store_load(const char *dir, struct span name, struct buf *out);

/* Opens the content of that name for whoever sends it on; the descriptor is the caller's. Its hash is not looked at: the receiver is told the
 * name. Errors: HEX when it is no name, FILE_OPEN, FILE_READ. */
MUST_USE enum err bill_store_open(const char *dir, struct span name, int *fd, size_t *size);

#endif
