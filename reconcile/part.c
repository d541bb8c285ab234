/* SPDX-License-Identifier: Apache-2.0 */
#include "part.h"

#include <stdlib.h>

#include "classify.h"
#include "progress.h"
#include "tie_out.h"

/* What is known of the whole day, and what the parts add to. */
struct whole {
    const struct recon_input *in;
    struct part_groups groups;
    uint32_t *ranks[PART_KIND_COUNT]; /* of each item, its place in the order of the output */
    struct recon_result *results; /* those of lines at the ranks of their lines, then the others */
    size_t count;
    struct recon_moved *moved;
    struct recon_sheet sheet;
    struct tie_sums sums;
};

/* The places of the items in the output's order, and the order itself. */
static enum err
rank(const struct match *match, const uint32_t *sorted[PART_KIND_COUNT], struct whole *whole)
{
    const struct recon_input *in = match->in;
    const size_t counts[PART_KIND_COUNT] = {
        [PART_LINE] = in->line_count,       [PART_MEMBER] = in->member_count,
        [PART_REFUND] = in->refund_count,   [PART_ORDER] = in->order_count,
        [PART_INVOICE] = in->invoice_count, [PART_MOVEMENT] = in->movement_count,
        [PART_MANUAL] = in->manual_count,   [PART_PAYMENT] = in->payment_count,
    };
    uint32_t *lists[PART_KIND_COUNT];
    for (int kind = 0; kind < PART_KIND_COUNT; kind++) {
        void *memory = NULL;
        TRY(arena_array(match->arena, counts[kind] + 1, sizeof(uint32_t), &memory));
        lists[kind] = memory;
        sorted[kind] = memory;
        TRY(arena_array(match->arena, counts[kind] + 1, sizeof(uint32_t), &memory));
        whole->ranks[kind] = memory;
    }
#define RANK(kind, pointers)                                            \
    for (size_t i = 0; i < counts[kind]; i++) {                         \
        lists[kind][i] = (uint32_t)(match->pointers[i] - in->pointers); \
        whole->ranks[kind][lists[kind][i]] = (uint32_t)i;               \
    }
    RANK(PART_LINE, lines)
    RANK(PART_MEMBER, members)
    RANK(PART_REFUND, refunds)
    RANK(PART_ORDER, orders)
    RANK(PART_INVOICE, invoices)
    RANK(PART_MOVEMENT, movements)
    RANK(PART_MANUAL, manuals)
#undef RANK
    for (size_t i = 0; i < counts[PART_PAYMENT]; i++) {
        lists[PART_PAYMENT][i] = (uint32_t)i; /* each part sorts its own by time */
    }
    return ERR_OK;
}

static size_t
place(const struct part *part, enum part_kind kind, size_t at)
{
    return at == RECON_NONE ? RECON_NONE : part->items[kind][at];
}

/* From places in the part to places in the day. */
static void
take_result(struct whole *whole, const struct part *part, const struct recon_result *result)
{
    struct recon_result moved = *result;
    moved.line = place(part, PART_LINE, result->line);
    moved.member = place(part, PART_MEMBER, result->member);
    moved.refund = place(part, PART_REFUND, result->refund);
    moved.order = place(part, PART_ORDER, result->order);
    moved.invoice = place(part, PART_INVOICE, result->invoice);
    moved.movement = place(part, PART_MOVEMENT, result->movement);
    moved.manual = place(part, PART_MANUAL, result->manual);
    size_t to = moved.line == RECON_NONE ? whole->count++ : whole->ranks[PART_LINE][moved.line];
    whole->results[to] = moved;
}

static void
take_part(struct whole *whole, const struct part *part, const struct recon_output *out)
{
    for (size_t i = 0; i < out->count; i++) {
        take_result(whole, part, &out->results[i]);
    }
    for (size_t i = 0; i < part->input.movement_count; i++) {
        struct recon_moved *moved = &whole->moved[part->items[PART_MOVEMENT][i]];
        moved->code = out->moved[i].code;
        moved->line = place(part, PART_LINE, out->moved[i].line);
    }
}

static enum err
solve_one(struct whole *whole, const struct match *match, size_t at, struct arena *arena)
{
    struct part part;
    struct recon_output out = { 0 };
    TRY(part_take(whole->in, &whole->groups, at, arena, &part));
    struct match of = match_of(&part.input, arena);
    of.by_refund_no = match->by_refund_no; /* what any movement of the account says holds for all */
    TRY(match_sort(&of));
    TRY(match_solve(&of, &out, &whole->sheet, &whole->sums));
    take_part(whole, &part, &out);
    progress_add(whole->in->progress, (int64_t)match_items(&part.input));
    return ERR_OK;
}

/* What a result without a line is of, in the order of the output, and its place. */
static enum part_kind
kind_of(const struct recon_result *result, size_t *at)
{
    const struct {
        enum part_kind kind;
        size_t at;
    } rows[] = {
        { PART_MEMBER, result->member },   { PART_REFUND, result->refund },
        { PART_INVOICE, result->invoice }, { PART_MOVEMENT, result->movement },
        { PART_MANUAL, result->manual },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].at != RECON_NONE) {
            *at = rows[i].at;
            return rows[i].kind;
        }
    }
    *at = result->order; /* every other one names its order beside */
    return PART_ORDER;
}

static int
result_cmp(const void *a, const void *b, void *context)
{
    const struct whole *whole = context;
    size_t x = 0;
    size_t y = 0;
    enum part_kind left = kind_of(a, &x);
    enum part_kind right = kind_of(b, &y);
    if (left != right) {
        return left < right ? -1 : 1;
    }
    uint32_t p = whole->ranks[left][x];
    uint32_t q = whole->ranks[left][y];
    return (p > q) - (p < q);
}

static enum err
room(const struct match *match, size_t size, struct whole *whole, size_t *parts)
{
    const struct recon_input *in = match->in;
    const uint32_t *sorted[PART_KIND_COUNT];
    struct part_map map;
    void *memory = NULL;
    size_t most = in->line_count + in->member_count + in->refund_count + in->order_count
                  + in->invoice_count + in->movement_count + in->manual_count;
    TRY(part_link(in, size, match->arena, &map));
    TRY(rank(match, sorted, whole));
    TRY(part_group(&map, sorted, match->arena, &whole->groups));
    TRY(arena_array(match->arena, most + 1, sizeof(struct recon_result), &memory));
    whole->results = memory;
    TRY(arena_array(match->arena, in->movement_count + 1, sizeof(struct recon_moved), &memory));
    whole->moved = memory;
    whole->count = in->line_count;
    *parts = map.parts;
    return ERR_OK;
}

enum err
part_solve(struct match *match, size_t size, struct recon_output *out)
{
    struct whole whole = { .in = match->in };
    size_t parts = 0;
    TRY(room(match, size, &whole, &parts));
    DEFER(arena_free) struct arena *arena = NULL;
    TRY(arena_new(SIZE_MAX, &arena));
    for (size_t i = 0; i < parts; i++) {
        TRY(solve_one(&whole, match, i, arena));
        arena_recycle(arena);
    }
    qsort_r(whole.results + match->in->line_count, whole.count - match->in->line_count,
            sizeof(whole.results[0]), result_cmp, &whole);
    for (size_t i = 0; i < whole.count; i++) {
        whole.results[i].seq = i + 1;
    }
    classify_fee_limit(match->in, whole.results, whole.count);
    *out = (struct recon_output){
        .results = whole.results, .count = whole.count, .moved = whole.moved, .sheet = whole.sheet
    };
    return tie_out_close(&out->sheet, &whole.sums, match->in->untied);
}
