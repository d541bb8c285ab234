/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook_send.h"

#include <stdlib.h>

#include "log.h"
#include "metrics.h"
#include "webhook_body.h"
#include "webhook_judge.h"
#include "webhook_url.h"

#define FAN_OUT_MAX      500
#define CLAIM_MAX        50
#define ENDPOINT_MAX     10  /* under way at one endpoint, over all nodes */
#define OPEN_MAX         200 /* under way here */
#define LEASE_MS         60000
#define SEND_MS          15000
#define ANSWER_MAX_BYTES ((size_t)4096)
#define ARENA_MAX_BYTES  ((size_t)8 * 1024 * 1024)
#define US_PER_S         INT64_C(1000000)
#define MS_PER_S         INT64_C(1000)
#define HEADERS          3
#define JITTERS          (2 * WEBHOOK_JITTER_PERMILLE + 1)

struct webhook_sender {
    struct services *services;
    struct transport *transport;
    struct webhook_url_rules rules;
    bool enabled; /* there is a master secret */
    bool busy;    /* a round's statements are under way */
    size_t open;  /* deliveries under way */
};

/* What one claim gave, with its memory, let go when the last piece is done. */
struct batch {
    struct webhook_sender *sender;
    struct arena *arena;
    size_t open;
};

struct sending {
    struct batch *batch;
    struct webhook_delivery delivery;
    struct webhook_result result;
    struct wall_time judged_at;
    struct span id;
    struct span timestamp;
    struct span body;
};

enum err
webhook_sender_new(struct services *services, struct webhook_sender **out)
{
    const struct config *config = services->config;
    DEFER(webhook_sender_free) struct webhook_sender *sender = calloc(1, sizeof(*sender));
    if (sender == NULL) {
        return ERR_NO_MEMORY;
    }
    sender->services = services;
    sender->rules = webhook_url_rules_of(config);
    sender->enabled = config_text(config, CONFIG_webhooks_master_secret, 0)[0] != 0;
    TRY(transport_new(services->base, &sender->transport));
    *out = sender;
    sender = NULL;
    return ERR_OK;
}

void
webhook_sender_free(struct webhook_sender **sender)
{
    if (sender == NULL || *sender == NULL) {
        return;
    }
    transport_free(&(*sender)->transport);
    free(*sender);
    *sender = NULL;
}

bool
webhook_sender_idle(const struct webhook_sender *sender)
{
    return sender == NULL || (sender->open == 0 && transport_running(sender->transport) == 0);
}

