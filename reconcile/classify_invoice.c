/* SPDX-License-Identifier: Apache-2.0 */
#include "classify.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

/* What the invoices of an order come to. */
enum state { STATE_NONE, STATE_ASKED, STATE_BLUE, STATE_PART_RED, STATE_ALL_RED };

int64_t
classify_invoiced(const struct match_case *of)
{
    return of->blue_fen - of->red_fen;
}

static enum state
state_of(const struct match_case *of)
{
    if (classify_invoiced(of) > 0) {
        return of->red_fen == 0 ? STATE_BLUE : STATE_PART_RED;
    }
    if (of->asked_count > 0) {
        return STATE_ASKED;
    }
    bool was = of->blue_count > 0 || of->red_count > 0 || of->void_count > 0;
    return was ? STATE_ALL_RED : STATE_NONE;
}

static enum finding
asked_finding(const struct match *match, const struct match_case *of)
{
    bool overdue = of->asked_at.us != 0
                   && wall_ms_between(of->asked_at, match->in->as_of) > RECON_ASKED_DAYS * DAY_MS;
    return overdue ? FINDING_INV_OVERDUE : FINDING_INV_PENDING;
}

/* A valid invoice against the money that stands; more money than payable is judged on the payable. */
static void
note_issued(const struct match_case *of, int64_t payable, int64_t money, bool reddened,
            struct classify_notes *notes)
{
    int64_t invoiced = classify_invoiced(of);
    int64_t due = money < payable ? money : payable;
    if (of->blue_count > 1 && of->blue_count > of->red_count + 1 && invoiced > due) {
        classify_note(notes, FINDING_INV_DUP);
    } else if (invoiced == due && of->blue_count > of->red_count + 1) {
        classify_note(notes, FINDING_INV_SPLIT);
    }
    if (money <= 0) {
        classify_note(notes, reddened ? FINDING_INV_RED_REST_NO_MONEY : FINDING_INV_NO_MONEY);
    } else if (invoiced == due) {
        classify_note(notes, reddened ? FINDING_INV_OK_NET : FINDING_INV_OK);
    } else if (reddened && invoiced < due) {
        classify_note(notes, FINDING_INV_RED_NO_REFUND);
    } else if (money < payable && invoiced > money) {
        classify_note(notes, FINDING_INV_NO_MONEY);
    } else if (of->blue_count <= of->red_count + 1 || invoiced < due) {
        classify_note(notes, FINDING_INV_AMOUNT);
    }
}

/* Nothing blue is left, and nothing more than that may be red. */
static enum finding
all_red_finding(const struct match_case *of, bool kept)
{
    if (classify_invoiced(of) < 0) {
        return FINDING_INV_RED_AMOUNT;
    }
    return kept ? FINDING_INV_REISSUE_DUE : FINDING_INV_OK_CANCELLED;
}

/* An order whose money went back in part or whole: what is invoiced is to follow it (red letter). */
static void
note_refunded(const struct match *match, const struct match_case *of, enum state state,
              int64_t money, struct classify_notes *notes)
{
    int64_t invoiced = classify_invoiced(of);
    bool whole = money <= 0;
    switch (state) {
    case STATE_NONE:
        classify_note(notes, whole ? FINDING_NONE : FINDING_INV_NONE);
        break;
    case STATE_ASKED:
        classify_note(notes, whole                   ? FINDING_INV_ASKED_AFTER_REFUND
                             : of->asked_fen > money ? FINDING_INV_ASKED_GROSS
                                                     : asked_finding(match, of));
        break;
    case STATE_BLUE:
        classify_note(notes, whole               ? FINDING_INV_RED_DUE_FULL
                             : invoiced == money ? FINDING_INV_OK
                             : invoiced > money  ? FINDING_INV_RED_DUE
                                                 : FINDING_INV_AMOUNT);
        break;
    case STATE_PART_RED:
        classify_note(notes, whole               ? FINDING_INV_RED_INCOMPLETE
                             : invoiced == money ? FINDING_INV_OK_NET
                                                 : FINDING_INV_RED_AMOUNT);
        break;
    case STATE_ALL_RED:
        classify_note(notes, all_red_finding(of, !whole));
        break;
    default:
        break;
    }
}

static void
note_dates(const struct match_case *of, struct classify_notes *notes)
{
    if (of->first_issued_at.us == 0 || of->first_paid_at.us == 0 || classify_invoiced(of) <= 0) {
        return;
    }
    if (of->first_issued_at.us < of->first_paid_at.us) {
        classify_note(notes, FINDING_INV_BEFORE_PAY);
    }
    struct day issued = day_of(of->first_issued_at, ZONE_CHINA_MIN);
    struct day paid = day_of(of->first_paid_at, ZONE_CHINA_MIN);
    if (issued.year != paid.year || issued.month != paid.month) {
        classify_note(notes, FINDING_INV_PERIOD);
    }
}

