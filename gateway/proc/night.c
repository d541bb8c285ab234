/* SPDX-License-Identifier: Apache-2.0 */
#include "night.h"

#include <signal.h>

#include <event2/event.h>

#include "clients.h"
#include "keyring.h"
#include "log.h"
#include "metrics.h"
#include "migrate.h"
#include "night_calendar.h"

#define LOOK_S      10
#define REPRINT_MS  INT64_C(3600000) /* what could not be printed may be too long for it */
#define ARENA_BYTES ((size_t)64 * 1024)

static void
on_stop(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct night *night = context;
    if (!night->stopping) {
        night->stopping = true;
        log_event(LOG_STOPPING, LOG_TEXT("signal", "TERM"));
    }
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct night *night = context;
    night->due = true;
}

bool
night_stopping(struct night *night)
{
    (void)event_base_loop(night->line->base, EVLOOP_NONBLOCK);
    return night->stopping;
}

/* The rights of the night; where nothing is said, those of the service. */
const char *
night_conninfo(const struct config *config)
{
    const char *own = config_text(config, CONFIG_database_recon_conninfo, 0);
    return own[0] != 0 ? own : config_text(config, CONFIG_database_conninfo, 0);
}

static enum err
open_session(struct night *night)
{
    if (night->session == NULL) {
        TRY(db_session_open(night_conninfo(night->config), &night->session));
        TRY(migrate_check(night->session));
    }
    return keyring_load(night->session, night->accounts);
}

/* Tells the calendar of an account which days' bills can be there by now. */
static enum err
look_at_days(const struct night *night, const struct adapter_account *account,
             const struct adapter_bill *bill, enum statement statement)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct wall_time now = clock_wall();
    struct db_params params;
    int64_t ready_hour = acquire_ready_hour(night->config, account, bill);
    TRY(arena_new(ARENA_BYTES, &arena));
    db_params_init(&params, arena);
    db_cstr(&params, account->name);
    db_cstr(&params, bill->kind);
    db_day(&params, night_calendar_oldest(now));
    db_day(&params, night_calendar_newest(now, (int)ready_hour));
    db_time(&params, now);
    return db_session_run(night->session, statement, &params, &rows);
}

/* Days that are new in it, and days that are done and of whose money more was heard. */
static enum err
plan_days(const struct night *night, const struct adapter_account *account,
          const struct adapter_bill *bill)
{
    TRY(look_at_days(night, account, bill, STATEMENT_recon_day_plan));
    return look_at_days(night, account, bill, STATEMENT_recon_day_heard);
}

/* One day of each account after the other, so that the backlog of one keeps no other waiting; then what of their payouts came to the bank. */
static enum err
work(struct night *night)
{
    bool any = true;
    while (any && !night_stopping(night)) {
        any = false;
        for (size_t i = 0; i < accounts_count(night->accounts) && !night->stopping; i++) {
            bool worked = false;
            const struct adapter_account *account = accounts_at(night->accounts, i);
            if (bill_of_trades(account->adapter) != NULL) {
                TRY(night_day(night, account, &worked));
            }
            any = any || worked;
        }
    }
    struct day yesterday = day_add(day_of(clock_wall(), ZONE_CHINA_MIN), -1);
    for (size_t i = 0; i < accounts_count(night->accounts) && !night->stopping; i++) {
        night_settlement(night, accounts_at(night->accounts, i), yesterday);
    }
    return ERR_OK;
}

/* Behind the days that are due, and at once when the process begins: another may have died with a day that it had made. */
static enum err
print_missing(struct night *night)
{
    if (night->reprinted_at.ns != 0 && clock_mono_ms_since(night->reprinted_at) < REPRINT_MS) {
        return ERR_OK;
    }
    night->reprinted_at = clock_mono();
    for (size_t i = 0; i < accounts_count(night->accounts) && !night->stopping; i++) {
        TRY(night_print_missing(night, accounts_at(night->accounts, i)));
    }
    return ERR_OK;
}

