/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "index.h"
#include "large_parts.h"

/* Numbers and the slots they stand in are kept by a part of their hash, so that one table at a time shows which of them stand in
 * two slots. */
#define KEY_HEAPS 256
#define KEY_SHIFT 56
#define SLOT_MASK ((UINT64_C(1) << LARGE_SLOT_BITS) - 1)

uint64_t
large_hash(const struct large *large, struct span number)
{
    return index_hash(large->seed, number) & ~SLOT_MASK;
}

/* A key is a hash and, in its lowest bits, the slot and one. */
enum err
large_key_put(struct large_feed *feed, struct span number, size_t slot)
{
    uint64_t key = large_hash(feed->large, number) | (slot + 1);
    unsigned char *at = NULL;
    if (feed->keys == NULL) {
        TRY(spill_new(feed->large->dir, KEY_HEAPS, &feed->keys));
    }
    TRY(spill_room(feed->keys, key >> KEY_SHIFT, sizeof(key), &at));
    memcpy(at, &key, sizeof(key));
    return ERR_OK;
}

/* `table` has room for twice the keys; 0 is a free place. */
static enum err
note(struct large_set *scattered, uint64_t *table, size_t mask, uint64_t key)
{
    size_t at = (size_t)(key >> LARGE_SLOT_BITS) & mask;
    while (table[at] != 0 && ((table[at] ^ key) & ~SLOT_MASK) != 0) {
        at = (at + 1) & mask;
    }
    if (table[at] == 0) {
        table[at] = key;
        return ERR_OK;
    }
    return table[at] == key ? ERR_OK : large_set_add(scattered, key & ~SLOT_MASK);
}

/* Room that is used for one heap after the other. */
struct keys {
    struct buf bytes;
    struct buf table;
    struct large_set *scattered;
};

static void
keys_fini(struct keys *keys)
{
    buf_fini(&keys->bytes);
    buf_fini(&keys->table);
}

static enum err
gather_heap(const struct large *large, size_t heap, struct keys *keys)
{
    unsigned char *room = NULL;
    size_t places = 8;
    buf_reset(&keys->bytes);
    buf_reset(&keys->table);
    for (const struct large_feed *feed = large->feeds; feed != NULL; feed = feed->next) {
        if (feed->keys != NULL) {
            TRY(spill_take(feed->keys, heap, &keys->bytes));
        }
    }
    while (places < 2 * (keys->bytes.len / sizeof(uint64_t))) {
        places *= 2;
    }
    TRY(buf_reserve(&keys->table, places * sizeof(uint64_t), &room));
    memset(room, 0, places * sizeof(uint64_t));
    for (size_t at = 0; at < keys->bytes.len; at += sizeof(uint64_t)) {
        uint64_t key = 0;
        memcpy(&key, keys->bytes.at + at, sizeof(key));
        TRY(note(keys->scattered, (uint64_t *)(void *)room, places - 1, key));
    }
    return ERR_OK;
}

enum err
large_keys_gather(const struct large *large, atomic_size_t *next, struct large_set *out)
{
    DEFER(keys_fini)
    struct keys keys = { .bytes = BUF_MAX(SIZE_MAX), .table = BUF_MAX(SIZE_MAX), .scattered = out };
    for (size_t heap = atomic_fetch_add(next, 1); heap < KEY_HEAPS;
         heap = atomic_fetch_add(next, 1)) {
        TRY(gather_heap(large, heap, &keys));
    }
    return ERR_OK;
}
