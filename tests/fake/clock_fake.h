/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_FAKE_CLOCK_FAKE_H
#define TALLYGATE_TESTS_FAKE_CLOCK_FAKE_H

/* The clock that tests move by hand; linked in the place of clock.c. Starts at
 * 2026-03-10T02:00:00Z, 10:00 in China. */

#include "clock.h"

void clock_fake_set_wall(struct wall_time t);
void clock_fake_advance_ms(int64_t ms); /* both clocks */

#endif