/* What this process shows moves to the value; its row of the metrics begins at 0. */
static void
show(enum metric metric, int64_t *shown, int64_t value)
{
    metrics_add(metric, value - *shown);
    *shown = value;
}

static enum err
show_calendar(struct night *night)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    TRY(arena_new(ARENA_BYTES, &arena));
    db_params_init(&params, arena);
    TRY(db_session_run(night->session, STATEMENT_recon_day_count, &params, &rows));
    show(METRIC_DAYS_LATE, &night->shown.late, db_row_i64(rows, 0, "late"));
    show(METRIC_DAYS_BLOCKED, &night->shown.blocked, db_row_i64(rows, 0, "blocked"));
    show(METRIC_DAYS_STALE, &night->shown.stale, db_row_i64(rows, 0, "stale"));
    show(METRIC_DAYS_WITHOUT_BALANCE, &night->shown.lacking, db_row_i64(rows, 0, "lacking"));
    return ERR_OK;
}

static enum err
look(struct night *night)
{
    TRY(open_session(night));
    for (size_t i = 0; i < accounts_count(night->accounts); i++) {
        const struct adapter_account *account = accounts_at(night->accounts, i);
        const struct adapter_bill *bill = bill_of_trades(account->adapter);
        if (bill != NULL) {
            TRY(plan_days(night, account, bill));
        }
    }
    TRY(work(night));
    TRY(print_missing(night));
    return show_calendar(night);
}

/* A session that failed may be any; the next look opens another. */
static void
look_and_tell(struct night *night)
{
    enum err err = look(night);
    if (err == ERR_OK || err == ERR_SHUTTING_DOWN) {
        return;
    }
    const char *words = night->session == NULL ? "" : db_session_trouble(night->session);
    log_event(LOG_NIGHT_TROUBLE, LOG_ERR(err), LOG_TEXT("database", words));
    db_session_close(&night->session);
}

static enum err
open_events(struct night *night)
{
    struct event_base *base = night->line->base;
    struct timeval every = { .tv_sec = LOOK_S };
    night->stop = evsignal_new(base, SIGTERM, on_stop, night);
    night->timer = event_new(base, -1, EV_PERSIST, on_timer, night);
    if (night->stop == NULL || night->timer == NULL || event_add(night->stop, NULL) != 0
        || event_add(night->timer, &every) != 0) {
        return ERR_NO_MEMORY;
    }
    return ERR_OK;
}

static enum err
start(struct night *night)
{
    struct config_fault fault = { .line = 0 };
    TRY(child_open(night->plan, &night->config));
    enum err err = accounts_load(night->config, clock_wall(), &night->accounts, &fault);
    if (err != ERR_OK) {
        child_refuse_config(err, &fault);
        return err;
    }
    night->portal_owner =
        clients_owner(night->config, config_text(night->config, CONFIG_portal_database_client, 0));
    TRY(child_confine(night->plan, night->config));
    if (night->plan->keys_count != 1) {
        return ERR_INTERNAL;
    }
    TRY(provider_line_join(night->plan->keys_fds[0], &night->line));
    return open_events(night);
}

static void
free_event(struct event *event)
{
    if (event != NULL) {
        event_free(event);
    }
}

static void
finish(struct night *night)
{
    free_event(night->stop);
    free_event(night->timer);
    db_session_close(&night->session);
    db_session_close(&night->lease);
    provider_line_close(&night->line);
    accounts_free(&night->accounts);
    config_free(&night->config);
}

int
night_main(const struct child_plan *plan)
{
    struct night night = { .plan = plan };
    enum err err = start(&night);
    if (err == ERR_OK) {
        log_event(LOG_STARTED, LOG_I64("row", plan->row));
        ipc_ready(plan);
        while (!night.stopping) {
            night.due = false;
            look_and_tell(&night);
            while (!night.due && !night.stopping) {
                (void)event_base_loop(night.line->base, EVLOOP_ONCE);
            }
        }
        log_event(LOG_STOPPED, LOG_I64("row", plan->row));
    }
    finish(&night);
    return err == ERR_OK ? EXIT_YES : EXIT_TROUBLE;
}
