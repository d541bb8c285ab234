/* SPDX-License-Identifier: Apache-2.0 */
#include "deposit.h"

#include <stdlib.h>

#include "index.h"

#define REFERENCES_MAX 1000 /* that one deposit may name */

static const struct span nothing;

struct state {
    const struct deposit_input *in;
    struct arena *arena;
    const struct deposit_payout **payouts; /* by day, reference */
    const struct deposit_entry **entries;  /* by day, number */
    struct index by_reference;
    struct index by_voucher;
    struct deposit_result *of; /* the result of each payout, at its place in the input */
    size_t *deposits;          /* how many entries stand for each payout */
    bool *returned;            /* something of it was sent back */
    struct deposit_output *out;
};

static int
payout_cmp(const void *a, const void *b)
{
    const struct deposit_payout *const *x = a;
    const struct deposit_payout *const *y = b;
    int day = day_cmp((*x)->day, (*y)->day);
    return day != 0 ? day : span_cmp((*x)->reference, (*y)->reference);
}

static int
entry_cmp(const void *a, const void *b)
{
    const struct deposit_entry *const *x = a;
    const struct deposit_entry *const *y = b;
    int day = day_cmp((*x)->day, (*y)->day);
    return day != 0 ? day : span_cmp((*x)->deposit_no, (*y)->deposit_no);
}

/* Adds |fen|: when all magnitudes together fit, no sum of a part of them overflows. */
static bool
weigh(int64_t *sum, int64_t fen)
{
    return fen > INT64_MIN && !__builtin_add_overflow(*sum, fen < 0 ? -fen : fen, sum);
}

static enum err
check(const struct deposit_input *in)
{
    int64_t sum = 0;
    bool fits = true;
    for (size_t i = 0; i < in->payout_count; i++) {
        if (span_empty(in->payouts[i].reference)) {
            return ERR_FIELD_VALUE;
        }
        fits = fits && weigh(&sum, in->payouts[i].fen) && weigh(&sum, in->payouts[i].banked_fen)
               && weigh(&sum, in->payouts[i].moved_fen);
    }
    for (size_t i = 0; i < in->entry_count; i++) {
        const struct deposit_entry *entry = &in->entries[i];
        bool alone = !entry->returned && span_empty(entry->references);
        if (entry->fen <= 0 || entry->fee_fen < 0 || span_empty(entry->deposit_no)
            || (entry->transfer && !alone)) {
            return ERR_FIELD_VALUE;
        }
        fits = fits && weigh(&sum, entry->fen) && weigh(&sum, entry->fee_fen);
    }
    for (size_t i = 0; i < in->transfer_count; i++) {
        if (in->transfers[i].fen <= 0 || span_empty(in->transfers[i].voucher)) {
            return ERR_FIELD_VALUE;
        }
        fits = fits && weigh(&sum, in->transfers[i].fen);
    }
    return fits && sum <= INT64_MAX / 4 ? ERR_OK : ERR_AMOUNT_OVERFLOW;
}

static enum err
sort_payouts(struct state *state)
{
    const struct deposit_input *in = state->in;
    void *memory = NULL;
    TRY(arena_array(state->arena, in->payout_count + 1, sizeof(void *), &memory));
    state->payouts = memory;
    for (size_t i = 0; i < in->payout_count; i++) {
        state->payouts[i] = &in->payouts[i];
    }
    qsort(memory, in->payout_count, sizeof(void *), payout_cmp);
    TRY(index_init(&state->by_reference, state->arena, in->payout_count));
    for (size_t i = 0; i < in->payout_count; i++) {
        struct span reference = state->payouts[i]->reference;
        if (index_find(&state->by_reference, reference, nothing) != INDEX_NONE) {
            return ERR_FIELD_VALUE;
        }
        TRY(index_add(&state->by_reference, reference, nothing,
                      (size_t)(state->payouts[i] - in->payouts)));
    }
    return ERR_OK;
}

static enum err
sort_entries(struct state *state)
{
    const struct deposit_input *in = state->in;
    struct index seen;
    void *memory = NULL;
    TRY(arena_array(state->arena, in->entry_count + 1, sizeof(void *), &memory));
    state->entries = memory;
    TRY(index_init(&seen, state->arena, in->entry_count));
    for (size_t i = 0; i < in->entry_count; i++) {
        state->entries[i] = &in->entries[i];
        if (index_find(&seen, in->entries[i].deposit_no, nothing) != INDEX_NONE) {
            return ERR_FIELD_VALUE;
        }
        TRY(index_add(&seen, in->entries[i].deposit_no, nothing, i));
    }
    qsort(memory, in->entry_count, sizeof(void *), entry_cmp);
    return ERR_OK;
}

