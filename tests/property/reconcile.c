/* SPDX-License-Identifier: Apache-2.0 */
/* Laws of a reconciled day over seeded books with seeded faults. The judge adds up by itself. */
#include <stdlib.h>
#include <string.h>

#include "conserve.h"
#include "recon_world.h"
#include "tangle.h"

Test(recon_laws, every_line_and_member_once_and_all_sums_conserved)
{
    uint64_t state = seed_start(1);
    for (int i = 0; i < ROUNDS; i++) {
        DEFER(world_free) struct world w = { 0 };
        world_make(&w, &state);
        world_run(&w);
        conserve_check(&w.in, &w.out);
    }
}

/* Law 8 too: these days have lines of another business. */
Test(recon_laws, tangled_days_are_conserved_with_what_is_out_of_scope)
{
    uint64_t state = seed_start(9);
    int64_t scoped = 0;
    for (int i = 0; i < ROUNDS; i++) {
        static struct tangle t;
        DEFER(arena_free) struct arena *arena = NULL;
        struct recon_output out = { 0 };
        tangle_make(&t, &state);
        engine_run(&t.in, &arena, &out);
        conserve_check(&t.in, &out);
        scoped += out.sheet.out_of_scope.count;
    }
    cr_assert_gt(scoped, 0);
}

/* Law 9. */
Test(recon_laws, only_an_equal_key_brings_a_line_and_a_member_together)
{
    uint64_t state = seed_start(2);
    for (int i = 0; i < ROUNDS; i++) {
        DEFER(world_free) struct world w = { 0 };
        world_make(&w, &state);
        world_run(&w);
        for (size_t k = 0; k < w.out.count; k++) {
            const struct recon_result *r = &w.out.results[k];
            if (r->line != RECON_NONE && r->member != RECON_NONE) {
                const struct recon_line *line = &w.lines[r->line];
                const struct recon_member *member = &w.members[r->member];
                cr_assert(span_eq(line->merchant_order_no, member->attempt_no)
                          || span_eq(line->provider_trade_no, member->provider_trade_no));
            }
            if (r->line != RECON_NONE && r->refund != RECON_NONE) {
                cr_assert(span_eq(w.lines[r->line].refund_no, w.refunds[r->refund].refund_no));
                cr_assert_eq(w.lines[r->line].kind, BILL_LINE_REFUND);
            }
        }
    }
}

#define SHUFFLE(array, count, state)                    \
    for (size_t n_ = (count); n_ > 1; n_--) {           \
        size_t k_ = next(state) % n_;                   \
        __typeof__((array)[0]) swap_ = (array)[n_ - 1]; \
        (array)[n_ - 1] = (array)[k_];                  \
        (array)[k_] = swap_;                            \
    }

static bool
same_span(const struct world *a, const struct world *b, const struct recon_result *x,
          const struct recon_result *y)
{
    bool lines =
        x->line == RECON_NONE
            ? y->line == RECON_NONE
            : y->line != RECON_NONE && a->lines[x->line].number == b->lines[y->line].number;
    bool members = x->member == RECON_NONE ? y->member == RECON_NONE
                                           : y->member != RECON_NONE
                                                 && span_eq(a->members[x->member].attempt_no,
                                                            b->members[y->member].attempt_no);
    bool refunds = x->refund == RECON_NONE ? y->refund == RECON_NONE
                                           : y->refund != RECON_NONE
                                                 && span_eq(a->refunds[x->refund].refund_no,
                                                            b->refunds[y->refund].refund_no);
    return lines && members && refunds;
}

static void
check_same(const struct world *a, const struct world *b)
{
    cr_assert_eq(a->out.count, b->out.count);
    cr_assert_eq(memcmp(&a->out.sheet, &b->out.sheet, sizeof(a->out.sheet)), 0);
    for (size_t i = 0; i < a->out.count; i++) {
        const struct recon_result *x = &a->out.results[i];
        const struct recon_result *y = &b->out.results[i];
        cr_assert(same_span(a, b, x, y), "result %zu is about another unit", i);
        cr_assert_eq(x->primary, y->primary);
        cr_assert_eq(x->b_fen, y->b_fen);
        cr_assert_eq(x->p_fen, y->p_fen);
        cr_assert_eq(x->carry_out, y->carry_out);
        cr_assert_eq(x->finding_count, y->finding_count);
        cr_assert_eq(memcmp(x->findings, y->findings, sizeof(x->findings)), 0);
    }
}