/* A red document that is not issued yet waits for the other side, 72 hours. */
static void
note_confirmation(const struct match *match, const struct match_case *of,
                  struct classify_notes *notes)
{
    const struct recon_invoice *red = of->confirmation;
    if (red == NULL || !span_eq_cstr(red->status, "asked")) {
        return;
    }
    if (invoice_confirmation_lapsed(red->confirmation, red->confirmation_asked_at,
                                    match->in->as_of)) {
        classify_note(notes, FINDING_INV_RED_EXPIRED);
    } else if (invoice_confirmation_open(red->confirmation)) {
        classify_note(notes, FINDING_INV_RED_WAIT);
    }
}

/* Money that went back wants another reason than an error does. Where both happened, every document that was
 * issued wrongly has another in its place. */
static bool
reason_differs(const struct match_case *of)
{
    if (of->refunded_fen == 0) {
        return of->back_count > 0;
    }
    return of->wrong_count > 0 && of->wrong_count >= of->blue_count;
}

static void
note_form(const struct match *match, const struct match_case *of, enum state state,
          struct classify_notes *notes)
{
    note_confirmation(match, of, notes);
    if (reason_differs(of)) {
        classify_note(notes, FINDING_INV_RED_REASON);
    }
    if (of->kind_differs && state != STATE_ALL_RED) {
        classify_note(notes, FINDING_INV_KIND);
    }
    if (of->merged) {
        classify_note(notes, FINDING_INV_MERGED);
    }
    if (of->title_differs && state != STATE_ALL_RED) {
        classify_note(notes, FINDING_INV_TITLE);
    }
    if (of->tax_differs) {
        classify_note(notes, FINDING_INV_TAX);
    }
    if (of->failed_count > 0 && (state == STATE_NONE || state == STATE_ALL_RED)) {
        classify_note(notes, FINDING_INV_FAILED);
    }
}

void
classify_invoice(const struct match *match, const struct match_case *of,
                 struct classify_notes *notes)
{
    const struct recon_order *order = match_case_order(match, of);
    if (order == NULL) {
        return;
    }
    /* Money on the bill beyond our books is there; money missing on the bill carries no invoice. */
    int64_t held = of->confirmed_fen + of->manual_fen + of->long_fen;
    int64_t solid = held - of->short_fen;
    enum state state = state_of(of);
    int64_t net = solid - of->refunded_fen;
    if (of->refunded_fen > 0 && net < order->amount_fen) {
        note_refunded(match, of, state, net, notes);
        note_form(match, of, state, notes);
        note_dates(of, notes);
        return;
    }
    switch (state) {
    case STATE_NONE:
        if (held > 0 || (order->stage == RECON_ORDER_PAID && order->amount_fen > 0)) {
            classify_note(notes, FINDING_INV_NONE);
        }
        break;
    case STATE_ASKED:
        classify_note(notes, held > 0 ? asked_finding(match, of) : FINDING_INV_ASKED_UNPAID);
        break;
    case STATE_ALL_RED:
        classify_note(notes, all_red_finding(of, solid > 0));
        break;
    case STATE_BLUE:
    case STATE_PART_RED:
        note_issued(of, order->amount_fen, solid, state == STATE_PART_RED, notes);
        classify_note(notes, of->asked_count > 0 ? asked_finding(match, of) : FINDING_NONE);
        break;
    default:
        break;
    }
    note_form(match, of, state, notes);
    note_dates(of, notes);
}

bool
classify_invoice_told(const struct classify_notes *notes)
{
    static const enum finding off[] = {
        FINDING_INV_ASKED_UNPAID,
        FINDING_INV_ASKED_GROSS,
        FINDING_INV_ASKED_AFTER_REFUND,
        FINDING_INV_PENDING,
        FINDING_INV_OVERDUE,
        FINDING_INV_NO_MONEY,
        FINDING_INV_AMOUNT,
        FINDING_INV_DUP,
        FINDING_INV_RED_DUE,
        FINDING_INV_RED_DUE_FULL,
        FINDING_INV_RED_AMOUNT,
        FINDING_INV_RED_INCOMPLETE,
        FINDING_INV_RED_NO_REFUND,
        FINDING_INV_RED_REST_NO_MONEY,
        FINDING_INV_REISSUE_DUE,
    };
    for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++) {
        if (classify_noted(notes, off[i])) {
            return true;
        }
    }
    return false;
}
