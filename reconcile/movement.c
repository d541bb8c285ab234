/* SPDX-License-Identifier: Apache-2.0 */
#include "movement.h"

static const struct span nothing;

/* The fees of one payment, by its number at the provider. */
struct fees {
    int64_t lines_fen;
    int64_t moved_fen;
};

struct state {
    struct match *match;
    struct index lines;  /* kind and number to places of the lines */
    struct index fee_of; /* payment to places in `fees` */
    struct fees *fees;
    size_t fee_count;
};

bool
movement_of_trade(const struct recon_movement *movement)
{
    return movement->kind == BILL_FLOW_PAY || movement->kind == BILL_FLOW_REFUND
           || movement->kind == BILL_FLOW_FEE;
}

/* A line without effect moved nothing, and a repeated one nothing more. */
static bool
should_move(const struct match *match, const struct recon_line *line)
{
    return line->effective_fen != 0 && !match->line_facts[line - match->in->lines].repeated;
}

static int64_t
settled(const struct recon_line *line)
{
    return line->effective_fen + line->coupon_fen;
}

static struct span
kind_key(bool refund)
{
    return refund ? SPAN_LIT("refund") : SPAN_LIT("pay");
}

static enum err
add_fees_of(struct state *state, struct span payment, size_t *out)
{
    size_t at = index_find(&state->fee_of, payment, nothing);
    if (at == INDEX_NONE) {
        at = state->fee_count++;
        state->fees[at] = (struct fees){ 0 };
        TRY(index_add(&state->fee_of, payment, nothing, at));
    }
    *out = at;
    return ERR_OK;
}

static enum err
add_lines(struct state *state)
{
    struct match *match = state->match;
    for (size_t i = 0; i < match->in->line_count; i++) {
        const struct recon_line *line = match->lines[i];
        bool refund = line->kind == BILL_LINE_REFUND;
        size_t at;
        if (line->carried_in) {
            continue; /* its money is on the account's bill of its own day */
        }
        TRY(add_fees_of(state, line->provider_trade_no, &at));
        state->fees[at].lines_fen += line->fee_fen;
        struct span number =
            refund && state->match->by_refund_no ? line->refund_no : line->provider_trade_no;
        if (should_move(match, line)) {
            TRY(index_add(&state->lines, kind_key(refund), number,
                          (size_t)(line - match->in->lines)));
        }
    }
    return ERR_OK;
}

/* The line that a payment or refund on the account is; RECON_NONE. */
static size_t
line_of(const struct state *state, const struct recon_movement *movement)
{
    const struct match *match = state->match;
    bool refund = movement->kind == BILL_FLOW_REFUND;
    struct span number =
        refund && state->match->by_refund_no ? movement->refund_no : movement->provider_trade_no;
    for (size_t at = index_first(&state->lines, kind_key(refund), number); at != INDEX_NONE;
         at = index_next(&state->lines, at)) {
        size_t line = index_value(&state->lines, at);
        if (!match->line_facts[line].moved
            && settled(&match->in->lines[line]) == movement->fen - movement->fee_fen) {
            return line;
        }
    }
    return RECON_NONE;
}

static void
take_trade(struct state *state, const struct recon_movement *movement, struct recon_moved *moved)
{
    struct match *match = state->match;
    moved->line = line_of(state, movement);
    if (moved->line == RECON_NONE) {
        moved->code = FINDING_FLOW_UNKNOWN;
        return;
    }
    match->line_facts[moved->line].moved = true;
    moved->code = movement->kind == BILL_FLOW_REFUND ? FINDING_FLOW_REFUND : FINDING_NONE;
    size_t at =
        index_find(&state->fee_of, match->in->lines[moved->line].provider_trade_no, nothing);
    state->fees[at].moved_fen += movement->fee_fen;
}

/* A fee names its payment, or the refund that it comes back with. */
static void
take_fee(struct state *state, const struct recon_movement *movement, struct recon_moved *moved)
{
    size_t at = index_find(&state->fee_of, movement->provider_trade_no, nothing);
    size_t refund = index_find(&state->lines, kind_key(true), movement->merchant_order_no);
    if (at == INDEX_NONE && state->match->by_refund_no && refund != INDEX_NONE) {
        struct span payment = state->match->in->lines[refund].provider_trade_no;
        at = index_find(&state->fee_of, payment, nothing);
    }
    moved->code = at == INDEX_NONE ? FINDING_FLOW_UNKNOWN : FINDING_FLOW_FEE;
    if (at != INDEX_NONE) {
        state->fees[at].moved_fen += movement->fen;
    }
}

static const enum finding codes[BILL_FLOW_COUNT] = {
    [BILL_FLOW_UNKNOWN] = FINDING_FLOW_UNKNOWN,   [BILL_FLOW_WITHDRAW] = FINDING_FLOW_WITHDRAW,
    [BILL_FLOW_TRANSFER] = FINDING_FLOW_TRANSFER, [BILL_FLOW_FREEZE] = FINDING_FLOW_FREEZE,
    [BILL_FLOW_ADJUST] = FINDING_FLOW_ADJUST,     [BILL_FLOW_INTEREST] = FINDING_FLOW_INTEREST,
};

