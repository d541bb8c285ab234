/* SPDX-License-Identifier: Apache-2.0 */
#include "classify.h"

#include "movement.h"

#define AGED_MS (INT64_C(24) * 60 * 60 * 1000)

/* The results under construction; `cases` runs beside them. */
struct draft {
    struct match *match;
    struct recon_result *results;
    size_t *cases;
    size_t count;
    size_t max;
};

static const struct recon_result blank = {
    .line = RECON_NONE,
    .member = RECON_NONE,
    .refund = RECON_NONE,
    .order = RECON_NONE,
    .invoice = RECON_NONE,
    .movement = RECON_NONE,
    .manual = RECON_NONE,
};

/* Takes a result in, and tells its case what money it adds or misses. */
static enum err
put(struct draft *draft, struct recon_result result, size_t id)
{
    struct match_case *of = match_case_at(draft->match, id);
    if (draft->count >= draft->max) {
        return ERR_INTERNAL;
    }
    result.seq = draft->count + 1;
    result.delta_fen = result.b_fen - result.p_fen;
    result.order = of == NULL ? RECON_NONE : of->order;
    enum finding_bucket bucket = finding_bucket(result.primary);
    bool booked =
        result.member != RECON_NONE && match_paid(&draft->match->in->members[result.member]);
    if (of != NULL && bucket == FINDING_BUCKET_LONG && result.b_fen > 0 && !booked) {
        of->long_fen += result.b_fen;
    }
    if (of != NULL && bucket == FINDING_BUCKET_SHORT && result.b_fen == 0) {
        of->short_fen += result.p_fen;
    }
    if (of != NULL && result.b_fen < 0) {
        of->refund_seen = true;
    }
    draft->cases[draft->count] = id;
    draft->results[draft->count++] = result;
    return ERR_OK;
}

/* Only this near to the closing midnight may two clocks put one payment into two days. */
static bool
near_cutoff(const struct match *match, struct wall_time t)
{
    int64_t apart_ms = wall_ms_between(match->day_end, t);
    return apart_ms <= RECON_NEAR_CUTOFF_S * 1000 && apart_ms >= -RECON_NEAR_CUTOFF_S * 1000;
}

bool
classify_early(const struct match *match, const struct recon_line *line, struct wall_time booked)
{
    return !line->carried_in && near_cutoff(match, booked) && booked.us >= match->day_end.us;
}

static enum finding
counted_class(int64_t b, int64_t p, const struct recon_line *line)
{
    if (classify_reversed(line)) {
        return FINDING_ST_REVOKED;
    }
    if (b != p) {
        return b > p ? FINDING_AMT_BILL_MORE : FINDING_AMT_BILL_LESS;
    }
    return FINDING_PAY_OK;
}

/* A payment line whose attempt is no part of the day's population. */
static enum finding
uncounted_class(const struct match *match, const struct recon_line *line,
                const struct recon_member *member, enum classify_order order)
{
    enum classify_books books = CLASSIFY_BOOKS_NONE;
    if (member != NULL && match_paid(member)) {
        if (classify_reversed(line)) {
            return FINDING_ST_REVOKED;
        }
        if (classify_early(match, line, member->paid_at)) {
            return FINDING_DAY_EARLY_BILL;
        }
    } else if (member != NULL) {
        if (classify_reversed(line)) {
            return FINDING_ST_REVOKED_OK;
        }
        books = CLASSIFY_BOOKS_OPEN;
    }
    return classify_presence(true, books, order).primary;
}

/* The precedence of the primary class: scope, repeated, dispute, key, account, currency, presence, status, amount. */
static enum finding
line_class(const struct match *match, const struct recon_line *line, int64_t p_fen)
{
    const struct match_line *facts = &match->line_facts[line - match->in->lines];
    const struct recon_member *member =
        facts->member == RECON_NONE ? NULL : &match->in->members[facts->member];
    if (facts->out_of_scope) {
        return FINDING_OUT_OF_SCOPE;
    }
    if (facts->repeated) {
        return FINDING_DUP_BILL_LINE;
    }
    if (line->dispute) {
        return line->effective_fen > 0 ? FINDING_CB_RETURNED : FINDING_CB_DEDUCTED;
    }
    if (line->kind == BILL_LINE_REFUND) {
        return line->other_currency ? FINDING_AMT_CURRENCY : classify_refund(match, line);
    }
    if (facts->by_trade_no) {
        return FINDING_KEY_ORDER_NO;
    }
    if (facts->other_account) {
        return FINDING_ACC_MERCHANT;
    }
    if (line->other_currency) {
        return FINDING_AMT_CURRENCY;
    }
    if (member != NULL && member->counted) {
        return counted_class(line->effective_fen, p_fen, line);
    }
    const struct match_case *of = match_case_at(match, facts->number_case);
    return uncounted_class(match, line, member, classify_order_presence(match, of));
}

