/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_INDEX_H
#define TALLYGATE_RECONCILE_INDEX_H

/* A hash index from one or two spans to numbers: many values may stand under one key, and they come
 * back in the order in which they went in. It borrows the bytes of its keys. What it answers does
 * not depend on the hash, so a run stays reproducible. */

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "span.h"

#define INDEX_NONE SIZE_MAX

struct index_entry {
    struct span a;
    struct span b;
    uint64_t hash;
    size_t value;
    size_t next; /* the next entry of the same key, or INDEX_NONE */
    size_t last; /* the newest entry of the key; kept in the first one */
};

struct index {
    struct index_entry *entries;
    size_t count;
    size_t max;
    size_t *slots; /* 1 + the number of the first entry of a key; 0: free */
    size_t mask;
};

/* Room for `max` entries, in `arena`. Errors: ARENA_FULL, NO_MEMORY. */
MUST_USE enum err index_init(struct index *ix, struct arena *arena, size_t max);

/* Errors: INTERNAL when there are more entries than were asked for. */
MUST_USE enum err index_add(struct index *ix, struct span a, struct span b, size_t value);

/* The first entry under a key and the one after an entry, or INDEX_NONE. */
size_t index_first(const struct index *ix, struct span a, struct span b);
size_t index_next(const struct index *ix, size_t entry);
size_t index_value(const struct index *ix, size_t entry);

/* The first value under a key, or INDEX_NONE. */
size_t index_find(const struct index *ix, struct span a, struct span b);

#endif
