/* SPDX-License-Identifier: Apache-2.0 */
/* The chores process: work that nobody waits for. It claims what is due by lease, so that any number
 * of nodes may do the same at once. */
#include "chores.h"

#include <signal.h>

#include <event2/event.h>

#include "abandoned.h"
#include "child.h"
#include "keyring.h"
#include "log.h"
#include "services.h"
#include "webhook_send.h"

#define POLL_MS        500
#define EXPIRE_MS      1000
#define PURGE_MS       60000
#define OVERDUE_MS     5000
#define KEYS_MS        2000
#define SEAL_MS        1000
#define ABANDONED_MS   2000
#define WEBHOOKS_MS    500
#define REFUNDS_MS     500
#define SURPLUS_MS     1000
#define DIFFERENCES_MS 5000
#define QUESTIONS_MS   2000
#define DRAIN_LOOK_MS  20
#define US_PER_MS      1000

/* What is done, how often. */
static const struct {
    void (*run)(struct services *services);
    int every_ms;
} works[] = {
    /* clang-format off */
    { chore_poll, POLL_MS },
    { chore_expire, EXPIRE_MS },
    { chore_purge, PURGE_MS },
    { chore_overdue, OVERDUE_MS },
    { chore_keys, KEYS_MS },
    { chore_seal, SEAL_MS },
    { chore_abandoned, ABANDONED_MS },
    { chore_webhooks, WEBHOOKS_MS },
    { chore_refunds, REFUNDS_MS },
    { chore_surplus, SURPLUS_MS },
    { chore_differences, DIFFERENCES_MS },
    { chore_difference_asks, QUESTIONS_MS },
    { chore_difference_lines, QUESTIONS_MS },
    /* clang-format on */
};
#define WORKS (sizeof(works) / sizeof(works[0]))

struct chores;

struct timer {
    struct chores *chores;
    struct event *event;
    size_t work;
};

struct chores {
    const struct child_plan *plan;
    struct config *config;
    struct services services;
    struct timer timers[WORKS];
    struct event *stop;
    struct event *look;
};

static struct timeval
interval(int ms)
{
    return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = ms % 1000 * US_PER_MS };
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct timer *timer = context;
    if (!timer->chores->services.draining) {
        works[timer->work].run(&timer->chores->services);
    }
}

static void
on_look(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct chores *chores = context;
    if (services_idle(&chores->services)) {
        (void)event_base_loopbreak(chores->services.base);
    }
}

static void
on_stop(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct chores *chores = context;
    if (chores->services.draining) {
        return;
    }
    chores->services.draining = true;
    log_event(LOG_STOPPING, LOG_TEXT("signal", "TERM"));
    struct timeval every = interval(DRAIN_LOOK_MS);
    if (event_add(chores->look, &every) != 0) {
        (void)event_base_loopbreak(chores->services.base);
    }
}

static enum err
open_events(struct chores *chores)
{
    struct event_base *base = chores->services.base;
    chores->stop = evsignal_new(base, SIGTERM, on_stop, chores);
    chores->look = event_new(base, -1, EV_PERSIST, on_look, chores);
    if (chores->stop == NULL || chores->look == NULL || event_add(chores->stop, NULL) != 0) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < WORKS; i++) {
        struct timer *timer = &chores->timers[i];
        *timer = (struct timer){ .chores = chores, .work = i };
        timer->event = event_new(base, -1, EV_PERSIST, on_timer, timer);
        struct timeval every = interval(works[i].every_ms);
        if (timer->event == NULL || event_add(timer->event, &every) != 0) {
            return ERR_NO_MEMORY;
        }
        event_active(timer->event, EV_TIMEOUT, 0); /* the first time at once */
    }
    return ERR_OK;
}

static enum err
start(struct chores *chores)
{
    TRY(child_open(chores->plan, &chores->config));
    TRY(services_read(chores->plan, chores->config, &chores->services));
    TRY(child_confine(chores->plan, chores->config));
    TRY(services_open(chores->plan, &chores->services));
    return open_events(chores);
}

static void
free_event(struct event *event)
{
    if (event != NULL) {
        event_free(event);
    }
}

static void
finish(struct chores *chores)
{
    free_event(chores->stop);
    free_event(chores->look);
    for (size_t i = 0; i < WORKS; i++) {
        free_event(chores->timers[i].event);
    }
    services_close(&chores->services);
    config_free(&chores->config);
}

int
chores_main(const struct child_plan *plan)
{
    struct chores chores = { .plan = plan };
    enum err err = start(&chores);
    if (err == ERR_OK) {
        log_event(LOG_STARTED, LOG_I64("row", plan->row));
        ipc_ready(plan);
        (void)event_base_dispatch(chores.services.base);
        log_event(LOG_STOPPED, LOG_I64("row", plan->row));
    }
    finish(&chores);
    return err == ERR_OK ? EXIT_YES : EXIT_TROUBLE;
}
