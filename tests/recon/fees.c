/* SPDX-License-Identifier: Apache-2.0 */
/* Fees: half up of the amount times the contract's rate, in fen. Expected values by hand. */
#include "books.h"
#include "fee_contract.h"

struct row {
    int64_t fen;
    int64_t rate_ppm;
    int64_t fee_fen;
    const char *says;
};

Test(fee, each_difference_has_its_name)
{
    static const struct row rows[] = {
        { 56000, 6000, -338, "FEE_AMOUNT" }, /* 336 is due */
        { 56000, 6000, -334, "FEE_AMOUNT" },
        { 56000, 6000, 336, "FEE_AMOUNT" }, /* given instead of taken */
        { 56000, 6000, 0, "FEE_MISSING" },
        { 56000, 6000, -335, "FEE_ROUNDING" },
        { 56000, 6000, -337, "FEE_ROUNDING" },
        { 56000, 6000, -336, "FEE_OK" },
        { 3250, 6000, -20, "FEE_OK" }, /* 32.50 x 0.60 % = 0.195 */
        { 3250, 6000, -19, "FEE_ROUNDING" },
        { 1, 6000, 0, "FEE_SMALL_ZERO" },  /* 0.00006 */
        { 83, 6000, 0, "FEE_SMALL_ZERO" }, /* 0.00498 */
        { 84, 6000, 0, "FEE_MISSING" },    /* 0.00504 */
        { 84, 6000, -1, "FEE_OK" },
        { 56000, 0, 0, "FEE_OK" },
        { 56000, 0, -1, "FEE_ROUNDING" },
        { 56000, 1000000, -56000, "FEE_OK" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        books_golden(&b);
        b.in.invoice_count = 0;
        b.in.fee_rate_ppm = rows[i].rate_ppm;
        b.lines[0].face_fen = b.lines[0].effective_fen = rows[i].fen;
        b.lines[0].fee_fen = rows[i].fee_fen;
        b.members[0].amount_fen = b.payments[0].amount_fen = rows[i].fen;
        b.orders[0].amount_fen = b.orders[0].unit_fee_fen = rows[i].fen;
        b.orders[0].quantity = 1;
        b.tariffs[0].unit_fee_fen = rows[i].fen;
        char want[128];
        cr_assert(snprintf(want, sizeof(want), "PAY_OK INV_NONE %s", rows[i].says) > 0);
        CHECK_SAYS(&b, want);
        cr_assert_eq(b.out.sheet.fee.fen, rows[i].fee_fen);
    }
}

/* The golden day under contracts of its own; `settled` counts beside the face, signed as the line. */
static void
under(struct books *b, const struct fee_contract *fees, size_t count)
{
    books_golden(b);
    b->in.invoice_count = 0;
    b->in.fees = fees;
    b->in.fee_count = count;
}

static const struct fee_contract usual = { .from = { 2026, 1, 1 }, .rate_ppm = 6000 };

Test(fee, a_printed_rate_that_is_not_the_contracts_is_said)
{
    static const struct {
        int64_t rate_ppm;
        bool promoted;
        int64_t fee_fen;
        const char *says;
    } rows[] = {
        { 6000, false, -336, "FEE_OK" },
        { 10000, false, -560, "FEE_RATE" }, /* 1.00 % of 560.00, and taken so */
        { 10000, false, -336, "FEE_OK FEE_RATE" },
        { 10000, false, -500, "FEE_AMOUNT FEE_RATE" }, /* neither 5.60 nor 3.36 */
        { 3800, false, -213, "FEE_RATE" },             /* 2.128 */
        { 3800, true, -213, "FEE_OK FEE_PROMO" },
        { 3800, true, -336, "FEE_AMOUNT FEE_PROMO" },
        { 10000, true, -560, "FEE_RATE FEE_PROMO" }, /* a remark explains no higher rate */
        { 6000, true, -336, "FEE_OK FEE_PROMO" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        under(&b, &usual, 1);
        b.lines[0].rate_ppm = rows[i].rate_ppm;
        b.lines[0].promoted = rows[i].promoted;
        b.lines[0].fee_fen = rows[i].fee_fen;
        char want[128];
        cr_assert(snprintf(want, sizeof(want), "PAY_OK INV_NONE %s", rows[i].says) > 0);
        CHECK_SAYS(&b, want);
    }
}

Test(fee, a_contract_holds_on_its_days_and_cards)
{
    static const struct fee_contract fees[] = {
        { .from = { 2026, 1, 1 }, .until = { 2026, 11, 22 }, .rate_ppm = 6000 },
        { .from = { 2026, 11, 23 }, .rate_ppm = 3800 },
        { .card = FEE_CARD_DEBIT, .from = { 2026, 11, 23 }, .rate_ppm = 4000, .cap_fen = 200 },
        { .card = FEE_CARD_CREDIT, .from = { 2026, 11, 24 }, .rate_ppm = 9000 },
    };
    static const struct {
        int mday;
        enum fee_card card;
        int64_t fee_fen;
        const char *says;
    } rows[] = {
        { 22, FEE_CARD_ANY, -336, "FEE_OK" },
        { 23, FEE_CARD_ANY, -213, "FEE_OK" },
        { 23, FEE_CARD_DEBIT, -200, "FEE_OK" },   /* 2.24 is more than the cap */
        { 23, FEE_CARD_DEBIT, -224, "FEE_CARD" }, /* the cap was forgotten */
        { 23, FEE_CARD_DEBIT, -213, "FEE_AMOUNT" },
        { 23, FEE_CARD_CREDIT, -213, "FEE_OK" }, /* its contract begins a day later */
        { 24, FEE_CARD_CREDIT, -504, "FEE_OK" },
        { 24, FEE_CARD_DEBIT, -504, "FEE_CARD" },
        { 24, FEE_CARD_CREDIT, -200, "FEE_CARD" },
        { 24, FEE_CARD_CREDIT, -505, "FEE_ROUNDING" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        under(&b, fees, sizeof(fees) / sizeof(fees[0]));
        int64_t later_us = (rows[i].mday - 23) * MIDNIGHT_S * 1000000;
        b.in.day.mday = rows[i].mday;
        b.lines[0].at.us += later_us;
        b.members[0].paid_at.us += later_us;
        b.members[0].created_at.us += later_us;
        b.payments[0].paid_at.us += later_us;
        b.lines[0].card = rows[i].card;
        b.lines[0].fee_fen = rows[i].fee_fen;
        char want[128];
        cr_assert(snprintf(want, sizeof(want), "PAY_OK INV_NONE %s", rows[i].says) > 0);
        CHECK_SAYS(&b, want);
    }
}

Test(fee, is_due_on_what_is_settled_and_not_on_what_a_coupon_took_off)
{
    DEFER(books_free) struct books b = { 0 };
    under(&b, &usual, 1);
    b.lines[0].coupon_fen = -5000;
    b.lines[0].fee_fen = -306; /* 510.00 x 0.60 % */
    cr_assert_not_null(strstr(books_say(&b), "FEE_OK"));
    b.lines[0].fee_fen = -336;
    cr_assert_not_null(strstr(books_say(&b), "FEE_AMOUNT"));
}

Test(fee, comes_back_with_a_refund_by_the_contract_of_the_payments_day)
{
    static const struct fee_contract fees[] = {
        { .from = { 2026, 1, 1 }, .until = { 2026, 11, 22 }, .rate_ppm = 6000, .cap_fen = 300 },
        { .from = { 2026, 11, 23 }, .rate_ppm = 3800 },
    };
    static const struct {
        int64_t paid_s;
        int64_t fee_fen;
        const char *says;
    } rows[] = {
        { -HOUR_S, 150, "FEE_OK" }, /* half of a payment of 560.00 that cost the cap of 3.00 */
        { -HOUR_S, 149, "FEE_ROUNDING" },
        { -HOUR_S, 168, "FEE_CARD" }, /* 280.00 x 0.60 %: more than was ever taken */
        { -HOUR_S, 106, "FEE_REFUND_DIFF" },
        { HOUR_S, 106, "FEE_OK" }, /* 280.00 x 0.38 % = 1.064 */
        { HOUR_S, 0, "FEE_REFUND_NOT_RETURNED" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        under(&b, fees, 2);
        b.members[0].counted = false;
        b.members[0].paid_at = b.payments[0].paid_at = at(rows[i].paid_s);
        b.members[0].state = ATTEMPT_PAID;
        b.lines[0].kind = BILL_LINE_REFUND;
        b.lines[0].refund_no = SPAN_LIT("A1R01");
        b.lines[0].face_fen = b.lines[0].effective_fen = -28000;
        b.lines[0].fee_fen = rows[i].fee_fen;
        const char *says = books_say(&b);
        cr_assert_not_null(strstr(says, rows[i].says), "%s instead of %s", says, rows[i].says);
    }
}

Test(fee, rounding_is_accepted_up_to_the_months_limit)
{
    DEFER(books_free) struct books b = { 0 };
    under(&b, &usual, 1);
    b.lines[0].fee_fen = -335;
    b.in.fee_rounding_max_fen = 10;
    b.in.fee_rounding_before_fen = 9;
    CHECK_SAYS(&b, "PAY_OK INV_NONE FEE_ROUNDING");
    b.in.fee_rounding_before_fen = 10;
    CHECK_SAYS(&b, "PAY_OK INV_NONE FEE_AMOUNT");
    b.in.fee_rounding_max_fen = b.in.fee_rounding_before_fen = 0;
    CHECK_SAYS(&b, "PAY_OK INV_NONE FEE_AMOUNT");
}

Test(fee, contracts_that_cannot_hold_are_refused)
{
    static const struct fee_contract fees[][2] = {
        { { .from = { 2026, 1, 1 }, .rate_ppm = 1 }, { .from = { 2026, 12, 1 }, .rate_ppm = 2 } },
        { { .from = { 2026, 1, 1 }, .rate_ppm = 1000001 },
          { .card = FEE_CARD_DEBIT, .from = { 2026, 1, 1 } } },
        { { .from = { 2026, 1, 1 }, .cap_fen = -1 },
          { .card = FEE_CARD_DEBIT, .from = { 2026, 1, 1 } } },
    };
    for (size_t i = 0; i < sizeof(fees) / sizeof(fees[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        under(&b, fees[i], 2);
        cr_assert_eq(books_try(&b), ERR_FIELD_VALUE);
    }
}

Test(fee, of_the_largest_amount_does_not_overflow)
{
    /* bc: 2305843009213693951 * 6000 / 10^6 = 13835058055282163.706 */
    cr_assert_eq(fee_contract_fee(&usual, INT64_MAX / 4), INT64_C(13835058055282164));
    cr_assert_eq(fee_contract_fee(&usual, -3250), 20);
    cr_assert_eq(fee_contract_fee(&usual, 0), 0);
    struct fee_contract other = usual;
    other.rounding = FEE_ROUND_DOWN;
    cr_assert_eq(fee_contract_fee(&other, 3250), 19); /* 19.5 */
    other.rounding = FEE_ROUND_UP;
    cr_assert_eq(fee_contract_fee(&other, 3217), 20); /* 19.302 */
    cr_assert_eq(fee_contract_fee(&other, 500000), 3000);
}

/* What is due stands beside every judged fee, as the bill signs it: 0.6 % of 560.00 whatever was charged, and the printed rate where a
 * remark explains it (0.38 %: 2.128). */
Test(fee, what_is_due_is_told)
{
    static const struct {
        int64_t fee_fen;
        int64_t rate_ppm;
        bool promoted;
        int64_t due_fen;
    } rows[] = {
        { -336, 0, false, -336 },     { -400, 0, false, -336 },   { 0, 0, false, -336 },
        { -560, 10000, false, -336 }, { -213, 3800, true, -213 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(books_free) struct books b = { 0 };
        under(&b, &usual, 1);
        b.lines[0].fee_fen = rows[i].fee_fen;
        b.lines[0].rate_ppm = rows[i].rate_ppm;
        b.lines[0].promoted = rows[i].promoted;
        CHECK_OK(books_try(&b));
        cr_assert_eq(b.out.count, 1);
        cr_expect(b.out.results[0].fee_judged);
        cr_expect_eq(b.out.results[0].fee_due_fen, rows[i].due_fen, "row %zu", i);
    }
    DEFER(books_free) struct books b = { 0 };
    under(&b, &usual, 1);
    b.lines[0].dispute = true;
    CHECK_OK(books_try(&b));
    cr_expect_not(b.out.results[0].fee_judged, "no contract speaks of a dispute");
}
