/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_BENCH_LIST_H
#define TALLYGATE_TESTS_BENCH_LIST_H

/* Two lists of differences, in whatever order their lines stand. */

#include <stddef.h>

#include "err.h"

struct list_verdict {
    size_t want;
    size_t got;
    size_t missing; /* of those wanted */
    size_t extra;
    char first[200]; /* of what differs; "" when nothing does */
};

/* Two files of the folder `dir`. Errors: FILE_OPEN; FILE_READ, also for a list whose last line is cut off; NO_MEMORY. */
MUST_USE enum err list_compare(const char *dir, const char *want, const char *got,
                               struct list_verdict *out);

#endif
