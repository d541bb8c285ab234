/* SPDX-License-Identifier: Apache-2.0 */
/* Orders, payments and attempts agree with one another, and nothing is left half done. */
#include <stdio.h>

#include "books.h"

struct judge {
    struct twin *ours;
    books_tell tell;
    char about[BOOKS_ABOUT];
};

static void
name(struct judge *judge, struct twin_value number)
{
    books_about(judge->about, number.bytes, 0);
}

static void
claim(const struct judge *judge, bool holds, const char *what)
{
    if (!holds) {
        judge->tell(what, judge->about);
    }
}

static bool
is_paid(const struct twin_row *attempt)
{
    return twin_is(OF(attempt, attempt, state), "paid")
           || twin_is(OF(attempt, attempt, state), "late_paid");
}

struct tally {
    int64_t attempts;
    int64_t paid;
    int64_t late;
    int64_t open;    /* neither paid nor closed */
    int64_t without; /* of those: the provider gives no verified word about them */
};

static struct tally
attempts_of(const struct judge *judge, const struct twin_row *payment)
{
    struct tally tally = { .attempts = 0 };
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(judge->ours, TWIN_attempt, &at)) != NULL;) {
        if (!twin_eq(OF(row, attempt, payment_no), OF(payment, payment, payment_no))) {
            continue;
        }
        tally.attempts++;
        tally.paid += is_paid(row);
        tally.late += twin_is(OF(row, attempt, state), "late_paid");
        if (!is_paid(row) && !twin_is(OF(row, attempt, state), "closed")) {
            tally.open++;
            tally.without += twin_some(OF(row, attempt, query_trouble));
        }
    }
    return tally;
}

static void
judge_payment(struct judge *judge, const struct twin_row *payment)
{
    struct tally tally = attempts_of(judge, payment);
    struct twin_value state = OF(payment, payment, state);
    name(judge, OF(payment, payment, payment_no));
    claim(judge, OF(payment, payment, attempt_count).number == tally.attempts,
          "a payment counts its attempts");
    claim(judge, twin_is(state, "paid") == (tally.paid > 0),
          "a payment is paid when one of its attempts is, and only then");
    claim(judge, (OF(payment, payment, late).number != 0) == (tally.late > 0),
          "a payment is late when one of its attempts is, and only then");
    claim(judge, !twin_is(state, "open") || tally.without > 0,
          "no payment stays open after its time, unless a provider gives no verified word");
    claim(judge, !twin_is(state, "closed") || tally.open == 0,
          "a closed payment has no attempt that can be paid");
}

static void
judge_attempt(struct judge *judge, const struct twin_row *attempt)
{
    name(judge, OF(attempt, attempt, attempt_no));
    claim(judge, !is_paid(attempt) || !twin_some(OF(attempt, attempt, next_poll_at)),
          "what is paid is not asked about any more");
}

static void
judge_order(struct judge *judge, const struct twin_row *order)
{
    int64_t paid = 0;
    bool flagged = false;
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(judge->ours, TWIN_payment, &at)) != NULL;) {
        if (twin_eq(OF(row, payment, order_no), OF(order, ca_order, order_no))) {
            paid += attempts_of(judge, row).paid;
            flagged = flagged || OF(row, payment, duplicate).number != 0;
        }
    }
    name(judge, OF(order, ca_order, order_no));
    claim(judge, OF(order, ca_order, success_count).number == paid,
          "an order counts each success once");
    claim(judge, flagged == (paid > 1), "a second success is a duplicate, and a first is none");
}

void
books_within(struct twin *ours, books_tell tell)
{
    struct judge judge = { .ours = ours, .tell = tell };
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(ours, TWIN_payment, &at)) != NULL;) {
        judge_payment(&judge, row);
    }
    for (size_t at = 0; (row = twin_next(ours, TWIN_attempt, &at)) != NULL;) {
        judge_attempt(&judge, row);
    }
    for (size_t at = 0; (row = twin_next(ours, TWIN_ca_order, &at)) != NULL;) {
        judge_order(&judge, row);
    }
}