static enum err
put_lines(struct draft *draft)
{
    const struct recon_input *in = draft->match->in;
    for (size_t i = 0; i < in->line_count; i++) {
        const struct recon_line *line = draft->match->lines[i];
        size_t at = (size_t)(line - in->lines);
        const struct match_line *facts = &draft->match->line_facts[at];
        struct recon_result result = blank;
        result.line = at;
        result.member = facts->member;
        result.refund = facts->refund;
        result.face_fen = line->carried_in ? 0 : line->face_fen;
        result.b_fen = facts->out_of_scope ? 0 : line->effective_fen;
        if (facts->member != RECON_NONE && in->members[facts->member].counted) {
            result.p_fen = in->members[facts->member].amount_fen;
        } else if (facts->refund != RECON_NONE) {
            result.p_fen = classify_refund_books(&in->refunds[facts->refund]);
        }
        result.primary = line_class(draft->match, line, result.p_fen);
        result.carry_out = result.primary == FINDING_DAY_EARLY_BILL;
        TRY(put(draft, result, facts->number_case));
    }
    return ERR_OK;
}

/* Counted and on no line. A member that was carried in had its second bill: it is short. */
static enum err
put_missing(struct draft *draft, const struct recon_member *member)
{
    const struct match *match = draft->match;
    struct recon_result result = blank;
    result.member = (size_t)(member - match->in->members);
    result.p_fen = member->amount_fen;
    const struct match_member *facts = &match->member_facts[result.member];
    const struct match_case *of = match_case_at(match, facts->number_case);
    if (facts->trade_taken) {
        result.primary = FINDING_DUP_GATEWAY;
    } else if (member->denied) {
        result.primary = FINDING_ST_FALSE_SUCCESS; /* the provider's word, whatever the hour */
    } else if (!member->carried_in && near_cutoff(match, member->paid_at)) {
        result.primary = FINDING_DAY_IN_TRANSIT;
        result.carry_out = true;
    } else {
        result.primary =
            classify_presence(false, CLASSIFY_BOOKS_PAID, classify_order_presence(match, of))
                .primary;
    }
    return put(draft, result, facts->number_case);
}

/* An order somebody takes for paid while nobody has its money. A valid invoice says "paid" as loudly
 * as the portal's status does, so an invoiced order is never passed over. */
static enum finding
moneyless_class(const struct match *match, const struct match_case *of)
{
    const struct recon_order *order = match_case_order(match, of);
    if (order == NULL || of->said || of->payment_count + of->manual_count > 0 || of->long_fen > 0) {
        return FINDING_NONE;
    }
    bool invoiced = classify_invoiced(of) > 0;
    if (order->stage != RECON_ORDER_PAID && !invoiced) {
        return FINDING_NONE;
    }
    if (order->amount_fen == 0 && match_case_free(match, order)) {
        return FINDING_ORD_FREE_OK;
    }
    return FINDING_ORD_PAID_NO_MONEY;
}

/* The portal says that money went back, and neither our books nor the bill have any of it. */
static bool
refunded_by_word(const struct match *match, const struct match_case *of)
{
    const struct recon_order *order = match_case_order(match, of);
    return order != NULL && order->said_refunded_fen > 0 && !of->refund_seen;
}

/* What an order says that no attempt, line or refund of it says. */
static enum finding
order_class(const struct match *match, const struct match_case *of)
{
    enum finding primary = moneyless_class(match, of);
    if (primary == FINDING_NONE && refunded_by_word(match, of)) {
        return FINDING_ORD_REFUNDED_NO_MONEY;
    }
    return primary;
}

static bool
is_open(const struct recon_member *member)
{
    return !match_paid(member) && member->state != ATTEMPT_CLOSED;
}

