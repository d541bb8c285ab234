/* SPDX-License-Identifier: Apache-2.0 */
#include "money.h"

#include "check.h"

#define CNY(fen) ((struct money){ .minor = (fen), .currency = CURRENCY_CNY })
#define NEITHER  ((struct money){ .minor = 1, .currency = CURRENCY_NONE })

Test(money, parse_refuses_all_that_is_not_a_plain_decimal)
{
    static const char *const bad[] = { "",     ".",     "1.",   ".5",    "+1",  "-1",  " 1",
                                       "1 ",   "1.234", "1,00", "1.2.3", "1e2", "0x1", "１",
                                       "1.-2", "1. 2",  "--1",  "1.2 ",  "1\n", "NaN", "1.+2" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct money m = CNY(7);
        CHECK_ERR(money_parse(span_of(bad[i]), CURRENCY_CNY, &m), ERR_AMOUNT);
        cr_expect_eq(m.minor, 7, "output touched by '%s'", bad[i]);
    }
    struct money m;
    CHECK_ERR(money_parse_signed(SPAN_LIT("--1"), CURRENCY_CNY, &m), ERR_AMOUNT);
    CHECK_ERR(money_parse_signed(SPAN_LIT("-"), CURRENCY_CNY, &m), ERR_AMOUNT);
    CHECK_ERR(money_parse(SPAN_LIT("1"), CURRENCY_NONE, &m), ERR_CURRENCY);
}

Test(money, parse_beyond_the_range_is_an_overflow)
{
    struct money m = CNY(7);
    CHECK_ERR(money_parse(SPAN_LIT("92233720368547758.08"), CURRENCY_CNY, &m), ERR_AMOUNT_OVERFLOW);
    CHECK_ERR(money_parse(SPAN_LIT("99999999999999999999999"), CURRENCY_CNY, &m),
              ERR_AMOUNT_OVERFLOW);
    CHECK_ERR(money_parse_signed(SPAN_LIT("-92233720368547758.08"), CURRENCY_CNY, &m),
              ERR_AMOUNT_OVERFLOW);
    cr_expect_eq(m.minor, 7);
}

Test(money, parse_reads_yuan_as_fen)
{
    static const struct {
        const char *text;
        int64_t fen;
    } good[] = {
        { "0", 0 },
        { "12", 1200 },
        { "12.3", 1230 },
        { "12.34", 1234 },
        { "0.01", 1 },
        { "007", 700 },
        { "100000000.00", MONEY_MAX_MINOR },
        { "88.00", 8800 },
        { "0.10", 10 },
        { "92233720368547758.07", INT64_MAX },
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct money m = CNY(-1);
        CHECK_OK(money_parse(span_of(good[i].text), CURRENCY_CNY, &m));
        cr_expect_eq(m.minor, good[i].fen, "%s", good[i].text);
        cr_expect_eq(m.currency, CURRENCY_CNY);
    }
    struct money m;
    CHECK_OK(money_parse_signed(SPAN_LIT("-0.05"), CURRENCY_CNY, &m));
    cr_expect_eq(m.minor, -5);
    CHECK_OK(money_parse_signed(SPAN_LIT("3.5"), CURRENCY_CNY, &m));
    cr_expect_eq(m.minor, 350);
}

Test(money, format_always_has_two_places)
{
    static const struct {
        int64_t fen;
        const char *text;
    } rows[] = { { 0, "0.00" },
                 { 5, "0.05" },
                 { -5, "-0.05" },
                 { 8800, "88.00" },
                 { -1234, "-12.34" },
                 { 10, "0.10" },
                 { INT64_MAX, "92233720368547758.07" },
                 { INT64_MIN, "-92233720368547758.08" } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(buf_fini) struct buf out = BUF_MAX(32);
        CHECK_OK(money_format(CNY(rows[i].fen), &out));
        CHECK_TEXT(buf_span(&out), rows[i].text);
    }
}

Test(money, mixed_currencies_are_refused)
{
    struct money out = CNY(7);
    CHECK_ERR(money_add(CNY(1), NEITHER, &out), ERR_CURRENCY_MISMATCH);
    CHECK_ERR(money_sub(NEITHER, CNY(1), &out), ERR_CURRENCY_MISMATCH);
    CHECK_ERR(money_times(NEITHER, 2, &out), ERR_CURRENCY);
    CHECK_ERR(money_make(1, CURRENCY_COUNT, &out), ERR_CURRENCY);
    cr_expect_eq(out.minor, 7);
    cr_expect_not(money_eq(CNY(1), NEITHER));
}

Test(money, arithmetic_refuses_to_overflow)
{
    struct money out = CNY(7);
    CHECK_ERR(money_add(CNY(INT64_MAX), CNY(1), &out), ERR_AMOUNT_OVERFLOW);
    CHECK_ERR(money_sub(CNY(-INT64_MAX), CNY(2), &out), ERR_AMOUNT_OVERFLOW);
    CHECK_ERR(money_sub(CNY(-INT64_MAX), CNY(1), &out), ERR_AMOUNT_OVERFLOW);
    CHECK_ERR(money_times(CNY(INT64_MAX / 2 + 1), 2, &out), ERR_AMOUNT_OVERFLOW);
    CHECK_ERR(money_make(INT64_MIN, CURRENCY_CNY, &out), ERR_AMOUNT_OVERFLOW);
    CHECK_ERR(money_rate(CNY(INT64_MAX), 6000, &out), ERR_AMOUNT_OVERFLOW);
    cr_expect_eq(out.minor, 7);
}

Test(money, rate_rounds_half_away_from_zero)
{
    /* Worked by hand: 88.00 at 0.60 % is 0.528, so 0.53. */
    static const struct {
        int64_t fen, ppm, want;
    } rows[] = {
        { 8800, 6000, 53 },
        { 100, 6000, 1 },
        { 83, 6000, 0 },
        { 84, 6000, 1 },
        { 250, 6000, 2 },
        { 249, 6000, 1 },
        { -250, 6000, -2 },
        { -249, 6000, -1 },
        { 1, 500000, 1 },
        { 1, 499999, 0 },
        { -1, 500000, -1 },
        { 0, -6000, 0 },
        { MONEY_MAX_MINOR, 6000, 60000000 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct money out;
        CHECK_OK(money_rate(CNY(rows[i].fen), rows[i].ppm, &out));
        cr_expect_eq(out.minor, rows[i].want, "row %zu: %lld", i, (long long)out.minor);
    }
}

Test(money, currencies_have_codes_and_others_are_unknown)
{
    enum currency c = CURRENCY_NONE;
    CHECK_ERR(currency_decode(SPAN_LIT("cny"), &c), ERR_CURRENCY);
    CHECK_ERR(currency_decode(SPAN_LIT("USD"), &c), ERR_CURRENCY);
    CHECK_ERR(currency_decode(SPAN_LIT(""), &c), ERR_CURRENCY);
    CHECK_OK(currency_decode(SPAN_LIT("CNY"), &c));
    cr_expect_eq(c, CURRENCY_CNY);
    for (int i = CURRENCY_NONE + 1; i < CURRENCY_COUNT; i++) {
        CHECK_OK(currency_decode(span_of(currency_code((enum currency)i)), &c));
        cr_expect_eq((int)c, i);
    }
    cr_expect_str_eq(currency_code(CURRENCY_NONE), "");
}
