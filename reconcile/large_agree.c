/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a line, its attempt, its order and its payment agree in all that the engine looks at, so that what it would say of them is
 * "matched" and nothing beside. Every doubt is for the engine: what is refused here is merely judged there. */
#include "large_parts.h"
#include "match.h"

#define FEN_MAX  INT64_C(1000000000000000)   /* so that no sum of a slot overflows */
#define CLOCK_US (INT64_C(4) * 60 * 1000000) /* within the engine's own limit */

void
large_terms_init(const struct recon_input *frame, struct large_terms *out)
{
    *out = (struct large_terms){
        .frame = frame,
        .begins = day_start(frame->day, frame->cutoff_east_min),
        .ends = day_start(day_add(frame->day, 1), frame->cutoff_east_min),
        .in_china = frame->cutoff_east_min == ZONE_CHINA_MIN,
    };
    for (int card = 0; card < FEE_CARD_COUNT; card++) {
        const struct fee_contract *found =
            fee_contract_find(frame->fees, frame->fee_count, (enum fee_card)card, frame->day);
        out->contracts[card] =
            found != NULL ? *found : (struct fee_contract){ .rate_ppm = frame->fee_rate_ppm };
    }
}

/* A line that stands in two days, by the cut-off and by the calendar, says so. */
static bool
on_one_day(const struct large_terms *terms, struct wall_time t)
{
    return terms->in_china || day_cmp(day_of(t, ZONE_CHINA_MIN), terms->frame->day) == 0;
}

static bool
today(const struct large_terms *terms, struct wall_time t)
{
    return t.us >= terms->begins.us && t.us < terms->ends.us;
}

/* By the contract. */
static bool
fee_agrees(const struct large_terms *terms, const struct recon_line *line)
{
    const struct fee_contract *contract = &terms->contracts[line->card];
    bool printed = line->rate_ppm == 0 || line->rate_ppm == contract->rate_ppm;
    return printed && line->fee_fen == -fee_contract_fee(contract, line->effective_fen);
}

static bool
line_agrees(const struct large_terms *terms, const struct recon_line *line)
{
    bool usual = line->kind == BILL_LINE_PAY && !line->carried_in && !line->promoted
                 && !line->dispute && !line->other_currency && !line->other_route
                 && line->coupon_fen == 0;
    bool ours =
        span_empty(line->application) || span_eq(line->application, terms->frame->application);
    return usual && ours && line->face_fen == line->effective_fen && line->effective_fen > 0
           && line->effective_fen <= FEN_MAX && on_one_day(terms, line->at)
           && fee_agrees(terms, line);
}

static bool
member_agrees(const struct large_terms *terms, const struct recon_line *line,
              const struct recon_member *member)
{
    int64_t apart_us = member->paid_at.us - line->at.us;
    bool method = line->method == member->method || line->method == ADAPTER_METHOD_NONE
                  || member->method == ADAPTER_METHOD_NONE;
    return match_paid(member) && member->counted && !member->carried_in && method
           && today(terms, member->paid_at) && apart_us < CLOCK_US && apart_us > -CLOCK_US
           && member->amount_fen == line->effective_fen
           && span_eq(member->attempt_no, line->merchant_order_no)
           && span_eq(member->provider_trade_no, line->provider_trade_no);
}

static bool
tariff_agrees(const struct large_terms *terms, const struct recon_order *order)
{
    const struct recon_input *in = terms->frame;
    for (size_t i = 0; i < in->tariff_count; i++) {
        if (in->tariffs[i].unit_fee_fen == order->unit_fee_fen
            && span_eq(in->tariffs[i].kind, order->kind)) {
            return true;
        }
    }
    return false;
}

static bool
order_agrees(const struct large_terms *terms, const struct recon_member *member,
             const struct recon_order *order)
{
    int64_t price_fen = 0;
    bool issued =
        order->issued_quantity == order->quantity
        || (order->issued_quantity < order->quantity && !span_eq_cstr(order->status, "issued"));
    bool priced = !__builtin_mul_overflow(order->unit_fee_fen, order->quantity, &price_fen)
                  && price_fen == order->amount_fen;
    return order->stage == RECON_ORDER_PAID && order->amount_fen == member->amount_fen && priced
           && issued && span_empty(order->said_kind) && order->said_refunded_fen == 0
           && !order->like_paid && span_eq(order->order_no, member->order_no)
           && span_eq(order->owner, member->owner) && tariff_agrees(terms, order);
}

static bool
payment_agrees(const struct recon_member *member, const struct recon_payment *payment)
{
    return payment->amount_fen == member->amount_fen
           && span_eq(payment->attempt_no, member->attempt_no)
           && span_eq(payment->order_no, member->order_no)
           && span_eq(payment->owner, member->owner);
}

bool
large_agree(const struct large_terms *terms, const struct large_unit *unit)
{
    return line_agrees(terms, unit->line) && member_agrees(terms, unit->line, unit->member)
           && order_agrees(terms, unit->member, unit->order)
           && (unit->payment == NULL || payment_agrees(unit->member, unit->payment));
}

void
large_agree_count(const struct large_unit *unit, struct recon_sheet *sheet)
{
    int64_t fen = unit->line->effective_fen;
    recon_cell_add(&sheet->parsed, fen);
    recon_cell_add(&sheet->in_scope, fen);
    recon_cell_add(&sheet->pay, fen);
    recon_cell_add(&sheet->matched, fen);
    recon_cell_add(&sheet->population, fen);
    recon_cell_add(&sheet->orders_paid, fen);
    recon_cell_add(&sheet->paid_here, fen);
    if (unit->line->fee_fen != 0) {
        recon_cell_add(&sheet->fee, unit->line->fee_fen);
    }
}
