/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <time.h>

#include "clock.h"

#define US_PER_MS       INT64_C(1000)
#define US_PER_S        INT64_C(1000000)
#define US_PER_MIN      (60 * US_PER_S)
#define NS_PER_MS       INT64_C(1000000)
#define SECONDS_PER_DAY 86400
#define YEAR_MIN        1970
#define YEAR_MAX        9999

int64_t
clock_mono_ms_between(struct mono_time from, struct mono_time to)
{
    return (to.ns - from.ns) / NS_PER_MS;
}

int64_t
clock_mono_ms_since(struct mono_time since)
{
    return clock_mono_ms_between(since, clock_mono());
}

struct wall_time
wall_add_ms(struct wall_time t, int64_t ms)
{
    return (struct wall_time){ .us = t.us + ms * US_PER_MS };
}

int64_t
wall_ms_between(struct wall_time from, struct wall_time to)
{
    return (to.us - from.us) / US_PER_MS;
}

/* Whole seconds and the microseconds above them, also before 1970. */
static time_t
seconds_of(int64_t us, int64_t *rest)
{
    int64_t s = us / US_PER_S;
    *rest = us % US_PER_S;
    if (*rest < 0) {
        *rest += US_PER_S;
        s--;
    }
    return s;
}

/* Years that four digits cannot hold are refused: no reader would take them back. */
static enum err
split(struct wall_time t, int east_min, struct tm *civil, int64_t *us)
{
    int64_t local;
    if (__builtin_add_overflow(t.us, east_min * US_PER_MIN, &local)) {
        return ERR_TIME;
    }
    time_t s = seconds_of(local, us);
    if (gmtime_r(&s, civil) == NULL || civil->tm_year < -1900 || civil->tm_year + 1900 > YEAR_MAX) {
        return ERR_TIME;
    }
    return ERR_OK;
}

enum err
wall_format(struct wall_time t, struct buf *out)
{
    struct tm c;
    int64_t us;
    TRY(split(t, 0, &c, &us));
    return buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.tm_year + 1900, c.tm_mon + 1,
                      c.tm_mday, c.tm_hour, c.tm_min, c.tm_sec, (int)(us / US_PER_MS));
}

enum err
wall_format_civil(struct wall_time t, int east_min, struct buf *out)
{
    struct tm c;
    int64_t us;
    TRY(split(t, east_min, &c, &us));
    return buf_printf(out, "%04d-%02d-%02d %02d:%02d:%02d", c.tm_year + 1900, c.tm_mon + 1,
                      c.tm_mday, c.tm_hour, c.tm_min, c.tm_sec);
}

/* So many digits at a place where shape() has seen them. */
static inline int
digits_at(struct span s, size_t at, size_t len)
{
    int value = 0;
    for (size_t i = at; i < at + len; i++) {
        value = value * 10 + (s.at[i] - '0');
    }
    return value;
}

static bool
shape(struct span s, const char *pattern)
{
    size_t len = strlen(pattern);
    if (s.len < len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        bool digit = s.at[i] >= '0' && s.at[i] <= '9';
        if (pattern[i] == '0' ? !digit : s.at[i] != (unsigned char)pattern[i]) {
            return false;
        }
    }
    return true;
}

/* The date worked out last. A bill or a list has a million times of one day, and the library takes longer for one than for all
 * else that is read of a line. */
static _Thread_local struct {
    bool known;
    int year; /* as struct tm counts them */
    int mon;
    int mday;
    time_t start; /* first second */
} last;

static void
keep_date(const struct tm *civil, time_t start)
{
    last.known = true;
    last.year = civil->tm_year;
    last.mon = civil->tm_mon;
    last.mday = civil->tm_mday;
    last.start = start;
}

