/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "match.h"

static int
by_size(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int
by_pair(struct span a1, struct span a2, struct span b1, struct span b2)
{
    int first = span_cmp(a1, b1);
    return first != 0 ? first : span_cmp(a2, b2);
}

static int
line_cmp(const void *a, const void *b)
{
    const struct recon_line *const *x = a;
    const struct recon_line *const *y = b;
    int carried = ((*x)->carried_in ? 1 : 0) - ((*y)->carried_in ? 1 : 0);
    return carried != 0 ? carried : by_size((*x)->number, (*y)->number);
}

static int
member_cmp(const void *a, const void *b)
{
    const struct recon_member *const *x = a;
    const struct recon_member *const *y = b;
    return span_cmp((*x)->attempt_no, (*y)->attempt_no);
}

static int
refund_cmp(const void *a, const void *b)
{
    const struct recon_refund *const *x = a;
    const struct recon_refund *const *y = b;
    return span_cmp((*x)->refund_no, (*y)->refund_no);
}

static int
order_cmp(const void *a, const void *b)
{
    const struct recon_order *const *x = a;
    const struct recon_order *const *y = b;
    return by_pair((*x)->owner, (*x)->order_no, (*y)->owner, (*y)->order_no);
}

static int
invoice_cmp(const void *a, const void *b)
{
    const struct recon_invoice *const *x = a;
    const struct recon_invoice *const *y = b;
    int named = by_pair((*x)->owner, (*x)->invoice_id, (*y)->owner, (*y)->invoice_id);
    return named != 0 ? named
                      : by_pair((*x)->reported_under, (*x)->order_no, (*y)->reported_under,
                                (*y)->order_no);
}

static int
manual_cmp(const void *a, const void *b)
{
    const struct recon_manual *const *x = a;
    const struct recon_manual *const *y = b;
    int order = by_pair((*x)->owner, (*x)->order_no, (*y)->owner, (*y)->order_no);
    return order != 0 ? order : ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

static int
payment_cmp(const void *a, const void *b)
{
    const struct recon_payment *const *x = a;
    const struct recon_payment *const *y = b;
    if ((*x)->paid_at.us != (*y)->paid_at.us) {
        return (*x)->paid_at.us < (*y)->paid_at.us ? -1 : 1;
    }
    return span_cmp((*x)->attempt_no, (*y)->attempt_no);
}

/* Adds |amount|. When the sum of all magnitudes fits, no sum of a part of them can overflow, with
 * whatever signs: everything after this may add plainly. */
static bool
weigh(int64_t *sum, int64_t amount)
{
    return amount != INT64_MIN && !__builtin_add_overflow(*sum, amount < 0 ? -amount : amount, sum);
}

static enum err
weigh_all(const struct recon_input *in)
{
    int64_t sum = 0;
    bool fits = true;
    for (size_t i = 0; i < in->line_count; i++) {
        const struct recon_line *line = &in->lines[i];
        fits = fits && weigh(&sum, line->face_fen) && weigh(&sum, line->effective_fen)
               && weigh(&sum, line->fee_fen) && weigh(&sum, line->coupon_fen);
    }
    fits = fits && weigh(&sum, in->flow_opening_fen) && weigh(&sum, in->flow_closing_fen);
    for (size_t i = 0; i < in->movement_count; i++) {
        fits = fits && weigh(&sum, in->movements[i].fen) && weigh(&sum, in->movements[i].fee_fen);
    }
    for (size_t i = 0; i < in->member_count; i++) {
        fits = fits && weigh(&sum, in->members[i].amount_fen);
    }
    for (size_t i = 0; i < in->refund_count; i++) {
        fits = fits && weigh(&sum, in->refunds[i].amount_fen);
    }
    for (size_t i = 0; i < in->order_count; i++) {
        fits = fits && weigh(&sum, in->orders[i].amount_fen);
    }
    for (size_t i = 0; i < in->payment_count; i++) {
        fits = fits && weigh(&sum, in->payments[i].amount_fen)
               && weigh(&sum, in->payments[i].refunded_fen);
    }
    for (size_t i = 0; i < in->invoice_count; i++) {
        const struct recon_invoice *invoice = &in->invoices[i];
        fits = fits && weigh(&sum, invoice->total_fen) && weigh(&sum, invoice->net_fen)
               && weigh(&sum, invoice->tax_fen);
    }
    for (size_t i = 0; i < in->manual_count; i++) {
        fits = fits && weigh(&sum, in->manuals[i].amount_fen);
    }
    return fits && sum <= INT64_MAX / 4 ? ERR_OK : ERR_AMOUNT_OVERFLOW;
}

/* Sorts pointers; two that compare equal stand for one thing named twice. Loaders give most lists in order already. */
static enum err
sort_unique(void *pointers, size_t count, int (*cmp)(const void *, const void *))
{
    const unsigned char *at = pointers;
    bool sorted = true;
    for (size_t i = 1; sorted && i < count; i++) {
        sorted = cmp(at + (i - 1) * sizeof(void *), at + i * sizeof(void *)) < 0;
    }
    if (sorted) {
        return ERR_OK;
    }
    qsort(pointers, count, sizeof(void *), cmp);
    for (size_t i = 1; i < count; i++) {
        if (cmp(at + (i - 1) * sizeof(void *), at + i * sizeof(void *)) == 0) {
            return ERR_FIELD_VALUE;
        }
    }
    return ERR_OK;
}

static enum err
sort_lines(struct match *match)
{
    void *memory = NULL;
    TRY(arena_array(match->arena, match->in->line_count + 1, sizeof(void *), &memory));
    match->lines = memory;
    for (size_t i = 0; i < match->in->line_count; i++) {
        match->lines[i] = &match->in->lines[i];
    }
    return sort_unique(memory, match->in->line_count, line_cmp);
}

static int
movement_cmp(const void *a, const void *b)
{
    const struct recon_movement *const *x = a;
    const struct recon_movement *const *y = b;
    return ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

static enum err
sort_movements(struct match *match)
{
    void *memory = NULL;
    TRY(arena_array(match->arena, match->in->movement_count + 1, sizeof(void *), &memory));
    match->movements = memory;
    for (size_t i = 0; i < match->in->movement_count; i++) {
        match->movements[i] = &match->in->movements[i];
    }
    return sort_unique(memory, match->in->movement_count, movement_cmp);
}

static enum err
sort_members(struct match *match)
{
    void *memory = NULL;
    TRY(arena_array(match->arena, match->in->member_count + 1, sizeof(void *), &memory));
    match->members = memory;
    for (size_t i = 0; i < match->in->member_count; i++) {
        match->members[i] = &match->in->members[i];
    }
    return sort_unique(memory, match->in->member_count, member_cmp);
}

static enum err
sort_refunds(struct match *match)
{
    void *memory = NULL;
    TRY(arena_array(match->arena, match->in->refund_count + 1, sizeof(void *), &memory));
    match->refunds = memory;
    for (size_t i = 0; i < match->in->refund_count; i++) {
        match->refunds[i] = &match->in->refunds[i];
    }
    return sort_unique(memory, match->in->refund_count, refund_cmp);
}

static enum err
sort_orders(struct match *match)
{
    void *memory = NULL;
    TRY(arena_array(match->arena, match->in->order_count + 1, sizeof(void *), &memory));
    match->orders = memory;
    for (size_t i = 0; i < match->in->order_count; i++) {
        match->orders[i] = &match->in->orders[i];
    }
    return sort_unique(memory, match->in->order_count, order_cmp);
}

static enum err
sort_invoices(struct match *match)
{
    void *memory = NULL;
    TRY(arena_array(match->arena, match->in->invoice_count + 1, sizeof(void *), &memory));
    match->invoices = memory;
    for (size_t i = 0; i < match->in->invoice_count; i++) {
        match->invoices[i] = &match->in->invoices[i];
    }
    return sort_unique(memory, match->in->invoice_count, invoice_cmp);
}

static enum err
sort_manuals(struct match *match)
{
    void *memory = NULL;
    TRY(arena_array(match->arena, match->in->manual_count + 1, sizeof(void *), &memory));
    match->manuals = memory;
    for (size_t i = 0; i < match->in->manual_count; i++) {
        match->manuals[i] = &match->in->manuals[i];
    }
    return sort_unique(memory, match->in->manual_count, manual_cmp);
}

static enum err
sort_payments(struct match *match)
{
    void *memory = NULL;
    TRY(arena_array(match->arena, match->payment_count + 1, sizeof(void *), &memory));
    match->payments = memory;
    for (size_t i = 0; i < match->payment_count; i++) {
        match->payments[i] = &match->gathered[i];
    }
    return sort_unique(memory, match->payment_count, payment_cmp);
}

bool
match_paid(const struct recon_member *member)
{
    return member->state == ATTEMPT_PAID || member->state == ATTEMPT_LATE_PAID;
}

/* Payments as given, and every paid member that is not among them: an order's money must not be
 * overlooked because a loader named it in one place only. */
enum err
match_payments(struct match *match)
{
    const struct recon_input *in = match->in;
    size_t max = in->payment_count + in->member_count;
    void *memory = NULL;
    TRY(arena_array(match->arena, max + 1, sizeof(struct recon_payment), &memory));
    struct recon_payment *all = memory;
    size_t count = 0;
    TRY(index_init(&match->payment_by_attempt, match->arena, max));
    for (size_t i = 0; i < in->payment_count; i++) {
        struct span attempt_no = in->payments[i].attempt_no;
        if (index_find(&match->payment_by_attempt, attempt_no, (struct span){ 0 }) != INDEX_NONE) {
            return ERR_FIELD_VALUE;
        }
        all[count] = in->payments[i];
        TRY(index_add(&match->payment_by_attempt, attempt_no, (struct span){ 0 }, count++));
    }
    for (size_t i = 0; i < in->member_count; i++) {
        const struct recon_member *member = &in->members[i];
        if (!match_paid(member)
            || index_find(&match->payment_by_attempt, member->attempt_no, (struct span){ 0 })
                   != INDEX_NONE) {
            continue;
        }
        all[count] = (struct recon_payment){ .owner = member->owner,
                                             .order_no = member->order_no,
                                             .attempt_no = member->attempt_no,
                                             .account = in->account,
                                             .provider = in->provider,
                                             .amount_fen = member->amount_fen,
                                             .paid_at = member->paid_at };
        TRY(index_add(&match->payment_by_attempt, member->attempt_no, (struct span){ 0 }, count++));
    }
    match->payment_count = count;
    match->gathered = all;
    return sort_payments(match);
}

enum match_stand
match_stand(const struct recon_refund *refund)
{
    if (refund == NULL) {
        return MATCH_STAND_NONE;
    }
    switch (refund->state) {
    case REFUND_PROPOSED:
    case REFUND_REQUESTED:
    case REFUND_APPROVED:
    case REFUND_SENT:
    case REFUND_UNKNOWN:
    case REFUND_ACCEPTED:
    case REFUND_ABNORMAL:
        return MATCH_STAND_PENDING;
    case REFUND_SUCCEEDED:
        return MATCH_STAND_SUCCESS;
    case REFUND_FAILED:
    case REFUND_REJECTED:
    case REFUND_WITHDRAWN:
        return MATCH_STAND_OVER;
    case REFUND_STATE_NONE:
    case REFUND_STATE_COUNT:
        break;
    }
    return MATCH_STAND_NONE;
}

/* A part of a document has its sign and is not more than it. */
static bool
is_part(const struct recon_invoice *invoice)
{
    int64_t whole = invoice->total_fen;
    int64_t part = invoice->share_fen;
    return !invoice->merged || (whole > 0 ? part > 0 && part <= whole : part < 0 && part >= whole);
}

static bool
is_rate(int64_t ppm)
{
    return ppm >= 0 && ppm <= FEE_RATE_MAX_PPM;
}

static enum err
check_fees(const struct recon_input *in)
{
    for (size_t i = 0; i < in->fee_count; i++) {
        const struct fee_contract *fee = &in->fees[i];
        bool sane = is_rate(fee->rate_ppm) && fee->cap_fen >= 0;
        for (size_t k = 0; sane && k < i; k++) {
            sane = !fee_contract_overlaps(fee, &in->fees[k]);
        }
        if (!sane) {
            return ERR_FIELD_VALUE;
        }
    }
    for (size_t i = 0; i < in->line_count; i++) {
        if (!is_rate(in->lines[i].rate_ppm)) {
            return ERR_FIELD_VALUE;
        }
    }
    return is_rate(in->fee_rate_ppm) ? ERR_OK : ERR_FIELD_VALUE;
}

static enum err
check_books(const struct recon_input *in)
{
    for (size_t i = 0; i < in->member_count; i++) {
        const struct recon_member *member = &in->members[i];
        if (span_empty(member->attempt_no) || (member->counted && !match_paid(member))) {
            return ERR_FIELD_VALUE;
        }
    }
    for (size_t i = 0; i < in->refund_count; i++) {
        const struct recon_refund *refund = &in->refunds[i];
        enum match_stand stand = match_stand(refund);
        bool under_way = stand == MATCH_STAND_PENDING || stand == MATCH_STAND_SUCCESS;
        if (span_empty(refund->refund_no) || refund->amount_fen <= 0
            || (refund->counted && !under_way)) {
            return ERR_FIELD_VALUE;
        }
    }
    for (size_t i = 0; i < in->invoice_count; i++) {
        if (!is_part(&in->invoices[i])) {
            return ERR_FIELD_VALUE;
        }
    }
    return in->movement_count > 0 && !in->has_flow ? ERR_FIELD_VALUE : check_fees(in);
}

enum err
match_sort(struct match *match)
{
    const struct recon_input *in = match->in;
    TRY(check_books(in));
    TRY(weigh_all(in));
    TRY(sort_lines(match));
    TRY(sort_movements(match));
    TRY(sort_members(match));
    TRY(sort_refunds(match));
    TRY(sort_orders(match));
    TRY(sort_invoices(match));
    return sort_manuals(match);
}
