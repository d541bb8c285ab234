/* SPDX-License-Identifier: Apache-2.0 */
/* Fees: half up of the amount times the contract's rate, in fen. Expected values by hand. */
#include "books.h"
#include "classify.h"

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

Test(fee, of_the_largest_amount_does_not_overflow)
{
    /* bc: 2305843009213693951 * 6000 / 10^6 = 13835058055282163.706 */
    cr_assert_eq(classify_fee_expected(INT64_MAX / 4, 6000), INT64_C(13835058055282164));
    cr_assert_eq(classify_fee_expected(-3250, 6000), 20);
    cr_assert_eq(classify_fee_expected(0, 6000), 0);
}
