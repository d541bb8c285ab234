/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"
#include "chores.h"
#include "metrics.h"
#include "refund_ask.h"

/* Refunds that are to be sent or asked about. */

struct piece {
    struct batch *batch;
    struct refund refund;
};

static void
asked(void *context, const struct refund_ask_result *result)
{
    struct piece *piece = context;
    (void)result; /* it has said so itself, and given its lease back */
    batch_done(piece->batch);
}

static enum err
ask_one(struct batch *batch, const struct db_rows *rows, size_t row)
{
    void *storage = NULL;
    TRY(arena_alloc(batch->arena, sizeof(struct piece), &storage));
    struct piece *piece = storage;
    piece->batch = batch;
    TRY(refund_row(rows, row, batch->arena, &piece->refund));
    batch->open++;
    metrics_add(METRIC_REFUND_POLLS_TOTAL, 1);
    refund_ask(batch->services, &piece->refund, db_row_time(rows, row, "lease_until"), asked,
               piece);
    return ERR_OK;
}

static void
claimed(void *context, const struct db_answer *answer)
{
    batch_claimed(context, "refund_claim", answer, ask_one);
}

void
chore_refunds(struct services *services)
{
    struct batch *batch = batch_new(services, BATCH_ARENA_MAX);
    if (batch == NULL) {
        return;
    }
    struct wall_time now = clock_wall();
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, REFUND_LEASE_MS));
    db_i64(&params, BATCH_MOST);
    db_run(services->db, STATEMENT_refund_claim, &params, claimed, batch);
}
