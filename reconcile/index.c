/* SPDX-License-Identifier: Apache-2.0 */
#include "index.h"

/* Its functions into this file: a call costs as much as the hash of a number. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "crypto.h"

#define SLOTS_MIN 8
#define TAG_SHIFT 32

uint64_t
index_hash(uint64_t seed, struct span text)
{
    return XXH3_64bits_withSeed(text.at, text.len, seed);
}

/* The hash of the first part is the seed of the second, so that ("ab","c") and ("a","bc") part ways. */
static uint64_t
hash_of(const struct index *ix, struct span a, struct span b)
{
    uint64_t first = index_hash(ix->seed, a);
    return b.len == 0 ? first : index_hash(first, b);
}

enum err
index_init(struct index *ix, struct arena *arena, size_t max)
{
    size_t slots = SLOTS_MIN;
    if (max > UINT32_MAX / 2) {
        return ERR_NO_MEMORY;
    }
    while (slots / 2 < max) {
        slots *= 2;
    }
    struct index made = { .max = max, .mask = slots - 1 };
    void *memory = NULL;
    TRY(crypto_random((unsigned char *)&made.seed, sizeof(made.seed)));
    TRY(arena_array(arena, max + 1, sizeof(struct index_entry), &memory));
    made.entries = memory;
    TRY(arena_array(arena, slots, sizeof(struct index_slot), &memory));
    made.slots = memory;
    *ix = made;
    return ERR_OK;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct index_slot *
slot_of(const struct index *ix, uint64_t hash, struct span a, struct span b)
{
    uint32_t tag = (uint32_t)(hash >> TAG_SHIFT);
    size_t at = (size_t)hash & ix->mask;
    while (ix->slots[at].entry != 0) {
        const struct index_entry *entry = &ix->entries[ix->slots[at].entry - 1];
        if (ix->slots[at].tag == tag && span_eq(entry->a, a) && span_eq(entry->b, b)) {
            break;
        }
        at = (at + 1) & ix->mask;
    }
    return &ix->slots[at];
}

enum err
index_add(struct index *ix, struct span a, struct span b, size_t value)
{
    if (ix->count >= ix->max) {
        return ERR_INTERNAL;
    }
    uint64_t hash = hash_of(ix, a, b);
    struct index_slot *slot = slot_of(ix, hash, a, b);
    uint32_t entry = (uint32_t)ix->count++;
    ix->entries[entry] = (struct index_entry){ .a = a, .b = b, .value = value, .last = entry };
    if (slot->entry == 0) {
        *slot = (struct index_slot){ .tag = (uint32_t)(hash >> TAG_SHIFT), .entry = entry + 1 };
        return ERR_OK;
    }
    struct index_entry *first = &ix->entries[slot->entry - 1];
    ix->entries[first->last].next = entry + 1;
    first->last = entry;
    return ERR_OK;
}

size_t
index_first(const struct index *ix, struct span a, struct span b)
{
    const struct index_slot *slot = slot_of(ix, hash_of(ix, a, b), a, b);
    return slot->entry == 0 ? INDEX_NONE : slot->entry - 1;
}

size_t
index_next(const struct index *ix, size_t entry)
{
    uint32_t next = ix->entries[entry].next;
    return next == 0 ? INDEX_NONE : next - 1;
}

bool
index_heads_many(const struct index *ix, size_t entry)
{
    return ix->entries[entry].last != entry;
}

size_t
index_value(const struct index *ix, size_t entry)
{
    return ix->entries[entry].value;
}

size_t
index_find(const struct index *ix, struct span a, struct span b)
{
    size_t entry = index_first(ix, a, b);
    return entry == INDEX_NONE ? INDEX_NONE : index_value(ix, entry);
}
