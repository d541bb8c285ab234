/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_policy.h"

#include "check.h"
#include "clock_fake.h"

#define YUAN 100

static const struct keys_limits limits = { .amount_max_fen = 1000 * YUAN, .refund_max_fen = 0 };

static struct adapter_account
account(int64_t amount_max_fen)
{
    return (struct adapter_account){
        .name = "main",
        .application = "2021001",
        .amount_max = { .minor = amount_max_fen, .currency = CURRENCY_CNY },
    };
}

static struct adapter_sign_facts
facts(enum adapter_operation operation, int64_t fen)
{
    return (struct adapter_sign_facts){
        .operation = operation,
        .application = SPAN("2021001"),
        .merchant_order_no = SPAN("T1"),
        .amount = { .minor = fen, .currency = fen == 0 ? CURRENCY_NONE : CURRENCY_CNY },
    };
}

static void
refuses(const struct adapter_sign_facts *given, enum adapter_operation named)
{
    struct adapter_account limited = account(500 * YUAN);
    CHECK_ERR(keys_policy_judge(&limits, &limited, named, given), ERR_KEYS_POLICY);
}

Test(keys_policy, refuses_a_payment_above_the_smaller_of_both_caps)
{
    struct adapter_sign_facts given = facts(ADAPTER_PAY, 500 * YUAN + 1);
    refuses(&given, ADAPTER_PAY);
    struct adapter_account generous = account(5000 * YUAN);
    given = facts(ADAPTER_PAY, 1000 * YUAN + 1);
    CHECK_ERR(keys_policy_judge(&limits, &generous, ADAPTER_PAY, &given), ERR_KEYS_POLICY);
    given = facts(ADAPTER_PAY, 1000 * YUAN);
    CHECK_OK(keys_policy_judge(&limits, &generous, ADAPTER_PAY, &given));
}

Test(keys_policy, refuses_a_payment_of_nothing_less_than_nothing_or_no_currency)
{
    struct adapter_sign_facts given = facts(ADAPTER_PAY, 0);
    refuses(&given, ADAPTER_PAY);
    given.amount = (struct money){ .minor = 0, .currency = CURRENCY_CNY };
    refuses(&given, ADAPTER_PAY);
    given = facts(ADAPTER_PAY, -1);
    refuses(&given, ADAPTER_PAY);
    given = facts(ADAPTER_PAY, 1);
    given.amount.currency = CURRENCY_NONE;
    refuses(&given, ADAPTER_PAY);
}

Test(keys_policy, refuses_another_application)
{
    struct adapter_sign_facts given = facts(ADAPTER_PAY, 100);
    given.application = SPAN_LIT("2021002");
    refuses(&given, ADAPTER_PAY);
    given.application = SPAN_LIT("");
    refuses(&given, ADAPTER_PAY);
    given.application = SPAN_LIT("20210011");
    refuses(&given, ADAPTER_PAY);
}

Test(keys_policy, refuses_fields_that_ask_for_something_else_than_named)
{
    for (int named = 0; named <= ADAPTER_OPERATION_COUNT; named++) {
        for (int asked = 0; asked <= ADAPTER_OPERATION_COUNT; asked++) {
            enum adapter_operation operation = (enum adapter_operation)asked;
            struct adapter_sign_facts given = facts(operation, operation == ADAPTER_PAY ? 100 : 0);
            bool same = named == asked && asked != ADAPTER_OPERATION_NONE
                        && asked != ADAPTER_OPERATION_COUNT && asked != ADAPTER_REFUND
                        && asked != ADAPTER_CANCEL;
            bool one_message = named == ADAPTER_REFUND_QUERY && asked == ADAPTER_QUERY;
            struct adapter_account limited = account(500 * YUAN);
            CHECK_ERR(keys_policy_judge(&limits, &limited, (enum adapter_operation)named, &given),
                      same || one_message ? ERR_OK : ERR_KEYS_POLICY);
        }
    }
}

Test(keys_policy, refuses_money_where_none_moves)
{
    static const enum adapter_operation quiet[] = { ADAPTER_QUERY, ADAPTER_CLOSE,
                                                    ADAPTER_REFUND_QUERY, ADAPTER_BILL_LINK };
    for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++) {
        struct adapter_sign_facts given = facts(quiet[i], 1);
        refuses(&given, quiet[i]);
    }
}

Test(keys_policy, refuses_every_refund_until_a_cap_is_set)
{
    struct adapter_sign_facts given = facts(ADAPTER_REFUND, 1);
    refuses(&given, ADAPTER_REFUND);
    struct keys_limits allowing = { .amount_max_fen = 1000 * YUAN, .refund_max_fen = 10 };
    struct adapter_account limited = account(500 * YUAN);
    CHECK_OK(keys_policy_judge(&allowing, &limited, ADAPTER_REFUND, &given));
    given = facts(ADAPTER_REFUND, 11);
    CHECK_ERR(keys_policy_judge(&allowing, &limited, ADAPTER_REFUND, &given), ERR_KEYS_POLICY);
}

