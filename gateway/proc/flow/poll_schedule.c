/* SPDX-License-Identifier: Apache-2.0 */
#include "poll_schedule.h"

#include <stddef.h>

static const struct {
    int64_t times;
    int64_t wait_ms;
} steps[] = {
    { 10, 15000 },   /* the first minutes */
    { 15, 60000 },   /* while a payer may still decide */
    { 18, 600000 },  /* three hours: past every expiry and the life of a code */
    { 24, 3600000 }, /* a day: past the provider's last resend */
};

int64_t
poll_schedule_wait_ms(int64_t asked)
{
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (asked < steps[i].times) {
            return steps[i].wait_ms;
        }
        asked -= steps[i].times;
    }
    return 0;
}
