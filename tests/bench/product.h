/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_BENCH_PRODUCT_H
#define TALLYGATE_TESTS_BENCH_PRODUCT_H

/* The product's ways that are measured; nothing but product_*.c calls the engine. Each is a slice_work; its context
 * is a struct product. */

#include "slice.h"

struct product {
    const char *dir; /* a made day's files */
    const char *got; /* where the list of differences goes, below `dir` */
};

/* Reads the day's files, matches, and writes the list of what differs: number, class, Δ in fen. */
MUST_USE enum err product_differences(void *product, struct slice_watch *watch);

/* Reads bill.csv.gz alone. */
MUST_USE enum err product_gzip(void *product, struct slice_watch *watch);

#endif
