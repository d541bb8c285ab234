/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_CLOCK_H
#define TALLYGATE_BASE_CLOCK_H

/* Wall time and monotonic time are different types and are read only here. Tests link clock_fake.c
 * in the place of clock.c. UTC on the wire; a provider's zone is converted in its adapter. */

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "span.h"

struct wall_time {
    int64_t us; /* microseconds since 1970-01-01T00:00:00Z; 0 means "not set" */
};

struct mono_time {
    int64_t ns;
};

struct wall_time clock_wall(void);
struct mono_time clock_mono(void);

/* Development only: added to every clock_wall. Refused by configuration in production mode. */
void clock_wall_shift(int64_t offset_s);

int64_t clock_mono_ms_since(struct mono_time since);
int64_t clock_mono_ms_between(struct mono_time from, struct mono_time to);
struct wall_time wall_add_ms(struct wall_time t, int64_t ms);
int64_t wall_ms_between(struct wall_time from, struct wall_time to);

/* Minutes east of UTC for China, where all three providers keep their books. */
#define ZONE_CHINA_MIN 480

/* RFC 3339 in UTC with milliseconds: "2026-11-24T03:04:05.678Z". Decoding takes any offset and 0 to
 * 6 decimals. Errors: TIME. */
MUST_USE enum err wall_format(struct wall_time t, struct buf *out);
MUST_USE enum err wall_parse(struct span s, struct wall_time *out);

/* "yyyy-MM-dd HH:mm:ss" in the zone `east_min` minutes east of UTC; decoding also takes ".SSS".
 * Errors: TIME. */
MUST_USE enum err wall_format_civil(struct wall_time t, int east_min, struct buf *out);
MUST_USE enum err wall_parse_civil(struct span s, int east_min, struct wall_time *out);

/* The Date header of HTTP, "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7); the name of the day is not
 * compared, and the two obsolete forms are refused. Errors: TIME. */
MUST_USE enum err wall_parse_http(struct span s, struct wall_time *out);

/* A calendar day. */
struct day {
    int year;
    int month; /* 1..12 */
    int mday;  /* 1..31 */
};

struct day day_of(struct wall_time t, int east_min);
struct wall_time day_start(struct day d, int east_min); /* its first instant */
struct day day_add(struct day d, int days);
int day_cmp(struct day a, struct day b);
MUST_USE enum err day_parse(struct span s, struct day *out); /* "yyyy-MM-dd" or "yyyyMMdd" */
MUST_USE enum err day_format(struct day d, struct buf *out); /* "yyyy-MM-dd" */

#endif
