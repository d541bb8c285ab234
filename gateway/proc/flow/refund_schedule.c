/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_schedule.h"

#include <stddef.h>

/* No step is shorter than the ten seconds that providers want before "nothing there" counts. */
static const struct {
    int64_t times;
    int64_t wait_ms;
} steps[] = {
    { 6, 15000 },     /* an answer got lost: the provider knows by now */
    { 10, 60000 },    /* one that wants a minute between two refunds of a payment */
    { 18, 600000 },   /* three hours */
    { 24, 3600000 },  /* a day */
    { 36, 21600000 }, /* nine days: banks take three, and a refund without funds ends after seven */
};

int64_t
refund_schedule_wait_ms(int64_t taken)
{
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (taken <= steps[i].times) {
            return steps[i].wait_ms;
        }
        taken -= steps[i].times;
    }
    return 0;
}
