/* SPDX-License-Identifier: Apache-2.0 */
/* The orders' part of the adding-up sheet: each test has one order or two, so that its sums are done in the head. */
#include "books.h"
#include "match.h"
#include "tie_orders.h"

#define GOLDEN(b)                              \
    DEFER(books_free) struct books(b) = { 0 }; \
    books_golden(&(b))

#define CHECK_CELL(cell, count_, fen_)                                                    \
    do {                                                                                  \
        cr_expect_eq((cell).count, (count_), #cell " has %lld", (long long)(cell).count); \
        cr_expect_eq((cell).fen, (fen_), #cell " has %lld fen", (long long)(cell).fen);   \
    } while (0)

/* A second payment that is of another account. */
static void
pay_elsewhere(struct books *b)
{
    books_pay_again(b);
    b->payments[1].account = SPAN_LIT("wechat-1");
    b->payments[1].provider = SPAN_LIT("wechatpay");
    b->in.line_count = b->in.member_count = 1;
}

Test(orders_sheet, an_order_that_agrees_is_payable_paid_and_invoiced)
{
    GOLDEN(b);
    CHECK_OK(books_try(&b));
    const struct recon_sheet *s = &b.out.sheet;
    CHECK_CELL(s->orders_paid, 1, 56000);
    CHECK_CELL(s->paid_here, 1, 56000);
    CHECK_CELL(s->order_off, 0, 0);
    CHECK_CELL(s->invoiced, 1, 56000);
    CHECK_CELL(s->invoiced_due, 1, 56000);
    CHECK_CELL(s->invoice_off, 0, 0);
}

Test(orders_sheet, what_is_paid_twice_on_one_day_is_off_with_its_finding)
{
    GOLDEN(b);
    books_pay_again(&b);
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK\nPAY_OK DUP_PAY_SAME INV_OK FEE_OK");
    CHECK_CELL(b.out.sheet.orders_paid, 1, 56000);
    CHECK_CELL(b.out.sheet.paid_here, 2, 112000);
    CHECK_CELL(b.out.sheet.order_off, 1, -56000);
    CHECK_CELL(b.out.sheet.off_apart, 0, 0);
}

/* The other account's run has the finding, with the later payment. */
Test(orders_sheet, what_is_paid_again_elsewhere_is_named_apart)
{
    GOLDEN(b);
    pay_elsewhere(&b);
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    CHECK_CELL(b.out.sheet.paid_here, 1, 56000);
    CHECK_CELL(b.out.sheet.paid_apart, 1, 56000);
    CHECK_CELL(b.out.sheet.order_off, 0, 0);
    CHECK_CELL(b.out.sheet.off_apart, 1, -56000);
}

Test(orders_sheet, what_is_paid_in_parts_is_paid_here_and_apart)
{
    GOLDEN(b);
    pay_elsewhere(&b);
    b.payments[0].amount_fen = b.members[0].amount_fen = 20000;
    b.lines[0].face_fen = b.lines[0].effective_fen = 20000;
    b.lines[0].fee_fen = -120;
    b.payments[1].amount_fen = 36000;
    CHECK_SAYS(&b, "PAY_OK PAY_SPLIT INV_OK FEE_OK");
    CHECK_CELL(b.out.sheet.orders_paid, 1, 56000);
    CHECK_CELL(b.out.sheet.paid_here, 1, 20000);
    CHECK_CELL(b.out.sheet.paid_apart, 1, 36000);
    CHECK_CELL(b.out.sheet.order_off, 0, 0);
}

Test(orders_sheet, part_of_the_money_is_off_with_its_finding)
{
    GOLDEN(b);
    b.payments[0].amount_fen = b.members[0].amount_fen = 20000;
    b.lines[0].face_fen = b.lines[0].effective_fen = 20000;
    b.lines[0].fee_fen = -120;
    CHECK_SAYS(&b, "PAY_OK ORD_PARTIAL INV_NO_MONEY FEE_OK");
    CHECK_CELL(b.out.sheet.order_off, 1, 36000);
    CHECK_CELL(b.out.sheet.invoiced_due, 1, 20000);
    CHECK_CELL(b.out.sheet.invoice_off, 1, 36000);
}

Test(orders_sheet, bank_transfers_pay_too_and_too_much_of_them_is_found)
{
    GOLDEN(b);
    b.in.line_count = b.in.member_count = b.in.payment_count = 0;
    books_transfer(&b, 1, 56000);
    CHECK_SAYS(&b, "MAN_OK INV_OK");
    CHECK_CELL(b.out.sheet.orders_paid, 1, 56000);
    CHECK_CELL(b.out.sheet.transferred, 1, 56000);
    CHECK_CELL(b.out.sheet.paid_here, 0, 0);
    books_transfer(&b, 2, 56000);
    b.manuals[1].voucher = SPAN_LIT("V2");
    CHECK_SAYS(&b, "MAN_OK ORD_OVERPAID INV_OK\nMAN_OK ORD_OVERPAID INV_OK");
    CHECK_CELL(b.out.sheet.transferred, 2, 112000);
    CHECK_CELL(b.out.sheet.order_off, 1, -56000);
    books_transfer(&b, 1, 56001);
    CHECK_SAYS(&b, "MAN_OK ORD_OVERPAID INV_OK");
    CHECK_CELL(b.out.sheet.order_off, 1, -1);
}

Test(orders_sheet, payments_without_an_order_and_refunds_are_the_rest_of_the_books)
{
    GOLDEN(b);
    books_pay_again(&b);
    b.members[1].order_no = b.payments[1].order_no = SPAN_LIT("O9");
    b.refunds[0] = (struct recon_refund){ .refund_no = SPAN("A1R01"),
                                          .attempt_no = SPAN("A1"),
                                          .owner = SPAN("portal"),
                                          .order_no = SPAN("O1"),
                                          .state = REFUND_SUCCEEDED,
                                          .amount_fen = 20000,
                                          .approved = true,
                                          .counted = true };
    b.refunds[0].taken_at = b.refunds[0].sent_at = at(13 * HOUR_S);
    b.in.refund_count = 1;
    CHECK_OK(books_try(&b));
    CHECK_CELL(b.out.sheet.population, 3, 92000);
    CHECK_CELL(b.out.sheet.paid_here, 1, 56000);
    CHECK_CELL(b.out.sheet.books_no_order, 1, 56000);
    CHECK_CELL(b.out.sheet.books_refund, 1, -20000);
}

Test(orders_sheet, what_went_back_is_no_more_to_be_invoiced)
{
    GOLDEN(b);
    b.payments[0].refunded_fen = 20000;
    CHECK_SAYS(&b, "PAY_OK INV_RED_DUE FEE_OK");
    CHECK_CELL(b.out.sheet.invoiced, 1, 56000);
    CHECK_CELL(b.out.sheet.invoiced_due, 1, 36000);
    CHECK_CELL(b.out.sheet.invoice_off, 1, 20000);
    b.invoices[1] = b.invoices[0];
    b.invoices[1].invoice_id = SPAN_LIT("I2");
    b.invoices[1].red = true;
    b.invoices[1].net_fen = -18868;
    b.invoices[1].tax_fen = -1132;
    b.invoices[1].total_fen = -20000;
    b.in.invoice_count = 2;
    CHECK_SAYS(&b, "PAY_OK INV_OK_NET FEE_OK");
    CHECK_CELL(b.out.sheet.invoiced, 2, 36000);
    CHECK_CELL(b.out.sheet.invoice_off, 0, 0);
}

Test(orders_sheet, an_order_without_invoices_owes_none_on_the_sheet)
{
    GOLDEN(b);
    b.in.invoice_count = 0;
    CHECK_SAYS(&b, "PAY_OK INV_NONE FEE_OK");
    CHECK_CELL(b.out.sheet.invoiced, 0, 0);
    CHECK_CELL(b.out.sheet.invoiced_due, 0, 0);
    CHECK_CELL(b.out.sheet.invoice_off, 0, 0);
}

Test(orders_sheet, free_orders_are_counted)
{
    GOLDEN(b);
    b.orders[1] = b.orders[0];
    b.orders[1].order_no = SPAN_LIT("O2");
    b.orders[1].kind = SPAN_LIT("trial");
    b.orders[1].amount_fen = b.orders[1].unit_fee_fen = 0;
    b.in.order_count = 2;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK\nORD_FREE_OK");
    CHECK_CELL(b.out.sheet.orders_free, 1, 0);
    CHECK_CELL(b.out.sheet.orders_paid, 1, 56000);
}

/* Orders of which no result says what is off: 56000 payable and `paid_fen` paid here, `apart_fen` elsewhere, 56000 invoiced. */
static int64_t
untold(int64_t paid_fen, int64_t apart_fen, struct recon_sheet *sheet)
{
    struct recon_order order = { .owner = SPAN("portal"),
                                 .order_no = SPAN("O1"),
                                 .amount_fen = 56000 };
    struct recon_member member = { .amount_fen = paid_fen, .counted = true };
    struct recon_input in = {
        .members = &member, .member_count = 1, .orders = &order, .order_count = 1
    };
    struct match_member facts = { .number_case = 0 };
    struct match_case of = { .counted = true,
                             .here_count = 1,
                             .here_fen = paid_fen,
                             .payment_count = apart_fen == 0 ? 1 : 2,
                             .confirmed_fen = paid_fen + apart_fen,
                             .blue_count = 1,
                             .blue_fen = 56000 };
    struct match match = { .in = &in, .member_facts = &facts, .cases = &of, .case_count = 1 };
    struct tie_sums sums = { .untold_fen = 0 };
    *sheet = (struct recon_sheet){ .unexplained_fen = 0 };
    tie_orders_add(&match, sheet, &sums);
    bool named =
        span_eq_cstr(sums.untold_owner, "portal") && span_eq_cstr(sums.untold_order_no, "O1");
    cr_expect_eq(named, sums.untold_fen != 0);
    return sums.untold_fen;
}

Test(orders_sheet, one_that_is_untold_is_named)
{
    struct recon_sheet sheet = { .unexplained_fen = 0 };
    struct tie_sums sums = { .untold_fen = 7,
                             .untold_owner = SPAN("portal"),
                             .untold_order_no = SPAN("O1") };
    struct recon_untied untied = { .fen = 0 };
    CHECK_ERR(tie_out_close(&sheet, &sums, NULL), ERR_SHEET_UNTIED);
    CHECK_ERR(tie_out_close(&sheet, &sums, &untied), ERR_SHEET_UNTIED);
    cr_expect_eq(untied.fen, 7);
    cr_expect_str_eq(untied.equation, "P4, Q2");
    cr_expect_str_eq(untied.owner, "portal");
    cr_expect_str_eq(untied.order_no, "O1");
}

Test(orders_sheet, what_no_finding_says_is_untold)
{
    struct recon_sheet sheet;
    cr_expect_eq(untold(56000, 0, &sheet), 0);
    cr_expect_eq(untold(55999, 0, &sheet), 2, "1 of the order, 1 of its invoice");
    cr_expect_eq(sheet.order_off.count + sheet.off_apart.count + sheet.invoice_off.count, 0);
    cr_expect_eq(untold(56001, 0, &sheet), 1);
    cr_expect_eq(untold(56000, 100, &sheet), 0);
    CHECK_CELL(sheet.off_apart, 1, -100);
    cr_expect_eq(untold(56050, 49, &sheet), 99, "what is elsewhere is less than what is too much");
}
