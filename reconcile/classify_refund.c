/* SPDX-License-Identifier: Apache-2.0 */
#include "classify.h"

#define AGED_MS      (INT64_C(24) * 60 * 60 * 1000)
#define OLD_MS       (INT64_C(365) * 24 * 60 * 60 * 1000)
#define STANDS_COUNT 4

static const struct span nothing;

/* What the bill says of a refund. */
enum said { SAID_DONE, SAID_PENDING, SAID_FAILED };

/* Bill (done, under way, failed) x books (none, pending, success, over), where our books count it. */
static const enum finding classes[][STANDS_COUNT] = {
    [SAID_DONE] = { FINDING_REF_UNKNOWN, FINDING_REF_LATE_SUCCESS, FINDING_REF_OK,
                    FINDING_REF_FAIL_BUT_PAID },
    [SAID_PENDING] = { FINDING_REF_UNKNOWN_PENDING, FINDING_REF_IN_PROGRESS, FINDING_REF_OK_STALE,
                       FINDING_REF_CLOSED_LATER },
    [SAID_FAILED] = { FINDING_REF_UNKNOWN_FAIL, FINDING_REF_ABNORMAL, FINDING_REF_FALSE_SUCCESS,
                      FINDING_REF_FAIL_OK },
};

static enum said
said_of(const struct recon_line *line)
{
    return classify_reversed(line) ? SAID_FAILED : line->pending ? SAID_PENDING : SAID_DONE;
}

static const struct recon_refund *
refund_of(const struct match *match, const struct recon_line *line)
{
    size_t at = match->line_facts[line - match->in->lines].refund;
    return at == RECON_NONE ? NULL : &match->in->refunds[at];
}

int64_t
classify_refund_books(const struct recon_refund *refund)
{
    return refund != NULL && refund->counted ? -refund->amount_fen : 0;
}

/* A line with money for a refund that counts on another day finds none of it in this day's books. One that says "failed" has no money that
 * could be another day's: it contradicts the refund on whatever day that succeeded. */
enum finding
classify_refund(const struct match *match, const struct recon_line *line)
{
    const struct recon_refund *refund = refund_of(match, line);
    enum match_stand stand = match_stand(refund);
    enum said said = said_of(line);
    if (refund != NULL && !refund->counted && said != SAID_FAILED && stand != MATCH_STAND_OVER) {
        if (classify_early(match, line, refund->taken_at)) {
            return FINDING_DAY_EARLY_BILL;
        }
        stand = MATCH_STAND_NONE;
    }
    int64_t b = line->effective_fen;
    int64_t p = classify_refund_books(refund);
    if (said != SAID_FAILED && p != 0 && b != p) {
        return b < p ? FINDING_REF_AMT_MORE : FINDING_REF_AMT_LESS;
    }
    return classes[said][stand];
}

enum finding
classify_refund_missing(const struct match *match, const struct recon_refund *refund, bool near)
{
    if (refund->counted) {
        return near && !refund->carried_in ? FINDING_REF_IN_TRANSIT : FINDING_REF_MISSING;
    }
    bool unheard = refund->state == REFUND_SENT || refund->state == REFUND_UNKNOWN;
    bool aged =
        refund->sent_at.us != 0 && wall_ms_between(refund->sent_at, match->in->as_of) > AGED_MS;
    return unheard && aged ? FINDING_REF_PENDING_AGED : FINDING_NONE;
}

/* The payment that a refund gives back, as far as this run knows it. */
struct original {
    bool known;
    int64_t whole;
    int64_t back; /* in our books or on this bill, whichever is more */
    struct wall_time paid_at;
};

static struct original
original_of(const struct match *match, struct span attempt_no)
{
    size_t at = index_find(&match->member_by_attempt, attempt_no, nothing);
    size_t paid = index_find(&match->payment_by_attempt, attempt_no, nothing);
    struct original original = { .known = at != INDEX_NONE || paid != INDEX_NONE };
    if (at != INDEX_NONE) {
        original.whole = match->in->members[at].amount_fen;
        original.back = match->member_facts[at].refunded_fen;
        original.paid_at = match->in->members[at].paid_at;
    }
    if (paid != INDEX_NONE) {
        const struct recon_payment *payment = &match->gathered[paid];
        original.whole = payment->amount_fen;
        original.back =
            payment->refunded_fen > original.back ? payment->refunded_fen : original.back;
        original.paid_at = payment->paid_at;
    }
    return original;
}

