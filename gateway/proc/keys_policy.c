/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_policy.h"

#include <stdbool.h>

#define MS_PER_MINUTE INT64_C(60000)

/* Whether the operation moves money. */
static const bool moves_money[ADAPTER_OPERATION_COUNT] = {
    [ADAPTER_PAY] = true,
    [ADAPTER_REFUND] = true,
};

static int64_t
cap(const struct keys_limits *limits, const struct adapter_account *account,
    enum adapter_operation operation)
{
    if (operation == ADAPTER_REFUND || operation == ADAPTER_CANCEL) {
        return limits->refund_max_fen;
    }
    return account->amount_max.minor < limits->amount_max_fen ? account->amount_max.minor
                                                              : limits->amount_max_fen;
}

/* A cancel gives back what was paid; some providers want the amount said, and then it has a cap. */
static bool
says_amount(const struct adapter_sign_facts *facts)
{
    return moves_money[facts->operation]
           || (facts->operation == ADAPTER_CANCEL && facts->amount.currency != CURRENCY_NONE);
}

static bool
amount_fits(const struct keys_limits *limits, const struct adapter_account *account,
            const struct adapter_sign_facts *facts)
{
    if (!says_amount(facts)) {
        return facts->amount.currency == CURRENCY_NONE;
    }
    return facts->amount.currency == account->amount_max.currency && facts->amount.minor > 0
           && facts->amount.minor <= cap(limits, account, facts->operation);
}

/* Some providers ask about payments and refunds with one message, and it moves nothing. */
static bool
is_named(enum adapter_operation named, enum adapter_operation said)
{
    return said == named || (said == ADAPTER_QUERY && named == ADAPTER_REFUND_QUERY);
}

static bool
payee_is_ours(const struct adapter_account *account, struct span payee)
{
    return span_empty(payee) || span_eq(payee, span_of(account->payee));
}

enum err
keys_policy_judge(const struct keys_limits *limits, const struct adapter_account *account,
                  enum adapter_operation named, const struct adapter_sign_facts *facts)
{
    if (facts->operation <= ADAPTER_OPERATION_NONE || facts->operation >= ADAPTER_OPERATION_COUNT
        || !is_named(named, facts->operation)) {
        return ERR_KEYS_POLICY;
    }
    if (!span_eq_cstr(facts->application, account->application)
        || !payee_is_ours(account, facts->payee)) {
        return ERR_KEYS_POLICY;
    }
    return amount_fits(limits, account, facts) ? ERR_OK : ERR_KEYS_POLICY;
}

void
keys_rate_init(struct keys_rate *rate, int64_t per_minute, struct mono_time now)
{
    *rate = (struct keys_rate){ .per_minute = per_minute,
                                .level = per_minute * MS_PER_MINUTE,
                                .at = now };
}

enum err
keys_rate_take(struct keys_rate *rate, struct mono_time now)
{
    int64_t full = rate->per_minute * MS_PER_MINUTE;
    int64_t passed_ms = clock_mono_ms_between(rate->at, now);
    if (passed_ms > 0) {
        int64_t gain = (passed_ms < MS_PER_MINUTE ? passed_ms : MS_PER_MINUTE) * rate->per_minute;
        rate->level = full - rate->level < gain ? full : rate->level + gain;
        /* Whole milliseconds only, so that what is below one is not lost at every call. */
        rate->at.ns += passed_ms * 1000000;
    }
    if (rate->level < MS_PER_MINUTE) {
        return ERR_KEYS_RATE;
    }
    rate->level -= MS_PER_MINUTE;
    return ERR_OK;
}
