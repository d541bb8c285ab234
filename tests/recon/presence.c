/* SPDX-License-Identifier: Apache-2.0 */
/* The presence matrix of bill, books and order, cell by cell, written from the document. */
#include "books.h"

enum books_have { NOTHING, OPEN, PAID };
enum order_is { NO_ORDER, UNPAID, BEYOND, CLOSED };

struct cell {
    bool on_bill;
    enum books_have books;
    enum order_is order;
    const char *says;
    int64_t delta_fen;
};

static void
set(struct books *b, const struct cell *cell)
{
    books_golden(b);
    b->in.invoice_count = 0;
    b->in.line_count = cell->on_bill ? 1 : 0;
    b->in.payment_count = cell->books == PAID ? 1 : 0;
    if (cell->books == NOTHING) {
        b->in.member_count = 0;
        b->lines[0].merchant_order_no = SPAN_LIT("O1"); /* somebody went past the gateway */
    } else if (cell->books == OPEN) {
        b->members[0].state = ATTEMPT_PENDING;
        b->members[0].counted = false;
        b->members[0].paid_at = (struct wall_time){ 0 };
        b->members[0].created_at = at(-1 * HOUR_S); /* 35 hours before the run */
    }
    b->in.order_count = cell->order == NO_ORDER ? 0 : 1;
    b->orders[0].stage = cell->order == UNPAID   ? RECON_ORDER_UNPAID
                         : cell->order == BEYOND ? RECON_ORDER_PAID
                                                 : RECON_ORDER_CLOSED;
}

static const struct cell cells[] = {
    { true, PAID, BEYOND, "PAY_OK INV_NONE FEE_OK", 0 },
    { true, PAID, UNPAID, "PAY_OK ORD_NOT_ADVANCED INV_NONE FEE_OK", 0 },
    { true, PAID, CLOSED, "PAY_OK ORD_CLOSED_PAID INV_NONE FEE_OK", 0 },
    { true, PAID, NO_ORDER, "PAY_OK ORD_MISSING FEE_OK", 0 },
    { true, OPEN, UNPAID, "ST_LATE_SUCCESS INV_NONE FEE_OK", 56000 },
    { true, OPEN, BEYOND, "ST_LATE_ORDER_AHEAD INV_NONE FEE_OK", 56000 },
    { true, OPEN, CLOSED, "ST_PAID_AFTER_CLOSE INV_NONE FEE_OK", 56000 },
    { true, OPEN, NO_ORDER, "ST_LATE_NO_ORDER FEE_OK", 56000 },
    { true, NOTHING, UNPAID, "LONG_ORDER_UNPAID INV_NONE FEE_OK", 56000 },
    { true, NOTHING, BEYOND, "LONG_ORDER_PAID INV_NONE FEE_OK", 56000 },
    { true, NOTHING, CLOSED, "LONG_ORDER_CLOSED INV_NONE FEE_OK", 56000 },
    { true, NOTHING, NO_ORDER, "LONG_UNKNOWN FEE_OK", 56000 },
    { false, PAID, BEYOND, "SHORT_PAY INV_NONE", -56000 },
    { false, PAID, UNPAID, "SHORT_ORDER_UNPAID INV_NONE", -56000 },
    { false, PAID, CLOSED, "SHORT_ORDER_CLOSED INV_NONE", -56000 },
    { false, PAID, NO_ORDER, "SHORT_NO_ORDER", -56000 },
    { false, OPEN, UNPAID, "PEND_AGED", 0 },
    { false, OPEN, BEYOND, "ORD_PAID_NO_SUCCESS INV_NONE", 0 },
    { false, OPEN, CLOSED, "", 0 },
    { false, OPEN, NO_ORDER, "PEND_NO_ORDER", 0 },
    { false, NOTHING, BEYOND, "ORD_PAID_NO_MONEY INV_NONE", 0 },
    { false, NOTHING, UNPAID, "", 0 },
    { false, NOTHING, CLOSED, "", 0 },
    { false, NOTHING, NO_ORDER, "", 0 },
};

Test(presence, all_24_cells_say_what_the_matrix_says)
{
    _Static_assert(sizeof(cells) / sizeof(cells[0]) == 24, "2 x 3 x 4");
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        set(&b, &cells[i]);
        const char *says = books_say(&b);
        cr_expect_str_eq(says, cells[i].says, "cell %zu: got %s, want %s", i, says, cells[i].says);
        int64_t delta = b.out.sheet.delta_long.fen + b.out.sheet.delta_short.fen;
        cr_expect_eq(delta, cells[i].delta_fen, "cell %zu: delta %lld", i, (long long)delta);
    }
}

/* The book-only row of the matrix, two seconds before midnight. */
static const struct cell late[] = {
    { false, PAID, BEYOND, "DAY_IN_TRANSIT INV_NONE", -56000 },
    { false, PAID, UNPAID, "DAY_IN_TRANSIT ORD_NOT_ADVANCED INV_NONE", -56000 },
    { false, PAID, CLOSED, "DAY_IN_TRANSIT ORD_CLOSED_PAID INV_NONE", -56000 },
    { false, PAID, NO_ORDER, "DAY_IN_TRANSIT ORD_MISSING", -56000 },
};

