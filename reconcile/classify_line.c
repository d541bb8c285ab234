/* SPDX-License-Identifier: Apache-2.0 */
#include "classify.h"

#define CLOCK_MS (INT64_C(5) * 60 * 1000)
#define FACTOR   100 /* fen in a yuan */

bool
classify_reversed(const struct recon_line *line)
{
    return !line->carried_in && line->face_fen != 0 && line->effective_fen == 0;
}

static bool
is_closed(const struct match *match, struct day day)
{
    struct span rest = match->in->closed_days;
    struct span word;
    bool more = rest.len > 0;
    while (more) {
        struct day closed;
        more = span_cut(&rest, ' ', &word);
        if (day_parse(word, &closed) == ERR_OK && day_cmp(closed, day) == 0) {
            return true;
        }
    }
    return false;
}

void
classify_closed(const struct match *match, struct day day, struct classify_notes *notes)
{
    if (day_cmp(day, match->in->day) < 0 && is_closed(match, day)) {
        classify_note(notes, FINDING_DAY_CLOSED);
    }
}

static void
note_amount(int64_t b, int64_t p, struct classify_notes *notes)
{
    if (b == 0 || p == 0) {
        classify_note(notes, FINDING_AMT_ZERO);
    }
    if (b - p == 1 || p - b == 1) {
        classify_note(notes, FINDING_AMT_ONE_FEN);
    }
    int64_t times;
    if (b != p
        && ((!__builtin_mul_overflow(b, FACTOR, &times) && times == p)
            || (!__builtin_mul_overflow(p, FACTOR, &times) && times == b))) {
        classify_note(notes, FINDING_AMT_UNIT);
    }
}

static void
note_clock(const struct recon_line *line, const struct recon_member *member,
           struct classify_notes *notes)
{
    bool paid = member != NULL && match_paid(member) && member->paid_at.us != 0;
    int64_t apart_ms = paid ? wall_ms_between(member->paid_at, line->at) : 0;
    if (apart_ms > CLOCK_MS || apart_ms < -CLOCK_MS) {
        classify_note(notes, FINDING_DAY_CLOCK);
    }
}

/* The day that the money counts for against the day of the bill: ours when we hold it paid, else
 * what the line says. A refund line may carry the time of the payment it undoes, and says nothing. */
static void
note_day(const struct match *match, const struct recon_line *line,
         const struct recon_member *member, struct classify_notes *notes)
{
    bool paid = member != NULL && match_paid(member) && member->paid_at.us != 0;
    int stands = match_day_offset(match, line->at);
    int counts = paid ? match_day_offset(match, member->paid_at) : stands;
    if (counts == -1) {
        classify_note(notes, FINDING_DAY_SHIFT_LATE);
    } else if (counts == 1) {
        classify_note(notes, FINDING_DAY_SHIFT_EARLY);
    }
    bool late = counts < -1 || stands < -1;
    if (late) {
        classify_note(notes, FINDING_DAY_LATE_LINE);
    }
    if (paid ? counts < 0 && !member->carried_in : late) {
        struct wall_time at = paid ? member->paid_at : line->at;
        classify_closed(match, day_of(at, match->in->cutoff_east_min), notes);
    }
}

/* Money that comes on top of confirmed money of the same order. */
static void
note_second_payment(const struct match *match, const struct recon_result *result,
                    const struct match_case *of, struct classify_notes *notes)
{
    const struct recon_order *order = match_case_order(match, of);
    if (of == NULL
        || (order != NULL && of->payment_count > 0
            && of->confirmed_fen + of->long_fen <= order->amount_fen)) {
        return;
    }
    if (result->member != RECON_NONE && match_paid(&match->in->members[result->member])) {
        const struct match_member *facts = &match->member_facts[result->member];
        classify_note(notes, facts->later_same ? FINDING_DUP_PAY_SAME : FINDING_NONE);
        classify_note(notes, facts->later_cross ? FINDING_DUP_PAY_CROSS : FINDING_NONE);
    } else if (result->b_fen > 0 && of->payment_count > 0) {
        struct span key = span_make(&of->id, sizeof(of->id));
        size_t same = index_find(&match->case_provider, key, match->in->provider);
        classify_note(notes, same != INDEX_NONE ? FINDING_DUP_PAY_SAME : FINDING_DUP_PAY_CROSS);
    }
}

/* Forms for a computer's and a phone's browser are one product, which a bill does not tell apart. */
static enum adapter_method
product(enum adapter_method method)
{
    return method == ADAPTER_WAP ? ADAPTER_PAGE : method;
}

static void
note_method(const struct recon_line *line, const struct recon_member *member,
            struct classify_notes *notes)
{
    bool told = line->method != ADAPTER_METHOD_NONE && member != NULL
                && member->method != ADAPTER_METHOD_NONE;
    if (told && product(line->method) != product(member->method)) {
        classify_note(notes, FINDING_ACC_METHOD);
    }
}

