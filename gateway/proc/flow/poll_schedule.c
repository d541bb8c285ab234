/* SPDX-License-Identifier: Apache-2.0 */
#include "poll_schedule.h"

#define MS_PER_S 1000

static const struct adapter_poll_step *
steps_of(const struct adapter *adapter)
{
    return adapter == NULL || adapter->polling == NULL ? adapter_polling_usual : adapter->polling;
}

static int64_t
wait_s(const struct adapter *adapter, enum adapter_poll_stand stand, int64_t age_s)
{
    for (const struct adapter_poll_step *step = steps_of(adapter); step->stand != ADAPTER_POLL_NONE;
         step++) {
        if (step->stand == stand && age_s < step->until_s) {
            return step->every_s;
        }
    }
    return 0;
}

/* Not later than the first look after the end of its time. */
static int64_t
wait_payable_ms(const struct adapter *adapter, const struct attempt *attempt, struct wall_time now)
{
    enum adapter_poll_stand stand =
        attempt->state == ATTEMPT_UNKNOWN ? ADAPTER_POLL_UNKNOWN : ADAPTER_POLL_PAYABLE;
    int64_t age_s = wall_ms_between(attempt->created_at, now) / MS_PER_S;
    int64_t wait_ms = wait_s(adapter, stand, age_s) * MS_PER_S;
    int64_t end_ms = wall_ms_between(now, attempt->expires_at)
                     + wait_s(adapter, ADAPTER_POLL_ENDING, 0) * MS_PER_S;
    return wait_ms > 0 && wait_ms < end_ms ? wait_ms : end_ms;
}

int64_t
poll_schedule_wait_ms(const struct adapter *adapter, const struct attempt *attempt,
                      struct wall_time now)
{
    int64_t over_ms = wall_ms_between(attempt->expires_at, now);
    if (over_ms < 0 && attempt->state != ATTEMPT_CLOSING) {
        return wait_payable_ms(adapter, attempt, now);
    }
    return wait_s(adapter, ADAPTER_POLL_ENDING, over_ms / MS_PER_S) * MS_PER_S;
}

int64_t
poll_schedule_first_ms(const struct adapter *adapter)
{
    return wait_s(adapter, ADAPTER_POLL_PAYABLE, 0) * MS_PER_S;
}
