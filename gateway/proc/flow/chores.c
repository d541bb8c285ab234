/* SPDX-License-Identifier: Apache-2.0 */
#include "chores.h"

#include "batch.h"
#include "close.h"
#include "log.h"

static void
payment_closed(void *context, enum err err)
{
    struct batch *batch = context;
    if (err != ERR_OK) {
        log_event(LOG_PROVIDER_TROUBLE, LOG_TEXT("operation", "expire"), LOG_ERR(err));
    }
    batch_done(batch);
}

static enum err
expire_one(struct batch *batch, const struct db_rows *rows, size_t row)
{
    batch->open++;
    close_payment(batch->services, (int)db_row_i64(rows, row, "slot"),
                  db_row_text(rows, row, "payment_no"), QUERY_BY_SCHEDULE, payment_closed, batch);
    return ERR_OK;
}

static void
expired(void *context, const struct db_answer *answer)
{
    batch_claimed(context, "payment_expire_claim", answer, expire_one);
}

void
chore_expire(struct services *services)
{
    struct batch *batch = batch_new(services, BATCH_ARENA_MAX);
    if (batch == NULL) {
        return;
    }
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_time(&params, clock_wall());
    db_i64(&params, BATCH_MOST);
    db_run(services->db, STATEMENT_payment_expire_claim, &params, expired, batch);
}

static void
purged(void *context, const struct db_answer *answer)
{
    batch_trouble("purge", answer->err);
    batch_done(context);
}

void
chore_purge(struct services *services)
{
    static const enum statement purges[] = { STATEMENT_nonce_purge, STATEMENT_idempotency_purge };
    struct batch *batch = batch_new(services, BATCH_ARENA_MAX);
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
