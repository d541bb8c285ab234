/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_FILE_H
#define TALLYGATE_BASE_FILE_H

/* Whole small files. Secrets have a reader of their own (secret.h). */

#include "buf.h"
#include "err.h"

/* Appends the file's bytes; `out` must have room for one byte more than `max_bytes`. Errors: FILE_OPEN,
 * FILE_READ, also for a file that is larger. */
MUST_USE enum err file_read(const char *path, size_t max_bytes, struct buf *out);

#endif
