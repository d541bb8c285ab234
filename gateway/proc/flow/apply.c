/* SPDX-License-Identifier: Apache-2.0 */
#include "apply.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "metrics.h"

#define APPLY_ARENA_MAX ((size_t)64 * 1024 * 1024)

struct waiting {
    STAILQ_ENTRY(waiting) next;
    const struct payment_change *change;
    apply_done done;
    void *context;
    int tries;
    bool alone; /* its batch failed: it goes by itself now */
};

STAILQ_HEAD(waiting_list, waiting);

struct apply_queue {
    struct db *db;
    struct arena *arena; /* of the transaction in flight */
    struct waiting_list waiting;
    size_t waiting_count;
    struct waiting *batch[APPLY_BATCH_MAX];
    size_t batch_count; /* 0: nothing is in flight */
};

static void send_next(struct apply_queue *queue);

static void
finish(struct waiting *one, enum err err, const struct payment_change_result *result)
{
    one->done(one->context, err, err == ERR_OK ? result : NULL);
    free(one);
}

static void
put_back(struct apply_queue *queue, struct waiting *one)
{
    STAILQ_INSERT_TAIL(&queue->waiting, one, next);
    queue->waiting_count++;
}

static void
try_again(struct apply_queue *queue, struct waiting *one, enum err last)
{
    one->tries++;
    if (one->tries >= APPLY_TRIES_MAX) {
        finish(one, last, NULL);
        return;
    }
    put_back(queue, one);
}

/* Lost races changed under us and are asked again. Deferred rows shared an order with an earlier row
 * of their batch: they wait their turn, which comes because that row has had its own. */
static void
settle(struct apply_queue *queue, struct waiting *one, const struct db_rows *rows, size_t row)
{
    struct payment_change_result result;
    enum err err = payment_apply_row(rows, row, &result);
    if (err != ERR_OK) {
        finish(one, err, NULL);
    } else if (result.outcome == PAYMENT_DEFERRED) {
        put_back(queue, one);
    } else if (result.outcome == PAYMENT_LOST_RACE) {
        try_again(queue, one, ERR_LOST_RACE);
    } else {
        finish(one, ERR_OK, &result);
    }
}

/* A deadlock took nothing but our turn. What else failed a batch may be the fault of one row, unless
 * it was the house's: those without a database, memory or certainty fare no better alone. */
static bool
worth_another_try(size_t batch_count, enum err err)
{
    enum err_class class = err_class(err);
    return err == ERR_LOST_RACE
           || (batch_count > 1 && class != ERR_CLASS_RETRY && class != ERR_CLASS_UNKNOWN);
}

static void
settle_failure(struct apply_queue *queue, struct waiting *one, size_t batch_count, enum err err)
{
    if (worth_another_try(batch_count, err)) {
        one->alone = true;
        try_again(queue, one, err);
        return;
    }
    finish(one, err, NULL);
}

static void
batch_done(void *context, const struct db_answer *answer)
{
    struct apply_queue *queue = context;
    struct waiting *batch[APPLY_BATCH_MAX];
    size_t count = queue->batch_count;
    for (size_t i = 0; i < count; i++) {
        batch[i] = queue->batch[i];
    }
    bool complete = answer->err == ERR_OK && db_rows_count(answer->rows) == count;
    for (size_t i = 0; i < count; i++) {
        if (complete) {
            settle(queue, batch[i], answer->rows, i);
        } else {
            settle_failure(queue, batch[i], count,
                           answer->err == ERR_OK ? ERR_DB_ROWS : answer->err);
        }
    }
    queue->batch_count = 0;
    arena_reset(queue->arena);
    send_next(queue);
}

static void
take_batch(struct apply_queue *queue)
{
    while (queue->batch_count < APPLY_BATCH_MAX && !STAILQ_EMPTY(&queue->waiting)) {
        struct waiting *one = STAILQ_FIRST(&queue->waiting);
        if (one->alone && queue->batch_count > 0) {
            return;
        }
        STAILQ_REMOVE_HEAD(&queue->waiting, next);
        queue->waiting_count--;
        queue->batch[queue->batch_count++] = one;
        if (one->alone) {
            return;
        }
    }
}

static void
send_next(struct apply_queue *queue)
{
    take_batch(queue);
    if (queue->batch_count == 0) {
        return;
    }
    struct db_params params;
    db_params_init(&params, queue->arena);
    if (queue->batch_count == 1) {
        payment_apply_params(&params, queue->batch[0]->change);
        db_run(queue->db, STATEMENT_payment_apply, &params, batch_done, queue);
        return;
    }
    const struct payment_change *changes[APPLY_BATCH_MAX];
    for (size_t i = 0; i < queue->batch_count; i++) {
        changes[i] = queue->batch[i]->change;
    }
    metrics_add(METRIC_CALLBACK_BATCHES_TOTAL, 1);
    payment_apply_many_params(&params, changes, queue->batch_count);
    db_run(queue->db, STATEMENT_payment_apply_many, &params, batch_done, queue);
}

enum err
apply_queue_new(struct db *db, struct apply_queue **out)
{
    struct apply_queue *queue = calloc(1, sizeof(*queue));
    if (queue == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = arena_new(APPLY_ARENA_MAX, &queue->arena);
    if (err != ERR_OK) {
        free(queue);
        return err;
    }
    queue->db = db;
    STAILQ_INIT(&queue->waiting);
    *out = queue;
    return ERR_OK;
}

void
apply_queue_free(struct apply_queue **queue)
{
    if (queue == NULL || *queue == NULL) {
        return;
    }
    while (!STAILQ_EMPTY(&(*queue)->waiting)) {
        struct waiting *one = STAILQ_FIRST(&(*queue)->waiting);
        STAILQ_REMOVE_HEAD(&(*queue)->waiting, next);
        free(one);
    }
    for (size_t i = 0; i < (*queue)->batch_count; i++) {
        free((*queue)->batch[i]);
    }
    arena_free(&(*queue)->arena);
    free(*queue);
    *queue = NULL;
}

void
apply_submit(struct apply_queue *queue, const struct payment_change *change, apply_done done,
             void *context)
{
    struct waiting *one = calloc(1, sizeof(*one));
    if (one == NULL || queue->waiting_count >= APPLY_WAITING_MAX) {
        free(one);
        done(context, ERR_OVERLOADED, NULL);
        return;
    }
    one->change = change;
    one->done = done;
    one->context = context;
    STAILQ_INSERT_TAIL(&queue->waiting, one, next);
    queue->waiting_count++;
    if (queue->batch_count == 0) {
        send_next(queue);
    }
}
