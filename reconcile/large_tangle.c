/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "large_parts.h"
#include "match.h"

#define TIDY_MAX_BYTES ((size_t)1024 * 1024)

/* A line may name an attempt whose number somebody wrote in another way. */
enum err
large_loosen(const struct large *large, enum large_kind kind, const void *row,
             struct large_set *set)
{
    struct span numbers[LARGE_NUMBERS_MAX];
    size_t count = large_numbers(kind, row, numbers);
    DEFER(arena_free) struct arena *arena = NULL;
    TRY(arena_new(TIDY_MAX_BYTES, &arena));
    for (size_t i = 0; i < count; i++) {
        struct span tidied;
        TRY(large_set_add(set, large_hash(large, numbers[i])));
        TRY(match_tidy(arena, numbers[i], &tidied));
        TRY(large_set_add(set, large_hash(large, tidied)));
    }
    return ERR_OK;
}

static bool
meets(const struct large *large, enum large_kind kind, const void *row, const struct large_set *set)
{
    struct span numbers[LARGE_NUMBERS_MAX];
    size_t count = large_numbers(kind, row, numbers);
    for (size_t i = 0; i < count; i++) {
        if (large_set_has(set, large_hash(large, numbers[i]))) {
            return true;
        }
    }
    return false;
}

static const unsigned char *
row_at(const struct large_lists *lists, int kind, size_t i)
{
    return lists->rows[kind].at + i * large_row_size((enum large_kind)kind);
}

bool
large_is_tangled(const struct large *large, const struct large_lists *lists)
{
    for (int kind = 0; large->scattered.count > 0 && kind < LARGE_KIND_COUNT; kind++) {
        for (size_t i = 0; i < lists->count[kind]; i++) {
            if (meets(large, (enum large_kind)kind, row_at(lists, kind, i), &large->scattered)) {
                return true;
            }
        }
    }
    return false;
}

/* One way through the lists: what meets the set leaves, and adds its own numbers. */
static enum err
take_out(struct large *large, struct large_lists *lists, struct large_set *set, size_t *taken)
{
    *taken = 0;
    for (int kind = 0; kind < LARGE_KIND_COUNT; kind++) {
        size_t size = large_row_size((enum large_kind)kind);
        size_t stay = 0;
        for (size_t i = 0; i < lists->count[kind]; i++) {
            const unsigned char *row = row_at(lists, kind, i);
            if (meets(large, (enum large_kind)kind, row, set)) {
                TRY(large_loosen(large, (enum large_kind)kind, row, set));
                TRY(large_keep(large->feeds, (enum large_kind)kind, large->bins, row));
                continue;
            }
            memmove(lists->rows[kind].at + stay * size, row, size);
            stay++;
        }
        *taken += lists->count[kind] - stay;
        lists->count[kind] = stay;
    }
    return ERR_OK;
}

enum err
large_untangle(struct large *large, struct large_lists *lists)
{
    DEFER(large_set_fini) struct large_set set = { .slots = NULL };
    size_t taken = 1;
    TRY(large_set_join(&set, &large->scattered));
    while (taken > 0) {
        TRY(take_out(large, lists, &set, &taken));
    }
    return ERR_OK;
}
