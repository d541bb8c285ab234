/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_METRICS_H
#define TALLYGATE_BASE_METRICS_H

/* Counters in memory shared by all processes of a node: the parent makes the region before it starts
 * children, each child adds to its own row, a reader sums the rows. No locks. */

#include <stdint.h>

#include "buf.h"
#include "err.h"

enum metric {
#define METRIC(name, kind, help) METRIC_##name,
#include "metrics.def"
#undef METRIC
    METRIC_COUNT
};

#define METRICS_ROWS_MAX 160 /* the parent, and two for every child that may be replaced */

MUST_USE enum err metrics_create(int *fd); /* parent: an anonymous shared region, inheritable */
MUST_USE enum err metrics_attach(int fd,
                                 int row); /* child: maps it, takes a row, its gauges at 0 */
void metrics_ended(int row); /* parent: the row's process is gone, and what it held open with it */
void metrics_add(enum metric metric, int64_t by); /* without attach: counts privately */
int64_t metrics_sum(enum metric metric);          /* over all rows */

/* Prometheus text exposition 0.0.4. */
MUST_USE enum err metrics_encode(struct buf *out);

#endif
