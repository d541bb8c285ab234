/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "bench.h"
#include "list.h"

#define SEED UINT64_C(20261123)

bool
bench_wants(const struct bench *bench, const char *name)
{
    return bench->only == NULL || strcmp(bench->only, name) == 0;
}

enum err
bench_day_make(const struct bench *bench, int64_t items, struct bench_day *out)
{
    *out = (struct bench_day){ .ledger = { .items = items, .every = bench->every, .seed = SEED } };
    (void)snprintf(out->dir, sizeof(out->dir), "%s/day-%lld", bench->dir, (long long)items);
    if (mkdir(out->dir, 0755) != 0 && errno != EEXIST) {
        return ERR_FILE_WRITE;
    }
    (void)printf("# making a day of %lld items in %s\n", (long long)items, out->dir);
    (void)fflush(stdout);
    return ledger_files(&out->ledger, out->dir, &out->lines);
}

void
bench_day_drop(struct bench *bench, const struct bench_day *day)
{
    const char *const argv[] = { "rm", "-r", "--", day->dir, NULL };
    const struct slice removal = { .argv = argv };
    struct slice_result result;
    if (!bench->keep) {
        slice_run(&removal, &result);
        bench->failed = bench->failed || !result.ok;
    }
}

static void
name_row(struct table_row *row, const char *name, int64_t items)
{
    (void)snprintf(row->name, sizeof(row->name), "%s_%lld", name, (long long)items);
}

void
bench_add(struct bench *bench, const struct bench_claim *claim, const struct slice_result *slice,
          int64_t value, int64_t reference)
{
    struct table_row row = { .measured = slice->ok,
                             .value = value,
                             .unit = claim->unit,
                             .reference = reference,
                             .kind = claim->kind,
                             .bar = claim->bar };
    name_row(&row, claim->name, claim->items);
    (void)snprintf(row.note, sizeof(row.note), "%s", slice->note);
    bench->failed = bench->failed || !slice->ok;
    table_add(&bench->table, &row);
}

void
bench_check(struct bench *bench, const struct bench_day *day, const char *name, const char *list)
{
    struct list_verdict verdict;
    enum err err = list_compare(day->dir, "expected.csv", list, &verdict);
    struct table_row row = { .measured = err == ERR_OK,
                             .value = (int64_t)(verdict.got - verdict.extra),
                             .unit = "found",
                             .reference = (int64_t)verdict.want,
                             .kind = TABLE_AT_LEAST,
                             .bar = TABLE_ONE };
    bool same = err == ERR_OK && verdict.want > 0 && verdict.missing == 0 && verdict.extra == 0;
    name_row(&row, name, day->ledger.items);
    if (err != ERR_OK) {
        (void)snprintf(row.note, sizeof(row.note), "%s", err_name(err));
    } else if (!same) {
        (void)snprintf(row.note, sizeof(row.note), "%zu missing, %zu not made: %.100s",
                       verdict.missing, verdict.extra, verdict.first);
        row.kind = TABLE_AT_LEAST;
        row.bar = verdict.extra > 0 ? INT64_MAX : row.bar; /* nothing may be found beside */
    }
    bench->failed = bench->failed || !same;
    table_add(&bench->table, &row);
}
