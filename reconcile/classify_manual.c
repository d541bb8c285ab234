/* SPDX-License-Identifier: Apache-2.0 */
#include "classify.h"

#define DAY_US    (INT64_C(24) * 60 * 60 * 1000000)
#define WEEK_DAYS 7
#define FAR_DAYS  30 /* no need to count further */
#define ZONE_US   (ZONE_CHINA_MIN * INT64_C(60) * 1000000)

/* Days since 1970-01-01, a Thursday. */
static int64_t
day_number(struct day day)
{
    return (day_start(day, ZONE_CHINA_MIN).us + ZONE_US) / DAY_US;
}

/* Monday to Friday; public holidays are not known here. */
static bool
is_working_day(int64_t number)
{
    int64_t weekday = (number + 3) % WEEK_DAYS; /* 0 is Monday */
    return weekday < 5;
}

static int
working_days_between(struct day from, struct day to)
{
    int64_t first = day_number(from);
    int64_t last = day_number(to);
    int count = 0;
    for (int64_t n = first + 1; n <= last && n <= first + FAR_DAYS; n++) {
        count += is_working_day(n) ? 1 : 0;
    }
    return count;
}

static bool
overdue(const struct match *match, const struct recon_manual *manual)
{
    return working_days_between(manual->received_on, match->in->day) > RECON_DEPOSIT_DAYS;
}

/* It speaks on the day the money came and on the day it was confirmed; one that waits too long, every day. */
enum finding
classify_manual(const struct match *match, const struct recon_manual *manual)
{
    bool today = day_cmp(manual->received_on, match->in->day) == 0;
    if (!manual->confirmed) {
        return overdue(match, manual) ? FINDING_MAN_UNCONFIRMED
               : today                ? FINDING_DAY_IN_TRANSIT
                                      : FINDING_NONE;
    }
    if (!today && day_cmp(manual->decided_on, match->in->day) != 0) {
        return FINDING_NONE;
    }
    if (manual->out) {
        return FINDING_MAN_REFUND;
    }
    return manual->deposit_fen == manual->amount_fen ? FINDING_MAN_OK : FINDING_MAN_AMOUNT;
}

void
classify_manual_notes(const struct match *match, const struct recon_manual *manual,
                      const struct match_case *of, struct classify_notes *notes)
{
    const struct recon_order *order = match_case_order(match, of);
    int64_t late = day_number(manual->recorded_on) - day_number(manual->received_on);
    if (!manual->attached) {
        classify_note(notes, FINDING_MAN_NO_VOUCHER);
    }
    if (manual->self) {
        classify_note(notes, FINDING_MAN_SELF_APPROVED);
    }
    if (late > match->in->manual_backdate_days) {
        classify_note(notes, FINDING_MAN_BACKDATED);
    }
    if (manual->confirmed) {
        classify_closed(match, manual->received_on, notes);
    }
    if (order != NULL && !manual->out && !span_eq(manual->payer_name, order->unit_name)) {
        classify_note(notes, FINDING_ORD_BUYER);
    }
    if (manual->confirmed && !manual->out) {
        classify_note(
            notes,
            classify_presence(true, CLASSIFY_BOOKS_PAID, classify_order_presence(match, of)).note);
    }
}