Test(keys_policy, refuses_a_cancel_that_gives_back_more_than_a_refund_may)
{
    struct adapter_sign_facts given = facts(ADAPTER_CANCEL, 1);
    refuses(&given, ADAPTER_CANCEL);
    struct keys_limits allowing = { .amount_max_fen = 1000 * YUAN, .refund_max_fen = 10 };
    struct adapter_account limited = account(500 * YUAN);
    CHECK_OK(keys_policy_judge(&allowing, &limited, ADAPTER_CANCEL, &given));
    given = facts(ADAPTER_CANCEL, 11);
    CHECK_ERR(keys_policy_judge(&allowing, &limited, ADAPTER_CANCEL, &given), ERR_KEYS_POLICY);
}

/* Whoever says no amount may give back the largest payment there is. */
Test(keys_policy, judges_a_cancel_without_an_amount_by_the_largest_payment)
{
    struct adapter_sign_facts given = facts(ADAPTER_CANCEL, 0);
    refuses(&given, ADAPTER_CANCEL);
    struct keys_limits allowing = { .amount_max_fen = 1000 * YUAN, .refund_max_fen = 500 * YUAN };
    struct adapter_account limited = account(500 * YUAN);
    CHECK_OK(keys_policy_judge(&allowing, &limited, ADAPTER_CANCEL, &given));
    limited = account(500 * YUAN + 1);
    CHECK_ERR(keys_policy_judge(&allowing, &limited, ADAPTER_CANCEL, &given), ERR_KEYS_POLICY);
}

Test(keys_policy, refuses_another_payee_than_the_accounts)
{
    struct adapter_sign_facts given = facts(ADAPTER_PAY, 100);
    struct adapter_account limited = account(500 * YUAN);
    given.payee = SPAN_LIT("payeeAcctNo=6220");
    refuses(&given, ADAPTER_PAY);
    limited.payee = "payeeAcctNo=6221";
    CHECK_ERR(keys_policy_judge(&limits, &limited, ADAPTER_PAY, &given), ERR_KEYS_POLICY);
    limited.payee = "payeeAcctNo=6220";
    CHECK_OK(keys_policy_judge(&limits, &limited, ADAPTER_PAY, &given));
    given.payee = SPAN_LIT("");
    CHECK_OK(keys_policy_judge(&limits, &limited, ADAPTER_PAY, &given));
}

Test(keys_policy, allows_the_least_and_the_greatest_payment)
{
    struct adapter_account limited = account(500 * YUAN);
    struct adapter_sign_facts least = facts(ADAPTER_PAY, 1);
    struct adapter_sign_facts most = facts(ADAPTER_PAY, 500 * YUAN);
    CHECK_OK(keys_policy_judge(&limits, &limited, ADAPTER_PAY, &least));
    CHECK_OK(keys_policy_judge(&limits, &limited, ADAPTER_PAY, &most));
}

static int
take_all(struct keys_rate *rate)
{
    int taken = 0;
    while (keys_rate_take(rate, clock_mono()) == ERR_OK) {
        taken++;
    }
    return taken;
}

Test(keys_policy, rate_gives_one_minutes_worth_and_no_more)
{
    struct keys_rate rate;
    keys_rate_init(&rate, 60, clock_mono());
    cr_assert_eq(take_all(&rate), 60);
    CHECK_ERR(keys_rate_take(&rate, clock_mono()), ERR_KEYS_RATE);
}

Test(keys_policy, rate_fills_evenly_and_never_above_one_minutes_worth)
{
    struct keys_rate rate;
    keys_rate_init(&rate, 60, clock_mono());
    cr_assert_eq(take_all(&rate), 60);
    clock_fake_advance_ms(999);
    cr_assert_eq(take_all(&rate), 0);
    clock_fake_advance_ms(1);
    cr_assert_eq(take_all(&rate), 1);
    clock_fake_advance_ms(2500);
    cr_assert_eq(take_all(&rate), 2);
    clock_fake_advance_ms(INT64_C(86400000));
    cr_assert_eq(take_all(&rate), 60);
}

/* A caller that asks all the time must not starve the bucket by rounding. */
Test(keys_policy, rate_fills_while_it_is_asked_all_the_time)
{
    struct keys_rate rate;
    keys_rate_init(&rate, 7, clock_mono());
    cr_assert_eq(take_all(&rate), 7);
    int taken = 0;
    for (int ms = 0; ms < 60000; ms++) {
        clock_fake_advance_ms(1);
        taken += take_all(&rate);
    }
    cr_assert_eq(taken, 7);
}
