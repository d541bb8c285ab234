/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_inside.h"

/* Everything it judges and signs by is static there; only what opens sockets and restricts itself stays unused. */
#include <assert.h>
#include <stdio.h>
#include <sys/queue.h>

#include "../../gateway/proc/keys.c"
#include "chance.h"
#include "flaw.h"
#include "keys_client.h"
#include "loop.h"
#include "memory.h"
#include "process.h"
#include "sweep.h"
#include "weather.h"

#define US_PER_MS  1000
#define NUMBER_MAX 24
#define KEYS_OWNER (PROCESSES_MAX + 1) /* of its memory */

static const char *const tasks[KEYS_TASK_COUNT] = {
    [KEYS_SIGN] = "sign",
    [KEYS_CHECK] = "check",
    [KEYS_OPEN] = "open",
    [KEYS_SEAL] = "seal",
    [KEYS_CERTIFY] = "certify",
    [KEYS_WEBHOOK_SIGN] = "sign a webhook",
    [KEYS_WEBHOOK_TELL] = "tell a secret",
};

static struct keys inside;

enum err
keys_inside_open(struct config *config)
{
    inside.config = config;
    inside.limits = (struct keys_limits){
        .amount_max_fen = config_int(config, CONFIG_keys_amount_max, 0),
        .refund_max_fen = config_int(config, CONFIG_keys_refund_max, 0),
    };
    TRY(arena_new(KEYS_ARENA_MAX, &inside.arena));
    TRY(open_refunds(&inside, true));
    TRY(load_signers(&inside));
    return load_house(&inside);
}

void
keys_inside_close(void)
{
    inside.config = NULL;
    finish(&inside);
}

void
keys_inside_rest(void)
{
    keys_refunds_free(&inside.refunds);
    enum err err = open_refunds(&inside, true);
    assert(err == ERR_OK);
    (void)err;
    inside.house.sealed_number = 0;
    for (size_t i = 0; i < inside.signer_count; i++) {
        struct keys_signer *signer = &inside.signers[i];
        signer->refunds = inside.refunds;
        keys_rate_init(&signer->rate, signer->rate.per_minute, clock_mono());
    }
}

/* One waiting request of one process. */
struct asked {
    TAILQ_ENTRY(asked) next;
    struct keys_client *client;
    struct buf message;
    struct loop_task *task;
    enum err err; /* of what could not even be asked */
    bool unheard; /* its answer gets lost */
    keys_done done;
    void *context;
};

struct keys_client {
    int owner;
    uint64_t number;
    TAILQ_HEAD(, asked) waiting;
};

enum err
keys_client_new(struct event_base *base, int fd, struct keys_client **out)
{
    struct keys_client *client = calloc(1, sizeof(*client));
    (void)base;
    if (client == NULL) {
        return ERR_NO_MEMORY;
    }
    client->owner = fd;
    TAILQ_INIT(&client->waiting);
    *out = client;
    return ERR_OK;
}

static void
asked_free(struct asked *asked)
{
    TAILQ_REMOVE(&asked->client->waiting, asked, next);
    buf_fini(&asked->message);
    free(asked);
}

void
keys_client_free(struct keys_client **client)
{
    if (client == NULL || *client == NULL) {
        return;
    }
    struct asked *asked;
    while ((asked = TAILQ_FIRST(&(*client)->waiting)) != NULL) {
        loop_cancel(asked->task);
        asked_free(asked);
    }
    free(*client);
    *client = NULL;
}

bool
keys_client_answering(const struct keys_client *client)
{
    return client != NULL;
}

bool
keys_client_idle(const struct keys_client *client)
{
    return TAILQ_EMPTY(&client->waiting);
}

/* The keys process works in its own memory. Without an answer whoever asked waits for one until its time is over. */
static enum err
reply_to(const struct asked *asked, struct buf *bytes, struct keys_reply *out)
{
    int asker = memory_owner(KEYS_OWNER);
    enum err err = answer(&inside, buf_span(&asked->message), bytes);
    if (err == ERR_OK) {
        err = keys_reply_decode(buf_span(bytes), out);
    }
    (void)memory_owner(asker);
    return err;
}

static void
hear(void *context)
{
    struct asked *asked = context;
    keys_done done = asked->done;
    void *whose = asked->context;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(KEYS_REPLY_MAX);
    struct keys_reply reply = { .err = asked->err };
    if (asked->err == ERR_OK && (reply_to(asked, &bytes, &reply) != ERR_OK || asked->unheard)) {
        asked->err = ERR_KEYS_AWAY;
        asked->task = loop_after(KEYS_TIMEOUT_MS * US_PER_MS, asked->client->owner, hear, asked);
        return;
    }
    asked_free(asked);
    if (flaw_present == FLAW_AWAY_IS_FORGED && reply.err == ERR_KEYS_AWAY) {
        reply.err = ERR_SIGNATURE;
    }
    done(whose, reply.err == ERR_CRYPTO ? ERR_KEYS_UNKNOWN : reply.err, reply.bytes);
}