static enum err
index_transfers(struct state *state)
{
    const struct deposit_input *in = state->in;
    TRY(index_init(&state->by_voucher, state->arena, in->transfer_count));
    for (size_t i = 0; i < in->transfer_count; i++) {
        if (index_find(&state->by_voucher, in->transfers[i].voucher, nothing) != INDEX_NONE) {
            return ERR_FIELD_VALUE;
        }
        TRY(index_add(&state->by_voucher, in->transfers[i].voucher, nothing, i));
    }
    return ERR_OK;
}

static size_t
count_references(const struct deposit_input *in)
{
    size_t count = 0;
    for (size_t i = 0; i < in->entry_count; i++) {
        struct span rest = in->entries[i].references;
        struct span word;
        bool more = rest.len > 0;
        while (more) {
            more = span_cut(&rest, ' ', &word);
            count++;
        }
    }
    return count;
}

static enum err
make_room(struct state *state)
{
    const struct deposit_input *in = state->in;
    void *memory = NULL;
    TRY(arena_array(state->arena, in->payout_count + 1, sizeof(*state->of), &memory));
    state->of = memory;
    TRY(arena_array(state->arena, in->payout_count + 1, sizeof(*state->deposits), &memory));
    state->deposits = memory;
    TRY(arena_array(state->arena, in->payout_count + 1, sizeof(*state->returned), &memory));
    state->returned = memory;
    TRY(arena_array(state->arena, in->payout_count + in->entry_count + 1,
                    sizeof(*state->out->results), &memory));
    state->out->results = memory;
    TRY(arena_array(state->arena, count_references(in) + 1, sizeof(*state->out->allocs), &memory));
    state->out->allocs = memory;
    for (size_t i = 0; i < in->payout_count; i++) {
        state->of[i] = (struct deposit_result){ .payout = i,
                                                .entry = DEPOSIT_NONE,
                                                .suggestion = DEPOSIT_NONE,
                                                .settled_fen = in->payouts[i].fen
                                                               - in->payouts[i].banked_fen };
    }
    return ERR_OK;
}

static void
give(struct state *state, const struct deposit_entry *entry, size_t payout, int64_t fen)
{
    struct deposit_output *out = state->out;
    out->allocs[out->alloc_count++] = (struct deposit_alloc){
        .payout = payout, .entry = (size_t)(entry - state->in->entries), .fen = fen
    };
    state->of[payout].banked_fen += fen;
    state->of[payout].fee = state->of[payout].fee || entry->fee_fen > 0;
    state->deposits[payout]++;
    state->returned[payout] = state->returned[payout] || entry->returned;
}

/* The payouts that an entry names, each once, in the order in which it names them. */
static size_t
named(const struct state *state, const struct deposit_entry *entry, size_t out[REFERENCES_MAX])
{
    size_t count = 0;
    struct span rest = entry->references;
    struct span word;
    bool more = rest.len > 0;
    while (more && count < REFERENCES_MAX) {
        more = span_cut(&rest, ' ', &word);
        size_t at = index_find(&state->by_reference, word, nothing);
        bool known = at != INDEX_NONE;
        for (size_t i = 0; known && i < count; i++) {
            known = out[i] != at;
        }
        if (known) {
            out[count++] = at;
        }
    }
    return count;
}

/* Fills one payout after another; what is left over stands with the last, where it shows. */
static void
spread(struct state *state, const struct deposit_entry *entry, const size_t *payouts, size_t count)
{
    int64_t whole = entry->fen + entry->fee_fen;
    int64_t left = whole;
    for (size_t i = 0; i < count; i++) {
        struct deposit_result *result = &state->of[payouts[i]];
        int64_t before = state->in->payouts[payouts[i]].banked_fen;
        int64_t open = entry->returned ? before + result->banked_fen
                                       : result->settled_fen - result->banked_fen;
        bool last = i + 1 == count;
        int64_t part = last || left < open ? left : open > 0 ? open : 0;
        if (part > 0 || last) {
            result->fee_fen += left == whole ? entry->fee_fen : 0;
            give(state, entry, payouts[i], entry->returned ? -part : part);
            result->merged = result->merged || count > 1;
            left -= part;
        }
    }
}

