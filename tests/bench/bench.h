/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_BENCH_BENCH_H
#define TALLYGATE_TESTS_BENCH_BENCH_H

/* One run of the benchmark. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger.h"
#include "slice.h"
#include "table.h"

#define BENCH_SIZES_MAX  8
#define BENCH_PATH_BYTES 4096

struct bench {
    const char *dir;    /* where days are made */
    const char *duckdb; /* the script beside its modules; NULL: without DuckDB */
    const char *store;  /* conninfo of a database with the schema; NULL: without PostgreSQL */
    const char *only;   /* "files", "gzip", "books", "store", "sql"; NULL: all */
    int64_t sizes[BENCH_SIZES_MAX];
    size_t size_count;
    int64_t every;
    bool keep;
    struct table table;
    bool failed; /* something was found that was not made, or could not be measured */
};

/* True when `name` is to be measured. */
bool bench_wants(const struct bench *bench, const char *name);

/* bench_files.c: the days of all sizes: files to differences, memory, cost per line, and a packed bill. */
void bench_files(struct bench *bench);

/* bench_postgres.c: what goes through the database, for a day that is not too long for it. */
struct bench_day;
void bench_postgres(struct bench *bench, const struct bench_day *day);

/* bench_day.c: makes a day below bench->dir, and takes it away unless it is to be kept. Errors: FILE_WRITE. */
struct bench_day {
    char dir[BENCH_PATH_BYTES];
    struct ledger ledger;
    int64_t lines;
};
MUST_USE enum err bench_day_make(const struct bench *bench, int64_t items, struct bench_day *out);
void bench_day_drop(struct bench *bench, const struct bench_day *day);

/* Adds rows about one slice: "NAME_ITEMS", with its limit. What could not be measured is a row that says why, and a failed
 * run. */
struct bench_claim {
    const char *name;
    int64_t items;
    const char *unit;
    enum table_bar kind;
    int64_t bar; /* in thousandths */
};
void bench_add(struct bench *bench, const struct bench_claim *claim,
               const struct slice_result *slice, int64_t value, int64_t reference);

/* Compares a list that was found with what was made; a row, and a failed run when they differ. */
void bench_check(struct bench *bench, const struct bench_day *day, const char *name,
                 const char *list);

#endif
