/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, amounts, days, accounts and the sheet, each a change of one field of the golden day. */
#include "books.h"
#include "tie_out.h"

#define GOLDEN(b)                              \
    DEFER(books_free) struct books(b) = { 0 }; \
    books_golden(&(b))

/* A second line, attempt, order and payment: O2, A2, T2; the invoice stays the first order's. */
static void
add_second(struct books *b)
{
    b->lines[1] = b->lines[0];
    b->lines[1].number = 8;
    b->lines[1].provider_trade_no = SPAN_LIT("T2");
    b->lines[1].merchant_order_no = SPAN_LIT("A2");
    b->members[1] = b->members[0];
    b->members[1].attempt_no = SPAN_LIT("A2");
    b->members[1].provider_trade_no = SPAN_LIT("T2");
    b->members[1].order_no = SPAN_LIT("O2");
    b->orders[1] = b->orders[0];
    b->orders[1].order_no = SPAN_LIT("O2");
    b->payments[1] = b->payments[0];
    b->payments[1].order_no = SPAN_LIT("O2");
    b->payments[1].attempt_no = SPAN_LIT("A2");
    b->in.line_count = b->in.member_count = b->in.order_count = b->in.payment_count = 2;
}

Test(refuse, two_lines_with_one_number)
{
    GOLDEN(b);
    add_second(&b);
    b.lines[1].number = 7;
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
    cr_assert_null(b.out.results, "output untouched");
}

Test(refuse, two_members_with_one_attempt_number)
{
    GOLDEN(b);
    add_second(&b);
    b.members[1].attempt_no = SPAN_LIT("A1");
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
}

Test(refuse, a_member_without_number)
{
    GOLDEN(b);
    b.members[0].attempt_no = (struct span){ 0 };
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
}

Test(refuse, a_counted_member_that_is_not_paid)
{
    GOLDEN(b);
    b.members[0].state = ATTEMPT_PENDING;
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
}

Test(refuse, one_order_twice)
{
    GOLDEN(b);
    b.orders[1] = b.orders[0];
    b.in.order_count = 2;
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
}

Test(refuse, one_payment_twice)
{
    GOLDEN(b);
    b.payments[1] = b.payments[0];
    b.in.payment_count = 2;
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
}

Test(refuse, amounts_that_cannot_be_added_up)
{
    GOLDEN(b);
    b.lines[0].face_fen = INT64_MIN;
    CHECK_ERR(books_try(&b), ERR_AMOUNT_OVERFLOW);
    b.lines[0].face_fen = INT64_MAX;
    CHECK_ERR(books_try(&b), ERR_AMOUNT_OVERFLOW);
}

Test(refuse, a_fee_rate_above_the_whole)
{
    GOLDEN(b);
    b.in.fee_rate_ppm = 1000001;
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
}

Test(refuse, an_unknown_invoice_status)
{
    GOLDEN(b);
    b.invoices[0].status = SPAN_LIT("printed");
    CHECK_ERR(books_try(&b), ERR_FIELD_VALUE);
}

Test(refuse, an_arena_that_is_too_small)
{
    GOLDEN(b);
    struct arena *small = NULL;
    CHECK_OK(arena_new(512, &small));
    CHECK_OK(books_try(&b));
    CHECK_ERR(recon_match(&b.in, small, &b.out), ERR_ARENA_FULL);
    arena_free(&small);
}

Test(golden, everything_agrees)
{
    GOLDEN(b);
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    const struct recon_sheet *sheet = &b.out.sheet;
    cr_assert_eq(sheet->parsed.fen, 56000);
    cr_assert_eq(sheet->matched.count, 1);
    cr_assert_eq(sheet->population.fen, 56000);
    cr_assert_eq(sheet->fee.fen, -336);
    cr_assert_eq(sheet->orders_paid.fen, 56000);
    cr_assert_eq(sheet->invoiced.fen, 56000);
    cr_assert_eq(sheet->unexplained_fen, 0);
}

Test(golden, an_empty_day_is_tied_with_zeros)
{
    GOLDEN(b);
    b.in = (struct recon_input){ .day = { 2026, 11, 23 }, .cutoff_east_min = 480 };
    CHECK_SAYS(&b, "");
    cr_assert_eq(b.out.count, 0);
}

