/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_REPORT_TWINS_H
#define TALLYGATE_RECONCILE_REPORT_TWINS_H

/* Both sides of whatever is there twice: the rows that a DUP_ code stands on, and those of the same order or with the same
 * number of the provider. For report_list.c alone. */

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "report.h"
#include "span.h"

/* What a row shares with its other side. */
struct report_twin {
    struct span owner; /* of the order; empty with a number of the provider */
    struct span number;
};

struct report_twins {
    struct report_twin *keys; /* in order, each perhaps more than once */
    size_t count;
};

/* The texts stay the report's. Errors: NO_MEMORY. */
MUST_USE enum err report_twins_make(const struct report *report, struct report_twins *out);
void report_twins_free(struct report_twins *twins);

bool report_twins_has(const struct report_twins *twins, const struct report_row *row);

/* By order, then by the provider's number, then by place in the run: the sides stand together. */
void report_twins_sort(const struct report_row **rows, size_t count);

#endif
