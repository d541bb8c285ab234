/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "large_parts.h"

/* Rows of one slot that follow each other in their file stay there: a list in the order of its numbers is read where it is. Rows that
 * stand alone are copied, since to look for each of them again costs more than that. */
#define COPY_MAX_BYTES 4096

struct large_places {
    const struct pack_rows *rows;
    enum large_kind kind;
    size_t slots;
    struct pack_range *open; /* of each slot, the last one, which may still grow; len 0: none */
    struct spill *ranges;    /* that stayed */
    struct spill *copies;
};

static enum err
places_new(const struct large *large, enum large_kind kind, const struct pack_rows *rows,
           struct large_places **out)
{
    DEFER(large_places_free) struct large_places *places = calloc(1, sizeof(*places));
    if (places == NULL) {
        return ERR_NO_MEMORY;
    }
    places->rows = rows;
    places->kind = kind;
    places->slots = large->bins;
    places->open = calloc(places->slots, sizeof(places->open[0]));
    if (places->open == NULL) {
        return ERR_NO_MEMORY;
    }
    TRY(spill_new(large->dir, places->slots, &places->ranges));
    TRY(spill_new(large->dir, places->slots, &places->copies));
    *out = places;
    places = NULL;
    return ERR_OK;
}

void
large_places_free(struct large_places **places)
{
    if (places == NULL || *places == NULL) {
        return;
    }
    spill_free(&(*places)->ranges);
    spill_free(&(*places)->copies);
    free((*places)->open);
    free(*places);
    *places = NULL;
}

static enum err
close_range(struct large_places *places, size_t slot)
{
    const struct pack_range *open = &places->open[slot];
    bool copied = open->len < COPY_MAX_BYTES;
    const void *from = copied ? places->rows->bytes.at + open->from : (const void *)open;
    size_t len = copied ? open->len : sizeof(*open);
    unsigned char *at = NULL;
    TRY(spill_room(copied ? places->copies : places->ranges, slot, len, &at));
    memcpy(at, from, len);
    return ERR_OK;
}

enum err
large_place_put(struct large_feed *feed, enum large_kind kind, const struct pack_rows *rows,
                size_t slot, struct pack_range range)
{
    if (feed->places == NULL) {
        TRY(places_new(feed->large, kind, rows, &feed->places));
    }
    struct pack_range *open = &feed->places->open[slot];
    if (open->len > 0 && open->from + open->len == range.from) {
        open->len += range.len;
        return ERR_OK;
    }
    if (open->len > 0) {
        TRY(close_range(feed->places, slot));
    }
    *open = range;
    return ERR_OK;
}

static enum err
read_copies(const struct large_places *places, size_t slot, struct large_lists *lists)
{
    struct buf *copies = &lists->copies[places->kind];
    TRY(spill_take(places->copies, slot, copies));
    return pack_rows_read(places->rows, buf_span(copies), &lists->memos[places->kind],
                          &lists->rows[places->kind], &lists->where);
}

static enum err
read_range(const struct large_places *places, const struct pack_range *range,
           struct large_lists *lists)
{
    return pack_rows_read(places->rows, span_make(places->rows->bytes.at + range->from, range->len),
                          &lists->memos[places->kind], &lists->rows[places->kind], &lists->where);
}

static enum err
read_ranges(const struct large_places *places, size_t slot, struct large_lists *lists)
{
    buf_reset(&lists->ranges);
    TRY(spill_take(places->ranges, slot, &lists->ranges));
    for (size_t at = 0; at < lists->ranges.len; at += sizeof(struct pack_range)) {
        struct pack_range range;
        memcpy(&range, lists->ranges.at + at, sizeof(range));
        TRY(read_range(places, &range, lists));
    }
    return read_range(places, &places->open[slot], lists);
}

/* What the reader remembers is of another slot's bytes, which are not there any more. */
enum err
large_places_take(const struct large_places *places, size_t slot, struct large_lists *lists)
{
    if (slot >= places->slots || places->open[slot].len == 0) {
        return ERR_OK;
    }
    pack_memo_forget(&lists->memos[places->kind]);
    TRY(read_copies(places, slot, lists));
    TRY(read_ranges(places, slot, lists));
    lists->count[places->kind] = lists->rows[places->kind].len / large_row_size(places->kind);
    return ERR_OK;
}
