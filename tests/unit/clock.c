/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include "check.h"
#include "clock_fake.h"

#define US_PER_S INT64_C(1000000)

/* Seconds as the `date` program counts them. */
#define LEAP_DAY_2024_NOON INT64_C(1709208000) /* 2024-02-29T12:00:00Z */
#define NEW_YEAR_2026_CN   INT64_C(1767196800) /* 2026-01-01 00:00:00 +0800 */
#define YEAR_9999_END      INT64_C(253402300799)

static struct wall_time
at_s(int64_t seconds)
{
    return (struct wall_time){ .us = seconds * US_PER_S };
}

Test(clock, rfc3339_refuses_what_is_not_a_time)
{
    static const char *const bad[] = {
        "",
        "2026-02-29T00:00:00Z", /* no leap year */
        "2026-13-01T00:00:00Z",
        "2026-00-10T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01 00:00:00Z", /* a blank for the T */
        "2026-01-01T00:00:00",  /* no zone */
        "2026-01-01T00:00:00z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567Z", /* seven decimals */
        "2026-01-01T00:00:00+8:00",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+08:60",
        "2026-01-01T00:00:00Z ",
        "26-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "2026-1-01T00:00:00Z",
        "-026-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct wall_time t = { .us = 7 };
        CHECK_ERR(wall_parse(span_of(bad[i]), &t), ERR_TIME);
        cr_expect_eq(t.us, 7, "output touched by '%s'", bad[i]);
    }
}

Test(clock, rfc3339_reads_any_offset_and_decimals)
{
    static const struct {
        const char *text;
        int64_t us;
    } rows[] = {
        { "2024-02-29T12:00:00Z", LEAP_DAY_2024_NOON * US_PER_S },
        { "2024-02-29T20:00:00+08:00", LEAP_DAY_2024_NOON * US_PER_S },
        { "2024-02-29T06:30:00-05:30", LEAP_DAY_2024_NOON * US_PER_S },
        { "2024-02-29T12:00:00.5Z", LEAP_DAY_2024_NOON * US_PER_S + 500000 },
        { "2024-02-29T12:00:00.000001Z", LEAP_DAY_2024_NOON * US_PER_S + 1 },
        { "2025-12-31T16:00:00Z", NEW_YEAR_2026_CN * US_PER_S },
        { "9999-12-31T23:59:59Z", YEAR_9999_END * US_PER_S },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wall_time t = { 0 };
        CHECK_OK(wall_parse(span_of(rows[i].text), &t));
        cr_expect_eq(t.us, rows[i].us, "%s", rows[i].text);
    }
}

Test(clock, rfc3339_prints_milliseconds_in_utc)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(64);
    CHECK_OK(wall_format((struct wall_time){ .us = LEAP_DAY_2024_NOON * US_PER_S + 678999 }, &out));
    CHECK_TEXT(buf_span(&out), "2024-02-29T12:00:00.678Z");
}

Test(clock, years_without_four_digits_are_not_printed)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(64);
    CHECK_ERR(wall_format(at_s(YEAR_9999_END + 1), &out), ERR_TIME);
    CHECK_ERR(wall_format_civil(at_s(YEAR_9999_END), ZONE_CHINA_MIN, &out), ERR_TIME);
    CHECK_ERR(wall_format((struct wall_time){ .us = INT64_MAX }, &out), ERR_TIME);
    CHECK_ERR(wall_format_civil((struct wall_time){ .us = INT64_MAX }, ZONE_CHINA_MIN, &out),
              ERR_TIME);
    cr_expect_eq(out.len, 0);
}

Test(clock, civil_time_is_that_of_its_zone)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(64);
    CHECK_OK(wall_format_civil(at_s(NEW_YEAR_2026_CN - 1), ZONE_CHINA_MIN, &out));
    CHECK_TEXT(buf_span(&out), "2025-12-31 23:59:59");
    struct wall_time t = { 0 };
    CHECK_OK(wall_parse_civil(SPAN_LIT("2026-01-01 00:00:00"), ZONE_CHINA_MIN, &t));
    cr_expect_eq(t.us, NEW_YEAR_2026_CN * US_PER_S);
    CHECK_OK(wall_parse_civil(SPAN_LIT("2026-01-01 00:00:00.250"), ZONE_CHINA_MIN, &t));
    cr_expect_eq(t.us, NEW_YEAR_2026_CN * US_PER_S + 250000);
    CHECK_ERR(wall_parse_civil(SPAN_LIT("2026-01-01 00:00:00.2500"), 0, &t), ERR_TIME);
    CHECK_ERR(wall_parse_civil(SPAN_LIT("2026-01-01T00:00:00"), 0, &t), ERR_TIME);
    CHECK_ERR(wall_parse_civil(SPAN_LIT("2026-01-01 00:00:00Z"), 0, &t), ERR_TIME);
}

