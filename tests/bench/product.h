/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_BENCH_PRODUCT_H
#define TALLYGATE_TESTS_BENCH_PRODUCT_H

/* The product's ways that are measured; nothing but product_*.c calls the engine. Each is a slice_work; its context
 * is a struct product. */

#include "slice.h"

struct product {
    const char *dir;      /* a made day's files */
    const char *got;      /* where the list of differences goes, below `dir` */
    const char *conninfo; /* of the database, where one is needed */
    int64_t run_id;       /* under which lines are stored */
};

/* Reads the day's files, matches, and writes the list of what differs: number, class, Δ in fen. */
MUST_USE enum err product_differences(void *product, struct slice_watch *watch);

/* Reads bill.csv.gz alone. */
MUST_USE enum err product_gzip(void *product, struct slice_watch *watch);

/* Reads the day's books from the database, with the lines of the bill known. */
MUST_USE enum err product_books(void *product, struct slice_watch *watch);

/* Stores the lines of the bill, read before, in a transaction that ends durably. */
MUST_USE enum err product_store(void *product, struct slice_watch *watch);

#endif
