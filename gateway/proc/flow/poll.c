/* SPDX-License-Identifier: Apache-2.0 */
#include "apply.h"
#include "ask.h"
#include "batch.h"
#include "chores.h"
#include "close.h"
#include "log.h"
#include "metrics.h"
#include "poll_schedule.h"
#include "provider_call.h"

#define CLAIM_MS   60000 /* longer than any ask takes */
#define EXPIRED_MS 60000 /* so long chore_expire is left to close first */
#define PUT_OFF_MS 5000 /* at least, without budget: a backlog is not looked through all the time */

struct polled {
    struct batch *batch;
    struct attempt attempt;
    const struct adapter_account *account; /* NULL: not configured any more */
    struct payment_change change;
};

static void
rescheduled(void *context, const struct db_answer *answer)
{
    struct polled *polled = context;
    batch_trouble("attempt_poll_next", answer->err);
    batch_done(polled->batch);
}

/* `next` 0: the schedule has ended. */
static void
set_next(struct polled *polled, struct wall_time next)
{
    struct batch *batch = polled->batch;
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_i64(&params, polled->attempt.slot);
    db_text(&params, polled->attempt.attempt_no);
    db_time(&params, next);
    db_run(batch->services->db, STATEMENT_attempt_poll_next, &params, rescheduled, polled);
}

static void
marked_unknown(void *context, enum err err, const struct payment_change_result *result)
{
    struct polled *polled = context;
    (void)result;
    if (err == ERR_OK) {
        set_next(polled, (struct wall_time){ .us = 0 });
    } else { /* it is claimed again and given up then */
        batch_trouble("payment_apply", err);
        batch_done(polled->batch);
    }
}

/* A schedule that ends decides nothing: what was not said is unknown, and a person is told. */
static void
give_up(struct polled *polled)
{
    struct attempt *attempt = &polled->attempt;
    metrics_add(METRIC_ALARMS_TOTAL, 1);
    log_event(LOG_POLL_GAVE_UP, LOG_SPAN("attempt_no", attempt->attempt_no),
              LOG_SPAN("account", attempt->account),
              LOG_TEXT("state", attempt_state_code(attempt->state)),
              LOG_SPAN("trouble", attempt->query_trouble));
    if (attempt->state != ATTEMPT_PENDING) {
        set_next(polled, (struct wall_time){ .us = 0 });
        return;
    }
    polled->change = (struct payment_change){ .slot = attempt->slot,
                                              .attempt_no = attempt->attempt_no,
                                              .event = ATTEMPT_NO_ANSWER,
                                              .now = clock_wall() };
    apply_submit(polled->batch->services->apply, &polled->change, marked_unknown, polled);
}

static void
reschedule(struct polled *polled)
{
    const struct adapter *adapter = polled->account == NULL ? NULL : polled->account->adapter;
    struct wall_time now = clock_wall();
    int64_t wait_ms = poll_schedule_wait_ms(adapter, &polled->attempt, now);
    if (wait_ms > 0) {
        set_next(polled, wall_add_ms(now, wait_ms));
    } else {
        give_up(polled);
    }
}

static void
provider_said(void *context, const struct ask_result *result)
{
    struct polled *polled = context;
    polled->attempt.state = result->state;
    bool answered = attempt_state_settled(result->state) || result->err == ERR_OK;
    if (attempt_state_final(result->state) && answered) {
        batch_done(polled->batch);
    } else if (result->err == ERR_REFRESH_BUDGET) {
        int64_t wait_ms = result->wait_ms > PUT_OFF_MS ? result->wait_ms : PUT_OFF_MS;
        set_next(polled, wall_add_ms(clock_wall(), wait_ms));
    } else {
        reschedule(polled);
    }
}

/* What is to end and has not ended: a close that failed, and an attempt whose time is over although its
 * payment was paid otherwise, or that never left this house. */
static bool
is_to_close(const struct polled *polled)
{
    const struct attempt *attempt = &polled->attempt;
    bool over = wall_add_ms(attempt->expires_at, EXPIRED_MS).us <= clock_wall().us;
    bool offered = polled->account != NULL && provider_call_offered(polled->account, ADAPTER_CLOSE);
    if (attempt->state == ATTEMPT_CREATED || attempt->state == ATTEMPT_CLOSED) {
        return over && attempt->state == ATTEMPT_CREATED;
    }
    return offered && (over || attempt->state == ATTEMPT_CLOSING);
}

static void
look_at(struct polled *polled)
{
    struct services *services = polled->batch->services;
    if (is_to_close(polled)) {
        close_attempt(services, &polled->attempt, QUERY_BY_SCHEDULE, provider_said, polled);
    } else if (polled->attempt.state == ATTEMPT_CREATED) {
        reschedule(polled); /* nothing left this house yet */
    } else {
        ask_provider(services, &polled->attempt, ADAPTER_QUERY, QUERY_BY_SCHEDULE, provider_said,
                     polled);
    }
}

static enum err
poll_one(struct batch *batch, const struct db_rows *rows, size_t row)
{
    void *storage = NULL;
    TRY(arena_alloc(batch->arena, sizeof(struct polled), &storage));
    struct polled *polled = storage;
    *polled = (struct polled){ .batch = batch };
    TRY(attempt_row(rows, row, batch->arena, &polled->attempt));
    polled->account = accounts_find(batch->services->accounts, polled->attempt.account);
    batch->open++;
    metrics_add(METRIC_POLLS_TOTAL, 1);
    look_at(polled);
    return ERR_OK;
}

static void
claimed(void *context, const struct db_answer *answer)
{
    batch_claimed(context, "attempt_poll_claim", answer, poll_one);
}

void
chore_poll(struct services *services)
{
    struct batch *batch = batch_new(services, BATCH_ARENA_MAX);
    if (batch == NULL) {
        return;
    }
    struct wall_time now = clock_wall();
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, CLAIM_MS));
    db_i64(&params, BATCH_MOST);
    db_run(services->db, STATEMENT_attempt_poll_claim, &params, claimed, batch);
}
