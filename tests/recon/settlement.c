/* SPDX-License-Identifier: Apache-2.0 */
/* The sheet of a day of settlement: added up here in another way, and refused when a result is told twice, left out or bent. */
#include "settlement.h"

#include <string.h>

#include "check.h"

#define MOST 6

struct bank {
    struct deposit_payout payouts[MOST];
    struct deposit_entry entries[MOST];
    struct deposit_input in;
    struct arena *arena;
    struct deposit_output made;
    struct settlement sum;
    struct recon_sheet sheet;
};

static void
bank_free(struct bank *b)
{
    arena_free(&b->arena);
}

static uint64_t seed = 11;

static int64_t
chance(int64_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((seed >> 33) % (uint64_t)below);
}

static void
random_day(struct bank *b)
{
    static const char *const numbers[MOST] = { "1", "2", "3", "4", "5", "6" };
    static const char *const names[] = { "", "1", "2", "3 1", "9", "1 2 3", "6 5" };
    *b = (struct bank){ .in = { .payout_count = (size_t)chance(MOST + 1),
                                .entry_count = (size_t)chance(MOST + 1),
                                .term_days = 2,
                                .as_of = { 2026, 11, 24 } } };
    for (size_t i = 0; i < b->in.payout_count; i++) {
        int64_t before = chance(3) == 0 ? 0 : chance(9000) - 1000;
        int64_t moved = chance(2) == 0 ? chance(9000) - 500 : 0;
        b->payouts[i] =
            (struct deposit_payout){ .reference = span_of(numbers[i]),
                                     .day = { 2026, 11, (int)(20 + chance(5)) },
                                     .fen = before + moved,
                                     .banked_fen = chance(2) == 0 ? before : chance(5000),
                                     .moved = moved != 0,
                                     .moved_fen = moved,
                                     .returned = chance(5) == 0 };
    }
    for (size_t i = 0; i < b->in.entry_count; i++) {
        b->entries[i] = (struct deposit_entry){ .deposit_no = span_of(numbers[i]),
                                                .day = { 2026, 11, 24 },
                                                .fen = 1 + chance(9000),
                                                .fee_fen = chance(3) == 0 ? chance(50) : 0,
                                                .carried_in = chance(4) == 0 };
        b->entries[i].transfer = chance(6) == 0;
        b->entries[i].returned = !b->entries[i].transfer && chance(5) == 0;
        b->entries[i].references =
            span_of(b->entries[i].transfer ? "" : names[chance(sizeof(names) / sizeof(names[0]))]);
    }
    b->in.payouts = b->payouts;
    b->in.entries = b->entries;
    CHECK_OK(arena_new((size_t)256 * 1024, &b->arena));
    CHECK_OK(deposit_match(&b->in, b->arena, &b->made));
}

static enum err
sum(struct bank *b)
{
    return settlement_sum(&b->in, &b->made, b->arena, &b->sum, &b->sheet);
}

Test(settlement, its_sheet_is_what_was_read_and_what_became_of_it)
{
    for (int round = 0; round < 500; round++) {
        DEFER(bank_free) struct bank b = { 0 };
        int64_t due = 0;
        int64_t lines = 0;
        int64_t open = 0;
        size_t differ = 0;
        random_day(&b);
        CHECK_OK(sum(&b));
        for (size_t i = 0; i < b.in.payout_count; i++) {
            due += b.payouts[i].fen - b.payouts[i].banked_fen;
        }
        for (size_t i = 0; i < b.in.entry_count; i++) {
            const struct deposit_entry *entry = &b.entries[i];
            lines += (entry->returned ? -1 : 1) * (entry->fen + entry->fee_fen);
        }
        for (size_t i = 0; i < b.made.count; i++) {
            open += b.made.results[i].delta_fen;
            differ += b.made.results[i].delta_fen != 0 ? 1 : 0;
        }
        cr_assert_eq(b.sum.opening.fen + b.sum.paid.fen, due);
        cr_assert_eq(b.sum.loose_in.fen + b.sum.lines.fen, lines);
        cr_assert_eq(b.sum.loose_in.count + b.sum.lines.count, (int64_t)b.in.entry_count);
        cr_assert_eq(b.sum.closing.fen, due - b.sum.banked.fen);
        cr_assert_eq(b.sum.transfers.fen + b.sum.loose_out.fen, lines - b.sum.banked.fen);
        cr_assert_eq(b.sum.loose_out.fen - b.sum.closing.fen, open);
        cr_assert_eq(b.sum.closing.count + b.sum.loose_out.count, (int64_t)differ);
        cr_assert_eq(b.sheet.matched.count + b.sheet.amount_bill.count + b.sheet.bill_only.count,
                     (int64_t)b.in.entry_count);
        cr_assert_eq(b.sheet.in_scope.fen - b.sheet.population.fen, open);
        cr_assert_eq(b.sheet.unexplained_fen, 0);
    }
}

/* One of each, so that every kind of lie has something to lie about. */
static void
plain_day(struct bank *b)
{
    *b = (struct bank){ .in = { .payout_count = 2, .entry_count = 3, .as_of = { 2026, 11, 24 } } };
    b->payouts[0] = (struct deposit_payout){
        .reference = SPAN("W1"), .fen = 100, .moved = true, .moved_fen = 100
    };
    b->payouts[1] = (struct deposit_payout){ .reference = SPAN("W2"), .fen = 50 };
    b->entries[0] =
        (struct deposit_entry){ .deposit_no = SPAN("B1"), .fen = 100, .references = SPAN("W1") };
    b->entries[1] =
        (struct deposit_entry){ .deposit_no = SPAN("B2"), .fen = 20, .references = SPAN("W2") };
    b->entries[2] = (struct deposit_entry){ .deposit_no = SPAN("B3"), .fen = 7 };
    b->in.payouts = b->payouts;
    b->in.entries = b->entries;
    CHECK_OK(arena_new((size_t)256 * 1024, &b->arena));
    CHECK_OK(deposit_match(&b->in, b->arena, &b->made));
    CHECK_OK(sum(b));
}

Test(settlement, a_payout_or_line_told_twice_left_out_or_bent_does_not_tie)
{
    for (int lie = 0; lie < 6; lie++) {
        DEFER(bank_free) struct bank b = { 0 };
        plain_day(&b);
        cr_assert_eq(b.made.count, 3);
        cr_assert_eq(b.made.alloc_count, 2);
        switch (lie) {
        case 0: /* a payout is left out */
            b.made.results++;
            b.made.count--;
            break;
        case 1: /* the line of its own is left out */
            b.made.count--;
            break;
        case 2: /* a payout twice */
            b.made.results[1] = b.made.results[0];
            break;
        case 3: /* a part is left out */
            b.made.alloc_count--;
            break;
        case 4: /* a part is of another payout */
            b.made.allocs[1].payout = b.made.allocs[0].payout;
            break;
        default: /* a result has a fen more than its parts */
            b.made.results[1].banked_fen++;
            b.made.results[1].delta_fen++;
            break;
        }
        cr_expect_eq(sum(&b), ERR_INTERNAL, "%d", lie);
    }
}