Test(golden, money_paid_late_is_money)
{
    GOLDEN(b);
    b.members[0].state = ATTEMPT_LATE_PAID;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
}

struct amount_row {
    int64_t bill_fen;
    int64_t fee_fen;
    const char *says;
};

Test(amount, every_difference_of_principal_has_its_class)
{
    static const struct amount_row rows[] = {
        { 56001, -336, "AMT_BILL_MORE AMT_ONE_FEN INV_OK FEE_OK" },
        { 55999, -336, "AMT_BILL_LESS AMT_ONE_FEN INV_OK FEE_OK" },
        { 56002, -336, "AMT_BILL_MORE INV_OK FEE_OK" },
        { 5600000, -33600, "AMT_BILL_MORE AMT_UNIT INV_OK FEE_OK" },
        { 560, -3, "AMT_BILL_LESS AMT_UNIT INV_OK FEE_OK" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        GOLDEN(b);
        b.lines[0].face_fen = b.lines[0].effective_fen = rows[i].bill_fen;
        b.lines[0].fee_fen = rows[i].fee_fen;
        CHECK_SAYS(&b, rows[i].says);
        CHECK_DELTA(&b, 0, rows[i].bill_fen - 56000);
        cr_assert_eq(b.out.sheet.amount_bill.fen, rows[i].bill_fen);
        cr_assert_eq(b.out.sheet.amount_books.fen, 56000);
    }
}

Test(amount, a_zero_line_is_named)
{
    GOLDEN(b);
    b.lines[0].face_fen = b.lines[0].effective_fen = b.lines[0].fee_fen = 0;
    CHECK_SAYS(&b, "AMT_BILL_LESS AMT_ZERO INV_OK");
}

Test(amount, is_never_a_key)
{
    GOLDEN(b);
    b.lines[0].provider_trade_no = SPAN_LIT("T9");
    b.lines[0].merchant_order_no = SPAN_LIT("A9");
    CHECK_SAYS(&b, "LONG_UNKNOWN FEE_OK\nSHORT_PAY INV_NO_MONEY");
}

Test(reversed, at_the_provider_and_success_here)
{
    GOLDEN(b);
    b.lines[0].effective_fen = b.lines[0].fee_fen = 0;
    CHECK_SAYS(&b, "ST_REVOKED INV_NO_MONEY");
    CHECK_DELTA(&b, 0, -56000);
    cr_assert_eq(b.out.sheet.ineffective.fen, 56000);
    cr_assert_eq(b.out.sheet.book_only.fen, 56000);
}

/* A payment of the day before that the provider took back today. */
Test(reversed, at_the_provider_and_success_of_another_day_here)
{
    GOLDEN(b);
    b.lines[0].effective_fen = b.lines[0].fee_fen = 0;
    b.members[0].counted = false;
    b.members[0].paid_at = b.payments[0].paid_at = at(NOON_S - MIDNIGHT_S);
    b.lines[0].at = at(NOON_S - MIDNIGHT_S);
    CHECK_SAYS(&b, "ST_REVOKED DAY_SHIFT_LATE INV_OK");
    CHECK_DELTA(&b, 0, 0);
}

Test(reversed, on_both_sides)
{
    GOLDEN(b);
    b.lines[0].effective_fen = b.lines[0].fee_fen = 0;
    b.members[0].state = ATTEMPT_CLOSED;
    b.members[0].counted = false;
    b.orders[0].stage = RECON_ORDER_UNPAID;
    b.in.payment_count = b.in.invoice_count = 0;
    CHECK_SAYS(&b, "ST_REVOKED_OK");
}

Test(reversed, and_unknown_here)
{
    GOLDEN(b);
    b.in.member_count = b.in.payment_count = b.in.invoice_count = b.in.order_count = 0;
    b.lines[0].effective_fen = b.lines[0].fee_fen = 0;
    CHECK_SAYS(&b, "LONG_UNKNOWN AMT_ZERO");
    CHECK_DELTA(&b, 0, 0);
}

Test(reversed, money_does_not_make_an_order_paid)
{
    GOLDEN(b);
    b.lines[0].effective_fen = b.lines[0].fee_fen = 0;
    b.members[0].state = ATTEMPT_CLOSED;
    b.members[0].counted = false;
    b.in.payment_count = b.in.invoice_count = 0;
    CHECK_SAYS(&b, "ST_REVOKED_OK INV_NONE\nORD_PAID_NO_MONEY INV_NONE");
}

Test(key, other_provider_number)
{
    GOLDEN(b);
    b.lines[0].provider_trade_no = SPAN_LIT("T9");
    CHECK_SAYS(&b, "PAY_OK KEY_TRADE_NO INV_OK FEE_OK");
}

Test(key, other_merchant_number)
{
    GOLDEN(b);
    b.lines[0].merchant_order_no = SPAN_LIT("A9");
    CHECK_SAYS(&b, "KEY_ORDER_NO INV_OK FEE_OK");
    CHECK_DELTA(&b, 0, 0);
    cr_assert_eq(b.out.results[0].member, 0);
    cr_assert_eq(b.out.sheet.bill_only.fen, 56000);
    cr_assert_eq(b.out.sheet.book_only.fen, 56000);
}

Test(key, of_two_candidates_none_is_guessed)
{
    GOLDEN(b);
    add_second(&b);
    b.in.line_count = 1;
    b.lines[0].merchant_order_no = SPAN_LIT("A9");
    b.members[1].provider_trade_no = SPAN_LIT("T1");
    CHECK_SAYS(&b, "LONG_UNKNOWN KEY_AMBIGUOUS FEE_OK\nSHORT_PAY INV_NO_MONEY\n"
                   "SHORT_PAY INV_NONE");
}

Test(key, an_order_number_of_two_owners_is_not_guessed)
{
    GOLDEN(b);
    b.in.member_count = b.in.payment_count = b.in.invoice_count = 0;
    b.orders[0].stage = RECON_ORDER_UNPAID;
    b.orders[1] = b.orders[0];
    b.orders[1].owner = SPAN_LIT("branch");
    b.in.order_count = 2;
    b.lines[0].merchant_order_no = SPAN_LIT("O1");
    CHECK_SAYS(&b, "LONG_UNKNOWN KEY_AMBIGUOUS FEE_OK");
}

Test(key, of_two_lines_with_one_merchant_number_the_right_one_matches)
{
    GOLDEN(b);
    b.lines[1] = b.lines[0];
    b.lines[1].number = 3;
    b.lines[1].provider_trade_no = SPAN_LIT("T9");
    b.in.line_count = 2;
    CHECK_SAYS(&b, "LONG_ORDER_PAID KEY_TRADE_NO DUP_PAY_SAME INV_OK FEE_OK\n"
                   "PAY_OK INV_OK FEE_OK");
}

Test(account, a_line_of_another_account_of_ours)
{
    GOLDEN(b);
    b.in.member_count = 0;
    b.payments[0].account = SPAN_LIT("alipay-2");
    CHECK_SAYS(&b, "ACC_MERCHANT DUP_PAY_SAME INV_OK FEE_OK");
}

/* Two accounts with one merchant number have one bill: by the rule each line counts at its own account. */
Test(account, a_line_of_another_account_by_an_application_of_the_rule_is_of_that_accounts_bill)
{
    GOLDEN(b);
    b.in.member_count = 0;
    b.payments[0].account = SPAN_LIT("alipay-2");
    b.lines[0].application = SPAN_LIT("wx2");
    b.in.application = SPAN_LIT("wx1");
    b.in.other_applications = SPAN_LIT("wx2");
    CHECK_SAYS(&b, "OUT_OF_SCOPE");
    cr_expect_eq(b.out.sheet.out_of_scope.count, 1);
    cr_expect_eq(b.out.sheet.in_scope.count, 0);
    b.in.other_applications = SPAN_LIT("wx3");
    CHECK_SAYS(&b, "ACC_MERCHANT ACC_APP DUP_PAY_SAME INV_OK FEE_OK");
    b.in.other_numbers = SPAN_LIT("A");
    CHECK_SAYS(&b, "ACC_MERCHANT ACC_APP DUP_PAY_SAME INV_OK FEE_OK");
}

Test(account, a_line_of_another_provider_of_ours)
{
    GOLDEN(b);
    b.in.member_count = 0;
    b.payments[0].account = SPAN_LIT("wechat-1");
    b.payments[0].provider = SPAN_LIT("wechat");
    CHECK_SAYS(&b, "LONG_ORDER_PAID ACC_PROVIDER DUP_PAY_CROSS INV_OK FEE_OK");
}

Test(account, a_line_of_another_application_of_the_merchant_is_noted)
{
    GOLDEN(b);
    b.in.application = SPAN_LIT("wx1");
    b.lines[0].application = SPAN_LIT("wx1");
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    b.lines[0].application = SPAN_LIT("wx2");
    CHECK_SAYS(&b, "PAY_OK ACC_APP INV_OK FEE_OK");
}

/* A clearing day from 23:00 to 23:00 in China is a day of the zone one hour east of it. */
Test(day, a_clearing_day_ends_at_its_own_hour)
{
    GOLDEN(b);
    b.in.cutoff_east_min = 540;
    b.lines[0].at = b.members[0].paid_at = b.payments[0].paid_at = at(-HOUR_S);
    CHECK_SAYS(&b, "PAY_OK DAY_SETTLE_CUT INV_OK FEE_OK");
    b.lines[0].at = b.members[0].paid_at = b.payments[0].paid_at = at(-HOUR_S - 1);
    CHECK_SAYS(&b, "PAY_OK DAY_SHIFT_LATE INV_OK FEE_OK");
}

Test(day, matched_one_day_late)
{
    GOLDEN(b);
    b.members[0].carried_in = true;
    b.members[0].paid_at = b.payments[0].paid_at = at(-2);
    b.lines[0].at = at(1);
    CHECK_SAYS(&b, "PAY_OK DAY_SHIFT_LATE INV_OK FEE_OK");
    cr_assert_eq(b.out.sheet.carried_in.fen, 56000);
}

Test(day, matched_one_day_early)
{
    GOLDEN(b);
    b.members[0].paid_at = b.payments[0].paid_at = at(MIDNIGHT_S + 1);
    b.lines[0].at = at(MIDNIGHT_S - 1);
    b.invoices[0].issued_at = at(MIDNIGHT_S + 60);
    CHECK_SAYS(&b, "PAY_OK DAY_SHIFT_EARLY INV_OK FEE_OK");
}

Test(day, a_line_for_an_older_day)
{
    GOLDEN(b);
    b.members[0].paid_at = b.payments[0].paid_at = at(-30 * HOUR_S);
    b.members[0].counted = false;
    b.lines[0].at = at(-30 * HOUR_S);
    CHECK_SAYS(&b, "LONG_ORDER_PAID DAY_LATE_LINE INV_OK FEE_OK");
}

Test(day, clocks_more_than_five_minutes_apart)
{
    GOLDEN(b);
    b.lines[0].at = at(NOON_S + 300);
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    b.lines[0].at = at(NOON_S + 301);
    CHECK_SAYS(&b, "PAY_OK DAY_CLOCK INV_OK FEE_OK");
}

Test(order, money_less_than_payable)
{
    GOLDEN(b);
    b.lines[0].face_fen = b.lines[0].effective_fen = 50000;
    b.lines[0].fee_fen = -300;
    b.members[0].amount_fen = b.payments[0].amount_fen = 50000;
    CHECK_SAYS(&b, "PAY_OK ORD_PARTIAL INV_NO_MONEY FEE_OK");
}

Test(order, money_more_than_payable)
{
    GOLDEN(b);
    b.lines[0].face_fen = b.lines[0].effective_fen = 60000;
    b.lines[0].fee_fen = -360;
    b.members[0].amount_fen = b.payments[0].amount_fen = 60000;
    CHECK_SAYS(&b, "PAY_OK ORD_OVERPAID INV_OK FEE_OK");
}

/* One price of an order; unit, quantity, tariff kind. */
Test(order, prices_are_held_against_quantity_and_tariff)
{
    GOLDEN(b);
    b.orders[0].quantity = 3; /* 3 x 280.00 = 840.00, payable 560.00 */
    CHECK_SAYS(&b, "PAY_OK ORD_PRICE INV_OK FEE_OK");
    b.orders[0].quantity = 2;
    b.orders[0].kind = SPAN_LIT("renew"); /* costs 200.00, charged as new */
    CHECK_SAYS(&b, "PAY_OK ORD_TYPE_FEE INV_OK FEE_OK");
    b.orders[0].kind = SPAN_LIT("unheard");
    CHECK_SAYS(&b, "PAY_OK ORD_TARIFF INV_OK FEE_OK");
    b.orders[0].kind = SPAN_LIT("new");
    b.orders[0].unit_fee_fen = 56000; /* nobody's tariff */
    b.orders[0].quantity = 1;
    CHECK_SAYS(&b, "PAY_OK ORD_PRICE INV_OK FEE_OK");
}

Test(order, issued_certificates_are_held_against_bought_ones)
{
    GOLDEN(b);
    b.orders[0].issued_quantity = 3;
    CHECK_SAYS(&b, "PAY_OK ORD_QTY_ISSUED INV_OK FEE_OK");
    b.orders[0].status = SPAN_LIT("issued");
    b.orders[0].issued_quantity = 1;
    CHECK_SAYS(&b, "PAY_OK ORD_QTY_ISSUED INV_OK FEE_OK");
    b.orders[0].issued_quantity = 2;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
}

Test(order, a_negative_amount_is_named)
{
    GOLDEN(b);
    b.orders[0].amount_fen = -56000;
    cr_assert(strstr(books_say(&b), "ORD_NEGATIVE") != NULL);
}

Test(refund, unknown_to_us_is_short)
{
    GOLDEN(b);
    b.lines[1] = b.lines[0];
    b.lines[1].number = 9;
    b.lines[1].kind = BILL_LINE_REFUND;
    b.lines[1].refund_no = SPAN_LIT("R1");
    b.lines[1].face_fen = b.lines[1].effective_fen = -20000;
    b.lines[1].fee_fen = 120;
    b.in.line_count = 2;
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK\nREF_UNKNOWN REF_PARTIAL FEE_OK");
    CHECK_DELTA(&b, 1, -20000);
    cr_assert_eq(b.out.sheet.bill_only.fen, -20000);
    cr_assert_eq(b.out.sheet.refund.fen, -20000);
}

struct refund_row {
    int64_t fen;
    int64_t effective_fen;
    int64_t fee_fen;
    const char *says;
};

Test(refund, its_size_and_its_fee_are_told)
{
    static const struct refund_row rows[] = {
        { -56000, -56000, 336,
          "PAY_OK ST_REFUNDED_FULL INV_OK FEE_OK\nREF_UNKNOWN REF_ORDER_STATE FEE_OK" },
        { -56001, -56001, 336,
          "PAY_OK INV_OK FEE_OK\nREF_UNKNOWN REF_OVER REF_ORDER_STATE FEE_OK" },
        { -20000, 0, 0, "PAY_OK INV_OK FEE_OK\nREF_UNKNOWN_FAIL" },
        { -20000, -20000, 0,
          "PAY_OK INV_OK FEE_OK\nREF_UNKNOWN REF_PARTIAL FEE_REFUND_NOT_RETURNED" },
        { -20000, -20000, 121, "PAY_OK INV_OK FEE_OK\nREF_UNKNOWN REF_PARTIAL FEE_ROUNDING" },
        { -20000, -20000, -120, "PAY_OK INV_OK FEE_OK\nREF_UNKNOWN REF_PARTIAL FEE_REFUND_DIFF" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        GOLDEN(b);
        b.lines[1] = b.lines[0];
        b.lines[1].number = 9;
        b.lines[1].kind = BILL_LINE_REFUND;
        b.lines[1].face_fen = rows[i].fen;
        b.lines[1].effective_fen = rows[i].effective_fen;
        b.lines[1].fee_fen = rows[i].fee_fen;
        b.in.line_count = 2;
        CHECK_SAYS(&b, rows[i].says);
    }
}

Test(refund, of_a_payment_nobody_knows)
{
    GOLDEN(b);
    b.in.member_count = b.in.payment_count = b.in.invoice_count = b.in.order_count = 0;
    b.lines[0].kind = BILL_LINE_REFUND;
    b.lines[0].face_fen = b.lines[0].effective_fen = -56000;
    b.lines[0].fee_fen = 336;
    CHECK_SAYS(&b, "REF_UNKNOWN REF_ORIG_UNKNOWN FEE_OK");
}

Test(refund, after_the_certificate_was_issued)
{
    GOLDEN(b);
    b.orders[0].status = SPAN_LIT("issued");
    b.orders[0].issued_quantity = 2;
    b.lines[0].kind = BILL_LINE_REFUND;
    b.lines[0].face_fen = b.lines[0].effective_fen = -20000;
    b.lines[0].fee_fen = 120;
    CHECK_SAYS(&b, "REF_UNKNOWN REF_PARTIAL REF_AFTER_ISSUE FEE_OK\nSHORT_PAY INV_NO_MONEY");
}

/* The sheet of those results, made anew. */
static enum err
tie_out(const struct match *match, struct recon_output *out)
{
    struct tie_sums sums = { 0 };
    out->sheet = (struct recon_sheet){ 0 };
    TRY(tie_out_add(match, out, &out->sheet, &sums));
    return tie_out_close(&out->sheet, &sums, match->in->untied);
}

Test(sheet, a_result_that_was_tampered_with_does_not_tie)
{
    GOLDEN(b);
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    struct match_line facts[MOST] = { { 0 } };
    struct match_member member_facts[MOST] = { { .number_case = RECON_NONE } };
    struct match match = {
        .in = &b.in, .arena = b.arena, .line_facts = facts, .member_facts = member_facts
    };
    CHECK_OK(tie_out(&match, &b.out));
    b.out.results[0].b_fen += 1;
    struct recon_untied untied = { .fen = 0 };
    b.in.untied = &untied;
    CHECK_ERR(tie_out(&match, &b.out), ERR_SHEET_UNTIED);
    cr_assert_neq(b.out.sheet.unexplained_fen, 0);
    cr_assert_eq(untied.fen, b.out.sheet.unexplained_fen);
    cr_assert_str_eq(untied.equation, "C + M' = E+F+G+H+L'");
    cr_assert_str_empty(untied.order_no);
    b.in.untied = NULL;
    b.out.results[0].b_fen -= 1;
    b.out.results[0].primary = FINDING_INV_OK; /* a note cannot decide a bucket */
    CHECK_ERR(tie_out(&match, &b.out), ERR_INTERNAL);
}

Test(sheet, a_line_or_member_left_out_or_told_twice_does_not_tie)
{
    GOLDEN(b);
    CHECK_SAYS(&b, "PAY_OK INV_OK FEE_OK");
    struct match_line facts[MOST] = { { 0 } };
    struct match_member member_facts[MOST] = { { .number_case = RECON_NONE } };
    struct match match = {
        .in = &b.in, .arena = b.arena, .line_facts = facts, .member_facts = member_facts
    };
    struct recon_result twice[2] = { b.out.results[0], b.out.results[0] };
    struct recon_output out = { .results = twice, .count = 2 };
    CHECK_ERR(tie_out(&match, &out), ERR_INTERNAL);
    out.count = 0;
    CHECK_ERR(tie_out(&match, &out), ERR_INTERNAL);
    out.count = 1;
    twice[0].member = RECON_NONE;
    CHECK_ERR(tie_out(&match, &out), ERR_INTERNAL);
    twice[0].member = 0;
    twice[0].line = 5;
    CHECK_ERR(tie_out(&match, &out), ERR_INTERNAL);
}

Test(output, lines_come_by_number_then_attempts_then_orders_then_invoices)
{
    GOLDEN(b);
    add_second(&b);
    b.lines[0].number = 80;
    b.members[2] = b.members[1];
    b.members[2].attempt_no = SPAN_LIT("A0");
    b.members[2].provider_trade_no = SPAN_LIT("T0");
    b.members[2].order_no = SPAN_LIT("O0");
    b.in.member_count = 3;
    b.orders[2] = b.orders[1];
    b.orders[2].order_no = SPAN_LIT("O9");
    b.in.order_count = 3;
    b.invoices[1] = b.invoices[0];
    b.invoices[1].invoice_id = SPAN_LIT("I0");
    b.invoices[1].order_no = SPAN_LIT("O8");
    b.in.invoice_count = 2;
    CHECK_SAYS(&b, "PAY_OK INV_NONE FEE_OK\nPAY_OK INV_OK FEE_OK\nSHORT_NO_ORDER\n"
                   "ORD_PAID_NO_MONEY INV_NONE\nINV_ORPHAN");
    cr_assert_eq(b.out.sheet.orders_paid.count, 2, "O9 has no money of this day");
    cr_assert_eq(b.out.sheet.orders_paid.fen, 112000);
    cr_assert_eq(b.out.sheet.invoiced.fen, 56000);
    cr_assert_eq(b.out.results[0].line, 1);
    cr_assert_eq(b.out.results[4].seq, 5);
    cr_assert_eq(b.out.results[4].invoice, 1);
}
