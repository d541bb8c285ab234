/* SPDX-License-Identifier: Apache-2.0 */
#include "match.h"

static const struct span nothing;

struct match_case *
match_case_at(const struct match *match, size_t id)
{
    return id == RECON_NONE ? NULL : &match->cases[id];
}

const struct recon_order *
match_case_order(const struct match *match, const struct match_case *of)
{
    return of == NULL || of->order == RECON_NONE ? NULL : &match->in->orders[of->order];
}

bool
match_case_free(const struct match *match, const struct recon_order *order)
{
    static const int64_t zero;
    return index_find(&match->tariff, order->kind, span_make(&zero, sizeof(zero))) != INDEX_NONE;
}

/* The case of an order number, made when it is new; an empty number has none. */
static enum err
case_of(struct match *match, struct span owner, struct span order_no, size_t *out)
{
    *out = RECON_NONE;
    if (span_empty(order_no)) {
        return ERR_OK;
    }
    size_t id = index_find(&match->case_by_order, owner, order_no);
    if (id == INDEX_NONE) {
        id = match->case_count++;
        match->cases[id] = (struct match_case){ .id = id, .order = RECON_NONE };
        TRY(index_add(&match->case_by_order, owner, order_no, id));
        TRY(index_add(&match->case_by_number, order_no, nothing, id));
    }
    *out = id;
    return ERR_OK;
}

static enum err
room(struct match *match)
{
    const struct recon_input *in = match->in;
    size_t most = in->order_count + match->payment_count + in->member_count + in->refund_count
                  + in->invoice_count + in->manual_count;
    void *memory = NULL;
    TRY(arena_array(match->arena, most + 1, sizeof(struct match_case), &memory));
    match->cases = memory;
    TRY(arena_array(match->arena, in->line_count + 1, sizeof(struct match_line), &memory));
    match->line_facts = memory;
    TRY(arena_array(match->arena, in->member_count + 1, sizeof(struct match_member), &memory));
    match->member_facts = memory;
    TRY(arena_array(match->arena, in->refund_count + 1, sizeof(struct match_refund), &memory));
    match->refund_facts = memory;
    TRY(index_init(&match->case_by_order, match->arena, most));
    TRY(index_init(&match->case_by_number, match->arena, most));
    TRY(index_init(&match->member_by_attempt, match->arena, in->member_count));
    TRY(index_init(&match->refund_by_no, match->arena, in->refund_count));
    TRY(index_init(&match->refund_by_payment, match->arena, in->refund_count));
    TRY(index_init(&match->case_provider, match->arena, match->payment_count));
    TRY(index_init(&match->tariff, match->arena, 2 * in->tariff_count));
    return index_init(&match->tariff_kind, match->arena, in->tariff_count);
}

static enum err
add_orders(struct match *match)
{
    for (size_t i = 0; i < match->in->order_count; i++) {
        const struct recon_order *order = match->orders[i];
        size_t id;
        TRY(case_of(match, order->owner, order->order_no, &id));
        if (id == RECON_NONE) {
            return ERR_FIELD_VALUE;
        }
        match->cases[id].order = (size_t)(order - match->in->orders);
    }
    for (size_t i = 0; i < match->in->tariff_count; i++) {
        const struct recon_tariff *tariff = &match->in->tariffs[i];
        struct span fee = span_make(&tariff->unit_fee_fen, sizeof(tariff->unit_fee_fen));
        TRY(index_add(&match->tariff, tariff->kind, fee, i));
        TRY(index_add(&match->tariff, nothing, fee, i));
        TRY(index_add(&match->tariff_kind, tariff->kind, nothing, i));
    }
    return ERR_OK;
}

static enum err
add_members(struct match *match)
{
    for (size_t i = 0; i < match->in->member_count; i++) {
        const struct recon_member *member = match->members[i];
        size_t at = (size_t)(member - match->in->members);
        struct match_member *facts = &match->member_facts[at];
        *facts = (struct match_member){ .line = RECON_NONE };
        TRY(case_of(match, member->owner, member->order_no, &facts->number_case));
        if (member->counted && facts->number_case != RECON_NONE) {
            struct match_case *of = &match->cases[facts->number_case];
            of->counted = true;
            of->here_count++;
            of->here_fen += member->amount_fen;
        }
        TRY(index_add(&match->member_by_attempt, member->attempt_no, nothing, at));
    }
    return ERR_OK;
}