/* What any line of money may say beside its amount. */
static void
note_basis(const struct match *match, const struct recon_line *line, struct classify_notes *notes)
{
    bool refund = line->kind == BILL_LINE_REFUND;
    int east = match->in->cutoff_east_min;
    if (line->coupon_fen != 0) {
        classify_note(notes, refund ? FINDING_REF_COUPON : FINDING_AMT_COUPON);
    }
    const struct match_line *facts = &match->line_facts[line - match->in->lines];
    if (match->in->has_flow && line->effective_fen != 0 && !facts->moved) {
        classify_note(notes, FINDING_FLOW_MISSING);
    }
    if (facts->fee_differs) {
        classify_note(notes, FINDING_FEE_FLOW);
    }
    if (line->other_route) {
        classify_note(notes, FINDING_REF_ROUTE);
    }
    if (east != ZONE_CHINA_MIN
        && day_cmp(day_of(line->at, east), day_of(line->at, ZONE_CHINA_MIN)) != 0) {
        classify_note(notes, FINDING_DAY_SETTLE_CUT);
    }
}

static void
note_pay_line(const struct match *match, const struct recon_result *result,
              struct classify_notes *notes)
{
    const struct recon_line *line = &match->in->lines[result->line];
    const struct match_line *facts = &match->line_facts[result->line];
    const struct recon_member *member =
        result->member == RECON_NONE ? NULL : &match->in->members[result->member];
    classify_note(notes, facts->shared_key ? FINDING_DUP_BILL_KEY : FINDING_NONE);
    classify_note(notes, facts->trade_differs ? FINDING_KEY_TRADE_NO : FINDING_NONE);
    classify_note(notes, facts->tidied ? FINDING_KEY_CASE_TRIM : FINDING_NONE);
    classify_note(notes, facts->ambiguous ? FINDING_KEY_AMBIGUOUS : FINDING_NONE);
    classify_note(notes, facts->other_provider ? FINDING_ACC_PROVIDER : FINDING_NONE);
    bool other_application =
        !span_empty(line->application) && !span_eq(line->application, match->in->application);
    classify_note(notes, other_application ? FINDING_ACC_APP : FINDING_NONE);
    note_method(line, member, notes);
    note_clock(line, member, notes);
    if (line->carried_in) {
        bool counts = member != NULL && member->counted;
        classify_note(notes, counts ? FINDING_DAY_SHIFT_EARLY : FINDING_NONE);
    } else {
        note_day(match, line, member, notes);
    }
    if (member != NULL && member->counted && !classify_reversed(line)) {
        note_amount(result->b_fen, result->p_fen, notes);
    } else if (line->effective_fen == 0 && finding_bucket(result->primary) == FINDING_BUCKET_LONG) {
        classify_note(notes, FINDING_AMT_ZERO);
    }
    if (result->member != RECON_NONE && result->p_fen > 0
        && match->member_facts[result->member].refunded_fen == result->p_fen) {
        classify_note(notes, FINDING_ST_REFUNDED_FULL);
    }
}

/* Money of a signed day that was heard of when it was signed already. */
static void
note_missing(const struct match *match, const struct recon_member *member,
             struct classify_notes *notes)
{
    if (member->counted && !member->carried_in) {
        classify_closed(match, day_of(member->paid_at, match->in->cutoff_east_min), notes);
    }
}

/* What a signed day did not take in it takes in no more. */
static void
note_carry(const struct match *match, struct classify_notes *notes)
{
    struct day next = day_add(match->in->day, 1);
    if (is_closed(match, next)) {
        classify_note(notes, FINDING_DAY_CLOSED);
    }
    if (next.month != match->in->day.month) {
        classify_note(notes, FINDING_DAY_MONTH_END);
    }
    if (next.year != match->in->day.year) {
        classify_note(notes, FINDING_DAY_YEAR_END);
    }
}

void
classify_line(const struct match *match, const struct recon_result *result,
              struct classify_notes *notes)
{
    size_t id = result->line != RECON_NONE     ? match->line_facts[result->line].number_case
                : result->member != RECON_NONE ? match->member_facts[result->member].number_case
                                               : RECON_NONE;
    const struct match_case *of = match_case_at(match, id);
    if (result->carry_out) {
        note_carry(match, notes);
    }
    if (result->line == RECON_NONE && result->member != RECON_NONE) {
        note_missing(match, &match->in->members[result->member], notes);
    }
    if (result->line != RECON_NONE) {
        const struct recon_line *line = &match->in->lines[result->line];
        if (!line->carried_in) { /* else its own day told this */
            classify_fee(match, line, notes);
            note_basis(match, line, notes);
        }
        if (line->dispute) {
            return; /* it names no order and no refund */
        }
        if (line->kind == BILL_LINE_PAY) {
            note_pay_line(match, result, notes);
        }
    }
    if (result->refund != RECON_NONE
        || (result->line != RECON_NONE
            && match->in->lines[result->line].kind == BILL_LINE_REFUND)) {
        classify_refund_notes(match, result, notes);
        return;
    }
    note_second_payment(match, result, of, notes);
}
