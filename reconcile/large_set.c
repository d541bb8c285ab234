/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "large_parts.h"

#define PLACES_FIRST 64

/* 0 stands for a free place. */
static uint64_t
stored(uint64_t hash)
{
    return hash == 0 ? 1 : hash;
}

static size_t
place_of(const struct large_set *set, uint64_t hash)
{
    size_t at = (size_t)(hash >> LARGE_SLOT_BITS) & set->mask;
    while (set->slots[at] != 0 && set->slots[at] != hash) {
        at = (at + 1) & set->mask;
    }
    return at;
}

static enum err
widen(struct large_set *set)
{
    size_t places = set->slots == NULL ? PLACES_FIRST : 2 * (set->mask + 1);
    struct large_set wider = { .slots = calloc(places, sizeof(uint64_t)),
                               .count = set->count,
                               .mask = places - 1 };
    if (wider.slots == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; set->slots != NULL && i <= set->mask; i++) {
        if (set->slots[i] != 0) {
            wider.slots[place_of(&wider, set->slots[i])] = set->slots[i];
        }
    }
    free(set->slots);
    *set = wider;
    return ERR_OK;
}

enum err
large_set_add(struct large_set *set, uint64_t hash)
{
    if (set->slots == NULL || 2 * set->count > set->mask) {
        TRY(widen(set));
    }
    size_t at = place_of(set, stored(hash));
    set->count += set->slots[at] == 0 ? 1 : 0;
    set->slots[at] = stored(hash);
    return ERR_OK;
}

bool
large_set_has(const struct large_set *set, uint64_t hash)
{
    return set->count > 0 && set->slots[place_of(set, stored(hash))] != 0;
}

enum err
large_set_join(struct large_set *set, const struct large_set *other)
{
    for (size_t i = 0; other->count > 0 && i <= other->mask; i++) {
        if (other->slots[i] != 0) {
            TRY(large_set_add(set, other->slots[i]));
        }
    }
    return ERR_OK;
}

void
large_set_fini(struct large_set *set)
{
    free(set->slots);
    *set = (struct large_set){ .slots = NULL };
}
