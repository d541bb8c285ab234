/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "part.h"

/* A counting sort by part, stable. */
static enum err
group_kind(const struct part_map *map, enum part_kind kind, const uint32_t *sorted,
           struct arena *arena, struct part_groups *out)
{
    const uint32_t *part = map->of[kind];
    size_t count = map->count[kind];
    void *memory = NULL;
    TRY(arena_array(arena, map->parts + 1, sizeof(size_t), &memory));
    size_t *starts = memory;
    TRY(arena_array(arena, map->parts + 1, sizeof(size_t), &memory));
    size_t *at = memory;
    TRY(arena_array(arena, count + 1, sizeof(uint32_t), &memory));
    uint32_t *items = memory;
    for (size_t i = 0; i < count; i++) {
        starts[part[i] + 1]++;
    }
    for (size_t i = 0; i < map->parts; i++) {
        starts[i + 1] += starts[i];
        at[i] = starts[i];
    }
    for (size_t i = 0; i < count; i++) {
        items[at[part[sorted[i]]]++] = sorted[i];
    }
    out->items[kind] = items;
    out->starts[kind] = starts;
    return ERR_OK;
}

enum err
part_group(const struct part_map *map, const uint32_t *const sorted[PART_KIND_COUNT],
           struct arena *arena, struct part_groups *out)
{
    for (int kind = 0; kind < PART_KIND_COUNT; kind++) {
        TRY(group_kind(map, (enum part_kind)kind, sorted[kind], arena, out));
    }
    return ERR_OK;
}

/* A copy of those items side by side. */
static enum err
gather(const void *from, size_t size, const uint32_t *items, size_t count, struct arena *arena,
       const void **out)
{
    void *memory = NULL;
    const unsigned char *source = from;
    TRY(arena_array(arena, count + 1, size, &memory));
    unsigned char *to = memory;
    for (size_t i = 0; i < count; i++) {
        memcpy(to + i * size, source + items[i] * size, size);
    }
    *out = memory;
    return ERR_OK;
}

#define GATHER(kind, list, number)                                                            \
    do {                                                                                      \
        const void *copy = NULL;                                                              \
        size_t first = groups->starts[kind][at];                                              \
        out->items[kind] = groups->items[kind] + first;                                       \
        out->input.number = groups->starts[kind][at + 1] - first;                             \
        TRY(gather(in->list, sizeof(in->list[0]), out->items[kind], out->input.number, arena, \
                   &copy));                                                                   \
        out->input.list = copy;                                                               \
    } while (0)

enum err
part_take(const struct recon_input *in, const struct part_groups *groups, size_t at,
          struct arena *arena, struct part *out)
{
    out->input = *in;
    GATHER(PART_LINE, lines, line_count);
    GATHER(PART_MEMBER, members, member_count);
    GATHER(PART_REFUND, refunds, refund_count);
    GATHER(PART_ORDER, orders, order_count);
    GATHER(PART_INVOICE, invoices, invoice_count);
    GATHER(PART_MOVEMENT, movements, movement_count);
    GATHER(PART_MANUAL, manuals, manual_count);
    GATHER(PART_PAYMENT, payments, payment_count);
    return ERR_OK;
}
