/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES     ((size_t)8 * 1024)
#define BLOCK_MAX_BYTES ((size_t)1024 * 1024)

struct block {
    struct block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char at[];
};

struct arena {
    struct block *blocks;
    struct block *spare; /* wiped, of an arena that was recycled */
    size_t taken;
    size_t max;
};

enum err
arena_new(size_t max_bytes, struct arena **out)
{
    struct arena *arena = calloc(1, sizeof(*arena));
    if (arena == NULL) {
        return ERR_NO_MEMORY;
    }
    arena->max = max_bytes;
    *out = arena;
    return ERR_OK;
}

void
arena_recycle(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct block *block = arena->blocks;
        arena->blocks = block->next;
        explicit_bzero(block->at, block->used);
        block->used = 0;
        block->next = arena->spare;
        arena->spare = block;
    }
}

static void
drop_spare(struct arena *arena)
{
    while (arena->spare != NULL) {
        struct block *block = arena->spare;
        arena->spare = block->next;
        free(block);
    }
}

void
arena_reset(struct arena *arena)
{
    arena_recycle(arena);
    drop_spare(arena);
    arena->taken = 0;
}

void
arena_free(struct arena **arena)
{
    if (arena == NULL || *arena == NULL) {
        return;
    }
    arena_reset(*arena);
    free(*arena);
    *arena = NULL;
}

/* A spare block of that room; the first that has it, since a recycled arena is filled in the same way again. */
static bool
take_spare(struct arena *arena, size_t size)
{
    for (struct block **at = &arena->spare; *at != NULL; at = &(*at)->next) {
        struct block *block = *at;
        if (block->size >= size) {
            *at = block->next;
            block->next = arena->blocks;
            arena->blocks = block;
            return true;
        }
    }
    return false;
}

/* Blocks grow with the arena, so that a large one has few, and are at most what the ceiling leaves, so that many small arenas
 * stay small. */
static enum err
add_block(struct arena *arena, size_t size)
{
    if (take_spare(arena, size)) {
        return ERR_OK;
    }
    size_t left = arena->max - arena->taken;
    if (size > left) {
        return ERR_ARENA_FULL;
    }
    size_t block_bytes = BLOCK_BYTES;
    while (block_bytes < BLOCK_MAX_BYTES && block_bytes < arena->taken / 8) {
        block_bytes *= 2;
    }
    size_t want = size < block_bytes ? block_bytes : size;
    if (want > left) {
        want = size;
    }
    struct block *block = calloc(1, sizeof(*block) + want);
    if (block == NULL) {
        return ERR_NO_MEMORY;
    }
    block->size = want;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->taken += want;
    return ERR_OK;
}

enum err
arena_alloc(struct arena *arena, size_t size, void **out)
{
    size_t rounded;
    if (__builtin_add_overflow(size, alignof(max_align_t) - 1, &rounded)) {
        return ERR_ARENA_FULL;
    }
    rounded -= rounded % alignof(max_align_t);
    if (rounded == 0) {
        rounded = alignof(max_align_t);
    }
    if (arena->blocks == NULL || arena->blocks->size - arena->blocks->used < rounded) {
        TRY(add_block(arena, rounded));
    }
    struct block *block = arena->blocks;
    *out = block->at + block->used;
    block->used += rounded;
    return ERR_OK;
}

enum err
arena_array(struct arena *arena, size_t count, size_t size, void **out)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        return ERR_ARENA_FULL;
    }
    return arena_alloc(arena, total, out);
}

enum err
arena_copy(struct arena *arena, struct span s, struct span *out)
{
    void *at = NULL;
    TRY(arena_alloc(arena, s.len, &at));
    if (s.len > 0) {
        memcpy(at, s.at, s.len);
    }
    *out = span_make(at, s.len);
    return ERR_OK;
}

enum err
arena_cstr(struct arena *arena, struct span s, const char **out)
{
    if (s.len > 0 && memchr(s.at, 0, s.len) != NULL) {
        return ERR_ENCODING;
    }
    size_t size;
    if (__builtin_add_overflow(s.len, (size_t)1, &size)) {
        return ERR_ARENA_FULL;
    }
    void *at = NULL;
    TRY(arena_alloc(arena, size, &at));
    if (s.len > 0) {
        memcpy(at, s.at, s.len);
    }
    *out = at;
    return ERR_OK;
}
