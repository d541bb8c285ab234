/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_BENCH_TABLE_H
#define TALLYGATE_TESTS_BENCH_TABLE_H

/* What was measured, beside its limit: for a reader, and as JSON. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define TABLE_ROWS_MAX 128
#define TABLE_ONE      1000 /* ratios are in thousandths */

enum table_bar {
    TABLE_NO_BAR, /* for comparison */
    TABLE_AT_MOST,
    TABLE_AT_LEAST
};

struct table_row {
    char name[64];
    bool measured;
    int64_t value;
    const char *unit;
    int64_t reference; /* in the same unit; 0: none */
    enum table_bar kind;
    int64_t bar; /* of value / reference, in thousandths */
    char note[200];
};

struct table {
    struct table_row rows[TABLE_ROWS_MAX];
    size_t count;
};

/* value / reference in thousandths; 0 without a reference. */
int64_t table_ratio(const struct table_row *row);

/* True unless there is a bar that is missed. */
bool table_ok(const struct table_row *row);

/* Keeps a row, and prints it. */
void table_add(struct table *table, const struct table_row *row);

/* A list of {name, value, unit, reference, ratio, bar, ok}, with a note where there is one to make. Errors: FILE_WRITE. */
MUST_USE enum err table_write(const struct table *table, const char *path);

#endif
