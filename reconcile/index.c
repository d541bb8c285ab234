/* SPDX-License-Identifier: Apache-2.0 */
#include "index.h"

#define FNV_OFFSET UINT64_C(0xCBF29CE484222325)
#define FNV_PRIME  UINT64_C(0x100000001B3)

/* FNV-1a over both parts. The length of the first goes in too, so that ("ab","c") and ("a","bc")
 * part ways. */
static uint64_t
hash_of(struct span a, struct span b)
{
    uint64_t hash = (FNV_OFFSET ^ a.len) * FNV_PRIME;
    for (size_t i = 0; i < a.len; i++) {
        hash = (hash ^ a.at[i]) * FNV_PRIME;
    }
    for (size_t i = 0; i < b.len; i++) {
        hash = (hash ^ b.at[i]) * FNV_PRIME;
    }
    return hash ^ (hash >> 32);
}

enum err
index_init(struct index *ix, struct arena *arena, size_t max)
{
    size_t slots = 8;
    while (slots / 2 < max) {
        if (slots > SIZE_MAX / 4) {
            return ERR_NO_MEMORY;
        }
        slots *= 2;
    }
    struct index made = { .max = max, .mask = slots - 1 };
    void *memory = NULL;
    TRY(arena_array(arena, max + 1, sizeof(struct index_entry), &memory));
    made.entries = memory;
    TRY(arena_array(arena, slots, sizeof(size_t), &memory));
    made.slots = memory;
    *ix = made;
    return ERR_OK;
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t
slot_of(const struct index *ix, uint64_t hash, struct span a, struct span b)
{
    size_t slot = (size_t)hash & ix->mask;
    while (ix->slots[slot] != 0) {
        const struct index_entry *entry = &ix->entries[ix->slots[slot] - 1];
        if (entry->hash == hash && span_eq(entry->a, a) && span_eq(entry->b, b)) {
            break;
        }
        slot = (slot + 1) & ix->mask;
    }
    return slot;
}

enum err
index_add(struct index *ix, struct span a, struct span b, size_t value)
{
    if (ix->count >= ix->max) {
        return ERR_INTERNAL;
    }
    uint64_t hash = hash_of(a, b);
    size_t slot = slot_of(ix, hash, a, b);
    size_t entry = ix->count++;
    ix->entries[entry] = (struct index_entry){
        .a = a, .b = b, .hash = hash, .value = value, .next = INDEX_NONE, .last = entry
    };
    if (ix->slots[slot] == 0) {
        ix->slots[slot] = entry + 1;
        return ERR_OK;
    }
    struct index_entry *first = &ix->entries[ix->slots[slot] - 1];
    ix->entries[first->last].next = entry;
    first->last = entry;
    return ERR_OK;
}

size_t
index_first(const struct index *ix, struct span a, struct span b)
{
    size_t slot = slot_of(ix, hash_of(a, b), a, b);
    return ix->slots[slot] == 0 ? INDEX_NONE : ix->slots[slot] - 1;
}

size_t
index_next(const struct index *ix, size_t entry)
{
    return ix->entries[entry].next;
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
