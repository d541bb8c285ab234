/* SPDX-License-Identifier: Apache-2.0 */
#include "abandoned.h"

#include <stdlib.h>

#include "log.h"
#include "metrics.h"
#include "number.h"
#include "payment_read.h"
#include "payment_view.h"

#define ABANDONED_BATCH     50
#define ABANDONED_ARENA_MAX ((size_t)16 * 1024 * 1024)
#define LEASE_MS            30000 /* longer than reading and storing take together */
#define ANSWER_MAX          ((size_t)256 * 1024)

struct batch {
    struct services *services;
    struct arena *arena;
    size_t open; /* keys that are not dealt with, and the claim itself */
};

/* One key; its texts live in the batch's arena. */
struct key {
    struct batch *batch;
    int64_t slot;
    struct span owner;
    struct span key;
    struct span route;
    struct span subject;
    struct span content_hash;
    struct wall_time claimed_at;
    struct wall_time lease_until;
    int status;        /* of the answer that is made */
    const char *state; /* the payment must be in; NULL: any */
    int payment_slot;
    bool completed;
};

static void
batch_done(struct batch *batch)
{
    if (--batch->open == 0) {
        arena_free(&batch->arena);
        free(batch);
    }
}

/* A key that could not be dealt with stays leased and comes again. */
static void
give_up(struct key *key, enum err err)
{
    log_event(LOG_DB_TROUBLE, LOG_TEXT("statement", "idempotency_abandoned"), LOG_ERR(err));
    batch_done(key->batch);
}

static void
ended(void *context, const struct db_answer *answer)
{
    struct key *key = context;
    if (answer->err != ERR_OK) {
        give_up(key, answer->err);
        return;
    }
    metrics_add(key->completed ? METRIC_KEYS_COMPLETED_TOTAL : METRIC_KEYS_GIVEN_BACK_TOTAL, 1);
    log_event(LOG_KEY_ABANDONED, LOG_SPAN("route", key->route), LOG_SPAN("subject", key->subject),
              LOG_TEXT("outcome", key->completed ? "completed" : "given_back"));
    batch_done(key->batch);
}

static void
end(struct key *key, enum statement statement, struct span body)
{
    struct db_params params;
    key->completed = statement == STATEMENT_idempotency_complete;
    db_params_init(&params, key->batch->arena);
    db_i64(&params, key->slot);
    db_text(&params, key->owner);
    db_text(&params, key->key);
    db_time(&params, key->lease_until);
    if (key->completed) {
        db_i64(&params, key->status);
        db_text(&params, body);
    }
    db_run(key->batch->services->db, statement, &params, ended, key);
}

static void
give_back(struct key *key)
{
    end(key, STATEMENT_idempotency_release, SPAN_LIT(""));
}

static enum err
render(const struct key *key, const struct payment *payment, const struct attempt *attempts,
       size_t count, struct span *out)
{
    DEFER(json_free) struct json_t *view = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(ANSWER_MAX);
    struct arena *arena = key->batch->arena;
    TRY(payment_view(key->batch->services, payment, attempts, count, arena, &view));
    TRY(json_encode(view, &text));
    return arena_copy(arena, buf_span(&text), out);
}

static void
payment_found(void *context, enum err err, const struct payment *payment,
              const struct attempt *attempts, size_t count)
{
    struct key *key = context;
    struct span body = SPAN("");
    if (err == ERR_PAYMENT_UNKNOWN
        || (err == ERR_OK && key->state != NULL && !span_eq_cstr(payment->state, key->state))) {
        give_back(key);
        return;
    }
    if (err == ERR_OK) {
        err = render(key, payment, attempts, count, &body);
    }
    if (err != ERR_OK) {
        give_up(key, err);
        return;
    }
    end(key, STATEMENT_idempotency_complete, body);
}

static void
made_since(void *context, const struct db_answer *answer)
{
    struct key *key = context;
    struct span payment_no = SPAN("");
    if (answer->err != ERR_OK) {
        give_up(key, answer->err);
        return;
    }
    if (db_rows_count(answer->rows) == 0) {
        give_back(key);
        return;
    }
    struct batch *batch = key->batch;
    enum err err =
        arena_copy(batch->arena, db_row_text(answer->rows, 0, "payment_no"), &payment_no);
    if (err != ERR_OK) {
        give_up(key, err);
        return;
    }
    payment_read_owned(batch->services, batch->arena, key->payment_slot, payment_no, key->owner,
                       payment_found, key);
}

