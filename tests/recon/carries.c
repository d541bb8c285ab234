/* SPDX-License-Identifier: Apache-2.0 */
/* What is carried over the end of a day: bookings ahead of the bill, and lines ahead of our books. */
#include "books.h"

Test(carries, a_bill_ahead_of_the_books)
{
    DEFER(books_free) struct books b = { 0 };
    books_golden(&b);
    b.members[0].paid_at = b.payments[0].paid_at = at(MIDNIGHT_S + 1);
    b.members[0].counted = false;
    b.lines[0].at = at(MIDNIGHT_S - 1);
    b.invoices[0].issued_at = at(MIDNIGHT_S + 60);
    CHECK_SAYS(&b, "DAY_EARLY_BILL DAY_SHIFT_EARLY INV_OK FEE_OK");
    CHECK_DELTA(&b, 0, 56000);
    cr_assert(b.out.results[0].carry_out);
    cr_assert_eq(b.out.sheet.early_out.fen, 56000);
    cr_assert_eq(b.out.sheet.bill_only.count, 0);
    cr_assert_eq(b.out.sheet.in_transit.count, 0); /* that is for our books */
}

Test(carries, a_bill_is_ahead_of_the_books_by_ten_minutes_at_most)
{
    static const struct {
        int64_t booked_s;
        const char *says;
    } rows[] = {
        { MIDNIGHT_S - 1, "LONG_ORDER_PAID INV_OK FEE_OK" },
        { MIDNIGHT_S, "DAY_EARLY_BILL DAY_SHIFT_EARLY INV_OK FEE_OK" },
        { MIDNIGHT_S + 600, "DAY_EARLY_BILL DAY_SHIFT_EARLY DAY_CLOCK INV_OK FEE_OK" },
        { MIDNIGHT_S + 601, "LONG_ORDER_PAID DAY_SHIFT_EARLY DAY_CLOCK INV_OK FEE_OK" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        books_golden(&b);
        b.members[0].paid_at = b.payments[0].paid_at = at(rows[i].booked_s);
        b.members[0].counted = false;
        b.lines[0].at = at(MIDNIGHT_S - 1);
        b.invoices[0].issued_at = at(MIDNIGHT_S + 700);
        CHECK_SAYS(&b, rows[i].says);
    }
}

/* The same line on the day after, where the books have its money. */
static void
set_early(struct books *b)
{
    books_golden(b);
    b->lines[0].carried_in = true;
    b->lines[0].at = at(-1);
    b->members[0].paid_at = b->payments[0].paid_at = at(1);
}

Test(carries, a_line_that_is_carried_in_meets_its_booking)
{
    DEFER(books_free) struct books b = { 0 };
    set_early(&b);
    CHECK_SAYS(&b, "PAY_OK DAY_SHIFT_EARLY INV_OK"); /* fees were its own day's */
    CHECK_DELTA(&b, 0, 0);
    cr_assert_eq(b.out.results[0].face_fen, 0);
    const struct recon_sheet *s = &b.out.sheet;
    cr_assert_eq(s->parsed.count, 0);
    cr_assert_eq(s->in_scope.count, 0);
    cr_assert_eq(s->pay.count, 0);
    cr_assert_eq(s->fee.count, 0);
    cr_assert_eq(s->early_in.fen, 56000);
    cr_assert_eq(s->matched.fen, 56000);
    cr_assert_eq(s->population.fen, 56000);
    cr_assert_eq(s->carried_in.count, 0);
    b.members[0].amount_fen = b.payments[0].amount_fen = 55999;
    CHECK_SAYS(&b, "AMT_BILL_MORE ORD_PARTIAL AMT_ONE_FEN DAY_SHIFT_EARLY INV_NO_MONEY");
}

Test(carries, a_line_that_is_carried_in_and_still_not_in_the_books_is_long)
{
    DEFER(books_free) struct books b = { 0 };
    set_early(&b);
    b.in.member_count = b.in.payment_count = 0;
    CHECK_SAYS(&b, "LONG_UNKNOWN\nORD_PAID_NO_MONEY INV_NO_MONEY");
    CHECK_DELTA(&b, 0, 56000);
    set_early(&b);
    b.members[0].state = ATTEMPT_PENDING;
    b.members[0].counted = false;
    b.members[0].paid_at = (struct wall_time){ 0 };
    b.in.payment_count = 0;
    CHECK_SAYS(&b, "ST_LATE_ORDER_AHEAD INV_OK");
    cr_assert_not(b.out.results[0].carry_out);
    set_early(&b);
    b.members[0].counted = false; /* once more on the day after: it is not carried twice */
    b.members[0].paid_at = b.payments[0].paid_at = at(MIDNIGHT_S + 1);
    CHECK_SAYS(&b, "LONG_ORDER_PAID DAY_CLOCK INV_OK INV_BEFORE_PAY");
    cr_assert_not(b.out.results[0].carry_out);
}

/* The bill of the day has the same payment too: one of the two is money that our books lack. */
Test(carries, a_line_that_is_carried_in_and_one_of_the_day)
{
    DEFER(books_free) struct books b = { 0 };
    set_early(&b);
    b.lines[1] = b.lines[0];
    b.lines[1].carried_in = false;
    b.in.line_count = 2;
    CHECK_SAYS(&b, "PAY_OK DUP_BILL_KEY INV_OK FEE_OK\n"
                   "LONG_ORDER_PAID DUP_BILL_KEY DUP_PAY_SAME INV_OK");
    CHECK_DELTA(&b, 0, 0);
    CHECK_DELTA(&b, 1, 56000);
    cr_assert_eq(b.out.sheet.parsed.count, 1);
    cr_assert_eq(b.out.sheet.repeated.count, 0);
}

static void
carry_from(struct books *b, struct day day, int64_t days_on)
{
    books_golden(b);
    b->in.day = day;
    b->in.line_count = b->in.invoice_count = 0;
    b->members[0].paid_at = b->payments[0].paid_at = at(days_on * MIDNIGHT_S + MIDNIGHT_S - 2);
}

Test(carries, a_carry_over_the_end_of_a_month_or_year_is_told)
{
    DEFER(books_free) struct books b = { 0 };
    books_golden(&b);
    carry_from(&b, (struct day){ 2026, 11, 30 }, 7);
    CHECK_SAYS(&b, "DAY_IN_TRANSIT DAY_MONTH_END INV_NONE");
    carry_from(&b, (struct day){ 2026, 12, 31 }, 38);
    CHECK_SAYS(&b, "DAY_IN_TRANSIT DAY_MONTH_END DAY_YEAR_END INV_NONE");
}

/* The day after was signed first: what it did not take in, it takes in no more, and a person looks. */
Test(carries, to_a_day_that_is_signed_are_told)
{
    DEFER(books_free) struct books b = { 0 };
    carry_from(&b, (struct day){ 2026, 11, 24 }, 1);
    CHECK_SAYS(&b, "DAY_IN_TRANSIT INV_NONE");
    b.in.closed_days = SPAN_LIT("2026-11-23 2026-11-25");
    CHECK_SAYS(&b, "DAY_IN_TRANSIT DAY_CLOSED INV_NONE");
    b.in.closed_days = SPAN_LIT("2026-11-23 2026-11-26");
    CHECK_SAYS(&b, "DAY_IN_TRANSIT INV_NONE");
    books_golden(&b);
    b.members[0].paid_at = b.payments[0].paid_at = at(MIDNIGHT_S + 1);
    b.members[0].counted = false;
    b.lines[0].at = at(MIDNIGHT_S - 1);
    b.invoices[0].issued_at = at(MIDNIGHT_S + 60);
    b.in.closed_days = SPAN_LIT("2026-11-24");
    CHECK_SAYS(&b, "DAY_EARLY_BILL DAY_SHIFT_EARLY DAY_CLOSED INV_OK FEE_OK");
}
