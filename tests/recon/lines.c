/* SPDX-License-Identifier: Apache-2.0 */
/* What a line says beside its amount: each fact changed alone, on the golden day. */
#include "books.h"

#define GOLDEN "PAY_OK INV_OK FEE_OK"

static void
golden(struct books *b)
{
    books_golden(b);
    CHECK_SAYS(b, GOLDEN);
}

Test(lines, a_coupon_that_the_merchant_pays_for_is_explained)
{
    DEFER(books_free) struct books b = { 0 };
    golden(&b);
    b.lines[0].coupon_fen = -5000;
    b.lines[0].fee_fen = -306; /* 510.00 x 0.60 % */
    CHECK_SAYS(&b, "PAY_OK AMT_COUPON INV_OK FEE_OK");
    CHECK_DELTA(&b, 0, 0);
}

Test(lines, amounts_in_another_currency_are_no_money_of_ours)
{
    DEFER(books_free) struct books b = { 0 };
    golden(&b);
    b.lines[0].other_currency = true;
    b.lines[0].effective_fen = 0;
    CHECK_SAYS(&b, "AMT_CURRENCY INV_OK");
    CHECK_DELTA(&b, 0, -56000);
    cr_assert_eq(b.out.sheet.ineffective.fen, 56000);
    cr_assert_eq(b.out.sheet.amount_books.fen, 56000);
    b.in.member_count = b.in.payment_count = b.in.order_count = b.in.invoice_count = 0;
    CHECK_SAYS(&b, "AMT_CURRENCY");
    CHECK_DELTA(&b, 0, 0);
}

Test(lines, a_number_that_is_ours_but_for_blanks_width_or_case_is_matched)
{
    static const struct span forms[] = {
        SPAN(" A1"),
        SPAN("A1\t"),
        SPAN("a1"),
        SPAN("\xEF\xBC\xA1\xEF\xBC\x91"), /* Ａ１ */
        SPAN("\xE3\x80\x80"
             "A1\xC2\xA0"), /* ideographic and no-break blank */
        SPAN("\xEF\xBB\xBF"
             "A1"),                                   /* a mark */
        SPAN("\xE2\x80\x8B\xEF\xBD\x81\xEF\xBC\x91"), /* zero width blank, ａ１ */
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        golden(&b);
        b.lines[0].merchant_order_no = forms[i];
        CHECK_SAYS(&b, "PAY_OK KEY_CASE_TRIM INV_OK FEE_OK");
        b.lines[0].provider_trade_no = SPAN_LIT("T2");
        CHECK_SAYS(&b, "PAY_OK KEY_TRADE_NO KEY_CASE_TRIM INV_OK FEE_OK");
    }
}

Test(lines, a_number_that_differs_in_more_is_not_matched_by_tidying)
{
    static const struct span forms[] = { SPAN("A 1"), SPAN("A1x"), SPAN("A\xC3\xA9"), SPAN("A") };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        golden(&b);
        b.lines[0].merchant_order_no = forms[i];
        b.lines[0].provider_trade_no = SPAN_LIT("T9");
        CHECK_SAYS(&b, "LONG_UNKNOWN FEE_OK\nSHORT_PAY INV_NO_MONEY");
    }
}

/* Two attempts that tidying makes one: nothing is guessed. */
Test(lines, tidying_that_leads_to_two_attempts_matches_none)
{
    DEFER(books_free) struct books b = { 0 };
    golden(&b);
    b.members[1] = b.members[0];
    b.members[1].attempt_no = SPAN_LIT("a1");
    b.members[1].counted = false;
    b.members[1].state = ATTEMPT_CLOSED;
    b.members[1].paid_at.us = 0;
    b.members[1].provider_trade_no = SPAN_LIT("");
    b.in.member_count = 2;
    b.lines[0].merchant_order_no = SPAN_LIT("A1 ");
    b.lines[0].provider_trade_no = SPAN_LIT("T9");
    CHECK_SAYS(&b, "LONG_UNKNOWN FEE_OK\nSHORT_PAY INV_NO_MONEY");
}

