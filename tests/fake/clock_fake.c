/* SPDX-License-Identifier: Apache-2.0 */
#include "clock_fake.h"

static struct wall_time wall = { .us = INT64_C(1773108000000000) };
static struct mono_time mono = { .ns = 1000000000 };
static int64_t shift_s;

struct wall_time
clock_wall(void)
{
    return wall_add_ms(wall, shift_s * 1000);
}

struct mono_time
clock_mono(void)
{
    return mono;
}

void
clock_wall_shift(int64_t offset_s)
{
    shift_s = offset_s;
}

void
clock_fake_set_wall(struct wall_time t)
{
    wall = t;
}

void
clock_fake_advance_ms(int64_t ms)
{
    wall = wall_add_ms(wall, ms);
    mono.ns += ms * 1000000;
}
