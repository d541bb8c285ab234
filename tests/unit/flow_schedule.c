/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "poll_schedule.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

Test(poll_schedule, waits_only_grow_and_it_ends)
{
    int64_t last = 0;
    int64_t total = 0;
    int64_t asked = 0;
    for (int64_t wait = poll_schedule_wait_ms(0); wait != 0; wait = poll_schedule_wait_ms(asked)) {
        cr_assert_geq(wait, last, "after %lld", (long long)asked);
        cr_assert_lt(asked, 1000);
        last = wait;
        total += wait;
        asked++;
    }
    cr_expect_gt(total, DAY_MS, "the provider resends for a day; ours looks longer");
    cr_expect_eq(poll_schedule_wait_ms(asked + 1), 0);
}

Test(poll_schedule, a_payer_at_the_cashier_is_noticed_within_a_quarter_minute)
{
    cr_expect_eq(poll_schedule_wait_ms(0), 15000);
}