/* What was read before changes nothing: each text says by itself, and after each other one, the same. */
Test(clock, a_time_reads_alike_whatever_was_read_before)
{
    static const char *const texts[] = {
        "2026-03-02 00:00:00", "2026-03-02 23:59:59", "2026-03-02 24:00:00",
        "2026-03-02 12:60:00", "2026-03-02 12:00:60", "2026-03-02 12:00:00.123",
        "2026-03-02 12:00:0x", "2026-03-01 07:08:09", "2026-02-29 00:00:00",
        "2028-02-29 01:02:03", "2026-03-02T07:08:09", "1969-12-31 23:59:59",
    };
    static const int64_t seconds[] = {
        /* date -u -d TEXT +%s */
        1772409600, 1772495999, 0, 0, 0, 1772452800, 0, 1772348889, 0, 1835398923, 0, 0,
    };
    const size_t count = sizeof(texts) / sizeof(texts[0]);
    for (size_t i = 0; i < count * count; i++) {
        struct wall_time before = { 0 };
        struct wall_time t = { 0 };
        struct span text = span_of(texts[i % count]);
        enum err ignored = wall_parse_civil(span_of(texts[i / count]), 0, &before);
        (void)ignored;
        int64_t want = seconds[i % count];
        CHECK_ERR(wall_parse_civil(text, 0, &t), want == 0 ? ERR_TIME : ERR_OK);
        cr_expect_eq(t.us / US_PER_S, want, "%s after %s", texts[i % count], texts[i / count]);
    }
}

Test(clock, a_day_is_found_alike_whatever_was_asked_before)
{
    static const struct {
        int64_t s;
        int east_min;
        struct day day;
    } rows[] = {
        { 1772409599, 0, { 2026, 3, 1 } },
        { 1772409600, 0, { 2026, 3, 2 } },
        { 1772409600, 480, { 2026, 3, 2 } },
        { 1772467200, 480, { 2026, 3, 3 } },
        { 1772467199, 480, { 2026, 3, 2 } },
        { -1, 0, { 1969, 12, 31 } },
        { 0, 0, { 1970, 1, 1 } },
        { 1835398923, 0, { 2028, 2, 29 } },
    };
    const size_t count = sizeof(rows) / sizeof(rows[0]);
    for (size_t i = 0; i < count * count; i++) {
        (void)day_of(at_s(rows[i / count].s), rows[i / count].east_min);
        struct day day = day_of(at_s(rows[i % count].s), rows[i % count].east_min);
        cr_expect_eq(day_cmp(day, rows[i % count].day), 0, "row %zu after %zu", i % count,
                     i / count);
    }
}

/* The example of RFC 9110 5.6.7; `date -u -d "1994-11-06 08:49:37" +%s` gives its seconds. */
Test(clock, a_date_header_is_read_in_its_one_form)
{
    struct wall_time t = { 0 };
    CHECK_OK(wall_parse_http(SPAN_LIT("Sun, 06 Nov 1994 08:49:37 GMT"), &t));
    cr_expect_eq(t.us, INT64_C(784111777) * US_PER_S);
    static const char *const refused[] = { "",
                                           "Sun, 06 Nov 1994 08:49:37",
                                           "Sun, 06 Nov 1994 08:49:37 UTC",
                                           "Sun, 06 Nov 1994 08:49:37 GMT ",
                                           "Sun, 06 nov 1994 08:49:37 GMT",
                                           "Sun, 6 Nov 1994 08:49:37 GMT",
                                           "Sun, 31 Nov 1994 08:49:37 GMT",
                                           "Sun, 06 Nov 1994 24:49:37 GMT",
                                           "Sunday, 06-Nov-94 08:49:37 GMT",
                                           "Sun Nov  6 08:49:37 1994" };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        CHECK_ERR(wall_parse_http(span_of(refused[i]), &t), ERR_TIME);
    }
    cr_expect_eq(t.us, INT64_C(784111777) * US_PER_S, "a refusal leaves the output");
}