/* Laws 10 and 15: a shuffle also is every way of cutting a bill in two and joining it. */
Test(recon_laws, the_order_of_the_inputs_changes_nothing)
{
    uint64_t state = seed_start(3);
    for (int i = 0; i < ROUNDS; i++) {
        DEFER(world_free) struct world a = { 0 };
        DEFER(world_free) struct world b = { 0 };
        world_make(&a, &state);
        b = a;
        SHUFFLE(b.lines, b.in.line_count, &state);
        SHUFFLE(b.members, b.in.member_count, &state);
        SHUFFLE(b.refunds, b.in.refund_count, &state);
        SHUFFLE(b.orders, b.in.order_count, &state);
        SHUFFLE(b.invoices, b.in.invoice_count, &state);
        world_run(&a);
        world_run(&b);
        check_same(&a, &b);
    }
}

/* Law 12. */
Test(recon_laws, an_unrelated_line_adds_one_unknown_and_nothing_else)
{
    uint64_t state = seed_start(5);
    for (int i = 0; i < ROUNDS; i++) {
        DEFER(world_free) struct world a = { 0 };
        DEFER(world_free) struct world b = { 0 };
        world_make(&a, &state);
        b = a;
        b.lines[b.in.line_count++] = (struct recon_line){ .number = 1,
                                                          .kind = BILL_LINE_PAY,
                                                          .provider_trade_no = SPAN("unheard"),
                                                          .merchant_order_no = SPAN("of"),
                                                          .face_fen = 3,
                                                          .effective_fen = 3,
                                                          .at = at(3600) };
        world_run(&a);
        world_run(&b);
        cr_assert_eq(b.out.count, a.out.count + 1);
        cr_assert_eq(b.out.results[0].primary, FINDING_LONG_UNKNOWN);
        cr_assert_eq(b.out.results[0].delta_fen, 3);
        for (size_t k = 0; k < a.out.count; k++) {
            cr_assert_eq(a.out.results[k].primary, b.out.results[k + 1].primary);
            cr_assert_eq(a.out.results[k].line, b.out.results[k + 1].line);
            cr_assert_eq(memcmp(a.out.results[k].findings, b.out.results[k + 1].findings,
                                sizeof(a.out.results[k].findings)),
                         0);
        }
    }
}

/* Sales without any fault: n lines, members, orders. */
static void
world_clean(struct world *w, size_t sales, uint64_t *state)
{
    world_make(w, state);
    w->in.line_count = w->in.member_count = w->in.order_count = w->in.invoice_count = 0;
    w->in.refund_count = 0;
    for (size_t i = 0; i < sales; i++) {
        struct wall_time when = at((int64_t)(next(state) % 80000));
        w->lines[i] = (struct recon_line){ .number = i + 1,
                                           .kind = BILL_LINE_PAY,
                                           .provider_trade_no = name("T", i),
                                           .merchant_order_no = name("A", i),
                                           .face_fen = 1000,
                                           .effective_fen = 1000,
                                           .at = when };
        w->members[i] = (struct recon_member){ .attempt_no = name("A", i),
                                               .provider_trade_no = name("T", i),
                                               .owner = SPAN("portal"),
                                               .order_no = name("O", i),
                                               .state = ATTEMPT_PAID,
                                               .amount_fen = 1000,
                                               .paid_at = when,
                                               .counted = true };
        w->orders[i] = (struct recon_order){ .owner = SPAN("portal"),
                                             .order_no = name("O", i),
                                             .stage = RECON_ORDER_PAID,
                                             .amount_fen = 1000 };
    }
    w->in.line_count = w->in.member_count = w->in.order_count = sales;
}

static size_t
count_class(const struct world *w, enum finding finding)
{
    size_t count = 0;
    for (size_t i = 0; i < w->out.count; i++) {
        count += w->out.results[i].primary == finding;
    }
    return count;
}

