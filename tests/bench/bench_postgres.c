/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "bench.h"
#include "ledger_rows.h"
#include "product.h"
#include "rival.h"
#include "wire.h"

#define BAR_BOOKS   1250 /* thousandths */
#define BAR_STORE   2000
#define LINES_MAX   1000000 /* of a day that goes into the database */
#define SELECTS_MAX 100000  /* of a day that is asked about line by line */
#define US_PER_S    1000000
#define NS_PER_US   1000
#define LIST_BY_SQL "differences-sql.csv"

static enum err
load(const struct bench *bench, const struct bench_day *day)
{
    PGconn *conn = wire_open(bench->store);
    (void)printf("# loading %lld items into the database\n", (long long)day->ledger.items);
    (void)fflush(stdout);
    enum err err = conn == NULL ? ERR_DB_AWAY : ledger_rows(&day->ledger, conn);
    PQfinish(conn);
    return err;
}

static int64_t
rate(const struct bench_day *day, const struct slice_result *slice)
{
    return slice->ok && slice->wall_us > 0 ? day->lines * US_PER_S / slice->wall_us : 0;
}

static void
books(struct bench *bench, const struct bench_day *day, struct product *product,
      struct rival *rival)
{
    const struct slice slices[] = {
        { .name = "books", .items = day->ledger.items, .work = product_books, .context = product },
        { .name = "books by plain COPY",
          .items = day->ledger.items,
          .work = rival_books,
          .context = rival },
    };
    struct slice_result results[2];
    const struct bench_claim wall = { "books_wall", day->ledger.items, "us", TABLE_AT_MOST,
                                      BAR_BOOKS };
    slice_run_turns(slices, 2, results);
    bench_add(bench, &wall, &results[0], results[0].wall_us,
              results[1].ok ? results[1].wall_us : 0);
}

static void
store(struct bench *bench, const struct bench_day *day, struct product *product,
      struct rival *rival)
{
    const struct slice slices[] = {
        { .name = "store", .items = day->ledger.items, .work = product_store, .context = product },
        { .name = "store by plain COPY",
          .items = day->ledger.items,
          .work = rival_store,
          .context = rival },
    };
    struct slice_result results[2];
    const struct bench_claim lines = { "store_lines", day->ledger.items, "lines/s", TABLE_AT_LEAST,
                                       BAR_STORE };
    slice_run_turns(slices, 2, results);
    bench_add(bench, &lines, &results[0], rate(day, &results[0]), rate(day, &results[1]));
}

/* For comparison, in nanoseconds of a line, as files_line has it. */
static void
by_sql(struct bench *bench, const struct bench_day *day, struct rival *rival)
{
    const struct slice slices[] = {
        { .name = "lists by SQL", .items = day->ledger.items, .work = rival_sql, .context = rival },
        { .name = "lists by a query for each line",
          .items = day->ledger.items,
          .work = rival_selects,
          .context = rival },
    };
    struct slice_result results[2];
    const struct bench_claim whole = { "sql_line", day->ledger.items, "ns", TABLE_NO_BAR, 0 };
    const struct bench_claim each = { "select_line", day->ledger.items, "ns", TABLE_NO_BAR, 0 };
    size_t count = day->ledger.items <= SELECTS_MAX ? 2 : 1;
    slice_run_turns(slices, count, results);
    if (results[0].ok) {
        bench_check(bench, day, "sql_exact", LIST_BY_SQL);
    }
    bench_add(bench, &whole, &results[0], results[0].wall_us * NS_PER_US / day->lines, 0);
    if (count == 2) {
        bench_add(bench, &each, &results[1], results[1].wall_us * NS_PER_US / day->lines, 0);
    }
}

void
bench_postgres(struct bench *bench, const struct bench_day *day)
{
    struct product product = { .dir = day->dir,
                               .conninfo = bench->store,
                               .run_id = LEDGER_ROWS_RUN };
    struct rival rival = { .dir = day->dir, .got = LIST_BY_SQL, .conninfo = bench->store };
    const struct {
        const char *name;
        void (*measure)(struct bench *bench, const struct bench_day *day, struct product *product,
                        struct rival *rival);
    } parts[] = { { "books", books }, { "store", store } };
    bool any =
        bench_wants(bench, "books") || bench_wants(bench, "store") || bench_wants(bench, "sql");
    if (bench->store == NULL || !any || day->ledger.items > LINES_MAX) {
        return;
    }
    enum err err = load(bench, day);
    if (err != ERR_OK) {
        (void)fprintf(stderr, "tallygate-bench: cannot load the day: %s\n", err_name(err));
        bench->failed = true;
        return;
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (bench_wants(bench, parts[i].name)) {
            parts[i].measure(bench, day, &product, &rival);
        }
    }
    if (bench_wants(bench, "sql")) {
        by_sql(bench, day, &rival);
    }
}
