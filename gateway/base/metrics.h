/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_METRICS_H
#define TALLYGATE_BASE_METRICS_H

/* Counters in memory shared by all processes of a node: the parent makes the region before it starts
 * children, each child adds to its own row, a reader sums the rows. No locks. */

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "span.h"

enum metric {
#define METRIC(name, kind, help) METRIC_##name,
#include "metrics.def"
#undef METRIC
    METRIC_COUNT
};

/* Gauges that nobody counts: who answers for them computes them when they are asked for. */
enum metric_gauge {
#define GAUGE(name, help) METRIC_GAUGE_##name,
#include "metrics_gauge.def"
#undef GAUGE
    METRIC_GAUGE_COUNT
};

struct metric_label {
    const char *name;
    struct span value; /* any text */
};

#define METRICS_ROWS_MAX 160 /* the parent, and two for every child that may be replaced */

MUST_USE enum err metrics_create(int *fd); /* parent: an anonymous shared region, inheritable */
MUST_USE enum err metrics_attach(int fd,
                                 int row); /* child: maps it, takes a row, its gauges at 0 */
void metrics_ended(int row); /* parent: the row's process is gone, and what it held open with it */
void metrics_add(enum metric metric, int64_t by); /* without attach: counts privately */
int64_t metrics_sum(enum metric metric);          /* over all rows */

/* What this process shows in a gauge moves to the value; *shown is what it showed, 0 at first. */
void metrics_show(enum metric metric, int64_t *shown, int64_t value);

/* Prometheus text exposition 0.0.4. */
MUST_USE enum err metrics_encode(struct buf *out);

/* The same for a computed gauge: its head once, then a line for each set of labels. */
MUST_USE enum err metrics_gauge_head(enum metric_gauge gauge, struct buf *out);
MUST_USE enum err metrics_gauge_line(enum metric_gauge gauge, const struct metric_label *labels,
                                     size_t count, int64_t value, struct buf *out);

#endif
