/* SPDX-License-Identifier: Apache-2.0 */
#include "night_calendar.h"

#include <stddef.h>

#define MS_PER_MIN  INT64_C(60000)
#define MS_PER_HOUR INT64_C(3600000)
#define LATE_MS     MS_PER_HOUR
#define KEPT_MS     (24 * MS_PER_HOUR) /* between tries for what the provider only may have */

static const int64_t waits_ms[] = {
    5 * MS_PER_MIN,
    10 * MS_PER_MIN,
    20 * MS_PER_MIN,
    30 * MS_PER_MIN,
};
#define WAITS ((int64_t)(sizeof(waits_ms) / sizeof(waits_ms[0])))

struct day
night_calendar_newest(struct wall_time now, int ready_hour)
{
    struct day today = day_of(now, ZONE_CHINA_MIN);
    struct wall_time ready =
        wall_add_ms(day_start(today, ZONE_CHINA_MIN), ready_hour * MS_PER_HOUR);
    return day_add(today, now.us >= ready.us ? -1 : -2);
}

struct day
night_calendar_oldest(struct wall_time now)
{
    return day_add(day_of(now, ZONE_CHINA_MIN), -NIGHT_CALENDAR_BACK_DAYS);
}

struct wall_time
night_calendar_again(struct wall_time now, int64_t tries, bool late)
{
    if (tries >= NIGHT_CALENDAR_TRIES_MAX) {
        return (struct wall_time){ 0 };
    }
    if (late) {
        return wall_add_ms(now, LATE_MS);
    }
    int64_t step = tries < 1 ? 1 : tries;
    return wall_add_ms(now, waits_ms[(step < WAITS ? step : WAITS) - 1]);
}

struct wall_time
night_calendar_balance_again(struct day day, struct wall_time now, int64_t tries, bool late)
{
    struct wall_time next = tries < NIGHT_CALENDAR_TRIES_MAX
                                ? night_calendar_again(now, tries, late)
                                : wall_add_ms(now, KEPT_MS);
    bool kept = day_cmp(day, night_calendar_oldest(next)) >= 0;
    return kept ? next : (struct wall_time){ 0 };
}
