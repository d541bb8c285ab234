/* SPDX-License-Identifier: Apache-2.0 */
#include "chores.h"

#include <stdlib.h>

#include "ask.h"
#include "close.h"
#include "log.h"
#include "metrics.h"
#include "poll_schedule.h"

#define CHORE_BATCH     50
#define CHORE_ARENA_MAX ((size_t)4 * 1024 * 1024)
#define CLAIM_MS        60000 /* longer than any ask takes */

/* A batch of claimed work with its memory, let go when its last piece is done. */
struct batch {
    struct services *services;
    struct arena *arena;
    size_t open;
};

static struct batch *
batch_new(struct services *services)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    if (batch != NULL && arena_new(CHORE_ARENA_MAX, &batch->arena) != ERR_OK) {
        free(batch);
        return NULL;
    }
    if (batch != NULL) {
        batch->services = services;
        batch->open = 1; /* the claim itself */
    }
    return batch;
}

static void
batch_done(struct batch *batch)
{
    if (--batch->open == 0) {
        arena_free(&batch->arena);
        free(batch);
    }
}

static void
trouble(const char *statement, enum err err)
{
    if (err != ERR_OK) {
        log_event(LOG_DB_TROUBLE, LOG_TEXT("statement", statement), LOG_ERR(err));
    }
}

struct polled {
    struct batch *batch;
    struct attempt attempt;
};

static void
rescheduled(void *context, const struct db_answer *answer)
{
    struct polled *polled = context;
    trouble("attempt_poll_next", answer->err);
    batch_done(polled->batch);
}

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
reschedule(struct polled *polled)
{
    int64_t wait_ms = poll_schedule_wait_ms(polled->attempt.poll_count);
    struct wall_time next = { .us = 0 };
    if (wait_ms > 0) {
        next = wall_add_ms(clock_wall(), wait_ms);
    } else {
        log_event(LOG_POLL_GAVE_UP, LOG_SPAN("attempt_no", polled->attempt.attempt_no));
    }
    set_next(polled, next);
}

static void
provider_said(void *context, const struct ask_result *result)
{
    struct polled *polled = context;
    if (attempt_state_final(result->state)) {
        batch_done(polled->batch);
    } else if (result->err == ERR_REFRESH_BUDGET) {
        set_next(polled, wall_add_ms(clock_wall(), result->wait_ms));
    } else {
        reschedule(polled);
    }
}

static enum err
poll_one(struct batch *batch, const struct db_rows *rows, size_t row)
{
    void *storage = NULL;
    TRY(arena_alloc(batch->arena, sizeof(struct polled), &storage));
    struct polled *polled = storage;
    polled->batch = batch;
    TRY(attempt_row(rows, row, batch->arena, &polled->attempt));
    batch->open++;
    metrics_add(METRIC_POLLS_TOTAL, 1);
    if (polled->attempt.state == ATTEMPT_CREATED) {
        reschedule(polled); /* nothing left this house yet */
        return ERR_OK;
    }
    ask_provider(batch->services, &polled->attempt, ADAPTER_QUERY, QUERY_BY_SCHEDULE, provider_said,
                 polled);
    return ERR_OK;
}

static void
claimed(void *context, const struct db_answer *answer)
{
    struct batch *batch = context;
    trouble("attempt_poll_claim", answer->err);
    for (size_t i = 0; answer->err == ERR_OK && i < db_rows_count(answer->rows); i++) {
        trouble("attempt_poll_claim", poll_one(batch, answer->rows, i));
    }
    batch_done(batch);
}

void
chore_poll(struct services *services)
{
    struct batch *batch = batch_new(services);
    if (batch == NULL) {
        return;
    }
    struct wall_time now = clock_wall();
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, CLAIM_MS));
    db_i64(&params, CHORE_BATCH);
    db_run(services->db, STATEMENT_attempt_poll_claim, &params, claimed, batch);
}

static void
payment_closed(void *context, enum err err)
{
    struct batch *batch = context;
    if (err != ERR_OK) {
        log_event(LOG_PROVIDER_TROUBLE, LOG_TEXT("operation", "expire"), LOG_ERR(err));
    }
    batch_done(batch);
}

static void
expired(void *context, const struct db_answer *answer)
{
    struct batch *batch = context;
    trouble("payment_expire_claim", answer->err);
    for (size_t i = 0; answer->err == ERR_OK && i < db_rows_count(answer->rows); i++) {
        batch->open++;
        close_payment(batch->services, (int)db_row_i64(answer->rows, i, "slot"),
                      db_row_text(answer->rows, i, "payment_no"), QUERY_BY_SCHEDULE, payment_closed,
                      batch);
    }
    batch_done(batch);
}

void
chore_expire(struct services *services)
{
    struct batch *batch = batch_new(services);
    if (batch == NULL) {
        return;
    }
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_time(&params, clock_wall());
    db_i64(&params, CHORE_BATCH);
    db_run(services->db, STATEMENT_payment_expire_claim, &params, expired, batch);
}

static void
purged(void *context, const struct db_answer *answer)
{
    trouble("purge", answer->err);
    batch_done(context);
}

void
chore_purge(struct services *services)
{
    static const enum statement purges[] = { STATEMENT_nonce_purge, STATEMENT_idempotency_purge };
    struct batch *batch = batch_new(services);
    if (batch == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof(purges) / sizeof(purges[0]); i++) {
        struct db_params params;
        db_params_init(&params, batch->arena);
        db_time(&params, clock_wall());
        batch->open++;
        db_run(services->db, purges[i], &params, purged, batch);
    }
    batch_done(batch);
}