/* The payment stands if it was made since the key was taken, for an order of what was sent then. */
static enum err
complete_create(struct key *key)
{
    struct db_params params;
    TRY(number_slot(key->owner, key->subject, &key->payment_slot));
    key->status = 201;
    db_params_init(&params, key->batch->arena);
    db_i64(&params, key->payment_slot);
    db_text(&params, key->owner);
    db_text(&params, key->subject);
    db_bytes(&params, key->content_hash);
    db_time(&params, key->claimed_at);
    db_run(key->batch->services->db, STATEMENT_payment_made_since, &params, made_since, key);
    return ERR_OK;
}

/* Closing is done when the payment is closed. Whatever else it is, asking again finds out and goes on. */
static enum err
complete_close(struct key *key)
{
    TRY(number_payment_check(key->subject, &key->payment_slot));
    key->status = 200;
    key->state = "closed";
    payment_read_owned(key->batch->services, key->batch->arena, key->payment_slot, key->subject,
                       key->owner, payment_found, key);
    return ERR_OK;
}

/* Routes whose answers can be made from what is committed. Each is started by flow_start_keyed, which stores what it is
 * about; keys of all others wait for the next request. */
static const struct {
    const char *route;
    enum err (*complete)(struct key *key);
} completers[] = {
    { "payment_create", complete_create },
    { "payment_close", complete_close },
};

static void
deal(struct key *key)
{
    if (span_empty(key->subject)) {
        give_back(key);
        return;
    }
    for (size_t i = 0; i < sizeof(completers) / sizeof(completers[0]); i++) {
        if (span_eq_cstr(key->route, completers[i].route)) {
            enum err err = completers[i].complete(key);
            if (err != ERR_OK) {
                give_up(key, err);
            }
            return;
        }
    }
    give_up(key, ERR_INTERNAL); /* stored by a newer program */
}

static enum err
take(struct batch *batch, const struct db_rows *rows, size_t row, struct key **out)
{
    void *storage = NULL;
    TRY(arena_alloc(batch->arena, sizeof(struct key), &storage));
    struct key *key = storage;
    *key = (struct key){
        .batch = batch,
        .slot = db_row_i64(rows, row, "slot"),
        .claimed_at = db_row_time(rows, row, "created_at"),
        .lease_until = db_row_time(rows, row, "lease_until"),
    };
    const struct {
        const char *column;
        struct span *to;
    } texts[] = {
        { "owner", &key->owner },
        { "key", &key->key },
        { "route", &key->route },
        { "subject", &key->subject },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        TRY(arena_copy(batch->arena, db_row_text(rows, row, texts[i].column), texts[i].to));
    }
    TRY(db_row_bytes(rows, row, "content_hash", batch->arena, &key->content_hash));
    *out = key;
    return ERR_OK;
}

static void
claimed(void *context, const struct db_answer *answer)
{
    struct batch *batch = context;
    enum err err = answer->err;
    for (size_t i = 0; err == ERR_OK && i < db_rows_count(answer->rows); i++) {
        struct key *key = NULL;
        err = take(batch, answer->rows, i, &key);
        if (err == ERR_OK) {
            batch->open++;
            deal(key);
        }
    }
    if (err != ERR_OK) {
        log_event(LOG_DB_TROUBLE, LOG_TEXT("statement", "idempotency_abandoned"), LOG_ERR(err));
    }
    batch_done(batch);
}

void
chore_abandoned(struct services *services)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    if (batch == NULL || arena_new(ABANDONED_ARENA_MAX, &batch->arena) != ERR_OK) {
        free(batch);
        return; /* the next round comes by itself */
    }
    batch->services = services;
    batch->open = 1;
    struct wall_time now = clock_wall();
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, LEASE_MS));
    db_i64(&params, ABANDONED_BATCH);
    db_run(services->db, STATEMENT_idempotency_abandoned, &params, claimed, batch);
}