/* Law 13. */
Test(recon_laws, a_deleted_line_turns_one_match_into_one_short_or_transit)
{
    uint64_t state = seed_start(6);
    for (int i = 0; i < ROUNDS; i++) {
        DEFER(world_free) struct world w = { 0 };
        size_t sales = 1 + next(&state) % 20;
        world_clean(&w, sales, &state);
        size_t gone = next(&state) % sales;
        if (chance(&state, 50)) {
            w.members[gone].paid_at = at(86399);
        }
        bool late = w.members[gone].paid_at.us == at(86399).us;
        w.lines[gone] = w.lines[--w.in.line_count];
        world_run(&w);
        cr_assert_eq(count_class(&w, FINDING_PAY_OK), sales - 1);
        cr_assert_eq(count_class(&w, late ? FINDING_DAY_IN_TRANSIT : FINDING_SHORT_PAY), 1);
        cr_assert_eq(w.out.sheet.delta_short.fen, -1000);
        cr_assert_eq(w.out.sheet.delta_long.fen, 0);
    }
}

/* Law 14: what the bill alone has and what the books alone have change places with the sign. */
Test(recon_laws, swapping_bill_and_books_mirrors_long_and_short)
{
    uint64_t state = seed_start(7);
    for (int i = 0; i < ROUNDS; i++) {
        DEFER(world_free) struct world a = { 0 };
        DEFER(world_free) struct world b = { 0 };
        size_t sales = 1 + next(&state) % 20;
        world_clean(&a, sales, &state);
        world_clean(&b, sales, &state);
        a.in.line_count = a.in.member_count = b.in.line_count = b.in.member_count = 0;
        for (size_t k = 0; k < sales; k++) {
            struct recon_line line = { .number = k + 1,
                                       .kind = BILL_LINE_PAY,
                                       .merchant_order_no = name("A", k),
                                       .at = at(3600) };
            struct recon_member member = { .attempt_no = name("A", k),
                                           .state = ATTEMPT_PAID,
                                           .paid_at = at(3600),
                                           .counted = true };
            int64_t bill = (int64_t)(next(&state) % 3);
            int64_t books = (int64_t)(next(&state) % 3);
            struct world *const sides[] = { &a, &b };
            for (size_t s = 0; s < 2; s++) {
                line.face_fen = line.effective_fen = s == 0 ? bill : books;
                member.amount_fen = s == 0 ? books : bill;
                if (line.face_fen != 0) {
                    sides[s]->lines[sides[s]->in.line_count++] = line;
                }
                if (member.amount_fen != 0) {
                    sides[s]->members[sides[s]->in.member_count++] = member;
                }
            }
        }
        world_run(&a);
        world_run(&b);
        cr_assert_eq(a.out.sheet.delta_long.fen, -b.out.sheet.delta_short.fen);
        cr_assert_eq(a.out.sheet.delta_short.fen, -b.out.sheet.delta_long.fen);
        cr_assert_eq(a.out.sheet.bill_only.fen, b.out.sheet.book_only.fen);
        cr_assert_eq(a.out.sheet.matched.fen, b.out.sheet.matched.fen);
        cr_assert_eq(a.out.sheet.amount_bill.fen, b.out.sheet.amount_books.fen);
        cr_assert_eq(count_class(&a, FINDING_AMT_BILL_MORE),
                     count_class(&b, FINDING_AMT_BILL_LESS));
    }
}

/* Law 16. */
Test(recon_laws, one_fen_changed_is_one_amount_class)
{
    uint64_t state = seed_start(8);
    for (int i = 0; i < ROUNDS; i++) {
        DEFER(world_free) struct world w = { 0 };
        size_t sales = 1 + next(&state) % 20;
        world_clean(&w, sales, &state);
        size_t at_line = next(&state) % sales;
        int64_t by = chance(&state, 50) ? 1 : -1;
        w.lines[at_line].face_fen = w.lines[at_line].effective_fen = 1000 + by;
        world_run(&w);
        cr_assert_eq(count_class(&w, FINDING_PAY_OK), sales - 1);
        cr_assert_eq(count_class(&w, by > 0 ? FINDING_AMT_BILL_MORE : FINDING_AMT_BILL_LESS), 1);
        cr_assert_eq(w.out.results[at_line].delta_fen, by);
    }
}
