/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_INDEX_H
#define TALLYGATE_RECONCILE_INDEX_H

/* A hash index from one or two spans to numbers: many values may stand under one key, and they come
 * back in the order in which they went in. It borrows the bytes of its keys. Keys come from outside, so
 * each index hashes with a seed of its own, and whole keys are compared; what it answers does not depend
 * on the hash, so a run stays reproducible. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "span.h"

#define INDEX_NONE SIZE_MAX

struct index_entry {
    struct span a;
    struct span b;
    size_t value;
    uint32_t next; /* 1 + the next entry of the same key; 0: none */
    uint32_t last; /* of the first entry of a key, the newest one; of the others, themselves */
};

/* A place of the table: most of them need no look at an entry to be told apart. */
struct index_slot {
    uint32_t tag;   /* upper half of the key's hash */
    uint32_t entry; /* 1 + the first entry of the key; 0: free */
};

struct index {
    struct index_entry *entries;
    size_t count;
    size_t max;
    struct index_slot *slots;
    size_t mask;
    uint64_t seed;
};

/* The hash of a text under a seed, for those who need no index. */
uint64_t index_hash(uint64_t seed, struct span text);

/* Room for `max` entries, in `arena`. Errors: ARENA_FULL, NO_MEMORY, CRYPTO. */
MUST_USE enum err index_init(struct index *ix, struct arena *arena, size_t max);

/* Errors: INTERNAL when there are more entries than were asked for. */
MUST_USE enum err index_add(struct index *ix, struct span a, struct span b, size_t value);

/* The first entry under a key and the one after an entry, or INDEX_NONE. */
size_t index_first(const struct index *ix, struct span a, struct span b);
size_t index_next(const struct index *ix, size_t entry);
/* True for the first entry of a key that has more. */
bool index_heads_many(const struct index *ix, size_t entry);
size_t index_value(const struct index *ix, size_t entry);

/* The first value under a key, or INDEX_NONE. */
size_t index_find(const struct index *ix, struct span a, struct span b);

#endif
