/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_BENCH_WHOLE_H
#define TALLYGATE_TESTS_BENCH_WHOLE_H

/* Whole files of whatever size. */

#include "buf.h"
#include "err.h"

/* *out is the caller's to free, also when this fails. Errors: FILE_OPEN, FILE_READ, NO_MEMORY. */
MUST_USE enum err whole_read(const char *dir, const char *name, struct buf *out);

#endif
