/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_BENCH_RIVAL_H
#define TALLYGATE_TESTS_BENCH_RIVAL_H

/* What the product's ways through PostgreSQL are compared with. Each is a slice_work; its context is a struct rival. */

#include "slice.h"

struct rival {
    const char *dir; /* a made day's files */
    const char *got; /* where a list of differences goes, below `dir` */
    const char *conninfo;
};

/* The columns that the product reads of the day's books, by COPY TO STDOUT alone. */
MUST_USE enum err rival_books(void *rival, struct slice_watch *watch);

/* The lines of the bill by COPY BINARY into a table with the columns, key and foreign key of bill_line and what stands on
 * the line, durably. */
MUST_USE enum err rival_store(void *rival, struct slice_watch *watch);

/* The bill by COPY into a table without an index, and the list of differences by one statement. */
MUST_USE enum err rival_sql(void *rival, struct slice_watch *watch);

/* One SELECT for each line, one after the other. */
MUST_USE enum err rival_selects(void *rival, struct slice_watch *watch);

#endif