Test(lines, another_method_than_the_attempts_is_noted)
{
    static const struct {
        enum adapter_method ours;
        enum adapter_method said;
        const char *says;
    } rows[] = {
        { ADAPTER_QR, ADAPTER_QR, GOLDEN },
        { ADAPTER_QR, ADAPTER_METHOD_NONE, GOLDEN },
        { ADAPTER_WAP, ADAPTER_PAGE, GOLDEN }, /* one product */
        { ADAPTER_QR, ADAPTER_JSAPI, "PAY_OK ACC_METHOD INV_OK FEE_OK" },
        { ADAPTER_B2B, ADAPTER_PAGE, "PAY_OK ACC_METHOD INV_OK FEE_OK" },
        { ADAPTER_QR, ADAPTER_METHOD_COUNT, "PAY_OK ACC_METHOD INV_OK FEE_OK" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        books_golden(&b);
        b.members[0].method = rows[i].ours;
        b.lines[0].method = rows[i].said;
        CHECK_SAYS(&b, rows[i].says);
    }
}

/* A second line, of nobody we know, and the rule that may cover it. */
Test(lines, of_another_business_are_counted_apart)
{
    static const struct {
        const char *numbers;
        const char *applications;
        bool apart;
    } rules[] = {
        { "", "", false },       { "SHOP-", "", true },   { "X SHOP-1", "", true },
        { "HOP", "", false },    { "", "wx-shop", true }, { "", "a wx-shop b", true },
        { "", "wx-sho", false }, { "shop-", "", false },
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        books_golden(&b);
        b.lines[1] = (struct recon_line){ .number = 8,
                                          .kind = BILL_LINE_PAY,
                                          .provider_trade_no = SPAN("T7"),
                                          .merchant_order_no = SPAN("SHOP-1"),
                                          .application = SPAN("wx-shop"),
                                          .face_fen = 700,
                                          .effective_fen = 700,
                                          .fee_fen = -4 };
        b.lines[1].at = at(NOON_S);
        b.in.application = SPAN_LIT("wx-shop");
        b.in.line_count = 2;
        b.in.other_numbers = span_of(rules[i].numbers);
        b.in.other_applications = span_of(rules[i].applications);
        CHECK_SAYS(&b, rules[i].apart ? GOLDEN "\nOUT_OF_SCOPE" : GOLDEN "\nLONG_UNKNOWN FEE_OK");
        cr_assert_eq(b.out.sheet.out_of_scope.count, rules[i].apart ? 1 : 0);
        cr_assert_eq(b.out.sheet.out_of_scope.fen, rules[i].apart ? 700 : 0);
        cr_assert_eq(b.out.sheet.parsed.fen, 56700);
        cr_assert_eq(b.out.sheet.in_scope.fen, rules[i].apart ? 56000 : 56700);
    }
}

Test(lines, that_name_ours_are_never_of_another_business)
{
    DEFER(books_free) struct books b = { 0 };
    golden(&b);
    b.in.other_numbers = SPAN_LIT("A");
    CHECK_SAYS(&b, GOLDEN);
    b.in.member_count = b.in.payment_count = b.in.invoice_count = 0;
    b.orders[0].status = SPAN_LIT("draft");
    b.orders[0].stage = RECON_ORDER_UNPAID;
    b.lines[0].merchant_order_no = SPAN_LIT("O1"); /* an order's own number */
    b.in.other_numbers = SPAN_LIT("O");
    CHECK_SAYS(&b, "LONG_ORDER_UNPAID INV_NONE FEE_OK");
}

/* 23:00:00 is of the next clearing day, 22:59:59 is not. */
Test(lines, after_the_settlement_cut_off_are_noted)
{
    DEFER(books_free) struct books b = { 0 };
    books_golden(&b);
    b.in.invoice_count = 0;
    b.in.cutoff_east_min = 540;
    b.members[0].paid_at = b.payments[0].paid_at = b.lines[0].at = at(-HOUR_S);
    CHECK_SAYS(&b, "PAY_OK DAY_SETTLE_CUT INV_NONE FEE_OK");
    b.members[0].paid_at = b.payments[0].paid_at = b.lines[0].at = at(23 * HOUR_S - 1);
    CHECK_SAYS(&b, "PAY_OK INV_NONE FEE_OK");
}

static void
refund(struct books *b)
{
    books_golden(b);
    b->in.invoice_count = 0;
    b->members[0].counted = false;
    b->members[0].paid_at = b->payments[0].paid_at = at(-NOON_S);
    b->payments[0].refunded_fen = 10000;
    b->lines[0].kind = BILL_LINE_REFUND;
    b->lines[0].refund_no = SPAN_LIT("A1R01");
    b->lines[0].face_fen = b->lines[0].effective_fen = -10000;
    b->lines[0].fee_fen = 60;
    b->refunds[0] = (struct recon_refund){ .refund_no = SPAN("A1R01"),
                                           .attempt_no = SPAN("A1"),
                                           .owner = SPAN("portal"),
                                           .order_no = SPAN("O1"),
                                           .state = REFUND_SUCCEEDED,
                                           .amount_fen = 10000,
                                           .approved = true,
                                           .counted = true };
    b->refunds[0].sent_at = b->refunds[0].taken_at = at(NOON_S);
    b->in.refund_count = 1;
    CHECK_SAYS(b, "REF_OK REF_PARTIAL INV_NONE FEE_OK");
}

Test(lines, a_refund_less_a_coupons_share_is_explained)
{
    DEFER(books_free) struct books b = { 0 };
    refund(&b);
    b.lines[0].coupon_fen = 1000;
    b.lines[0].fee_fen = 54; /* 90.00 x 0.60 % */
    CHECK_SAYS(&b, "REF_OK REF_PARTIAL REF_COUPON INV_NONE FEE_OK");
}

Test(lines, a_refund_by_another_way_is_said)
{
    DEFER(books_free) struct books b = { 0 };
    refund(&b);
    b.lines[0].other_route = true;
    CHECK_SAYS(&b, "REF_OK REF_PARTIAL REF_ROUTE INV_NONE FEE_OK");
}

Test(lines, what_a_dispute_takes_and_gives_back_is_a_difference)
{
    DEFER(books_free) struct books b = { 0 };
    golden(&b);
    b.lines[1] = (struct recon_line){ .number = 8,
                                      .kind = BILL_LINE_REFUND,
                                      .provider_trade_no = SPAN("123456 1123120000"),
                                      .face_fen = -3000,
                                      .effective_fen = -3000,
                                      .dispute = true };
    b.lines[1].at = at(NOON_S);
    b.in.line_count = 2;
    CHECK_SAYS(&b, GOLDEN "\nCB_DEDUCTED");
    CHECK_DELTA(&b, 1, -3000);
    b.lines[1].kind = BILL_LINE_PAY;
    b.lines[1].face_fen = b.lines[1].effective_fen = 3000;
    CHECK_SAYS(&b, GOLDEN "\nCB_RETURNED");
    CHECK_DELTA(&b, 1, 3000);
}