/* timegm mends impossible dates silently; reading back shows whether it did. */
static enum err
join(const struct tm *civil, time_t *out)
{
    struct tm c = *civil;
    time_t of_day = ((time_t)c.tm_hour * 60 + c.tm_min) * 60 + c.tm_sec;
    bool plain = c.tm_hour >= 0 && c.tm_hour < 24 && c.tm_min >= 0 && c.tm_min < 60 && c.tm_sec >= 0
                 && c.tm_sec < 60;
    if (plain && last.known && c.tm_year == last.year && c.tm_mon == last.mon
        && c.tm_mday == last.mday) {
        *out = last.start + of_day;
        return ERR_OK;
    }
    time_t s = timegm(&c);
    if (c.tm_mday != civil->tm_mday || c.tm_mon != civil->tm_mon || c.tm_hour != civil->tm_hour
        || c.tm_min != civil->tm_min || c.tm_sec != civil->tm_sec || c.tm_year < YEAR_MIN - 1900) {
        return ERR_TIME;
    }
    keep_date(civil, s - of_day);
    *out = s;
    return ERR_OK;
}

/* Two digits; *bad when they are none. */
static inline int
two(const unsigned char *at, unsigned *bad)
{
    unsigned tens = (unsigned)at[0] - '0';
    unsigned ones = (unsigned)at[1] - '0';
    *bad |= (unsigned)(tens > 9) | (unsigned)(ones > 9);
    return (int)(tens * 10 + ones);
}

#define SECONDS_CHARS 19

/* "yyyy-MM-dd?HH:mm:ss" whose 11th character is `middle`. A bill has one for each line. */
static enum err
parse_seconds(struct span s, unsigned char middle, time_t *out)
{
    unsigned bad = 0;
    if (s.len < SECONDS_CHARS || s.at[4] != '-' || s.at[7] != '-' || s.at[10] != middle
        || s.at[13] != ':' || s.at[16] != ':') {
        return ERR_TIME;
    }
    int year = two(s.at, &bad) * 100 + two(s.at + 2, &bad);
    const struct tm c = {
        .tm_year = year - 1900,
        .tm_mon = two(s.at + 5, &bad) - 1,
        .tm_mday = two(s.at + 8, &bad),
        .tm_hour = two(s.at + 11, &bad),
        .tm_min = two(s.at + 14, &bad),
        .tm_sec = two(s.at + 17, &bad),
    };
    return bad != 0 ? ERR_TIME : join(&c, out);
}

/* ".1" to ".123456"; nothing is no fraction. Cuts it off the front. */
static enum err
parse_fraction(struct span *s, size_t digits_max, int64_t *us)
{
    *us = 0;
    if (s->len == 0 || s->at[0] != '.') {
        return ERR_OK;
    }
    size_t digits = 0;
    int64_t value = 0;
    while (digits + 1 < s->len && s->at[digits + 1] >= '0' && s->at[digits + 1] <= '9') {
        if (++digits > digits_max) {
            return ERR_TIME;
        }
        value = value * 10 + (s->at[digits] - '0');
    }
    if (digits == 0) {
        return ERR_TIME;
    }
    for (size_t i = digits; i < 6; i++) {
        value *= 10;
    }
    *us = value;
    *s = span_sub(*s, digits + 1, s->len);
    return ERR_OK;
}

static enum err
parse_zone(struct span s, int64_t *east_min)
{
    if (span_eq(s, SPAN_LIT("Z"))) {
        *east_min = 0;
        return ERR_OK;
    }
    if (s.len != 6 || !(shape(s, "+00:00") || shape(s, "-00:00"))) {
        return ERR_TIME;
    }
    int hours = digits_at(s, 1, 2);
    int minutes = digits_at(s, 4, 2);
    if (hours > 23 || minutes > 59) {
        return ERR_TIME;
    }
    *east_min = (hours * 60 + minutes) * (s.at[0] == '-' ? -1 : 1);
    return ERR_OK;
}

enum err
wall_parse(struct span s, struct wall_time *out)
{
    time_t seconds = 0;
    int64_t us = 0;
    int64_t east_min = 0;
    TRY(parse_seconds(s, 'T', &seconds));
    struct span rest = span_sub(s, 19, s.len);
    TRY(parse_fraction(&rest, 6, &us));
    TRY(parse_zone(rest, &east_min));
    *out = (struct wall_time){ .us = seconds * US_PER_S + us - east_min * US_PER_MIN };
    return ERR_OK;
}

