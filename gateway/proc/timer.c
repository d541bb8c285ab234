/* SPDX-License-Identifier: Apache-2.0 */
#include "timer.h"

#include <stdlib.h>

#include <event2/event.h>

#define US_PER_MS 1000

struct timer {
    struct event *event;
    timer_done done;
    void *context;
};

static void
fire(evutil_socket_t fd, short what, void *context)
{
    const struct timer *timer = context;
    (void)fd;
    (void)what;
    timer->done(timer->context);
}

enum err
timer_new(struct event_base *base, timer_done done, void *context, struct timer **out)
{
    struct timer *timer = calloc(1, sizeof(*timer));
    if (timer == NULL) {
        return ERR_NO_MEMORY;
    }
    timer->done = done;
    timer->context = context;
    timer->event = event_new(base, -1, 0, fire, timer);
    if (timer->event == NULL) {
        free(timer);
        return ERR_NO_MEMORY;
    }
    *out = timer;
    return ERR_OK;
}

void
timer_free(struct timer **timer)
{
    if (timer == NULL || *timer == NULL) {
        return;
    }
    event_free((*timer)->event);
    free(*timer);
    *timer = NULL;
}

enum err
timer_arm(struct timer *timer, int64_t after_ms)
{
    const struct timeval wait = { .tv_sec = after_ms / 1000,
                                  .tv_usec = after_ms % 1000 * US_PER_MS };
    return event_add(timer->event, &wait) == 0 ? ERR_OK : ERR_NO_MEMORY;
}

void
timer_disarm(struct timer *timer)
{
    (void)event_del(timer->event);
}