Test(clock, days_are_those_of_the_calendar)
{
    struct day d = day_of(at_s(NEW_YEAR_2026_CN - 1), ZONE_CHINA_MIN);
    cr_expect(d.year == 2025 && d.month == 12 && d.mday == 31);
    d = day_of(at_s(NEW_YEAR_2026_CN), ZONE_CHINA_MIN);
    cr_expect(d.year == 2026 && d.month == 1 && d.mday == 1);
    cr_expect_eq(day_start(d, ZONE_CHINA_MIN).us, NEW_YEAR_2026_CN * US_PER_S);
    d = day_add((struct day){ 2024, 2, 28 }, 1);
    cr_expect(d.year == 2024 && d.month == 2 && d.mday == 29);
    d = day_add((struct day){ 2024, 3, 1 }, -1);
    cr_expect(d.month == 2 && d.mday == 29);
    d = day_add((struct day){ 2026, 12, 31 }, 60);
    cr_expect(d.year == 2027 && d.month == 3 && d.mday == 1);
    cr_expect_eq(day_cmp((struct day){ 2026, 1, 31 }, (struct day){ 2026, 2, 1 }), -1);
    cr_expect_eq(day_cmp((struct day){ 2026, 12, 31 }, (struct day){ 2027, 1, 1 }), -1);
    cr_expect_eq(day_cmp((struct day){ 2026, 2, 1 }, (struct day){ 2026, 2, 1 }), 0);
    cr_expect_eq(day_cmp((struct day){ 2026, 2, 2 }, (struct day){ 2026, 2, 1 }), 1);
}

Test(clock, a_day_is_read_in_both_forms_and_no_other)
{
    static const char *const bad[] = { "",           "2026-02-30", "20260230",  "2026-2-3",
                                       "2026/02/03", "202602",     "2026-0203", "2026-02-03 ",
                                       "20260203x",  "+2026020" };
    struct day d = { 0 };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK_ERR(day_parse(span_of(bad[i]), &d), ERR_TIME);
    }
    cr_expect_eq(d.year, 0);
    DEFER(buf_fini) struct buf out = BUF_MAX(32);
    CHECK_OK(day_parse(SPAN_LIT("20240229"), &d));
    CHECK_OK(day_format(d, &out));
    CHECK_OK(day_parse(SPAN_LIT("2026-03-04"), &d));
    CHECK_OK(day_format(d, &out));
    CHECK_TEXT(buf_span(&out), "2024-02-292026-03-04");
}

/* Day arithmetic against a count that knows only the Gregorian rule. */
Test(clock, ten_thousand_days_in_a_row_are_each_the_next)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    struct day want = { 2019, 12, 31 };
    int64_t start_s = INT64_C(1577750400); /* 2019-12-31T00:00:00Z */
    for (int i = 0; i < 10000; i++) {
        struct day got = day_add((struct day){ 2019, 12, 31 }, i);
        cr_assert_eq(day_cmp(got, want), 0, "day %d", i);
        cr_assert_eq(day_start(got, 0).us, (start_s + INT64_C(86400) * i) * US_PER_S);
        bool leap = (want.year % 4 == 0 && want.year % 100 != 0) || want.year % 400 == 0;
        int length = lengths[want.month - 1] + (leap && want.month == 2 ? 1 : 0);
        if (want.mday++ == length) {
            want.mday = 1;
            want.month = want.month % 12 + 1;
            want.year += want.month == 1 ? 1 : 0;
        }
    }
}

Test(clock, both_clocks_move_by_hand)
{
    struct mono_time before = clock_mono();
    struct wall_time wall = clock_wall();
    DEFER(buf_fini) struct buf out = BUF_MAX(64);
    CHECK_OK(wall_format(wall, &out));
    CHECK_TEXT(buf_span(&out), "2026-03-10T02:00:00.000Z");
    clock_fake_advance_ms(1500);
    cr_expect_eq(clock_mono_ms_since(before), 1500);
    cr_expect_eq(wall_ms_between(wall, clock_wall()), 1500);
    clock_wall_shift(-60);
    cr_expect_eq(wall_ms_between(wall, clock_wall()), 1500 - 60000);
    cr_expect_eq(clock_mono_ms_since(before), 1500, "the shift leaves monotonic time alone");
    clock_wall_shift(0);
    clock_fake_set_wall(at_s(NEW_YEAR_2026_CN));
    cr_expect_eq(clock_wall().us, NEW_YEAR_2026_CN * US_PER_S);
    cr_expect_eq(wall_add_ms(wall, -1).us, wall.us - 1000);
}
