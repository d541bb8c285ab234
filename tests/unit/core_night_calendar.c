/* SPDX-License-Identifier: Apache-2.0 */
/* The night's calendar, at the turns of the year and when the clock jumps. */
#include "check.h"
#include "night_calendar.h"

static struct wall_time
at(const char *text)
{
    struct wall_time time = { 0 };
    CHECK_OK(wall_parse(span_of(text), &time));
    return time;
}

Test(core_night_calendar, a_day_can_have_a_bill_from_the_ready_hour_of_the_next_day_on)
{
    static const struct {
        const char *now;
        int ready_hour;
        struct day newest;
    } rows[] = {
        { "2026-11-25T09:59:59+08:00", 10, { 2026, 11, 23 } },
        { "2026-11-25T10:00:00+08:00", 10, { 2026, 11, 24 } },
        { "2026-11-25T23:59:59+08:00", 10, { 2026, 11, 24 } },
        { "2026-11-24T23:30:00Z", 0, { 2026, 11, 24 } }, /* 07:30 of the 25th in China */
        { "2027-01-01T09:59:59+08:00", 10, { 2026, 12, 30 } },
        { "2027-01-01T10:00:00+08:00", 10, { 2026, 12, 31 } },
        { "2028-02-29T10:00:00+08:00", 10, { 2028, 2, 28 } },
        { "2028-03-01T09:00:00+08:00", 9, { 2028, 2, 29 } },
        { "2027-03-01T09:00:00+08:00", 9, { 2027, 2, 28 } },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct day newest = night_calendar_newest(at(rows[i].now), rows[i].ready_hour);
        cr_expect_eq(day_cmp(newest, rows[i].newest), 0, "row %zu", i);
    }
}

/* As date(1) has it: date -d '2026-03-01 -90 days'. */
Test(core_night_calendar, days_that_were_missed_are_taken_up_three_months_back)
{
    cr_expect_eq(day_cmp(night_calendar_oldest(at("2026-03-01T12:00:00+08:00")),
                         (struct day){ 2025, 12, 1 }),
                 0);
    cr_expect_eq(day_cmp(night_calendar_oldest(at("2028-05-29T12:00:00+08:00")),
                         (struct day){ 2028, 2, 29 }),
                 0);
}

Test(core_night_calendar, it_asks_again_soon_then_every_half_hour_then_hourly_and_not_for_ever)
{
    static const struct {
        int64_t tries;
        bool late;
        int64_t wait_min; /* -1: not again */
    } rows[] = {
        { 0, false, 5 },   { 1, false, 5 },   { 2, false, 10 },   { 3, false, 20 },
        { 4, false, 30 },  { 50, false, 30 }, { 1, true, 60 },    { 150, true, 60 },
        { 199, true, 60 }, { 200, true, -1 }, { 200, false, -1 },
    };
    struct wall_time now = at("2026-12-31T23:50:00+08:00");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wall_time again = night_calendar_again(now, rows[i].tries, rows[i].late);
        int64_t wait_ms = again.us == 0 ? -60000 : wall_ms_between(now, again);
        cr_expect_eq(wait_ms, rows[i].wait_min * 60000, "row %zu", i);
    }
}

/* A clock that is set back finds no day twice, and one that is set far ahead no more days than are taken up. */
Test(core_night_calendar, a_clock_that_jumps_moves_the_bounds_and_nothing_else)
{
    struct day before = night_calendar_newest(at("2026-11-25T10:00:00+08:00"), 10);
    struct day back = night_calendar_newest(at("2026-11-25T09:00:00+08:00"), 10);
    cr_expect_lt(day_cmp(back, before), 0);
    struct wall_time far = at("2036-11-25T10:00:00+08:00");
    int days = 0;
    for (struct day day = night_calendar_oldest(far);
         day_cmp(day, night_calendar_newest(far, 10)) <= 0; day = day_add(day, 1)) {
        days++;
    }
    cr_expect_eq(days, NIGHT_CALENDAR_BACK_DAYS);
}

/* The 90th day behind 2026-11-23 is 2027-02-21, as date(1) has it. */
Test(core_night_calendar,
     the_bill_of_a_day_that_was_made_without_it_is_asked_for_until_its_last_day)
{
    static const struct {
        const char *now;
        int64_t tries;
        bool late;
        int64_t wait_min; /* -1: not again */
    } rows[] = {
        { "2026-11-24T10:00:00+08:00", 1, false, 5 },
        { "2026-11-24T10:05:00+08:00", 4, false, 30 },
        { "2026-11-24T16:00:00+08:00", 1, true, 60 },
        { "2026-12-02T16:00:00+08:00", 199, true, 60 },
        { "2026-12-02T17:00:00+08:00", 200, true, 1440 },
        { "2027-02-20T23:59:59+08:00", 280, true, 1440 },
        { "2027-02-21T00:00:00+08:00", 281, true, -1 },
        { "2027-02-21T22:59:59+08:00", 3, true, 60 },
        { "2027-02-21T23:00:00+08:00", 3, true, -1 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wall_time now = at(rows[i].now);
        struct wall_time again = night_calendar_balance_again((struct day){ 2026, 11, 23 }, now,
                                                              rows[i].tries, rows[i].late);
        int64_t wait_ms = again.us == 0 ? -60000 : wall_ms_between(now, again);
        cr_expect_eq(wait_ms, rows[i].wait_min * 60000, "row %zu", i);
    }
}
