/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_NIGHT_CALENDAR_H
#define TALLYGATE_CORE_NIGHT_CALENDAR_H

/* The calendar of the night as rules: which days can have a bill, and when one that has none yet is asked for
 * again. Days are China's; only the clock's word counts, whatever it was before. */

#include <stdbool.h>

#include "clock.h"

#define NIGHT_CALENDAR_BACK_DAYS \
    90 /* days missed are taken up so far back: WeChat Pay keeps its bills three months */
#define NIGHT_CALENDAR_TRIES_MAX 200 /* of one day; about a week */

/* The newest day whose bill can be there at `now`: that before today from `ready_hour` on. */
struct day night_calendar_newest(struct wall_time now, int ready_hour);

/* The oldest day that is still taken up when it was missed. */
struct day night_calendar_oldest(struct wall_time now);

/* When a day is taken up again after so many tries: soon at first, then every half hour, every hour once it is
 * late. 0 (not set) after the last try. */
struct wall_time night_calendar_again(struct wall_time now, int64_t tries, bool late);

/* The same for the bill of the account's movements of a day that was made without it: behind the last of those tries once a day, as long
 * as the provider may have the bill. 0 after the last day. */
struct wall_time night_calendar_balance_again(struct day day, struct wall_time now, int64_t tries,
                                              bool late);

#endif
