/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_TIMER_H
#define TALLYGATE_PROC_TIMER_H

/* One thing that is to happen later, on the loop of its process. What flows wait for by themselves goes
 * through here, so that a simulation can put its own time in the place of the loop's. */

#include <stdint.h>

#include "err.h"

struct event_base;
struct timer;

typedef void (*timer_done)(void *context);

/* The timer is the caller's and rests until it is armed. Errors: NO_MEMORY. */
MUST_USE enum err timer_new(struct event_base *base, timer_done done, void *context,
                            struct timer **out);
void timer_free(struct timer **timer); /* accepts NULL; an armed one does not fire any more */

/* `done` is called once, later from the loop, never from inside this call. Armed again before that it
 * fires only at the new time. Errors: NO_MEMORY. */
MUST_USE enum err timer_arm(struct timer *timer, int64_t after_ms);
void timer_disarm(struct timer *timer);

#endif
