/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that stand twice and orders that are paid twice. */
#include "books.h"

#define GOLDEN(b)                              \
    DEFER(books_free) struct books(b) = { 0 }; \
    books_golden(&(b))

Test(bill, an_equal_line_is_a_repetition)
{
    GOLDEN(b);
    b.lines[1] = b.lines[0];
    b.lines[1].number = 3;
    b.in.line_count = 2;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK\nDUP_BILL_LINE");
    cr_assert_eq(b.out.results[0].line, 1, "the first in the file stays");
    CHECK_DELTA(&b, 1, 56000);
    cr_assert_eq(b.out.sheet.repeated.fen, 56000);
}

Test(bill, a_line_that_differs_in_anything_is_no_repetition)
{
    const struct recon_line first = { .kind = BILL_LINE_PAY,
                                      .provider_trade_no = SPAN("T1"),
                                      .merchant_order_no = SPAN("A1"),
                                      .face_fen = 56000,
                                      .effective_fen = 56000,
                                      .fee_fen = -336,
                                      .at = at(NOON_S) };
    struct recon_line other[18];
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        other[i] = first;
    }
    other[0].kind = BILL_LINE_REFUND;
    other[1].provider_trade_no = SPAN_LIT("T2");
    other[2].merchant_order_no = SPAN_LIT("A2");
    other[3].refund_no = SPAN_LIT("R1");
    other[4].application = SPAN_LIT("wx1");
    other[5].face_fen = 56001;
    other[6].effective_fen = 0;
    other[7].fee_fen = -337;
    other[8].coupon_fen = -1;
    other[9].rate_ppm = 6000;
    other[10].promoted = true;
    other[11].card = FEE_CARD_CREDIT;
    other[12].method = ADAPTER_WAP;
    other[13].other_currency = true;
    other[14].other_route = true;
    other[15].dispute = true;
    other[16].at = at(NOON_S + 1);
    other[17].pending = true;
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        GOLDEN(b);
        b.lines[0] = first;
        b.lines[0].number = 7;
        b.lines[1] = other[i];
        b.lines[1].number = 8;
        b.in.line_count = 2;
        cr_assert_null(strstr(books_say(&b), "DUP_BILL_LINE"), "row %zu: %s", i, b.said);
    }
}

Test(bill, two_payments_with_one_provider_number_are_told)
{
    GOLDEN(b);
    b.lines[1] = b.lines[0];
    b.lines[1].number = 8;
    b.lines[1].fee_fen = -337;
    b.in.line_count = 2;
    CHECK_SAYS(&b, "PAY_OK DUP_BILL_KEY INV_OK FEE_OK\n"
                   "LONG_ORDER_PAID DUP_BILL_KEY DUP_PAY_SAME INV_OK FEE_ROUNDING");
}

Test(bill, three_equal_lines_are_two_repetitions)
{
    GOLDEN(b);
    b.lines[1] = b.lines[2] = b.lines[0];
    b.lines[1].number = 8;
    b.lines[2].number = 9;
    b.in.line_count = 3;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK\nDUP_BILL_LINE\nDUP_BILL_LINE");
}

Test(bill, one_provider_number_for_two_orders_is_told_on_both)
{
    GOLDEN(b);
    books_pay_again(&b);
    b.orders[1] = b.orders[0];
    b.orders[1].order_no = SPAN_LIT("O2");
    b.in.order_count = 2;
    b.members[1].order_no = b.payments[1].order_no = SPAN_LIT("O2");
    b.members[1].provider_trade_no = b.lines[1].provider_trade_no = SPAN_LIT("T1");
    CHECK_SAYS(&b, "PAY_OK DUP_BILL_KEY INV_OK FEE_OK\nPAY_OK DUP_BILL_KEY INV_NONE FEE_OK");
}