int64_t
classify_refund_original(const struct match *match, const struct recon_line *line,
                         struct wall_time *paid_at)
{
    const struct recon_refund *refund = refund_of(match, line);
    struct original original =
        original_of(match, refund != NULL ? refund->attempt_no : line->merchant_order_no);
    if (original.known) {
        *paid_at = original.paid_at;
    }
    return original.whole;
}

static void
note_original(const struct match *match, const struct original *original, int64_t moved,
              struct wall_time at, const struct match_case *of, struct classify_notes *notes)
{
    const struct recon_order *order = match_case_order(match, of);
    int64_t back = original->back > moved ? original->back : moved;
    classify_note(notes, back > original->whole ? FINDING_REF_OVER : FINDING_NONE);
    classify_note(notes, back < original->whole ? FINDING_REF_PARTIAL : FINDING_NONE);
    if (original->paid_at.us != 0 && at.us != 0
        && wall_ms_between(original->paid_at, at) > OLD_MS) {
        classify_note(notes, FINDING_REF_ORIG_OLD);
    }
    if (order != NULL && order->issued_quantity > 0) {
        classify_note(notes, FINDING_REF_AFTER_ISSUE);
    }
    if (order != NULL && back >= original->whole && order->stage == RECON_ORDER_PAID) {
        classify_note(notes, FINDING_REF_ORDER_STATE);
    }
}

/* A line that is none of our refunds although the same amount of the same payment went back before. */
static bool
is_second(const struct match *match, const struct recon_line *line)
{
    int64_t amount = -line->effective_fen;
    return index_find(&match->refund_by_payment, line->merchant_order_no,
                      span_make(&amount, sizeof(amount)))
           != INDEX_NONE;
}

static void
note_day(const struct match *match, const struct recon_refund *refund,
         const struct recon_line *line, struct classify_notes *notes)
{
    bool on_bill = line != NULL;
    if (refund->taken_at.us == 0) {
        return;
    }
    if (on_bill && line->carried_in) {
        classify_note(notes, refund->counted ? FINDING_DAY_SHIFT_EARLY : FINDING_NONE);
        return;
    }
    struct day taken = day_of(refund->taken_at, match->in->cutoff_east_min);
    if ((refund->counted || on_bill) && !refund->carried_in) {
        classify_closed(match, taken, notes);
    }
    if (refund->counted || !on_bill) {
        return;
    }
    if (day_cmp(taken, day_add(match->in->day, -1)) == 0) {
        classify_note(notes, FINDING_DAY_SHIFT_LATE);
    } else if (day_cmp(taken, day_add(match->in->day, 1)) == 0) {
        classify_note(notes, FINDING_DAY_SHIFT_EARLY);
    }
}

static void
note_line(const struct match *match, const struct recon_line *line,
          const struct recon_refund *refund, struct classify_notes *notes)
{
    const struct match_line *facts = &match->line_facts[line - match->in->lines];
    bool moved = said_of(line) != SAID_FAILED;
    if (moved && (facts->refund_taken || (refund == NULL && is_second(match, line)))) {
        classify_note(notes, FINDING_DUP_REFUND);
    }
}

void
classify_refund_notes(const struct match *match, const struct recon_result *result,
                      struct classify_notes *notes)
{
    const struct recon_line *line =
        result->line == RECON_NONE ? NULL : &match->in->lines[result->line];
    const struct recon_refund *refund =
        result->refund == RECON_NONE ? NULL : &match->in->refunds[result->refund];
    size_t id = line != NULL ? match->line_facts[result->line].number_case
                             : match->refund_facts[result->refund].number_case;
    struct span attempt_no = refund != NULL ? refund->attempt_no : line->merchant_order_no;
    struct original original = original_of(match, attempt_no);
    int64_t moved = line != NULL ? -line->effective_fen : refund->counted ? refund->amount_fen : 0;
    if (line != NULL) {
        note_line(match, line, refund, notes);
    }
    if (refund != NULL) {
        note_day(match, refund, line, notes);
    }
    if (refund != NULL && !refund->approved) {
        classify_note(notes, FINDING_REF_NO_REQUEST);
    }
    if (!original.known) {
        classify_note(notes, FINDING_REF_ORIG_UNKNOWN);
    } else if (moved != 0) {
        note_original(match, &original, moved, line != NULL ? line->at : refund->taken_at,
                      match_case_at(match, id), notes);
    }
}
