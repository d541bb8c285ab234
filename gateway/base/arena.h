/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_ARENA_H
#define TALLYGATE_BASE_ARENA_H

/* Request-lifetime memory: allocations live until the whole arena is reset. It has a ceiling and
 * wipes what it gives back. Zeroed memory, aligned for any type. */

#include <stddef.h>

#include "err.h"
#include "span.h"

struct arena;

MUST_USE enum err arena_new(size_t max_bytes, struct arena **out);
void arena_free(struct arena **arena);
void arena_reset(struct arena *arena);

/* The same for an arena that is filled again and again with about as much: it keeps its memory, wiped. */
void arena_recycle(struct arena *arena);

/* Errors: ARENA_FULL, NO_MEMORY. */
MUST_USE enum err arena_alloc(struct arena *arena, size_t size, void **out);
MUST_USE enum err arena_array(struct arena *arena, size_t count, size_t size, void **out);

/* A copy inside the arena; arena_cstr adds a NUL (refuses inner NULs: ENCODING). */
MUST_USE enum err arena_copy(struct arena *arena, struct span s, struct span *out);
MUST_USE enum err arena_cstr(struct arena *arena, struct span s, const char **out);

#endif
