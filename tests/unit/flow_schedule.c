/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers are the providers' documents' and what people wait for, not those of the tables. */
#include "check.h"
#include "poll_schedule.h"

#define MS          INT64_C(1000)
#define HOUR_S      INT64_C(3600)
#define DAY_S       (24 * HOUR_S)
#define LIFE_S      1800 /* how long the attempt can be paid */
#define LOOKS_MAX   4000
#define NOW_US      INT64_C(1773108000000000)
#define RESENT_S    (24 * HOUR_S + 24 * 60) /* Alipay's eighth and last notice (5.6) */
#define CODE_S      (2 * HOUR_S)            /* a code's longest life */
#define BOOKED_S    (5 * DAY_S) /* UnionPay gives late money back in about so long (3.1) */
#define ITSELF_S    (7 * DAY_S) /* WeChat Pay closes by itself (4.3) */
#define UNPAYABLE_S 300         /* past payTimeout UnionPay's answer is final */

static struct attempt
made(enum attempt_state state)
{
    struct attempt attempt = { .state = state, .created_at = { .us = NOW_US } };
    attempt.expires_at = wall_add_ms(attempt.created_at, LIFE_S * MS);
    return attempt;
}

static int64_t
wait_s(const struct adapter *adapter, enum attempt_state state, int64_t age_s)
{
    struct attempt attempt = made(state);
    return poll_schedule_wait_ms(adapter, &attempt, wall_add_ms(attempt.created_at, age_s * MS))
           / MS;
}

/* Follows the schedule to its end; the age then, and how often it looked. */
static int64_t
follow(const struct adapter *adapter, enum attempt_state state, int *looks)
{
    int64_t age_s = 0;
    *looks = 0;
    for (int64_t wait = wait_s(adapter, state, 0); wait != 0;
         wait = wait_s(adapter, state, age_s)) {
        cr_assert_gt(wait, 0);
        cr_assert_lt(*looks, LOOKS_MAX, "it never ends");
        age_s += wait;
        (*looks)++;
    }
    return age_s;
}

static const enum attempt_state open_states[] = { ATTEMPT_PENDING, ATTEMPT_UNKNOWN,
                                                  ATTEMPT_CLOSING };

Test(poll_schedule, it_ends_for_every_provider_and_state_but_not_before_the_last_resent_notice)
{
    for (size_t i = 0; i < adapter_registry_count; i++) {
        for (size_t s = 0; s < sizeof(open_states) / sizeof(open_states[0]); s++) {
            int looks = 0;
            int64_t end_s = follow(adapter_registry[i], open_states[s], &looks) - LIFE_S;
            cr_expect_gt(end_s, RESENT_S + CODE_S, "%s in %d ends after %lld s",
                         adapter_registry[i]->name, (int)open_states[s], (long long)end_s);
            cr_expect_lt(looks, 250, "%s in %d looks %d times", adapter_registry[i]->name,
                         (int)open_states[s], looks);
        }
    }
}

Test(poll_schedule, it_waits_for_what_a_provider_does_by_itself)
{
    int looks = 0;
    const struct adapter *wechatpay = adapter_find(SPAN_LIT("wechatpay"));
    const struct adapter *unionpay = adapter_find(SPAN_LIT("unionpay"));
    cr_expect_gt(follow(wechatpay, ATTEMPT_CLOSING, &looks), ITSELF_S);
    cr_expect_gt(follow(unionpay, ATTEMPT_CLOSING, &looks), 2 * BOOKED_S,
                 "holidays are no working days");
}

Test(poll_schedule, a_payer_at_the_cashier_is_noticed_within_a_quarter_minute)
{
    for (size_t i = 0; i < adapter_registry_count; i++) {
        cr_expect_eq(poll_schedule_first_ms(adapter_registry[i]), 15000);
        cr_expect_eq(wait_s(adapter_registry[i], ATTEMPT_PENDING, 120), 15);
        cr_expect_eq(wait_s(adapter_registry[i], ATTEMPT_UNKNOWN, 300), 15);
    }
    cr_expect_eq(poll_schedule_first_ms(NULL), 15000);
}

Test(poll_schedule, waits_only_grow_until_its_time_is_over)
{
    for (size_t i = 0; i < adapter_registry_count; i++) {
        int64_t last = 0;
        for (int64_t age_s = 0; age_s < LIFE_S - 600; age_s += 10) {
            int64_t wait = wait_s(adapter_registry[i], ATTEMPT_PENDING, age_s);
            cr_assert_geq(wait, last, "%s at %lld s", adapter_registry[i]->name, (long long)age_s);
            last = wait;
        }
        cr_expect_gt(last, 15);
    }
}

/* Whatever it waited before, it looks soon after the end, and soon after the answer is final. */
Test(poll_schedule, the_end_of_its_time_is_not_slept_through)
{
    for (size_t i = 0; i < adapter_registry_count; i++) {
        for (int64_t age_s = 0; age_s < LIFE_S; age_s += 7) {
            int64_t next_s = age_s + wait_s(adapter_registry[i], ATTEMPT_PENDING, age_s);
            cr_assert_leq(next_s, LIFE_S + 60, "%s at %lld s", adapter_registry[i]->name,
                          (long long)age_s);
        }
        cr_expect_leq(wait_s(adapter_registry[i], ATTEMPT_CLOSING, LIFE_S + UNPAYABLE_S - 1), 60);
    }
}

Test(poll_schedule, after_the_end_nothing_is_asked)
{
    cr_expect_eq(wait_s(NULL, ATTEMPT_PENDING, LIFE_S + 30 * DAY_S), 0);
    cr_expect_eq(wait_s(NULL, ATTEMPT_CLOSING, LIFE_S + 30 * DAY_S), 0);
    cr_expect_gt(wait_s(NULL, ATTEMPT_CLOSING, 0), 0, "closing before its time is over");
}
