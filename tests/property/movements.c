/* SPDX-License-Identifier: Apache-2.0 */
/* Laws of the account's own bill beside seeded days: the movements that the lines ask for, some left out, changed, told
 * twice or put between. The judge adds up by itself. */
#include "recon_world.h"

#define MOVEMENTS (4 * LINES)

struct flow {
    struct world w;
    struct recon_movement movements[MOVEMENTS];
    size_t count;
};

static void
flow_free(struct flow *f)
{
    world_free(&f->w);
}

static void
move(struct flow *f, enum bill_flow kind, struct span number, int64_t fen, uint64_t *state)
{
    if (chance(state, 10) || fen == 0) {
        return;
    }
    for (int times = chance(state, 5) ? 2 : 1; times > 0; times--) {
        f->movements[f->count] = (struct recon_movement){ .number = 2 + 3 * f->count,
                                                          .kind = kind,
                                                          .provider_trade_no = number,
                                                          .fen = fen + (chance(state, 5) ? 1 : 0) };
        f->count++;
    }
}

static void
make(struct flow *f, uint64_t *state)
{
    world_make(&f->w, state);
    f->count = 0;
    for (size_t i = 0; i < f->w.in.line_count; i++) {
        struct recon_line *line = &f->w.lines[i];
        bool refund = line->kind == BILL_LINE_REFUND;
        line->fee_fen = -line->effective_fen * 6 / 1000;
        line->coupon_fen = chance(state, 10) ? -line->effective_fen / 10 : 0;
        move(f, refund ? BILL_FLOW_REFUND : BILL_FLOW_PAY, line->provider_trade_no,
             line->effective_fen + line->coupon_fen, state);
        move(f, BILL_FLOW_FEE, line->provider_trade_no, line->fee_fen, state);
        if (chance(state, 10)) {
            enum bill_flow other = (enum bill_flow)(
                BILL_FLOW_WITHDRAW + next(state) % (BILL_FLOW_COUNT - BILL_FLOW_WITHDRAW));
            move(f, chance(state, 20) ? BILL_FLOW_UNKNOWN : other, name("X", i % MOST), -900,
                 state);
        }
    }
}

static void
run(struct flow *f)
{
    struct recon_input *in = &f->w.in;
    in->has_flow = in->flow_balanced = true;
    in->movements = f->movements;
    in->movement_count = f->count;
    in->flow_opening_fen = 1000000;
    in->flow_closing_fen = 1000000;
    for (size_t i = 0; i < f->count; i++) {
        in->flow_closing_fen += f->movements[i].fen;
    }
    world_run(&f->w);
}

/* Each movement is a line's, a fee, or a result of its own; a line has at most one. */
static void
check_once(const struct flow *f)
{
    size_t lines[LINES] = { 0 };
    size_t results[MOVEMENTS] = { 0 };
    const struct world *w = &f->w;
    for (size_t i = 0; i < w->out.count; i++) {
        if (w->out.results[i].movement != RECON_NONE) {
            results[w->out.results[i].movement]++;
            cr_assert_eq(w->out.results[i].delta_fen, 0);
        }
    }
    for (size_t i = 0; i < f->count; i++) {
        const struct recon_moved *moved = &w->out.moved[i];
        bool fee = moved->code == FINDING_FLOW_FEE;
        cr_assert_eq(results[i], moved->line == RECON_NONE && !fee ? 1 : 0);
        if (moved->line != RECON_NONE) {
            const struct recon_line *line = &w->lines[moved->line];
            lines[moved->line]++;
            cr_assert(span_eq(line->provider_trade_no, f->movements[i].provider_trade_no));
            cr_assert_eq(line->effective_fen + line->coupon_fen, f->movements[i].fen);
        }
    }
    for (size_t i = 0; i < w->in.line_count; i++) {
        cr_assert_leq(lines[i], 1);
    }
}

/* opening + all = closing, and what moved by trade is the bill's net but for what the sheet names. */
static void
check_sums(const struct flow *f)
{
    const struct world *w = &f->w;
    const struct recon_flow *s = &w->out.sheet.flow;
    int64_t all = 0, trade = 0, alone = 0, net = 0;
    size_t pairs = 0, effective = 0;
    for (size_t i = 0; i < f->count; i++) {
        const struct recon_movement *m = &f->movements[i];
        bool of_trade =
            m->kind == BILL_FLOW_PAY || m->kind == BILL_FLOW_REFUND || m->kind == BILL_FLOW_FEE;
        all += m->fen;
        trade += of_trade ? m->fen : 0;
        alone += of_trade && w->out.moved[i].code == FINDING_FLOW_UNKNOWN ? m->fen : 0;
        pairs += w->out.moved[i].line != RECON_NONE ? 1 : 0;
    }
    for (size_t i = 0; i < w->in.line_count; i++) {
        net += w->lines[i].effective_fen + w->lines[i].fee_fen;
        effective += w->lines[i].effective_fen != 0 ? 1 : 0;
    }
    cr_assert_eq(s->opening_fen + all, s->closing_fen);
    cr_assert_eq(s->pay.fen + s->refund.fen + s->fee.fen, trade);
    cr_assert_eq(s->only.fen, alone);
    cr_assert_eq(s->missing.count, (int64_t)(effective - pairs));
    cr_assert_eq(trade, net + s->coupon_fen + s->only.fen - s->missing.fen + s->fee_off_fen);
    cr_assert_eq(w->out.sheet.unexplained_fen, 0);
}

Test(movements, add_up_whatever_was_left_out_changed_or_put_between)
{
    uint64_t state = seed_start(20261126);
    for (int round = 0; round < ROUNDS; round++) {
        DEFER(flow_free) struct flow f = { .count = 0 };
        make(&f, &state);
        run(&f);
        check_once(&f);
        check_sums(&f);
    }
}

/* What comes of each, by its number, whatever the order of the rows. */
Test(movements, come_to_the_same_in_any_order)
{
    uint64_t state = seed_start(34);
    for (int round = 0; round < ROUNDS / 4; round++) {
        DEFER(flow_free) struct flow f = { .count = 0 };
        static enum finding codes[2 + 3 * MOVEMENTS];
        make(&f, &state);
        run(&f);
        size_t results = f.w.out.count;
        for (size_t i = 0; i < f.count; i++) {
            codes[f.movements[i].number] = f.w.out.moved[i].code;
        }
        for (size_t i = f.count; i > 1; i--) {
            size_t with = next(&state) % i;
            struct recon_movement kept = f.movements[i - 1];
            f.movements[i - 1] = f.movements[with];
            f.movements[with] = kept;
        }
        run(&f);
        cr_assert_eq(f.w.out.count, results);
        for (size_t i = 0; i < f.count; i++) {
            cr_assert_eq(codes[f.movements[i].number], f.w.out.moved[i].code);
        }
    }
}
