/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_SPILL_H
#define TALLYGATE_RECONCILE_SPILL_H

/* Bytes that are put into many heaps in any order and taken back a heap at a time: in a file without a name, of which memory
 * holds the last few kilobytes of each heap. What is put in one call comes back in one piece, in the order in which it was put. */

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

struct spill;

/* The file is made in the folder `dir` and has no name, so that nothing is left of it when the process ends. Errors: NO_MEMORY,
 * FILE_OPEN. */
MUST_USE enum err spill_new(const char *dir, size_t heaps, struct spill **out);
void spill_free(struct spill **spill);

/* Where the next `len` bytes of the heap belong; to be filled before the next call. Errors: NO_MEMORY, FILE_WRITE. */
MUST_USE enum err spill_room(struct spill *spill, size_t heap, size_t len, unsigned char **out);

/* Appends the heap to `out`. More may be put into it later. Errors: NO_MEMORY, BUF_FULL, FILE_READ. */
MUST_USE enum err spill_take(const struct spill *spill, size_t heap, struct buf *out);

#endif
