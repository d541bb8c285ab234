/* SPDX-License-Identifier: Apache-2.0 */
/* What the portal says of an order now, held against what was paid; and what the provider says of a payment that it took back. */
#include "books.h"

#define GOLDEN(b)                              \
    DEFER(books_free) struct books(b) = { 0 }; \
    books_golden(&(b))

/* The terms that were paid, reported again. */
static void
report(struct recon_order *order)
{
    order->said_kind = order->kind;
    order->said_quantity = order->quantity;
    order->said_unit_fee_fen = order->unit_fee_fen;
    order->said_amount_fen = order->amount_fen;
}

Test(changed, terms_are_told_each_and_the_same_terms_are_not)
{
    GOLDEN(b);
    report(&b.orders[0]);
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    b.orders[0].said_quantity = 3;
    CHECK_SAYS(&b, "PAY_OK ORD_CHANGED_AFTER_PAY INV_OK FEE_OK");
    report(&b.orders[0]);
    b.orders[0].said_unit_fee_fen = 28001;
    CHECK_SAYS(&b, "PAY_OK ORD_CHANGED_AFTER_PAY INV_OK FEE_OK");
    report(&b.orders[0]);
    b.orders[0].said_amount_fen = 55999;
    CHECK_SAYS(&b, "PAY_OK ORD_CHANGED_AFTER_PAY INV_OK FEE_OK");
    report(&b.orders[0]);
    b.orders[0].said_kind = SPAN_LIT("renew");
    CHECK_SAYS(&b, "PAY_OK ORD_CHANGED_AFTER_PAY INV_OK FEE_OK");
}

Test(changed, before_any_money_is_the_portals_own_business)
{
    GOLDEN(b);
    b.in.line_count = b.in.member_count = b.in.payment_count = b.in.invoice_count = 0;
    report(&b.orders[0]);
    b.orders[0].said_quantity = 3;
    CHECK_SAYS(&b, "ORD_PAID_NO_MONEY INV_NONE");
}

Test(like, order_that_was_paid_too_is_told)
{
    GOLDEN(b);
    b.orders[0].like_paid = true;
    CHECK_SAYS(&b, "PAY_OK DUP_ORDER INV_OK FEE_OK");
    b.in.line_count = b.in.member_count = b.in.payment_count = b.in.invoice_count = 0;
    CHECK_SAYS(&b, "ORD_PAID_NO_MONEY INV_NONE"); /* this one was not */
}

Test(refunded, at_the_portal_alone_is_a_result_of_its_own)
{
    GOLDEN(b);
    b.orders[0].said_refunded_fen = 56000;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK\nORD_REFUNDED_NO_MONEY INV_OK");
    CHECK_DELTA(&b, 1, 0);
    cr_assert_eq(b.out.results[1].order, 0);
    cr_assert_eq(b.out.sheet.matched.count, 1);
}

Test(refunded, money_on_its_way_back_answers_the_portal)
{
    GOLDEN(b);
    b.orders[0].said_refunded_fen = 56000;
    b.payments[0].refund_open = true;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    b.payments[0].refund_open = false;
    b.payments[0].refunded_fen = 56000;
    CHECK_SAYS(&b, "PAY_OK INV_RED_DUE_FULL FEE_OK");
}

/* Made in the provider's console: unknown to our books, and yet a refund. */
Test(refunded, on_the_bill_alone_answers_the_portal)
{
    GOLDEN(b);
    b.orders[0].said_refunded_fen = 56000;
    b.lines[1] = b.lines[0];
    b.lines[1].number = 8;
    b.lines[1].kind = BILL_LINE_REFUND;
    b.lines[1].refund_no = SPAN_LIT("console");
    b.lines[1].face_fen = b.lines[1].effective_fen = -56000;
    b.in.line_count = 2;
    (void)books_say(&b);
    for (size_t i = 0; i < b.out.count; i++) {
        cr_expect_neq(b.out.results[i].primary, FINDING_ORD_REFUNDED_NO_MONEY);
    }
    cr_expect_eq(b.out.results[1].primary, FINDING_REF_UNKNOWN);
}

Test(refunded, without_ever_having_been_paid_is_first_of_all_without_money)
{
    GOLDEN(b);
    b.in.line_count = b.in.member_count = b.in.payment_count = b.in.invoice_count = 0;
    b.orders[0].said_refunded_fen = 56000;
    CHECK_SAYS(&b, "ORD_PAID_NO_MONEY INV_NONE");
    b.orders[0].stage = RECON_ORDER_CLOSED;
    CHECK_SAYS(&b, "ORD_REFUNDED_NO_MONEY");
}

/* Also near the cut-off: nothing is in transit against the provider's word. */
Test(denied, success_on_no_bill_is_a_false_one)
{
    GOLDEN(b);
    b.in.line_count = 0;
    b.members[0].denied = true;
    CHECK_SAYS(&b, "ST_FALSE_SUCCESS INV_NO_MONEY");
    CHECK_DELTA(&b, 0, -56000);
    cr_assert_eq(b.out.sheet.book_only.fen, 56000);
    b.members[0].paid_at = b.payments[0].paid_at = at(MIDNIGHT_S - 2);
    b.invoices[0].issued_at = at(MIDNIGHT_S - 1);
    CHECK_SAYS(&b, "ST_FALSE_SUCCESS INV_NO_MONEY");
    cr_assert_not(b.out.results[0].carry_out);
}

Test(denied, success_on_the_bill_is_matched)
{
    GOLDEN(b);
    b.members[0].denied = true;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
}
