/* SPDX-License-Identifier: Apache-2.0 */
/* tallygate-bench DIR [--lines N[,N…]] [--every N] [--only NAME] [--duckdb SCRIPT] [--store CONNINFO] [--json FILE] [--keep]
 * makes days below DIR, measures, and prints ratios. Exit status 0: measured, whatever bars were missed; 1: what was found is not what
 * was made, or something could not be measured; 2: it could not begin. See ./dev bench. */
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "span.h"

#define LINES_MIN   100
#define LINES_MAX   100000000
#define EVERY_MIN   2
#define EVERY_MAX   1000000
#define EVERY_USUAL 1000

static const int64_t usual_sizes[] = { 100000, 1000000, 5000000 };

static bool
take_number(const char *text, int64_t min, int64_t max, int64_t *out)
{
    return span_to_i64(span_of(text), min, max, out) == ERR_OK;
}

static bool
take_sizes(const char *text, struct bench *bench)
{
    struct span rest = span_of(text);
    bool more = true;
    bench->size_count = 0;
    while (more) {
        struct span size;
        more = span_cut(&rest, ',', &size);
        if (bench->size_count == BENCH_SIZES_MAX
            || span_to_i64(size, LINES_MIN, LINES_MAX, &bench->sizes[bench->size_count])
                   != ERR_OK) {
            return false;
        }
        bench->size_count++;
    }
    return true;
}

static bool
take_option(const char *name, const char *value, struct bench *bench, const char **json)
{
    const struct {
        const char *name;
        const char **text;
    } texts[] = {
        { "--only", &bench->only },
        { "--duckdb", &bench->duckdb },
        { "--store", &bench->store },
        { "--json", json },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].text = value;
            return true;
        }
    }
    if (strcmp(name, "--lines") == 0) {
        return take_sizes(value, bench);
    }
    return strcmp(name, "--every") == 0 && take_number(value, EVERY_MIN, EVERY_MAX, &bench->every);
}

static bool
is_known(const char *only)
{
    static const char *const names[] = { "files", "gzip", "books", "store", "sql" };
    bool known = only == NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        known = known || strcmp(only, names[i]) == 0;
    }
    return known;
}

static bool
take_options(int argc, char **argv, struct bench *bench, const char **json)
{
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--keep") == 0) {
            bench->keep = true;
        } else if (i + 1 == argc || !take_option(argv[i], argv[i + 1], bench, json)) {
            (void)fprintf(stderr, "tallygate-bench: %s\n", argv[i]);
            return false;
        } else {
            i++;
        }
    }
    return true;
}

int
main(int argc, char **argv)
{
    static struct bench bench = { .every = EVERY_USUAL };
    const char *json = NULL;
    memcpy(bench.sizes, usual_sizes, sizeof(usual_sizes));
    bench.size_count = sizeof(usual_sizes) / sizeof(usual_sizes[0]);
    if (argc < 2 || !take_options(argc, argv, &bench, &json) || !is_known(bench.only)) {
        (void)fputs("usage: tallygate-bench DIR [--lines N[,N...]] [--every N] [--only NAME] "
                    "[--duckdb SCRIPT] [--store CONNINFO] [--json FILE] [--keep]\n",
                    stderr);
        return 2;
    }
    bench.dir = argv[1];
    bench_files(&bench);
    if (json != NULL && table_write(&bench.table, json) != ERR_OK) {
        (void)fprintf(stderr, "tallygate-bench: cannot write %s\n", json);
        return 2;
    }
    return bench.failed || bench.table.count == 0 ? 1 : 0;
}