Test(presence, near_the_cutoff_missing_money_is_in_transit_and_carried)
{
    for (size_t i = 0; i < sizeof(late) / sizeof(late[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        set(&b, &late[i]);
        b.members[0].paid_at = b.payments[0].paid_at = at(MIDNIGHT_S - 2);
        CHECK_SAYS(&b, late[i].says);
        CHECK_DELTA(&b, 0, late[i].delta_fen);
        cr_assert(b.out.results[0].carry_out);
        cr_assert_eq(b.out.sheet.in_transit.fen, 56000);
        cr_assert_eq(b.out.sheet.book_only.count, 0);
    }
}

static void
set_short_at(struct books *b, int64_t second)
{
    set(b, &cells[12]);
    b->members[0].paid_at = b->payments[0].paid_at = at(second);
}

Test(presence, eleven_minutes_before_the_cutoff_is_short)
{
    DEFER(books_free) struct books b = { 0 };
    set_short_at(&b, MIDNIGHT_S - 601);
    CHECK_SAYS(&b, "SHORT_PAY INV_NONE");
    set_short_at(&b, MIDNIGHT_S - 600);
    CHECK_SAYS(&b, "DAY_IN_TRANSIT INV_NONE");
}

Test(presence, after_the_opening_midnight_nothing_is_in_transit)
{
    DEFER(books_free) struct books b = { 0 };
    set_short_at(&b, 2);
    CHECK_SAYS(&b, "SHORT_PAY INV_NONE");
}

Test(presence, what_was_carried_in_is_not_carried_again)
{
    DEFER(books_free) struct books b = { 0 };
    set_short_at(&b, MIDNIGHT_S - 2);
    b.members[0].carried_in = true;
    CHECK_SAYS(&b, "SHORT_PAY INV_NONE");
}

Test(presence, the_cutoff_follows_the_providers_zone)
{
    DEFER(books_free) struct books b = { 0 };
    set_short_at(&b, 23 * HOUR_S - 2);
    b.in.cutoff_east_min = 540; /* midnight there is 23:00 in China */
    CHECK_SAYS(&b, "DAY_IN_TRANSIT INV_NONE");
}

Test(presence, a_fresh_open_attempt_has_no_row)
{
    DEFER(books_free) struct books b = { 0 };
    set(&b, &cells[16]);
    b.members[0].created_at = at(10 * HOUR_S); /* 24 hours before the run, not over */
    CHECK_SAYS(&b, "");
}

Test(presence, a_closed_attempt_is_not_stale)
{
    DEFER(books_free) struct books b = { 0 };
    set(&b, &cells[16]);
    b.members[0].state = ATTEMPT_CLOSED;
    CHECK_SAYS(&b, "");
    b.in.order_count = 0;
    CHECK_SAYS(&b, "");
}

Test(presence, an_open_attempt_beside_a_paid_one_does_not_deny_the_money)
{
    DEFER(books_free) struct books b = { 0 };
    books_golden(&b);
    b.members[1] = b.members[0];
    b.members[1].attempt_no = SPAN_LIT("A2");
    b.members[1].provider_trade_no = (struct span){ 0 };
    b.members[1].state = ATTEMPT_PENDING;
    b.members[1].counted = false;
    b.in.member_count = 2;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
}

Test(presence, many_open_attempts_of_one_order_say_it_once)
{
    DEFER(books_free) struct books b = { 0 };
    set(&b, &cells[17]);
    b.members[1] = b.members[0];
    b.members[1].attempt_no = SPAN_LIT("A0");
    b.in.member_count = 2;
    CHECK_SAYS(&b, "ORD_PAID_NO_SUCCESS INV_NONE");
    cr_assert_eq(b.out.results[0].member, 1, "the first by number");
}

Test(presence, an_issued_certificate_without_money_is_ahead_of_its_state)
{
    DEFER(books_free) struct books b = { 0 };
    set(&b, &cells[20]);
    b.orders[0].status = SPAN_LIT("issued");
    b.orders[0].issued_quantity = 2;
    CHECK_SAYS(&b, "ORD_PAID_NO_MONEY ORD_STATE_AHEAD INV_NONE");
}

Test(presence, a_free_order_needs_no_money)
{
    DEFER(books_free) struct books b = { 0 };
    set(&b, &cells[20]);
    b.orders[0].kind = SPAN_LIT("trial");
    b.orders[0].amount_fen = b.orders[0].unit_fee_fen = 0;
    CHECK_SAYS(&b, "ORD_FREE_OK");
}

Test(presence, a_zero_order_of_a_paid_kind_is_not_free)
{
    DEFER(books_free) struct books b = { 0 };
    set(&b, &cells[20]);
    b.orders[0].amount_fen = b.orders[0].unit_fee_fen = 0;
    CHECK_SAYS(&b, "ORD_PAID_NO_MONEY ORD_TYPE_FEE ORD_ZERO_NOT_FREE");
}

Test(presence, money_booked_elsewhere_counts_for_the_order)
{
    DEFER(books_free) struct books b = { 0 };
    set(&b, &cells[20]);
    b.in.payment_count = 1;
    b.payments[0].account = SPAN_LIT("wechat-1");
    CHECK_SAYS(&b, "");
}