static enum err
add_refunds(struct match *match)
{
    for (size_t i = 0; i < match->in->refund_count; i++) {
        const struct recon_refund *refund = match->refunds[i];
        size_t at = (size_t)(refund - match->in->refunds);
        struct match_refund *facts = &match->refund_facts[at];
        *facts = (struct match_refund){ .line = RECON_NONE };
        TRY(case_of(match, refund->owner, refund->order_no, &facts->number_case));
        TRY(index_add(&match->refund_by_no, refund->refund_no, nothing, at));
        if (match_stand(refund) != MATCH_STAND_OVER) {
            if (facts->number_case != RECON_NONE) {
                match->cases[facts->number_case].refund_seen = true;
            }
            TRY(index_add(&match->refund_by_payment, refund->attempt_no,
                          span_make(&refund->amount_fen, sizeof(refund->amount_fen)), at));
        }
    }
    return ERR_OK;
}

static bool
earlier(struct wall_time a, struct wall_time b)
{
    return b.us == 0 || (a.us != 0 && a.us < b.us);
}

/* Payments come in the order of time, so that "later" is known when one is added. */
static enum err
add_payment(struct match *match, const struct recon_payment *payment)
{
    size_t id;
    TRY(case_of(match, payment->owner, payment->order_no, &id));
    if (id == RECON_NONE) {
        return ERR_OK;
    }
    struct match_case *of = &match->cases[id];
    const struct recon_order *order = match_case_order(match, of);
    struct span key = span_make(&of->id, sizeof(of->id));
    size_t same = index_first(&match->case_provider, key, payment->provider);
    size_t earlier_same = same == INDEX_NONE ? 0 : index_value(&match->case_provider, same);
    size_t at = index_find(&match->member_by_attempt, payment->attempt_no, nothing);
    if (at != INDEX_NONE && match->member_facts[at].number_case != id) {
        return ERR_FIELD_VALUE;
    }
    if (at != INDEX_NONE) {
        match->member_facts[at].later_same = same != INDEX_NONE;
        match->member_facts[at].later_cross = of->payment_count > earlier_same;
    }
    if (same == INDEX_NONE) {
        TRY(index_add(&match->case_provider, key, payment->provider, 1));
    } else {
        match->case_provider.entries[same].value = earlier_same + 1;
    }
    of->payment_count++;
    if (earlier(payment->paid_at, of->first_paid_at)) {
        of->first_paid_at = payment->paid_at;
    }
    of->confirmed_fen += payment->amount_fen;
    of->refunded_fen += payment->refunded_fen;
    of->refund_seen = of->refund_seen || payment->refund_open || payment->refunded_fen > 0;
    of->unequal = of->unequal || order == NULL || payment->amount_fen != order->amount_fen;
    return ERR_OK;
}

/* What of the document is for this order. */
static int64_t
share(const struct recon_invoice *invoice)
{
    return invoice->merged ? invoice->share_fen : invoice->total_fen;
}

static void
add_issued(struct match_case *of, const struct recon_invoice *invoice)
{
    int64_t size = share(invoice) < 0 ? -share(invoice) : share(invoice);
    if (invoice->red) {
        of->red_fen += size;
        of->red_count++;
        return;
    }
    of->blue_fen += size;
    of->blue_count++;
    if (earlier(invoice->issued_at, of->first_issued_at)) {
        of->first_issued_at = invoice->issued_at;
    }
}

/* Why a red document was made or asked for, and the confirmation that the newest one waits for. */
static void
add_red(struct match_case *of, const struct recon_invoice *invoice)
{
    if (invoice->red_reason == INVOICE_ISSUED_WRONGLY) {
        of->wrong_count++;
    } else if (invoice->red_reason != INVOICE_RED_REASON_NONE) {
        of->back_count++;
    }
    bool newer = of->confirmation == NULL
                 || of->confirmation->confirmation_asked_at.us <= invoice->confirmation_asked_at.us;
    if (invoice->confirmation != INVOICE_CONFIRMATION_NONE && newer) {
        of->confirmation = invoice;
    }
}

/* Differs only from what the order says: an order without invoice data cannot contradict. */
static bool
title_differs(const struct recon_order *order, const struct recon_invoice *invoice)
{
    return order != NULL && !invoice->red
           && ((!span_empty(order->title) && !span_eq(order->title, invoice->title))
               || (!span_empty(order->tax_no) && !span_eq(order->tax_no, invoice->tax_no)));
}

