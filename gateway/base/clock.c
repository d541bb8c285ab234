/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include <time.h>

#define US_PER_S  INT64_C(1000000)
#define NS_PER_US 1000
#define NS_PER_S  INT64_C(1000000000)

static int64_t shift_s;

struct wall_time
clock_wall(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (struct wall_time){ .us = (now.tv_sec + shift_s) * US_PER_S + now.tv_nsec / NS_PER_US };
}

struct mono_time
clock_mono(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (struct mono_time){ .ns = now.tv_sec * NS_PER_S + now.tv_nsec };
}

void
clock_wall_shift(int64_t offset_s)
{
    shift_s = offset_s;
}