/* The one payout to which nothing came yet and whose amount is just this. */
static size_t
suggest(const struct state *state, const struct deposit_entry *entry)
{
    size_t found = DEPOSIT_NONE;
    for (size_t i = 0; i < state->in->payout_count; i++) {
        if (state->deposits[i] == 0 && state->of[i].settled_fen == entry->fen + entry->fee_fen) {
            if (found != DEPOSIT_NONE) {
                return DEPOSIT_NONE;
            }
            found = i;
        }
    }
    return found;
}

static enum finding
payout_class(const struct state *state, const struct deposit_result *result)
{
    const struct deposit_payout *payout = &state->in->payouts[result->payout];
    int64_t delta = result->banked_fen - result->settled_fen;
    if (delta == 0) {
        return FINDING_DEP_OK;
    }
    if (delta > 0) {
        return FINDING_DEP_OVER;
    }
    if (state->returned[result->payout] || payout->returned) {
        return FINDING_DEP_RETURNED;
    }
    bool due = day_cmp(state->in->as_of, day_add(payout->day, state->in->term_days)) > 0;
    return due ? FINDING_DEP_SHORT : FINDING_DEP_IN_TRANSIT;
}

static void
put(struct state *state, struct deposit_result result)
{
    struct deposit_output *out = state->out;
    result.delta_fen = result.banked_fen - result.settled_fen;
    out->results[out->count++] = result;
    out->delta_fen += result.delta_fen;
}

static void
put_payouts(struct state *state)
{
    for (size_t i = 0; i < state->in->payout_count; i++) {
        size_t at = (size_t)(state->payouts[i] - state->in->payouts);
        struct deposit_result result = state->of[at];
        result.split = state->deposits[at] > 1;
        result.primary = payout_class(state, &result);
        state->out->settled_fen += result.settled_fen;
        put(state, result);
    }
}

/* The bank's number is what a transfer was recorded under, and nothing else joins them. */
static void
put_transfer(struct state *state, const struct deposit_entry *entry)
{
    size_t at = index_find(&state->by_voucher, entry->deposit_no, nothing);
    struct deposit_result result = { .primary = FINDING_MAN_ORPHAN_DEPOSIT,
                                     .payout = DEPOSIT_NONE,
                                     .entry = (size_t)(entry - state->in->entries),
                                     .suggestion = DEPOSIT_NONE,
                                     .fee = entry->fee_fen > 0,
                                     .fee_fen = entry->fee_fen,
                                     .banked_fen = entry->fen + entry->fee_fen };
    if (at != INDEX_NONE) {
        result.settled_fen = state->in->transfers[at].fen;
        result.primary =
            result.settled_fen == result.banked_fen ? FINDING_MAN_OK : FINDING_MAN_AMOUNT;
        state->out->settled_fen += result.settled_fen;
    }
    put(state, result);
}

static void
put_strangers(struct state *state)
{
    for (size_t i = 0; i < state->in->entry_count; i++) {
        const struct deposit_entry *entry = state->entries[i];
        size_t payouts[REFERENCES_MAX];
        int64_t whole = entry->fen + entry->fee_fen;
        state->out->banked_fen += entry->returned ? -whole : whole;
        if (entry->transfer) {
            put_transfer(state, entry);
        } else if (named(state, entry, payouts) == 0) {
            put(state, (struct deposit_result){
                           .primary = entry->returned ? FINDING_DEP_RETURNED : FINDING_DEP_UNKNOWN,
                           .payout = DEPOSIT_NONE,
                           .entry = (size_t)(entry - state->in->entries),
                           .suggestion = entry->returned ? DEPOSIT_NONE : suggest(state, entry),
                           .fee = entry->fee_fen > 0,
                           .fee_fen = entry->fee_fen,
                           .banked_fen = entry->returned ? -whole : whole });
        }
    }
}

enum err
deposit_match(const struct deposit_input *input, struct arena *arena, struct deposit_output *out)
{
    struct deposit_output made = { .count = 0 };
    struct state state = { .in = input, .arena = arena, .out = &made };
    TRY(check(input));
    TRY(sort_payouts(&state));
    TRY(sort_entries(&state));
    TRY(index_transfers(&state));
    TRY(make_room(&state));
    for (size_t i = 0; i < input->entry_count; i++) {
        size_t payouts[REFERENCES_MAX];
        size_t count = named(&state, state.entries[i], payouts);
        spread(&state, state.entries[i], payouts, count);
    }
    put_payouts(&state);
    put_strangers(&state);
    if (made.delta_fen != made.banked_fen - made.settled_fen) {
        return ERR_INTERNAL;
    }
    *out = made;
    return ERR_OK;
}
