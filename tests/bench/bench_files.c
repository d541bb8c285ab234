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

/* What the days before came to. */
struct history {
    int64_t first_cost_ns;
};

/* DuckDB, as somebody has it who takes in every column as text, and as somebody who leaves it the columns that the list needs. */
static const struct rival {
    const char *label;
    const char *columns; /* as duckdb.js knows them */
    const char *list;
    const char *exact;
    struct {
        const char *ours; /* beside it */
        const char *its;
    } wall, cpu;
    const char *memory;
} rivals[] = {
    { "files by DuckDB",
      "every",
      "differences-duckdb.csv",
      "files_exact_duckdb",
      { "files_wall", "files_wall_duckdb" },
      { "files_cpu", "files_cpu_duckdb" },
      "files_memory_duckdb" },
    { "files by DuckDB, columns asked for alone",
      "asked",
      "differences-duckdb-asked.csv",
      "files_exact_duckdb_asked",
      { "files_wall_asked", "files_wall_duckdb_asked" },
      { "files_cpu_asked", "files_cpu_duckdb_asked" },
      "files_memory_duckdb_asked" },
};
#define RIVAL_COUNT (sizeof(rivals) / sizeof(rivals[0]))

/* What it takes has rows of its own, since a day that we refuse tells nothing beside it. */
static void
add_rival(struct bench *bench, int64_t items, const struct rival *rival,
          const struct slice_result *ours, const struct slice_result *theirs)
{
    const struct {
        const char *name;
        const char *its;
        int64_t ours;
        int64_t theirs;
    } times[] = {
        { rival->wall.ours, rival->wall.its, ours->wall_us, theirs->wall_us },
        { rival->cpu.ours, rival->cpu.its, ours->cpu_us, theirs->cpu_us },
    };
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        const struct bench_claim mine = { times[i].name, items, "us", TABLE_AT_MOST, BAR_DUCKDB };
        const struct bench_claim other = { times[i].its, items, "us", TABLE_NO_BAR, 0 };
        bench_add(bench, &mine, ours, times[i].ours, theirs->ok ? times[i].theirs : 0);
        bench_add(bench, &other, theirs, times[i].theirs, 0);
    }
    const struct bench_claim memory = { rival->memory, items, "KiB", TABLE_NO_BAR, 0 };
    bench_add(bench, &memory, theirs, theirs->anon_kib, 0);
}

static void
add_alone(struct bench *bench, int64_t items, const struct slice_result *ours)
{
    const struct bench_claim wall = { "files_wall", items, "us", TABLE_NO_BAR, 0 };
    const struct bench_claim cpu = { "files_cpu", items, "us", TABLE_NO_BAR, 0 };
    bench_add(bench, &wall, ours, ours->wall_us, 0);
    bench_add(bench, &cpu, ours, ours->cpu_us, 0);
}

/* The same limit for a day of any length. */
static void
add_memory(struct bench *bench, int64_t items, const struct slice_result *ours)
{
    const struct bench_claim limit = { "files_memory", items, "KiB", TABLE_AT_MOST, BAR_MEMORY };
    bench_add(bench, &limit, ours, ours->anon_kib, MEMORY_MAX_KIB);
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
        history->first_cost_ns = cost_ns;
    }
}

static void
files(struct bench *bench, const struct bench_day *day, struct history *history)
{
    struct product product = { .dir = day->dir, .got = LIST_PRODUCT };
    const char *argv[RIVAL_COUNT][6];
    struct slice slices[RIVAL_COUNT + 1] = { { .name = "files",
                                               .items = day->ledger.items,
                                               .work = product_differences,
                                               .context = &product } };
    struct slice_result results[RIVAL_COUNT + 1] = { { .ok = false } };
    size_t count = bench->duckdb == NULL ? 0 : RIVAL_COUNT;
    for (size_t i = 0; i < count; i++) {
        const char *const words[] = { "node",         bench->duckdb,     day->dir,
                                      rivals[i].list, rivals[i].columns, NULL };
        memcpy(argv[i], words, sizeof(words));
        slices[i + 1] =
            (struct slice){ .name = rivals[i].label, .items = day->ledger.items, .argv = argv[i] };
    }
    slice_run_turns(slices, count + 1, results);
    if (results[0].ok) {
        bench_check(bench, day, "files_exact", LIST_PRODUCT);
    }
    for (size_t i = 0; i < count; i++) {
        if (results[i + 1].ok) {
            bench_check(bench, day, rivals[i].exact, rivals[i].list);
        }
        add_rival(bench, day->ledger.items, &rivals[i], &results[0], &results[i + 1]);
    }
    if (count == 0) {
        add_alone(bench, day->ledger.items, &results[0]);
    }
    add_memory(bench, day->ledger.items, &results[0]);
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