/* What it says of itself, while it stands or is to. */
static void
add_form(struct match_case *of, const struct recon_order *order,
         const struct recon_invoice *invoice)
{
    bool kinds = order != NULL && order->invoice_kind != INVOICE_KIND_NONE
                 && invoice->kind != INVOICE_KIND_NONE;
    of->title_differs |= title_differs(order, invoice);
    of->kind_differs |= kinds && !invoice->red && order->invoice_kind != invoice->kind;
    of->merged |= invoice->merged;
    if (invoice->red) {
        add_red(of, invoice);
    }
}

/* FIELD_VALUE: a word of taxation that is none. */
static enum err
take_item(const struct recon_invoice_item *from, struct invoice_item *out)
{
    *out = (struct invoice_item){ .rate_ppm = from->rate_ppm,
                                  .net_fen = from->net_fen,
                                  .tax_fen = from->tax_fen,
                                  .total_fen = from->total_fen };
    return invoice_taxed_decode(from->taxed, &out->taxed);
}

int64_t
match_item_off(const struct recon_invoice_item *item)
{
    struct invoice_item taken;
    bool known = take_item(item, &taken) == ERR_OK;
    int64_t off = known ? invoice_item_off(&taken) : INT64_MAX;
    return off == INT64_MAX ? item->tax_fen : invoice_item_is_off(off) ? off : 0;
}

/* The document adds up, and what stands on it, where that is known, adds up to it and is taxed by its rates. */
static bool
tax_fits(const struct recon_invoice *invoice)
{
    struct invoice_sums sums = { .count = 0 };
    for (size_t i = 0; i < invoice->item_count; i++) {
        struct invoice_item item;
        if (take_item(&invoice->items[i], &item) != ERR_OK) {
            return false;
        }
        invoice_sums_add(&sums, &item);
    }
    return invoice->net_fen + invoice->tax_fen == invoice->total_fen
           && (sums.count == 0
               || invoice_sums_fit(&sums, invoice->net_fen, invoice->tax_fen, invoice->total_fen));
}

static enum err
add_invoice(struct match *match, const struct recon_invoice *invoice)
{
    size_t id;
    TRY(case_of(match, invoice->owner, invoice->order_no, &id));
    if (id == RECON_NONE) {
        return ERR_OK;
    }
    struct match_case *of = &match->cases[id];
    bool issued = span_eq_cstr(invoice->status, "issued");
    bool asked = span_eq_cstr(invoice->status, "asked");
    if (issued) {
        add_issued(of, invoice);
    } else if (asked && !invoice->red) {
        of->asked_count++;
        of->asked_fen += share(invoice);
        if (earlier(invoice->asked_at, of->asked_at)) {
            of->asked_at = invoice->asked_at;
        }
    } else if (span_eq_cstr(invoice->status, "void")) {
        of->void_count += invoice->red ? 0 : 1;
    } else if (span_eq_cstr(invoice->status, "failed")) {
        of->failed_count++;
    } else if (!asked) {
        return ERR_FIELD_VALUE;
    }
    if (issued || asked) {
        add_form(of, match_case_order(match, of), invoice);
    }
    of->tax_differs |= issued && !tax_fits(invoice);
    return ERR_OK;
}

/* Before the payments: whichever money came first counts as the first. */
static enum err
add_manual(struct match *match, const struct recon_manual *manual)
{
    size_t id;
    TRY(case_of(match, manual->owner, manual->order_no, &id));
    if (id == RECON_NONE || manual->amount_fen <= 0) {
        return ERR_FIELD_VALUE;
    }
    struct match_case *of = &match->cases[id];
    if (!manual->confirmed) {
        return ERR_OK;
    }
    if (manual->out) {
        of->refunded_fen += manual->amount_fen;
        of->refund_seen = true;
        return ERR_OK;
    }
    of->manual_fen += manual->amount_fen;
    of->manual_count++;
    of->counted |= day_cmp(manual->received_on, match->in->day) == 0;
    struct wall_time came = day_start(manual->received_on, ZONE_CHINA_MIN);
    if (earlier(came, of->first_paid_at)) {
        of->first_paid_at = came;
    }
    return ERR_OK;
}

enum err
match_case_build(struct match *match)
{
    TRY(room(match));
    TRY(add_orders(match));
    TRY(add_members(match));
    TRY(add_refunds(match));
    for (size_t i = 0; i < match->in->manual_count; i++) {
        TRY(add_manual(match, match->manuals[i]));
    }
    for (size_t i = 0; i < match->payment_count; i++) {
        TRY(add_payment(match, match->payments[i]));
    }
    for (size_t i = 0; i < match->in->invoice_count; i++) {
        TRY(add_invoice(match, match->invoices[i]));
    }
    return ERR_OK;
}
