/* SPDX-License-Identifier: Apache-2.0 */
/* In the place of gateway/proc/timer.c: timers of virtual time. */
#include <stdlib.h>

#include "loop.h"
#include "memory.h"
#include "timer.h"

#define US_PER_MS 1000

struct timer {
    int owner;
    timer_done done;
    void *context;
    struct loop_task *task; /* NULL: at rest */
};

static void
fire(void *context)
{
    struct timer *timer = context;
    timer->task = NULL;
    timer->done(timer->context);
}

static int
present_owner(void)
{
    int owner = memory_owner(0);
    (void)memory_owner(owner);
    return owner;
}

enum err
timer_new(struct event_base *base, timer_done done, void *context, struct timer **out)
{
    struct timer *timer = calloc(1, sizeof(*timer));
    (void)base;
    if (timer == NULL) {
        return ERR_NO_MEMORY;
    }
    *timer = (struct timer){ .owner = present_owner(), .done = done, .context = context };
    *out = timer;
    return ERR_OK;
}

void
timer_free(struct timer **timer)
{
    if (timer == NULL || *timer == NULL) {
        return;
    }
    timer_disarm(*timer);
    free(*timer);
    *timer = NULL;
}

enum err
timer_arm(struct timer *timer, int64_t after_ms)
{
    timer_disarm(timer);
    timer->task = loop_after(after_ms * US_PER_MS, timer->owner, fire, timer);
    return ERR_OK;
}

void
timer_disarm(struct timer *timer)
{
    if (timer->task != NULL) {
        loop_cancel(timer->task);
        timer->task = NULL;
    }
}
