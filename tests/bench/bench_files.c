/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "product.h"

#define BAR_DUCKDB     250 /* thousandths */
#define BAR_GZIP       1000
#define BAR_MEMORY     1000
#define BAR_FLAT       1200
#define MEMORY_MAX_KIB (INT64_C(256) * 1024)
#define KIB_PER_MIB    1024
#define NS_PER_US      1000

#define LIST_PRODUCT "differences.csv"
#define LIST_DUCKDB  "differences-duckdb.csv"

/* What the days before came to. */
struct history {
    int64_t first_items; /* of the smallest day */
    int64_t first_cost_ns;
    int64_t memory_items; /* of the first day that has a limit for memory */
    int64_t memory_kib;
};

/* DuckDB has rows of its own, since a day that we refuse tells nothing beside it. */
static void
add_times(struct bench *bench, int64_t items, const struct slice_result *ours,
          const struct slice_result *theirs)
{
    const struct {
        const char *name;
        const char *name_duckdb;
        int64_t ours;
        int64_t theirs;
    } times[] = {
        { "files_wall", "files_wall_duckdb", ours->wall_us, theirs->wall_us },
        { "files_cpu", "files_cpu_duckdb", ours->cpu_us, theirs->cpu_us },
    };
    enum table_bar kind = bench->duckdb == NULL ? TABLE_NO_BAR : TABLE_AT_MOST;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        const struct bench_claim mine = { times[i].name, items, "us", kind, BAR_DUCKDB };
        const struct bench_claim other = { times[i].name_duckdb, items, "us", TABLE_NO_BAR, 0 };
        bench_add(bench, &mine, ours, times[i].ours, theirs->ok ? times[i].theirs : 0);
        if (bench->duckdb != NULL) {
            bench_add(bench, &other, theirs, times[i].theirs, 0);
        }
    }
}

/* Beside its limit; a longer day beside the first that has one. */
static void
add_memory(struct bench *bench, int64_t items, const struct slice_result *ours,
           const struct slice_result *theirs, struct history *history)
{
    const struct bench_claim limit = { "files_memory", items, "KiB", TABLE_AT_MOST, BAR_MEMORY };
    const struct bench_claim more = { "files_memory_more", items, "KiB", TABLE_AT_MOST,
                                      BAR_MEMORY };
    bench_add(bench, &limit, ours, ours->anon_kib, MEMORY_MAX_KIB);
    if (history->memory_kib > 0 && ours->ok) {
        bench_add(bench, &more, ours, ours->anon_kib, history->memory_kib);
    }
    if (ours->ok && items >= 5000000 && history->memory_kib == 0) {
        history->memory_kib = ours->anon_kib;
    }
    if (bench->duckdb != NULL) {
        const struct bench_claim other = { "files_memory_duckdb", items, "KiB", TABLE_NO_BAR, 0 };
        bench_add(bench, &other, theirs, theirs->anon_kib, 0);
    }
}

static void
add_cost(struct bench *bench, const struct bench_day *day, const struct slice_result *ours,
         struct history *history)
{
    int64_t items = day->ledger.items;
    int64_t cost_ns = ours->wall_us * NS_PER_US / day->lines;
    bool first = history->first_cost_ns == 0;
    const struct bench_claim flat = { "files_line", items, "ns",
                                      first ? TABLE_NO_BAR : TABLE_AT_MOST, BAR_FLAT };
    bench_add(bench, &flat, ours, cost_ns, history->first_cost_ns);
    if (first && ours->ok) {
        history->first_items = items;
        history->first_cost_ns = cost_ns;
    }
}

static void
files(struct bench *bench, const struct bench_day *day, struct history *history)
{
    struct product product = { .dir = day->dir, .got = LIST_PRODUCT };
    const char *const argv[] = { "node", bench->duckdb, day->dir, LIST_DUCKDB, NULL };
    const struct slice slices[] = {
        { .name = "files",
          .items = day->ledger.items,
          .work = product_differences,
          .context = &product },
        { .name = "files by DuckDB", .items = day->ledger.items, .argv = argv },
    };
    size_t count = bench->duckdb == NULL ? 1 : 2;
    struct slice_result results[2] = { { .ok = false }, { .ok = false } };
    slice_run_turns(slices, count, results);
    if (results[0].ok) {
        bench_check(bench, day, "files_exact", LIST_PRODUCT);
    }
    if (results[1].ok) {
        bench_check(bench, day, "files_exact_duckdb", LIST_DUCKDB);
    }
    add_times(bench, day->ledger.items, &results[0], &results[1]);
    add_memory(bench, day->ledger.items, &results[0], &results[1], history);
    add_cost(bench, day, &results[0], history);
}

static void
gzip(struct bench *bench, const struct bench_day *day)
{
    struct product product = { .dir = day->dir };
    const char *const pack[] = { "sh", "-c", "exec gzip -c \"$0/bill.csv\" >\"$0/bill.csv.gz\"",
                                 day->dir, NULL };
    const char *const unpack[] = { "sh", "-c", "exec gzip -dc \"$0/bill.csv.gz\" >/dev/null",
                                   day->dir, NULL };
    const struct slice packing = { .argv = pack };
    const struct slice slices[] = {
        { .name = "gzip", .items = day->ledger.items, .work = product_gzip, .context = &product },
        { .name = "gzip by gzip", .items = day->ledger.items, .argv = unpack },
    };
    struct slice_result results[2];
    const struct bench_claim wall = { "gzip_wall", day->ledger.items, "us", TABLE_AT_MOST,
                                      BAR_GZIP };
    slice_run(&packing, &results[0]);
    if (results[0].ok) {
        slice_run_turns(slices, 2, results);
    }
    bench_add(bench, &wall, &results[0], results[0].wall_us,
              results[1].ok ? results[1].wall_us : 0);
}

void
bench_files(struct bench *bench)
{
    struct history history = { 0 };
    for (size_t i = 0; i < bench->size_count; i++) {
        struct bench_day day;
        enum err err = bench_day_make(bench, bench->sizes[i], &day);
        if (err != ERR_OK) {
            (void)fprintf(stderr, "tallygate-bench: cannot make the day: %s\n", err_name(err));
            bench->failed = true;
            return;
        }
        if (bench_wants(bench, "files")) {
            files(bench, &day, &history);
        }
        if (bench_wants(bench, "gzip")) {
            gzip(bench, &day);
        }
        bench_postgres(bench, &day);
        bench_day_drop(bench, &day);
    }
}