static struct batch *
batch_new(struct webhook_sender *sender)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    if (batch != NULL && arena_new(ARENA_MAX_BYTES, &batch->arena) != ERR_OK) {
        free(batch);
        return NULL;
    }
    if (batch != NULL) {
        batch->sender = sender;
        batch->open = 1; /* the round itself */
        sender->busy = true;
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
round_done(struct batch *batch)
{
    batch->sender->busy = false;
    batch_done(batch);
}

static void
sending_done(struct sending *sending)
{
    sending->batch->sender->open--;
    batch_done(sending->batch);
}

static void
trouble(const char *statement, enum err err)
{
    if (err != ERR_OK) {
        log_event(LOG_DB_TROUBLE, LOG_TEXT("statement", statement), LOG_ERR(err));
    }
}

/* Nothing is recorded: the lease ends, and somebody takes it again. */
static void
hold(struct sending *sending, enum err err)
{
    log_event(LOG_WEBHOOK_HELD, LOG_SPAN("endpoint", sending->delivery.endpoint_id),
              LOG_SPAN("message", sending->id), LOG_ERR(err));
    sending_done(sending);
}

static void
tell(const struct sending *sending, const struct db_rows *rows)
{
    const struct webhook_result *result = &sending->result;
    struct span endpoint = sending->delivery.endpoint_id;
    int64_t tries = sending->delivery.attempts + 1;
    if (result->outcome == WEBHOOK_DELIVERED) {
        metrics_add(METRIC_WEBHOOKS_DELIVERED_TOTAL, 1);
        log_event(LOG_WEBHOOK_DELIVERED, LOG_SPAN("endpoint", endpoint),
                  LOG_SPAN("message", sending->id), LOG_I64("tries", tries));
        return;
    }
    metrics_add(METRIC_WEBHOOKS_FAILED_TOTAL, 1);
    if (result->outcome == WEBHOOK_DEAD) {
        log_event(LOG_WEBHOOK_DEAD, LOG_SPAN("endpoint", endpoint),
                  LOG_SPAN("message", sending->id), LOG_I64("tries", tries),
                  LOG_I64("status", result->status), LOG_TEXT("error", result->error));
        metrics_add(METRIC_WEBHOOKS_DEAD_TOTAL, 1 + db_row_i64(rows, 0, "given_up"));
    } else {
        log_event(
            LOG_WEBHOOK_FAILED, LOG_SPAN("endpoint", endpoint), LOG_SPAN("message", sending->id),
            LOG_I64("tries", tries), LOG_I64("status", result->status),
            LOG_TEXT("error", result->error),
            LOG_I64("wait_s", wall_ms_between(sending->judged_at, result->next_at) / MS_PER_S));
    }
    if (db_row_i64(rows, 0, "disabled") > 0) {
        log_event(LOG_WEBHOOK_DISABLED, LOG_SPAN("endpoint", endpoint),
                  LOG_I64("given_up", db_row_i64(rows, 0, "given_up")));
    }
}

static void
recorded(void *context, const struct db_answer *answer)
{
    struct sending *sending = context;
    trouble("webhook_record", answer->err);
    if (answer->err == ERR_OK) {
        tell(sending, answer->rows);
    }
    sending_done(sending);
}

static void
record(struct sending *sending)
{
    struct db_params params;
    db_params_init(&params, sending->batch->arena);
    webhook_record_params(&params, &sending->delivery, &sending->result, clock_wall());
    db_run(sending->batch->sender->services->db, STATEMENT_webhook_record, &params, recorded,
           sending);
}

static int
jitter(void)
{
    unsigned char bytes[2] = { 0 };
    if (crypto_random(bytes, sizeof(bytes)) != ERR_OK) {
        return 0;
    }
    return (bytes[0] << 8 | bytes[1]) % JITTERS - WEBHOOK_JITTER_PERMILLE;
}

static struct span
header_of(const struct transport_answer *answer, const char *name)
{
    for (size_t i = 0; i < answer->header_count; i++) {
        if (span_eq_cstr(answer->headers[i].name, name)) {
            return answer->headers[i].value;
        }
    }
    return (struct span){ .at = NULL, .len = 0 };
}

static void
answered(void *context, enum err err, const struct transport_answer *answer)
{
    struct sending *sending = context;
    struct webhook_try tried = { .err = err,
                                 .failed = sending->delivery.attempts,
                                 .jitter_permille = jitter(),
                                 .now = clock_wall() };
    if (err == ERR_OK) {
        tried.status = answer->status;
        tried.retry_after = header_of(answer, "retry-after");
    }
    sending->judged_at = tried.now;
    sending->result = webhook_judge(&tried);
    record(sending);
}

static enum err
post(struct sending *sending, struct span signature)
{
    struct webhook_sender *sender = sending->batch->sender;
    const struct adapter_field headers[HEADERS] = {
        { SPAN("webhook-id"), sending->id },
        { SPAN("webhook-timestamp"), sending->timestamp },
        { SPAN("webhook-signature"), signature },
    };
    struct transport_request request = {
        .post = true,
        .url = sending->delivery.url,
        .content_type = SPAN("application/json"),
        .body = sending->body,
        .headers = headers,
        .header_count = HEADERS,
        .ca_file = config_text(sender->services->config, CONFIG_webhooks_ca_file, 0),
        .allow_private_address = sender->rules.allow_private,
        .tell_private = true,
        .allow_http = sender->rules.allow_http,
        .body_max_bytes = ANSWER_MAX_BYTES,
        .drop_rest = true,
        .total_ms = SEND_MS,
    };
    TRY(webhook_url_check(sending->delivery.url, sender->rules));
    return transport_start(sender->transport, &request, answered, sending, NULL);
}

static void
signed_by_keys(void *context, enum err err, struct span signature)
{
    struct sending *sending = context;
    if (err == ERR_OK) {
        err = post(sending, signature);
    }
    if (err == ERR_WEBHOOK_URL || err == ERR_WEBHOOK_ADDRESS || err == ERR_PROVIDER_NOT_SENT) {
        answered(sending, err, NULL);
    } else if (err != ERR_OK) {
        hold(sending, err);
    }
}

static enum err
prepare(struct sending *sending, struct wall_time now)
{
    struct arena *arena = sending->batch->arena;
    DEFER(buf_fini) struct buf text = BUF_MAX(WEBHOOK_BODY_MAX);
    TRY(webhook_message_id(&sending->delivery.message.key, &text));
    TRY(arena_copy(arena, buf_span(&text), &sending->id));
    buf_reset(&text);
    TRY(buf_i64(&text, now.us / US_PER_S));
    TRY(arena_copy(arena, buf_span(&text), &sending->timestamp));
    buf_reset(&text);
    TRY(webhook_body_encode(&sending->delivery.message, &text));
    return arena_copy(arena, buf_span(&text), &sending->body);
}

static enum err
send_one(struct batch *batch, const struct db_rows *rows, size_t row)
{
    void *storage = NULL;
    struct wall_time now = clock_wall();
    TRY(arena_alloc(batch->arena, sizeof(struct sending), &storage));
    struct sending *sending = storage;
    *sending = (struct sending){ .batch = batch };
    TRY(webhook_delivery_row(rows, row, batch->arena, &sending->delivery));
    TRY(prepare(sending, now));
    const struct keys_webhook_message message = {
        .endpoint_id = sending->delivery.endpoint_id,
        .generation = sending->delivery.generation,
        .previous_generation = sending->delivery.previous_generation,
        .id = sending->id,
        .timestamp_s = now.us / US_PER_S,
        .body = sending->body,
    };
    batch->open++;
    batch->sender->open++;
    keys_client_sign_webhook(batch->sender->services->keys, &message, signed_by_keys, sending);
    return ERR_OK;
}

static void
claimed(void *context, const struct db_answer *answer)
{
    struct batch *batch = context;
    trouble("webhook_claim", answer->err);
    for (size_t i = 0; answer->err == ERR_OK && i < db_rows_count(answer->rows); i++) {
        trouble("webhook_claim", send_one(batch, answer->rows, i));
    }
    round_done(batch);
}

static void
claim(struct batch *batch)
{
    struct webhook_sender *sender = batch->sender;
    struct wall_time now = clock_wall();
    if (!sender->enabled || sender->open + CLAIM_MAX > OPEN_MAX || sender->services->draining) {
        round_done(batch);
        return;
    }
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, LEASE_MS));
    db_i64(&params, CLAIM_MAX);
    db_i64(&params, ENDPOINT_MAX);
    db_run(sender->services->db, STATEMENT_webhook_claim, &params, claimed, batch);
}

static void
fanned_out(void *context, const struct db_answer *answer)
{
    trouble("webhook_fan_out", answer->err);
    claim(context);
}

void
chore_webhooks(struct services *services)
{
    struct webhook_sender *sender = services->webhooks;
    struct batch *batch = sender->busy ? NULL : batch_new(sender);
    if (batch == NULL) {
        return;
    }
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_time(&params, clock_wall());
    db_i64(&params, FAN_OUT_MAX);
    db_run(services->db, STATEMENT_webhook_fan_out, &params, fanned_out, batch);
}