Test(bill, a_refund_with_the_payments_number_is_no_double)
{
    GOLDEN(b);
    b.lines[1] = b.lines[0];
    b.lines[1].number = 8;
    b.lines[1].kind = BILL_LINE_REFUND;
    b.lines[1].face_fen = b.lines[1].effective_fen = -100;
    b.lines[1].fee_fen = 1;
    b.in.line_count = 2;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK\nREF_UNKNOWN REF_PARTIAL FEE_OK");
}

Test(books, two_successes_with_one_provider_number)
{
    GOLDEN(b);
    books_pay_again(&b);
    b.members[1].provider_trade_no = SPAN_LIT("T1");
    b.in.line_count = 1;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK\nDUP_GATEWAY DUP_PAY_SAME INV_OK");
    CHECK_DELTA(&b, 1, -56000);
}

Test(order, paid_twice_at_one_provider)
{
    GOLDEN(b);
    books_pay_again(&b);
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK\nPAY_OK DUP_PAY_SAME INV_OK FEE_OK");
    CHECK_DELTA(&b, 1, 0);
}

Test(order, paid_twice_with_other_amounts_is_overpaid_too)
{
    GOLDEN(b);
    books_pay_again(&b);
    b.lines[1].face_fen = b.lines[1].effective_fen = 100;
    b.lines[1].fee_fen = -1;
    b.members[1].amount_fen = b.payments[1].amount_fen = 100;
    CHECK_SAYS(&b, "PAY_OK ORD_OVERPAID INV_OK FEE_OK\n"
                   "PAY_OK ORD_OVERPAID DUP_PAY_SAME INV_OK FEE_OK");
}

Test(order, paid_in_two_parts_is_not_paid_twice)
{
    GOLDEN(b);
    books_pay_again(&b);
    for (size_t i = 0; i < 2; i++) {
        b.lines[i].face_fen = b.lines[i].effective_fen = 28000;
        b.lines[i].fee_fen = -168;
        b.members[i].amount_fen = b.payments[i].amount_fen = 28000;
    }
    CHECK_SAYS(&b, "PAY_OK PAY_SPLIT INV_OK FEE_OK\nPAY_OK PAY_SPLIT INV_OK FEE_OK");
}

Test(order, paid_at_two_providers_is_told_on_the_later)
{
    GOLDEN(b);
    b.payments[1] = b.payments[0];
    b.payments[1].attempt_no = SPAN_LIT("W1");
    b.payments[1].account = SPAN_LIT("wechat-1");
    b.payments[1].provider = SPAN_LIT("wechat");
    b.in.payment_count = 2;
    b.payments[1].paid_at = at(NOON_S - HOUR_S);
    CHECK_SAYS(&b, "PAY_OK DUP_PAY_CROSS INV_OK FEE_OK");
    b.payments[1].paid_at = at(NOON_S + HOUR_S);
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
}

Test(order, paid_three_times_at_two_providers)
{
    GOLDEN(b);
    books_pay_again(&b);
    b.payments[2] = b.payments[0];
    b.payments[2].attempt_no = SPAN_LIT("W1");
    b.payments[2].account = SPAN_LIT("wechat-1");
    b.payments[2].provider = SPAN_LIT("wechat");
    b.payments[2].paid_at = at(NOON_S + 60);
    b.in.payment_count = 3;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK\nPAY_OK DUP_PAY_SAME DUP_PAY_CROSS INV_OK FEE_OK");
}

Test(order, unknown_and_paid_twice)
{
    GOLDEN(b);
    books_pay_again(&b);
    b.in.order_count = b.in.invoice_count = 0;
    CHECK_SAYS(&b, "PAY_OK ORD_MISSING FEE_OK\nPAY_OK ORD_MISSING DUP_PAY_SAME FEE_OK");
}

Test(order, late_success_of_an_order_that_is_paid_already)
{
    GOLDEN(b);
    books_pay_again(&b);
    b.in.payment_count = 1;
    b.members[1].state = ATTEMPT_CLOSED;
    b.members[1].counted = false;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK\nST_LATE_ORDER_AHEAD DUP_PAY_SAME INV_OK FEE_OK");
}
