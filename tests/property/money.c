/* SPDX-License-Identifier: Apache-2.0 */
/* Laws of money over a seeded generator, judged by wider arithmetic and by digits put together here. */
#include "money.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "seed.h"

#define ROUNDS 20000

__extension__ typedef __int128 wide; /* the judge: no sum or product of two int64 overflows it */

/* Amounts of every magnitude, ends of the range among them. */
static struct money
any_money(uint64_t *state)
{
    uint64_t bits = next(state) >> (next(state) % 64);
    int64_t minor = (int64_t)(bits & INT64_MAX);
    if (next(state) % 16 == 0) {
        minor = INT64_MAX - (int64_t)(next(state) % 3);
    }
    return (struct money){ .minor = next(state) % 2 == 0 ? minor : -minor,
                           .currency = CURRENCY_CNY };
}

static bool
fits(wide value)
{
    return value <= INT64_MAX && value > INT64_MIN;
}

static void
judge(enum err err, struct money got, wide want)
{
    if (fits(want)) {
        CHECK_OK(err);
        cr_assert_eq(got.minor, (int64_t)want);
        cr_assert_eq(got.currency, CURRENCY_CNY);
    } else {
        CHECK_ERR(err, ERR_AMOUNT_OVERFLOW);
        cr_assert_eq(got.minor, 0, "output touched on failure");
    }
}

Test(money_laws, add_and_sub_agree_with_wider_arithmetic)
{
    uint64_t state = seed_start(1);
    for (int i = 0; i < ROUNDS; i++) {
        struct money a = any_money(&state);
        struct money b = any_money(&state);
        struct money sum = { 0 };
        struct money difference = { 0 };
        enum err err = money_add(a, b, &sum);
        judge(err, sum, (wide)a.minor + b.minor);
        err = money_sub(a, b, &difference);
        judge(err, difference, (wide)a.minor - b.minor);
    }
}

Test(money_laws, sub_undoes_add)
{
    uint64_t state = seed_start(2);
    for (int i = 0; i < ROUNDS; i++) {
        struct money a = any_money(&state);
        struct money b = any_money(&state);
        struct money sum = { 0 };
        struct money back = { 0 };
        if (money_add(a, b, &sum) == ERR_OK) {
            CHECK_OK(money_sub(sum, b, &back));
            cr_assert(money_eq(back, a));
        }
    }
}

Test(money_laws, times_agrees_with_wider_arithmetic)
{
    uint64_t state = seed_start(3);
    for (int i = 0; i < ROUNDS; i++) {
        struct money a = any_money(&state);
        int64_t count = any_money(&state).minor;
        struct money product = { 0 };
        enum err err = money_times(a, count, &product);
        judge(err, product, (wide)a.minor * count);
    }
}

/* |result - exact| is at most half, and a tie goes away from zero. */
Test(money_laws, rate_is_the_nearest_fen)
{
    uint64_t state = seed_start(4);
    for (int i = 0; i < ROUNDS; i++) {
        struct money a = { .minor =
                               (int64_t)(next(&state) % (2 * MONEY_MAX_MINOR)) - MONEY_MAX_MINOR,
                           .currency = CURRENCY_CNY };
        int64_t ppm = (int64_t)(next(&state) % 1000001);
        struct money fee = { 0 };
        CHECK_OK(money_rate(a, ppm, &fee));
        wide exact = (wide)a.minor * ppm;
        wide off = (wide)fee.minor * 1000000 - exact;
        cr_assert(off >= -500000 && off <= 500000);
        if (off == 500000 || off == -500000) {
            cr_assert((off > 0) == (exact > 0), "tie of %lld at %lld", (long long)a.minor,
                      (long long)ppm);
        }
    }
}

/* The text is put together from digits here, not by the code under test. */
Test(money_laws, parse_reads_what_digits_say)
{
    uint64_t state = seed_start(5);
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t yuan = next(&state) % UINT64_C(92233720368547758);
        unsigned fen = (unsigned)(next(&state) % 100);
        bool negative = next(&state) % 2 == 0;
        char text[40];
        (void)snprintf(text, sizeof(text), "%s%llu.%02u", negative ? "-" : "",
                       (unsigned long long)yuan, fen);
        struct money m = { 0 };
        CHECK_OK(money_parse_signed(span_of(text), CURRENCY_CNY, &m));
        wide want = ((wide)yuan * 100 + fen) * (negative ? -1 : 1);
        cr_assert_eq(m.minor, (int64_t)want);
        if (negative) {
            CHECK_ERR(money_parse(span_of(text), CURRENCY_CNY, &m), ERR_AMOUNT);
        }
    }
}

Test(money_laws, parse_undoes_format)
{
    uint64_t state = seed_start(6);
    for (int i = 0; i < ROUNDS; i++) {
        struct money m = any_money(&state);
        struct money back = { 0 };
        DEFER(buf_fini) struct buf text = BUF_MAX(32);
        CHECK_OK(money_format(m, &text));
        CHECK_OK(money_parse_signed(buf_span(&text), CURRENCY_CNY, &back));
        cr_assert(money_eq(m, back));
    }
}

/* Whatever bytes come, an accepted amount is digits with at most one point and two decimals. */
Test(money_laws, parse_accepts_no_other_language)
{
    static const char alphabet[] = "0123456789.-+ ,eE\t";
    uint64_t state = seed_start(7);
    int accepted = 0;
    for (int i = 0; i < 10 * ROUNDS; i++) {
        char text[8] = { 0 };
        size_t len = next(&state) % 7;
        for (size_t k = 0; k < len; k++) {
            text[k] = alphabet[next(&state) % (sizeof(alphabet) - 1)];
        }
        struct money m = { 0 };
        size_t whole = strspn(text, "0123456789");
        size_t decimals = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
        bool point = text[whole] == '.';
        bool plain = whole > 0 && (!point || (decimals >= 1 && decimals <= 2))
                     && whole + (point ? 1 + decimals : 0) == len;
        cr_assert_eq(money_parse(span_make(text, len), CURRENCY_CNY, &m) == ERR_OK, plain, "'%s'",
                     text);
        accepted += plain ? 1 : 0;
    }
    cr_assert_gt(accepted, 100, "the generator must reach both answers");
}
