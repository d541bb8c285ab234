/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_FILE_H
#define TALLYGATE_BASE_FILE_H

/* Whole small files. Secrets have a reader of their own (secret.h). */

#include "buf.h"
#include "err.h"

/* Appends the file's bytes; `out` must have room for one byte more than `max_bytes`. Errors: FILE_OPEN,
 * FILE_READ, also for a file that is larger. */
MUST_USE enum err file_read(const char *path, size_t max_bytes, struct buf *out);

/* The file's bytes where the kernel keeps them, for files of any size; they count for no memory of this process. What is cut off
 * from the file meanwhile must not be read, so map files that nobody changes. `out` is unmapped by file_unmap, which accepts an
 * empty span. Errors: FILE_OPEN, FILE_READ. */
MUST_USE enum err file_map(const char *path, struct span *out);
void file_unmap(struct span *bytes);

/* A part of such a file is going to be read, from its first byte to its last: the kernel brings it in at once, instead of page by
 * page. Nothing else depends on it. */
#define FILE_SOON_BYTES ((size_t)256 * 1024) /* that are worth a call, and fit the caches */
void file_soon(struct span part);

#endif