/* What an attempt without money says, when it says anything. */
static enum finding
open_class(const struct match *match, const struct recon_member *member,
           const struct match_case *of)
{
    if (moneyless_class(match, of) == FINDING_ORD_PAID_NO_MONEY) {
        return FINDING_ORD_PAID_NO_SUCCESS;
    }
    enum classify_order order = classify_order_presence(match, of);
    if (order == CLASSIFY_ORDER_PAID || !is_open(member)) {
        return FINDING_NONE;
    }
    enum finding primary = classify_presence(false, CLASSIFY_BOOKS_OPEN, order).primary;
    bool aged = wall_ms_between(member->created_at, match->in->as_of) > AGED_MS;
    return primary == FINDING_PEND_AGED && !aged ? FINDING_NONE : primary;
}

static enum err
put_open(struct draft *draft, const struct recon_member *member)
{
    struct recon_result result = blank;
    result.member = (size_t)(member - draft->match->in->members);
    const struct match_member *facts = &draft->match->member_facts[result.member];
    if (member->counted || match_paid(member) || facts->line != RECON_NONE) {
        return ERR_OK;
    }
    struct match_case *of = match_case_at(draft->match, facts->number_case);
    result.primary = open_class(draft->match, member, of);
    if (result.primary == FINDING_NONE) {
        return ERR_OK;
    }
    if (result.primary == FINDING_ORD_PAID_NO_SUCCESS) {
        of->said = true;
    }
    return put(draft, result, facts->number_case);
}

/* Members stand in one order in the output, whether counted or not. */
static enum err
put_members(struct draft *draft)
{
    for (size_t i = 0; i < draft->match->in->member_count; i++) {
        const struct recon_member *member = draft->match->members[i];
        size_t at = (size_t)(member - draft->match->in->members);
        if (member->counted && draft->match->member_facts[at].line == RECON_NONE) {
            TRY(put_missing(draft, member));
        } else {
            TRY(put_open(draft, member));
        }
    }
    return ERR_OK;
}

static enum err
put_refunds(struct draft *draft)
{
    const struct match *match = draft->match;
    for (size_t i = 0; i < match->in->refund_count; i++) {
        const struct recon_refund *refund = match->refunds[i];
        size_t at = (size_t)(refund - match->in->refunds);
        if (match->refund_facts[at].line != RECON_NONE) {
            continue;
        }
        struct recon_result result = blank;
        result.refund = at;
        result.p_fen = classify_refund_books(refund);
        result.primary =
            classify_refund_missing(match, refund, near_cutoff(match, refund->taken_at));
        result.carry_out = result.primary == FINDING_REF_IN_TRANSIT;
        if (result.primary != FINDING_NONE) {
            TRY(put(draft, result, match->refund_facts[at].number_case));
        }
    }
    return ERR_OK;
}

static enum err
put_orders(struct draft *draft)
{
    for (size_t i = 0; i < draft->match->in->order_count; i++) {
        const struct recon_order *order = draft->match->orders[i];
        size_t id = index_find(&draft->match->case_by_order, order->owner, order->order_no);
        struct recon_result result = blank;
        result.primary = order_class(draft->match, match_case_at(draft->match, id));
        if (result.primary != FINDING_NONE) {
            TRY(put(draft, result, id));
        }
    }
    return ERR_OK;
}

/* A void or failed invoice was never a document, so it has no owner to miss. */
static enum err
put_orphans(struct draft *draft)
{
    for (size_t i = 0; i < draft->match->in->invoice_count; i++) {
        const struct recon_invoice *invoice = draft->match->invoices[i];
        size_t id = index_find(&draft->match->case_by_order, invoice->owner, invoice->order_no);
        bool known = id != INDEX_NONE && draft->match->cases[id].order != RECON_NONE;
        bool stands =
            span_eq_cstr(invoice->status, "asked") || span_eq_cstr(invoice->status, "issued");
        if (known || !stands) {
            continue;
        }
        struct recon_result result = blank;
        result.primary = FINDING_INV_ORPHAN;
        result.invoice = (size_t)(invoice - draft->match->in->invoices);
        TRY(put(draft, result, RECON_NONE));
    }
    return ERR_OK;
}

