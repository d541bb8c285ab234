/* SPDX-License-Identifier: Apache-2.0 */
#include "abandoned.h"

#include "abandoned_key.h"
#include "log.h"
#include "metrics.h"

#define ARENA_MAX \
    ((size_t)16 * 1024 * 1024) /* of a batch: each key's answer, and the rows that it is made of */
#define LEASE_MS   30000       /* longer than reading and storing take together */
#define ANSWER_MAX ((size_t)256 * 1024)

void
abandoned_give_up(struct abandoned_key *key, enum err err)
{
    batch_trouble("idempotency_abandoned", err);
    batch_done(key->batch);
}

static void
ended(void *context, const struct db_answer *answer)
{
    struct abandoned_key *key = context;
    if (answer->err != ERR_OK) {
        abandoned_give_up(key, answer->err);
        return;
    }
    metrics_add(key->completed ? METRIC_KEYS_COMPLETED_TOTAL : METRIC_KEYS_GIVEN_BACK_TOTAL, 1);
    log_event(LOG_KEY_ABANDONED, LOG_SPAN("route", key->route), LOG_SPAN("subject", key->subject),
              LOG_TEXT("outcome", key->completed ? "completed" : "given_back"));
    batch_done(key->batch);
}

static void
end(struct abandoned_key *key, enum statement statement, struct span body)
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

void
abandoned_give_back(struct abandoned_key *key)
{
    end(key, STATEMENT_idempotency_release, SPAN_LIT(""));
}

static enum err
encode(const struct abandoned_key *key, const struct json_t *view, struct span *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(ANSWER_MAX);
    TRY(json_encode(view, &text));
    return arena_copy(key->batch->arena, buf_span(&text), out);
}

void
abandoned_complete(struct abandoned_key *key, int status, struct json_t *view)
{
    DEFER(json_free) struct json_t *owned = view;
    struct span body = SPAN("");
    enum err err = encode(key, owned, &body);
    if (err != ERR_OK) {
        abandoned_give_up(key, err);
        return;
    }
    key->status = status;
    end(key, STATEMENT_idempotency_complete, body);
}

/* Each route is started by flow_start_keyed, which stores what it is about. Keys of all others are given back: they are one statement
 * each, which answers the same to the same words of the same person. */
static const struct {
    const char *route;
    enum err (*complete)(struct abandoned_key *key);
} completers[] = {
    { "payment_create", abandoned_payment_create },
    { "payment_close", abandoned_payment_close },
    { "refund_create", abandoned_refund_create },
    { "refund_confirm", abandoned_refund_decision },
    { "refund_approve", abandoned_refund_decision },
    { "refund_reject", abandoned_refund_decision },
    { "refund_withdraw", abandoned_refund_decision },
    { "difference_assign", abandoned_difference_act },
    { "difference_comment", abandoned_difference_act },
    { "difference_attach", abandoned_difference_act },
    { "difference_propose", abandoned_difference_act },
    { "difference_approve", abandoned_difference_act },
    { "difference_reject", abandoned_difference_act },
    { "difference_execute", abandoned_difference_act },
    { "difference_close", abandoned_difference_act },
    { "difference_reopen", abandoned_difference_act },
    { "webhook_endpoint_create", abandoned_webhook_create },
    { "webhook_endpoint_rotate", abandoned_webhook_rotate },
};

static void
deal(struct abandoned_key *key)
{
    if (span_empty(key->subject)) {
        abandoned_give_back(key);
        return;
    }
    for (size_t i = 0; i < sizeof(completers) / sizeof(completers[0]); i++) {
        if (span_eq_cstr(key->route, completers[i].route)) {
            enum err err = completers[i].complete(key);
            if (err != ERR_OK) {
                abandoned_give_up(key, err);
            }
            return;
        }
    }
    abandoned_give_up(key, ERR_INTERNAL); /* stored by a newer program */
}

static enum err
take(struct batch *batch, const struct db_rows *rows, size_t row, struct abandoned_key **out)
{
    void *storage = NULL;
    TRY(arena_alloc(batch->arena, sizeof(struct abandoned_key), &storage));
    struct abandoned_key *key = storage;
    *key = (struct abandoned_key){
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
        struct abandoned_key *key = NULL;
        err = take(batch, answer->rows, i, &key);
        if (err == ERR_OK) {
            batch->open++;
            deal(key);
        }
    }
    batch_trouble("idempotency_abandoned", err);
    batch_done(batch);
}

void
chore_abandoned(struct services *services)
{
    struct batch *batch = batch_new(services, ARENA_MAX);
    if (batch == NULL) {
        return; /* the next round comes by itself */
    }
    struct wall_time now = clock_wall();
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, LEASE_MS));
    db_i64(&params, BATCH_MOST);
    db_run(services->db, STATEMENT_idempotency_abandoned, &params, claimed, batch);
}
