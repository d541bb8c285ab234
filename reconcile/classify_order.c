/* SPDX-License-Identifier: Apache-2.0 */
#include "classify.h"

static const struct span nothing;

/* The unit fee against the tariff of its kind; a fee that another kind has was picked wrongly, one
 * that no kind has is a wrong price. */
static enum finding
tariff_finding(const struct match *match, const struct recon_order *order)
{
    struct span fee = span_make(&order->unit_fee_fen, sizeof(order->unit_fee_fen));
    if (index_find(&match->tariff_kind, order->kind, nothing) == INDEX_NONE) {
        return FINDING_ORD_TARIFF;
    }
    if (index_find(&match->tariff, order->kind, fee) != INDEX_NONE) {
        return FINDING_NONE;
    }
    return index_find(&match->tariff, nothing, fee) != INDEX_NONE ? FINDING_ORD_TYPE_FEE
                                                                  : FINDING_ORD_PRICE;
}

static bool
price_differs(const struct recon_order *order)
{
    int64_t want;
    return __builtin_mul_overflow(order->unit_fee_fen, order->quantity, &want)
           || want != order->amount_fen;
}

/* Said to be something else than what was paid for. */
static bool
changed(const struct recon_order *order)
{
    return !span_empty(order->said_kind)
           && (!span_eq(order->said_kind, order->kind) || order->said_quantity != order->quantity
               || order->said_unit_fee_fen != order->unit_fee_fen
               || order->said_amount_fen != order->amount_fen);
}

static bool
issued_differs(const struct recon_order *order)
{
    return order->issued_quantity > order->quantity
           || (span_eq_cstr(order->status, "issued") && order->issued_quantity != order->quantity);
}

static bool
beyond_paid(const struct recon_order *order)
{
    return order->issued_quantity > 0 || span_eq_cstr(order->status, "submitted")
           || span_eq_cstr(order->status, "reviewed") || span_eq_cstr(order->status, "issued");
}

static void
note_money(const struct match_case *of, const struct recon_order *order,
           struct classify_notes *notes)
{
    int64_t money = of->confirmed_fen + of->manual_fen;
    size_t count = of->payment_count + of->manual_count;
    if (count == 0) {
        return;
    }
    if (changed(order)) {
        classify_note(notes, FINDING_ORD_CHANGED_AFTER_PAY);
    }
    if (order->like_paid) {
        classify_note(notes, FINDING_DUP_ORDER);
    }
    if (of->payment_count > 0 && of->manual_count > 0 && money > order->amount_fen) {
        classify_note(notes, FINDING_DUP_PAY_MANUAL);
    }
    if (money < order->amount_fen) {
        classify_note(notes, FINDING_ORD_PARTIAL);
    } else if (money > order->amount_fen && (of->unequal || of->payment_count == 0)) {
        classify_note(notes, FINDING_ORD_OVERPAID);
    } else if (money == order->amount_fen && count > 1) {
        classify_note(notes, FINDING_PAY_SPLIT);
    }
}

void
classify_order(const struct match *match, const struct match_case *of, struct classify_notes *notes)
{
    const struct recon_order *order = match_case_order(match, of);
    if (order == NULL) {
        return;
    }
    classify_note(notes, tariff_finding(match, order));
    if (price_differs(order)) {
        classify_note(notes, FINDING_ORD_PRICE);
    }
    if (issued_differs(order)) {
        classify_note(notes, FINDING_ORD_QTY_ISSUED);
    }
    if (of->payment_count + of->manual_count == 0 && order->amount_fen > 0 && beyond_paid(order)) {
        classify_note(notes, FINDING_ORD_STATE_AHEAD);
    }
    if (order->amount_fen == 0 && !match_case_free(match, order)) {
        classify_note(notes, FINDING_ORD_ZERO_NOT_FREE);
    }
    if (order->amount_fen < 0) {
        classify_note(notes, FINDING_ORD_NEGATIVE);
    }
    note_money(of, order, notes);
}

bool
classify_order_told(const struct classify_notes *notes)
{
    return classify_noted(notes, FINDING_ORD_PARTIAL) || classify_noted(notes, FINDING_ORD_OVERPAID)
           || classify_noted(notes, FINDING_DUP_PAY_SAME)
           || classify_noted(notes, FINDING_DUP_PAY_CROSS)
           || classify_noted(notes, FINDING_DUP_PAY_MANUAL);
}