static void
submit(struct keys_client *client, const struct keys_request *request, keys_done done,
       void *context)
{
    struct asked *asked = calloc(1, sizeof(*asked));
    if (asked == NULL) {
        done(context, ERR_NO_MEMORY, (struct span){ .at = NULL, .len = 0 });
        return;
    }
    asked->client = client;
    asked->done = done;
    asked->context = context;
    buf_init(&asked->message, KEYS_MESSAGE_MAX);
    asked->err = keys_request_encode(request, &asked->message);
    int64_t after_us = chance_between(100, 3000);
    bool struck = sweep_strikes(SWEEP_KEYS, tasks[request->task]);
    asked->unheard = struck && sweep_way() == SWEEP_UNHEARD;
    bool lost = chance_permille(weather.keys_away) || (struck && sweep_way() == SWEEP_LOST);
    if (asked->err == ERR_OK && lost) {
        asked->err = ERR_KEYS_AWAY;
        after_us = KEYS_TIMEOUT_MS * US_PER_MS;
    }
    asked->task = loop_after(after_us, client->owner, hear, asked);
    TAILQ_INSERT_TAIL(&client->waiting, asked, next);
}

void
keys_client_sign(struct keys_client *client, struct span account, enum adapter_operation operation,
                 const struct adapter_fields *fields, keys_done done, void *context)
{
    struct keys_request request = {
        .number = client->number++, .operation = operation, .account = account, .fields = *fields
    };
    submit(client, &request, done, context);
}

void
keys_client_verify(struct keys_client *client, struct span account, const struct verify_task *task,
                   keys_done done, void *context)
{
    struct keys_request request = { .number = client->number++, .account = account };
    if (task->kind == VERIFY_TASK_CHECK) {
        request.task = KEYS_CHECK;
        request.signature = task->signature;
        request.fields = *task->fields;
    } else {
        const struct adapter_sealed *sealed = task->sealed;
        request.task = KEYS_OPEN;
        enum err err =
            adapter_fields_add(&request.fields, SPAN_LIT("algorithm"), sealed->algorithm);
        assert(err == ERR_OK);
        err = adapter_fields_add(&request.fields, SPAN_LIT("nonce"), sealed->nonce);
        assert(err == ERR_OK);
        err = adapter_fields_add(&request.fields, SPAN_LIT("associated"), sealed->associated);
        assert(err == ERR_OK);
        err = adapter_fields_add(&request.fields, SPAN_LIT("ciphertext"), sealed->ciphertext);
        assert(err == ERR_OK);
        (void)err;
    }
    submit(client, &request, done, context);
}

static void
add_number(struct adapter_fields *fields, struct span name, int64_t value, char room[NUMBER_MAX])
{
    int len = snprintf(room, NUMBER_MAX, "%lld", (long long)value);
    enum err err = adapter_fields_add(fields, name, span_make(room, (size_t)len));
    assert(err == ERR_OK);
    (void)err;
}

void
keys_client_sign_webhook(struct keys_client *client, const struct keys_webhook_message *message,
                         keys_done done, void *context)
{
    char timestamp[NUMBER_MAX];
    char generation[NUMBER_MAX];
    char previous[NUMBER_MAX];
    struct keys_request request = { .number = client->number++,
                                    .task = KEYS_WEBHOOK_SIGN,
                                    .account = message->endpoint_id };
    enum err err = adapter_fields_add(&request.fields, SPAN_LIT("id"), message->id);
    assert(err == ERR_OK);
    add_number(&request.fields, SPAN_LIT("timestamp"), message->timestamp_s, timestamp);
    err = adapter_fields_add(&request.fields, SPAN_LIT("body"), message->body);
    assert(err == ERR_OK);
    (void)err;
    add_number(&request.fields, SPAN_LIT("generation"), message->generation, generation);
    if (message->previous_generation > 0) {
        add_number(&request.fields, SPAN_LIT("previous"), message->previous_generation, previous);
    }
    submit(client, &request, done, context);
}

void
keys_client_tell_webhook(struct keys_client *client, struct span endpoint_id, int64_t generation,
                         keys_done done, void *context)
{
    char text[NUMBER_MAX];
    struct keys_request request = { .number = client->number++,
                                    .task = KEYS_WEBHOOK_TELL,
                                    .account = endpoint_id };
    add_number(&request.fields, SPAN_LIT("generation"), generation, text);
    submit(client, &request, done, context);
}

void
keys_client_seal(struct keys_client *client, const struct audit_checkpoint *checkpoint,
                 keys_done done, void *context)
{
    struct keys_request request = { .number = client->number++, .task = KEYS_SEAL };
    DEFER(buf_fini) struct buf text = BUF_MAX(KEYS_HOUSE_TEXT_MAX);
    enum err err = keys_house_seal_fields(checkpoint, &text, &request.fields);
    assert(err == ERR_OK || err == ERR_NO_MEMORY);
    (void)err;
    submit(client, &request, done, context);
}
