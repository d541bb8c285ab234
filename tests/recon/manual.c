/* SPDX-License-Identifier: Apache-2.0 */
/* Bank transfers. The day is Monday, 2026-11-23. */
#include "books.h"

#define GOLDEN(b)                              \
    DEFER(books_free) struct books(b) = { 0 }; \
    books_golden(&(b))

/* The golden order paid by a confirmed bank transfer instead of a provider. */
static void
by_hand(struct books *b)
{
    b->in.line_count = b->in.member_count = b->in.payment_count = 0;
    books_transfer(b, 1, 56000);
}

Test(manual, confirmed_with_its_deposit_is_money)
{
    GOLDEN(b);
    by_hand(&b);
    CHECK_SAYS(&b, "MAN_OK INV_OK");
    CHECK_DELTA(&b, 0, 0);
    cr_assert_eq(b.out.results[0].manual, 0);
    cr_assert_eq(b.out.results[0].order, 0);
    cr_assert_eq(b.out.sheet.orders_paid.fen, 56000);
    cr_assert_eq(b.out.sheet.matched.count, 0, "no provider's bill has it");
}

Test(manual, confirmed_with_another_deposit_differs)
{
    GOLDEN(b);
    by_hand(&b);
    b.manuals[0].deposit_fen = 55950;
    CHECK_SAYS(&b, "MAN_AMOUNT INV_OK");
}

Test(manual, of_one_person_is_no_money)
{
    GOLDEN(b);
    by_hand(&b);
    b.manuals[0].confirmed = false;
    CHECK_SAYS(&b, "ORD_PAID_NO_MONEY INV_NO_MONEY\nDAY_IN_TRANSIT INV_NO_MONEY");
}

/* Received on a Wednesday: Thursday, Friday and Monday are three working days. On a Tuesday: four. */
Test(manual, without_a_deposit_after_three_working_days_is_unconfirmed)
{
    GOLDEN(b);
    by_hand(&b);
    b.orders[0].stage = RECON_ORDER_UNPAID;
    b.in.invoice_count = 0;
    b.manuals[0].confirmed = false;
    b.manuals[0].received_on = (struct day){ 2026, 11, 18 };
    b.manuals[0].recorded_on = (struct day){ 2026, 11, 18 };
    CHECK_SAYS(&b, "");
    b.manuals[0].received_on = (struct day){ 2026, 11, 17 };
    b.manuals[0].recorded_on = (struct day){ 2026, 11, 17 };
    CHECK_SAYS(&b, "MAN_UNCONFIRMED");
    b.manuals[0].received_on = (struct day){ 2025, 11, 17 };
    b.manuals[0].recorded_on = (struct day){ 2025, 11, 17 };
    CHECK_SAYS(&b, "MAN_UNCONFIRMED");
}

Test(manual, speaks_on_the_days_it_came_and_was_confirmed)
{
    GOLDEN(b);
    by_hand(&b);
    b.manuals[0].received_on = (struct day){ 2026, 11, 20 };
    b.manuals[0].recorded_on = (struct day){ 2026, 11, 20 };
    CHECK_SAYS(&b, "MAN_OK INV_OK");
    b.manuals[0].decided_on = (struct day){ 2026, 11, 20 };
    CHECK_SAYS(&b, "");
}

Test(manual, paper_is_told)
{
    GOLDEN(b);
    by_hand(&b);
    b.manuals[0].attached = false;
    CHECK_SAYS(&b, "MAN_OK INV_OK MAN_NO_VOUCHER");
    b.manuals[0].attached = true;
    b.manuals[0].self = true;
    CHECK_SAYS(&b, "MAN_OK INV_OK MAN_SELF_APPROVED");
    b.manuals[0].self = false;
    b.manuals[0].recorded_on = (struct day){ 2026, 11, 26 };
    CHECK_SAYS(&b, "MAN_OK INV_OK");
    b.manuals[0].recorded_on = (struct day){ 2026, 11, 27 };
    CHECK_SAYS(&b, "MAN_OK INV_OK MAN_BACKDATED");
}

Test(manual, from_somebody_else_is_told)
{
    GOLDEN(b);
    by_hand(&b);
    b.manuals[0].payer_name = SPAN_LIT("Yi Ltd");
    CHECK_SAYS(&b, "MAN_OK ORD_BUYER INV_OK");
}

Test(manual, of_an_order_that_did_not_advance)
{
    GOLDEN(b);
    by_hand(&b);
    b.orders[0].stage = RECON_ORDER_UNPAID;
    CHECK_SAYS(&b, "MAN_OK ORD_NOT_ADVANCED INV_OK");
    b.orders[0].stage = RECON_ORDER_CLOSED;
    CHECK_SAYS(&b, "MAN_OK ORD_CLOSED_PAID INV_OK");
}

/* Online and by transfer, the whole each; then a half each, which is a split. */
Test(manual, beside_a_payment_is_a_duplicate_or_the_rest)
{
    GOLDEN(b);
    by_hand(&b);
    b.in.line_count = b.in.member_count = b.in.payment_count = 1;
    CHECK_SAYS(&b, "PAY_OK DUP_PAY_MANUAL INV_OK FEE_OK\nMAN_OK DUP_PAY_MANUAL INV_OK");
    b.lines[0].face_fen = b.lines[0].effective_fen = 28000;
    b.lines[0].fee_fen = -168;
    b.members[0].amount_fen = b.payments[0].amount_fen = 28000;
    b.manuals[0].amount_fen = b.manuals[0].deposit_fen = 28000;
    CHECK_SAYS(&b, "PAY_OK PAY_SPLIT INV_OK FEE_OK\nMAN_OK PAY_SPLIT INV_OK");
}

Test(manual, given_back_wants_a_red_letter)
{
    GOLDEN(b);
    by_hand(&b);
    b.manuals[1] = b.manuals[0];
    b.manuals[1].number = 2;
    b.manuals[1].out = true;
    b.in.manual_count = 2;
    CHECK_SAYS(&b, "MAN_OK INV_RED_DUE_FULL\nMAN_REFUND INV_RED_DUE_FULL");
}

Test(manual, stands_once)
{
    GOLDEN(b);
    by_hand(&b);
    b.manuals[1] = b.manuals[0];
    b.in.manual_count = 2;
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
    b.in.manual_count = 1;
    b.manuals[0].amount_fen = 0;
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
}
