/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_genuine.h"

#include <string.h>

#include "fuzz.h"

#define SEEDS_MAX     128
#define STATEMENT_MAX ((size_t)64 * 1024)

static struct {
    const struct adapter *adapter;
    struct span statement; /* in the arena */
} seeds[SEEDS_MAX];
static size_t seed_count;
static struct arena *kept;

static const struct adapter *
provider_of(struct span name)
{
    struct span rest = name;
    struct span provider;
    bool genuine = span_cut(&rest, '_', &provider) && span_starts(rest, SPAN_LIT("genuine_"));
    return genuine ? adapter_find(provider) : NULL;
}

static bool
add(const struct adapter *adapter, enum adapter_operation operation, struct span input,
    fuzz_genuine_reader read)
{
    DEFER(buf_fini) struct buf statement = BUF_MAX(STATEMENT_MAX);
    if (!read(adapter, operation, input, &statement)) {
        return false;
    }
    FUZZ_DEMAND(seed_count < SEEDS_MAX);
    FUZZ_DEMAND(arena_copy(kept, buf_span(&statement), &seeds[seed_count].statement) == ERR_OK);
    seeds[seed_count++].adapter = adapter;
    return true;
}

static void
visit(const char *path, const char *name, void *context)
{
    const fuzz_genuine_reader *read = context;
    const struct adapter *adapter = provider_of(span_of(name));
    if (adapter == NULL) {
        return;
    }
    bool says = false;
    DEFER(buf_fini) struct buf input = BUF_MAX(0);
    FUZZ_DEMAND(fuzz_file(path, &input));
    for (int i = ADAPTER_OPERATION_NONE; i < ADAPTER_OPERATION_COUNT; i++) {
        says = add(adapter, (enum adapter_operation)i, buf_span(&input), *read) || says;
    }
    if (!says) {
        fuzz_fail("a genuine seed says something", path, 0);
    }
}

void
fuzz_genuine_load(const char *folder, fuzz_genuine_reader read)
{
    if (kept == NULL) {
        kept = fuzz_arena();
        fuzz_files(folder, visit, &read);
        FUZZ_DEMAND(seed_count > 0);
    }
}

void
fuzz_genuine_demand(const struct adapter *adapter, struct span statement)
{
    bool found = false;
    for (size_t i = 0; i < seed_count && !found; i++) {
        found = seeds[i].adapter == adapter && span_eq(seeds[i].statement, statement);
    }
    FUZZ_DEMAND(found);
}
