/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_refunds.h"

#include <stdio.h>

#include "check.h"

#define YUAN   100
#define HOUR   INT64_C(3600000)
#define DAY_MS (24 * HOUR)

static struct keys_refunds *refunds;
static struct adapter_account account;
/* 2026-03-10 10:00 in China. */
static const struct wall_time morning = { .us = INT64_C(1773108000000000) };

static void
start(void)
{
    CHECK_OK(keys_refunds_new(&refunds));
    account = (struct adapter_account){
        .amount_max = { .minor = 500 * YUAN, .currency = CURRENCY_CNY },
        .refund_daily_max = { .minor = 1000 * YUAN, .currency = CURRENCY_CNY },
    };
}

static void
finish(void)
{
    keys_refunds_free(&refunds);
}

TestSuite(keys_refunds, .init = start, .fini = finish);

static enum err
ask(enum adapter_operation operation, const char *number, int64_t fen, struct wall_time now)
{
    const struct adapter_sign_facts facts = {
        .operation = operation,
        .merchant_order_no = SPAN("T1"),
        .refund_no = span_of(number),
        .amount = { .minor = fen, .currency = fen == 0 ? CURRENCY_NONE : CURRENCY_CNY },
    };
    return keys_refunds_judge(refunds, &account, &facts, now);
}

static enum err
refund(const char *number, int64_t fen)
{
    return ask(ADAPTER_REFUND, number, fen, morning);
}

Test(keys_refunds, no_more_than_the_limit_goes_back_in_a_day)
{
    CHECK_OK(refund("R1", 600 * YUAN));
    CHECK_ERR(refund("R2", 400 * YUAN + 1), ERR_KEYS_REFUND_DAY);
    CHECK_OK(refund("R3", 400 * YUAN));
    CHECK_ERR(refund("R4", 1), ERR_KEYS_REFUND_DAY);
}

Test(keys_refunds, a_repeat_under_the_same_number_counts_once)
{
    for (int i = 0; i < 5; i++) {
        CHECK_OK(refund("R1", 900 * YUAN));
    }
    CHECK_OK(refund("R2", 100 * YUAN));
    CHECK_OK(refund("R1", 900 * YUAN));
}

Test(keys_refunds, a_number_has_one_amount)
{
    CHECK_OK(refund("R1", 1 * YUAN));
    CHECK_ERR(refund("R1", 2 * YUAN), ERR_KEYS_POLICY);
    CHECK_ERR(refund("R1", 1 * YUAN - 1), ERR_KEYS_POLICY);
}

Test(keys_refunds, the_day_is_chinas_and_only_goes_on)
{
    CHECK_OK(refund("R1", 1000 * YUAN));
    struct wall_time midnight = wall_add_ms(morning, 14 * HOUR);
    CHECK_ERR(ask(ADAPTER_REFUND, "R2", 1, wall_add_ms(midnight, -1)), ERR_KEYS_REFUND_DAY);
    CHECK_OK(ask(ADAPTER_REFUND, "R2", 1000 * YUAN, midnight));
    /* A clock that is set back frees nothing. */
    CHECK_ERR(ask(ADAPTER_REFUND, "R3", 1, morning), ERR_KEYS_REFUND_DAY);
    CHECK_ERR(ask(ADAPTER_REFUND, "R3", 1, wall_add_ms(morning, -DAY_MS)), ERR_KEYS_REFUND_DAY);
}

Test(keys_refunds, a_cancel_counts_as_what_it_may_give_back)
{
    CHECK_OK(ask(ADAPTER_CANCEL, "", 0, morning));
    CHECK_OK(refund("R1", 500 * YUAN));
    CHECK_ERR(refund("R2", 1), ERR_KEYS_REFUND_DAY);
    CHECK_OK(ask(ADAPTER_CANCEL, "", 0, morning));
}

Test(keys_refunds, what_gives_nothing_back_is_not_counted)
{
    account.refund_daily_max.minor = 0;
    CHECK_OK(ask(ADAPTER_PAY, "", 100, morning));
    CHECK_OK(ask(ADAPTER_REFUND_QUERY, "R1", 0, morning));
    CHECK_ERR(refund("R1", 1), ERR_KEYS_REFUND_DAY);
}

Test(keys_refunds, the_table_ends_and_then_nothing_goes_back)
{
    account.refund_daily_max.minor = INT64_C(1000000000);
    char number[32];
    for (int i = 0; i < KEYS_REFUNDS_MAX; i++) {
        (void)snprintf(number, sizeof(number), "R%d", i);
        cr_assert_eq(refund(number, 1), ERR_OK, "%d", i);
    }
    CHECK_ERR(refund("one more", 1), ERR_KEYS_REFUND_DAY);
    CHECK_OK(refund("R0", 1));
}