static enum err
put_movements(struct draft *draft)
{
    for (size_t i = 0; i < draft->match->in->movement_count; i++) {
        struct recon_result result = blank;
        result.movement = (size_t)(draft->match->movements[i] - draft->match->in->movements);
        result.primary = movement_class(draft->match, result.movement);
        if (result.primary != FINDING_NONE) {
            TRY(put(draft, result, RECON_NONE));
        }
    }
    return ERR_OK;
}

static enum err
put_manuals(struct draft *draft)
{
    for (size_t i = 0; i < draft->match->in->manual_count; i++) {
        const struct recon_manual *manual = draft->match->manuals[i];
        size_t id = index_find(&draft->match->case_by_order, manual->owner, manual->order_no);
        struct recon_result result = blank;
        result.manual = (size_t)(manual - draft->match->in->manuals);
        result.primary = classify_manual(draft->match, manual);
        if (result.primary != FINDING_NONE) {
            TRY(put(draft, result, id));
        }
    }
    return ERR_OK;
}

/* The cell's own note stands where the books say paid and the class speaks of the money alone. */
static enum finding
cell_note(const struct match *match, const struct recon_result *result, const struct match_case *of)
{
    bool counted = result->member != RECON_NONE && match->in->members[result->member].counted;
    enum finding_bucket bucket = finding_bucket(result->primary);
    if (!counted || bucket == FINDING_BUCKET_SHORT) {
        return FINDING_NONE;
    }
    return classify_presence(result->line != RECON_NONE, CLASSIFY_BOOKS_PAID,
                             classify_order_presence(match, of))
        .note;
}

/* The sheet asks of each order whether what is off stands in a result. */
static void
tell_case(struct match_case *of, const struct classify_notes *notes)
{
    if (of != NULL) {
        of->order_told |= classify_order_told(notes);
        of->invoice_told |= classify_invoice_told(notes);
    }
}

static void
add_notes(struct draft *draft)
{
    for (size_t i = 0; i < draft->count; i++) {
        struct recon_result *result = &draft->results[i];
        struct match_case *of = match_case_at(draft->match, draft->cases[i]);
        struct classify_notes notes = { 0 };
        bool ours = result->refund != RECON_NONE; /* a refund that our books know */
        bool refund = ours
                      || (result->line != RECON_NONE
                          && draft->match->in->lines[result->line].kind == BILL_LINE_REFUND);
        if (result->manual != RECON_NONE) {
            classify_manual_notes(draft->match, &draft->match->in->manuals[result->manual], of,
                                  &notes);
        }
        bool alone =
            result->primary == FINDING_DUP_BILL_LINE || result->primary == FINDING_OUT_OF_SCOPE;
        if (!alone) {
            classify_line(draft->match, result, &notes);
        }
        if (ours && of != NULL) {
            classify_invoice(draft->match, of, &notes);
        }
        if (!alone && !refund) {
            classify_note(&notes, cell_note(draft->match, result, of));
            classify_order(draft->match, of, &notes);
            classify_invoice(draft->match, of, &notes);
        }
        if (result->movement != RECON_NONE) {
            const struct recon_movement *movement = &draft->match->in->movements[result->movement];
            classify_note(&notes, movement_note(movement));
        }
        tell_case(of, &notes);
        classify_notes_store(&notes, result);
    }
}

enum err
classify(struct match *match, struct recon_output *out)
{
    const struct recon_input *in = match->in;
    struct draft draft = { .match = match };
    draft.max = in->line_count + in->member_count + in->refund_count + in->order_count
                + in->invoice_count + in->movement_count + in->manual_count;
    void *memory = NULL;
    TRY(arena_array(match->arena, draft.max + 1, sizeof(struct recon_result), &memory));
    draft.results = memory;
    TRY(arena_array(match->arena, draft.max + 1, sizeof(size_t), &memory));
    draft.cases = memory;
    TRY(put_lines(&draft));
    TRY(put_members(&draft));
    TRY(put_refunds(&draft));
    TRY(put_orders(&draft));
    TRY(put_orphans(&draft));
    TRY(put_movements(&draft));
    TRY(put_manuals(&draft));
    add_notes(&draft);
    out->results = draft.results;
    out->count = draft.count;
    out->moved = match->moved;
    return ERR_OK;
}
