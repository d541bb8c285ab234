/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "number.h"

/* Slots: `printf 'portal\0A-1' | sha256sum`, first eight digits modulo 1000. Check digits: Luhn's
 * algorithm worked by another program. */

static struct arena *arena;

static void
start(void)
{
    CHECK_OK(arena_new(65536, &arena));
}

static void
finish(void)
{
    arena_free(&arena);
}

TestSuite(number, .init = start, .fini = finish);

Test(number, the_slot_follows_owner_and_order)
{
    int slot = -1;
    CHECK_OK(number_slot(SPAN_LIT("portal"), SPAN_LIT("A-1"), &slot));
    cr_expect_eq(slot, 932, "%d", slot);
}

Test(number, owner_and_order_do_not_run_together)
{
    int first = 0;
    int second = 0;
    CHECK_OK(number_slot(SPAN_LIT("ab"), SPAN_LIT("c"), &first));
    CHECK_OK(number_slot(SPAN_LIT("a"), SPAN_LIT("bc"), &second));
    cr_expect_neq(first, second);
}

Test(number, the_day_is_chinas)
{
    struct wall_time before;
    struct wall_time after;
    struct span number;
    CHECK_OK(wall_parse(SPAN_LIT("2026-11-23T15:59:59Z"), &before));
    CHECK_OK(wall_parse(SPAN_LIT("2026-11-23T16:00:00Z"), &after));
    CHECK_OK(number_payment(before, 0, 123, arena, &number));
    CHECK_TEXT(number, "2611230000000001234");
    CHECK_OK(number_payment(after, 42, 1, arena, &number));
    CHECK_TEXT(number, "2611240420000000010");
    CHECK_OK(number_payment(after, 999, 999999999, arena, &number));
    CHECK_TEXT(number, "2611249999999999994");
}

Test(number, slots_and_sequences_outside_are_refused)
{
    struct wall_time now = { .us = 1 };
    struct span number;
    CHECK_ERR(number_payment(now, -1, 1, arena, &number), ERR_NUMBER);
    CHECK_ERR(number_payment(now, 1000, 1, arena, &number), ERR_NUMBER);
    CHECK_ERR(number_payment(now, 0, 0, arena, &number), ERR_NUMBER);
    CHECK_ERR(number_payment(now, 0, 1000000000, arena, &number), ERR_NUMBER);
    CHECK_ERR(number_attempt(SPAN_LIT("2611240420000000010"), 0, arena, &number), ERR_NUMBER);
    CHECK_ERR(number_attempt(SPAN_LIT("2611240420000000010"), 100, arena, &number), ERR_NUMBER);
}

Test(number, an_attempt_tells_its_payment_and_slot)
{
    struct span number;
    int slot = -1;
    CHECK_OK(number_attempt(SPAN_LIT("2611240420000000010"), 7, arena, &number));
    CHECK_TEXT(number, "261124042000000001007");
    CHECK_OK(number_attempt_check(number, &slot));
    cr_expect_eq(slot, 42);
    CHECK_TEXT(number_payment_of(number), "2611240420000000010");
}

Test(number, every_mistyped_digit_is_noticed)
{
    char text[] = "2611240420000000010";
    for (size_t i = 0; i + 1 < sizeof(text); i++) {
        char right = text[i];
        for (char c = '0'; c <= '9'; c++) {
            int slot = 0;
            text[i] = c;
            enum err want = c == right ? ERR_OK : ERR_NUMBER;
            cr_expect_eq(number_payment_check(span_of(text), &slot), want, "%s", text);
        }
        text[i] = right;
    }
}

Test(number, other_lengths_and_letters_are_refused)
{
    static const char *const wrong[] = { "", "2611240420000000", "26112404200000000x4",
                                         "261124042000000001041", " 611240420000000010" };
    int slot = 0;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        cr_expect_eq(number_payment_check(span_of(wrong[i]), &slot), ERR_NUMBER, "%s", wrong[i]);
    }
}

Test(number, an_id_carries_its_prefix)
{
    struct span number;
    int slot = 0;
    CHECK_OK(number_payment_of_id(SPAN_LIT("pay_2611240420000000010"), &number, &slot));
    CHECK_TEXT(number, "2611240420000000010");
    CHECK_ERR(number_payment_of_id(SPAN_LIT("2611240420000000010"), &number, &slot),
              ERR_PAYMENT_UNKNOWN);
    CHECK_ERR(number_payment_of_id(SPAN_LIT("PAY_2611240420000000010"), &number, &slot),
              ERR_PAYMENT_UNKNOWN);
    CHECK_ERR(number_payment_of_id(SPAN_LIT("pay_"), &number, &slot), ERR_PAYMENT_UNKNOWN);
}

Test(number, a_refund_number_tells_its_attempt_and_slot)
{
    int slot = -1;
    CHECK_OK(number_refund_check(SPAN_LIT("261124042000000001007R07"), &slot));
    cr_expect_eq(slot, 42);
    static const char *const wrong[] = { "261124042000000001007R7",   "261124042000000001007X07",
                                         "261124042000000001007R0A",  "261124042000000001107R07",
                                         "261124042000000001007R071", "" };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        CHECK_ERR(number_refund_check(span_of(wrong[i]), &slot), ERR_NUMBER);
    }
    struct span refund_no;
    CHECK_OK(number_refund_of_id(SPAN_LIT("rfd_261124042000000001007R07"), &refund_no, &slot));
    CHECK_TEXT(refund_no, "261124042000000001007R07");
    CHECK_ERR(number_refund_of_id(SPAN_LIT("pay_261124042000000001007R07"), &refund_no, &slot),
              ERR_REFUND_UNKNOWN);
    CHECK_ERR(number_refund_of_id(SPAN_LIT("rfd_"), &refund_no, &slot), ERR_REFUND_UNKNOWN);
}