static void
take(struct state *state, size_t i)
{
    const struct recon_movement *movement = &state->match->in->movements[i];
    struct recon_moved *moved = &state->match->moved[i];
    moved->line = RECON_NONE;
    if (movement->kind == BILL_FLOW_FEE) {
        take_fee(state, movement, moved);
    } else if (movement_of_trade(movement)) {
        take_trade(state, movement, moved);
    } else {
        moved->code = codes[movement->kind];
    }
}

static void
say_fees(struct state *state)
{
    struct match *match = state->match;
    for (size_t i = 0; i < match->in->line_count; i++) {
        const struct recon_line *line = &match->in->lines[i];
        if (line->carried_in) {
            continue;
        }
        size_t at = index_find(&state->fee_of, line->provider_trade_no, nothing);
        match->line_facts[i].fee_differs = state->fees[at].moved_fen != state->fees[at].lines_fen;
    }
    for (size_t i = 0; i < state->fee_count; i++) {
        match->fee_off_fen += state->fees[i].moved_fen - state->fees[i].lines_fen;
    }
}

enum err
movement_match(struct match *match)
{
    const struct recon_input *in = match->in;
    struct state state = { .match = match };
    void *memory = NULL;
    TRY(arena_array(match->arena, in->movement_count + 1, sizeof(struct recon_moved), &memory));
    match->moved = memory;
    if (!in->has_flow) {
        return ERR_OK;
    }
    TRY(arena_array(match->arena, in->line_count + 1, sizeof(struct fees), &memory));
    state.fees = memory;
    TRY(index_init(&state.lines, match->arena, in->line_count));
    TRY(index_init(&state.fee_of, match->arena, in->line_count));
    TRY(add_lines(&state));
    for (size_t i = 0; i < in->movement_count; i++) {
        take(&state, (size_t)(match->movements[i] - in->movements));
    }
    say_fees(&state);
    return ERR_OK;
}

enum finding
movement_class(const struct match *match, size_t at)
{
    enum finding code = match->moved[at].code;
    return code == FINDING_FLOW_FEE || code == FINDING_FLOW_REFUND ? FINDING_NONE : code;
}

enum finding
movement_note(const struct recon_movement *movement)
{
    return movement->kind == BILL_FLOW_FREEZE && movement->fen < 0 ? FINDING_CB_FROZEN
                                                                   : FINDING_NONE;
}

static void
sum_movements(const struct match *match, struct recon_flow *flow)
{
    const struct recon_input *in = match->in;
    for (size_t i = 0; i < in->movement_count; i++) {
        const struct recon_movement *movement = &in->movements[i];
        bool refund = movement->kind == BILL_FLOW_REFUND;
        if (movement->kind == BILL_FLOW_FEE) {
            recon_cell_add(&flow->fee, movement->fen);
        } else if (movement_of_trade(movement)) {
            recon_cell_add(refund ? &flow->refund : &flow->pay, movement->fen - movement->fee_fen);
        } else {
            recon_cell_add(&flow->other, movement->fen);
        }
        if (movement->fee_fen != 0) {
            recon_cell_add(&flow->fee, movement->fee_fen);
        }
        if (movement_of_trade(movement) && match->moved[i].code == FINDING_FLOW_UNKNOWN) {
            recon_cell_add(&flow->only, movement->fen);
        }
    }
}

static void
sum_lines(const struct match *match, struct recon_flow *flow)
{
    for (size_t i = 0; i < match->in->line_count; i++) {
        const struct recon_line *line = &match->in->lines[i];
        if (line->carried_in) {
            continue;
        }
        if (match->line_facts[i].out_of_scope) {
            flow->scope_fen += settled(line) + line->fee_fen;
        } else {
            flow->coupon_fen += line->coupon_fen;
        }
        if (line->effective_fen != 0 && !match->line_facts[i].moved) {
            recon_cell_add(&flow->missing, settled(line));
        }
    }
}

void
movement_sum(const struct match *match, struct recon_sheet *sheet)
{
    const struct recon_input *in = match->in;
    struct recon_flow *flow = &sheet->flow;
    flow->there = true;
    flow->balanced = in->flow_balanced;
    flow->opening_proved = in->flow_opening_proved;
    flow->opening_fen = in->flow_opening_fen;
    flow->closing_fen = in->flow_closing_fen;
    flow->fee_off_fen += match->fee_off_fen;
    sum_movements(match, flow);
    sum_lines(match, flow);
}

static int64_t
size(int64_t fen)
{
    return fen < 0 ? -fen : fen;
}

int64_t
movement_unexplained(const struct recon_sheet *sheet)
{
    const struct recon_flow *f = &sheet->flow;
    if (!f->there) {
        return 0;
    }
    int64_t trade = f->pay.fen + f->refund.fen + f->fee.fen;
    int64_t net = sheet->pay.fen + sheet->refund.fen + sheet->fee.fen;
    int64_t balance = f->balanced ? f->opening_fen + trade + f->other.fen - f->closing_fen : 0;
    return size(balance)
           + size(trade
                  - (net + f->coupon_fen + f->scope_fen + f->only.fen - f->missing.fen
                     + f->fee_off_fen));
}
