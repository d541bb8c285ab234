/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_PART_H
#define TALLYGATE_RECONCILE_PART_H

/* A large day in parts that know nothing of each other: whatever could meet by a key stands in one part. Each part
 * is small enough to stay in the processor's caches, and the engine needs memory for one part at a time.
 * What comes out is what the whole day in one part gives (tests/property/parts.c). For match.c and part*.c alone. */

#include "match.h"

enum part_kind {
    PART_LINE,
    PART_MEMBER,
    PART_REFUND,
    PART_ORDER,
    PART_INVOICE,
    PART_MOVEMENT,
    PART_MANUAL,
    PART_PAYMENT,
    PART_KIND_COUNT
};

/* Which part each item is in. */
struct part_map {
    uint32_t *of[PART_KIND_COUNT]; /* the part of each item, at its place in the input */
    size_t count[PART_KIND_COUNT]; /* items */
    size_t parts;
};

/* Puts items that share a number into one part, and fills parts up to about `size` items; in `arena`. Two items whose
 * numbers only hash alike may meet too, which changes nothing. Errors: ARENA_FULL, NO_MEMORY, CRYPTO. */
MUST_USE enum err part_link(const struct recon_input *in, size_t size, struct arena *arena,
                            struct part_map *out);

/* Items of one part, copied side by side, in the order of `sorted`. */
struct part {
    struct recon_input input;
    const uint32_t *items[PART_KIND_COUNT]; /* their places in the whole input */
};

/* The whole input's items grouped by part. */
struct part_groups {
    uint32_t
        *items[PART_KIND_COUNT];     /* places in the input, part by part, in sorted order within */
    size_t *starts[PART_KIND_COUNT]; /* parts + 1 */
};

/* `sorted` gives each kind's items in the order of the output. Errors: ARENA_FULL, NO_MEMORY. */
MUST_USE enum err part_group(const struct part_map *map,
                             const uint32_t *const sorted[PART_KIND_COUNT], struct arena *arena,
                             struct part_groups *out);

/* Copies the items of one part into `arena`. Errors: ARENA_FULL, NO_MEMORY. */
MUST_USE enum err part_take(const struct recon_input *in, const struct part_groups *groups,
                            size_t at, struct arena *arena, struct part *out);

/* The whole of a sorted day, part by part. Errors: those of recon_match. */
MUST_USE enum err part_solve(struct match *match, size_t size, struct recon_output *out);

#endif
