/* SPDX-License-Identifier: Apache-2.0 */
/* What goes back: never more than came in, the same sum at the provider, and every refund comes to an end or waits
 * for people. */
#include <stdio.h>
#include <string.h>

#include "books.h"

struct sums {
    int64_t reserved; /* neither rejected, withdrawn nor failed */
    int64_t moved;
};

static bool
is_given_up(struct twin_value state)
{
    return twin_is(state, "failed") || twin_is(state, "rejected") || twin_is(state, "withdrawn");
}

static bool
is_final(struct twin_value state)
{
    return twin_is(state, "succeeded") || is_given_up(state) || twin_is(state, "proposed");
}

static struct sums
sums_of(struct twin *ours, struct twin_value attempt_no)
{
    struct sums sums = { .reserved = 0 };
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(ours, TWIN_refund, &at)) != NULL;) {
        struct twin_value state = OF(row, refund, state);
        if (twin_eq(OF(row, refund, attempt_no), attempt_no)) {
            sums.reserved += is_given_up(state) ? 0 : OF(row, refund, amount_fen).number;
            sums.moved += twin_is(state, "succeeded") ? OF(row, refund, amount_fen).number : 0;
        }
    }
    return sums;
}

static void
judge_attempt(struct twin *ours, const struct twin_row *attempt, books_tell tell)
{
    char about[BOOKS_ABOUT];
    struct twin_value number = OF(attempt, attempt, attempt_no);
    struct sums sums = sums_of(ours, number);
    books_about(about, number.bytes, 0);
    if (sums.reserved != OF(attempt, attempt, refund_reserved_fen).number
        || sums.moved != OF(attempt, attempt, refunded_fen).number) {
        tell("an attempt reserves and counts its refunds", about);
    }
    if (sums.reserved > OF(attempt, attempt, refundable_fen).number) {
        tell("no more goes back than came in", about);
    }
    if (books_refunded_there(number.bytes) != sums.moved) {
        tell("the provider has given back what our books say", about);
    }
}

void
books_refunds(struct twin *ours, books_tell tell)
{
    char about[BOOKS_ABOUT];
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(ours, TWIN_attempt, &at)) != NULL;) {
        judge_attempt(ours, row, tell);
    }
    for (size_t at = 0; (row = twin_next(ours, TWIN_refund, &at)) != NULL;) {
        if (!is_final(OF(row, refund, state))) {
            books_about(about, OF(row, refund, refund_no).bytes, 0);
            tell("every refund comes to an end, or waits for people", about);
        }
    }
    for (size_t at = 0; (row = twin_next(ours, TWIN_surplus, &at)) != NULL;) {
        if (!twin_some(OF(row, surplus, decision))) {
            books_about(about, OF(row, surplus, attempt_no).bytes, 0);
            tell("money that nobody expected is decided on", about);
        }
    }
}