enum err
wall_parse_civil(struct span s, int east_min, struct wall_time *out)
{
    time_t seconds = 0;
    int64_t us = 0;
    TRY(parse_seconds(s, ' ', &seconds));
    struct span rest = span_sub(s, 19, s.len);
    TRY(parse_fraction(&rest, 3, &us));
    if (rest.len != 0) {
        return ERR_TIME;
    }
    *out = (struct wall_time){ .us = seconds * US_PER_S + us - east_min * US_PER_MIN };
    return ERR_OK;
}

static enum err
month_named(struct span name, int *out)
{
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    for (int i = 0; i < 12; i++) {
        if (span_eq_cstr(name, months[i])) {
            *out = i;
            return ERR_OK;
        }
    }
    return ERR_TIME;
}

enum err
wall_parse_http(struct span s, struct wall_time *out)
{
    struct tm c = { 0 };
    time_t seconds = 0;
    struct span month = span_sub(s, 8, 3);
    if (s.len != 29 || !shape(span_sub(s, 3, 5), ", 00 ")
        || !shape(span_sub(s, 11, s.len), " 0000 00:00:00 GMT")) {
        return ERR_TIME;
    }
    c.tm_mday = digits_at(s, 5, 2);
    TRY(month_named(month, &c.tm_mon));
    c.tm_year = digits_at(s, 12, 4);
    c.tm_hour = digits_at(s, 17, 2);
    c.tm_min = digits_at(s, 20, 2);
    c.tm_sec = digits_at(s, 23, 2);
    c.tm_year -= 1900;
    TRY(join(&c, &seconds));
    *out = (struct wall_time){ .us = seconds * US_PER_S };
    return ERR_OK;
}

struct day
day_of(struct wall_time t, int east_min)
{
    struct tm c = { 0 };
    int64_t local = 0;
    int64_t us = 0;
    if (last.known && !__builtin_add_overflow(t.us, east_min * US_PER_MIN, &local)) {
        int64_t within = seconds_of(local, &us) - last.start;
        if (within >= 0 && within < SECONDS_PER_DAY) {
            return (struct day){ last.year + 1900, last.mon + 1, last.mday };
        }
    }
    if (split(t, east_min, &c, &us) == ERR_OK && c.tm_year >= YEAR_MIN - 1900) {
        keep_date(&c, seconds_of(t.us + east_min * US_PER_MIN, &us)
                          - (((time_t)c.tm_hour * 60 + c.tm_min) * 60 + c.tm_sec));
    }
    return (struct day){ .year = c.tm_year + 1900, .month = c.tm_mon + 1, .mday = c.tm_mday };
}

struct wall_time
day_start(struct day d, int east_min)
{
    struct tm c = { .tm_year = d.year - 1900, .tm_mon = d.month - 1, .tm_mday = d.mday };
    return (struct wall_time){ .us = timegm(&c) * US_PER_S - east_min * US_PER_MIN };
}

struct day
day_add(struct day d, int days)
{
    struct tm c = { .tm_year = d.year - 1900, .tm_mon = d.month - 1, .tm_mday = d.mday + days };
    (void)timegm(&c);
    return (struct day){ .year = c.tm_year + 1900, .month = c.tm_mon + 1, .mday = c.tm_mday };
}

int
day_cmp(struct day a, struct day b)
{
    int left = (a.year * 12 + a.month) * 31 + a.mday;
    int right = (b.year * 12 + b.month) * 31 + b.mday;
    return left < right ? -1 : left > right;
}

enum err
day_parse(struct span s, struct day *out)
{
    bool dashed = s.len == 10 && shape(s, "0000-00-00");
    if (!dashed && !(s.len == 8 && span_is_digits(s))) {
        return ERR_TIME;
    }
    struct tm c = { 0 };
    c.tm_year = digits_at(s, 0, 4);
    c.tm_mon = digits_at(s, dashed ? 5 : 4, 2);
    c.tm_mday = digits_at(s, dashed ? 8 : 6, 2);
    c.tm_year -= 1900;
    c.tm_mon -= 1;
    time_t seconds;
    TRY(join(&c, &seconds));
    *out = (struct day){ .year = c.tm_year + 1900, .month = c.tm_mon + 1, .mday = c.tm_mday };
    return ERR_OK;
}

enum err
day_format(struct day d, struct buf *out)
{
    return buf_printf(out, "%04d-%02d-%02d", d.year, d.month, d.mday);
}
