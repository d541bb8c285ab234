/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_policy.h"

#include <stdbool.h>

#define MS_PER_MINUTE INT64_C(60000)

/* Whether the operation moves money. */
static const bool moves_money[ADAPTER_OPERATION_COUNT] = {
    [ADAPTER_PAY] = true,
    [ADAPTER_REFUND] = true,
    [ADAPTER_CANCEL] = true,
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

/* A cancel gives back what was paid, so it is judged as a refund: by its amount where the provider wants it
 * said, else by the most that a payment on the account can be. */
static struct money
moved(const struct adapter_account *account, const struct adapter_sign_facts *facts)
{
    bool unsaid = facts->operation == ADAPTER_CANCEL && facts->amount.currency == CURRENCY_NONE;
    return unsaid ? account->amount_max : facts->amount;
}

struct money
keys_policy_given_back(const struct adapter_account *account,
                       const struct adapter_sign_facts *facts)
{
    bool back = facts->operation == ADAPTER_REFUND || facts->operation == ADAPTER_CANCEL;
    return back ? moved(account, facts) : (struct money){ .currency = CURRENCY_NONE };
}

static bool
amount_fits(const struct keys_limits *limits, const struct adapter_account *account,
            const struct adapter_sign_facts *facts)
{
    struct money amount = moved(account, facts);
    if (!moves_money[facts->operation]) {
        return amount.currency == CURRENCY_NONE;
    }
    return amount.currency == account->amount_max.currency && amount.minor > 0
           && amount.minor <= cap(limits, account, facts->operation);
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
