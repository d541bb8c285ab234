/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_client.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "clock.h"
#include "keys_house.h"
#include "keys_message.h"

#define TICK_MS    100 /* how exactly deadlines are kept */
#define PROBE_MS   2000
#define RECENT_MS  6000
#define FLIGHT_MAX 128 /* on the wire; their answers always fit into the socket's buffer */
#define US_PER_MS  1000
#define NUMBER_MAX 24

enum call_state { CALL_QUEUED, CALL_SENT, CALL_ENDED };

struct call {
    TAILQ_ENTRY(call) link;
    enum call_state state;
    uint64_t number;
    struct mono_time began;
    struct buf message;
    enum err err; /* of an ended call */
    keys_done done;
    void *context;
};

TAILQ_HEAD(call_list, call);

/* Ended calls wait for the next turn of the loop, so that `done` never runs inside somebody's call. */
struct keys_client {
    int fd;
    struct event *readable;
    struct event *writable;
    struct event *tick;
    struct event *kick;
    struct call_list queued;
    struct call_list sent;
    struct call_list ended;
    size_t waiting_count;
    size_t flight_count;
    uint64_t number;
    bool answered;
    struct mono_time answered_at;
    struct mono_time probed_at;
    bool broken;
};

static void
call_free(struct call *call)
{
    buf_fini(&call->message);
    free(call);
}

static struct call_list *
list_of(struct keys_client *client, enum call_state state)
{
    switch (state) {
    case CALL_QUEUED:
        return &client->queued;
    case CALL_SENT:
        return &client->sent;
    case CALL_ENDED:
        break;
    }
    return &client->ended;
}

static void
move(struct keys_client *client, struct call *call, enum call_state to)
{
    client->flight_count -= call->state == CALL_SENT ? 1 : 0;
    client->flight_count += to == CALL_SENT ? 1 : 0;
    TAILQ_REMOVE(list_of(client, call->state), call, link);
    call->state = to;
    TAILQ_INSERT_TAIL(list_of(client, to), call, link);
}

static void
end(struct keys_client *client, struct call *call, enum err err)
{
    call->err = err;
    move(client, call, CALL_ENDED);
    event_active(client->kick, EV_TIMEOUT, 1);
}

/* Takes the call out before its owner hears of it: the owner may ask again or close us. */
static void
finish(struct keys_client *client, struct call *call, enum err err, struct span signature)
{
    client->flight_count -= call->state == CALL_SENT ? 1 : 0;
    TAILQ_REMOVE(list_of(client, call->state), call, link);
    client->waiting_count--;
    keys_done done = call->done;
    void *context = call->context;
    call_free(call);
    if (done != NULL) {
        done(context, err, signature);
    }
}

static void
on_kick(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct keys_client *client = context;
    /* One a turn: its owner may do anything, even free the client. */
    struct call *call = TAILQ_FIRST(&client->ended);
    if (call == NULL) {
        return;
    }
    if (TAILQ_NEXT(call, link) != NULL) {
        event_active(client->kick, EV_TIMEOUT, 1);
    }
    finish(client, call, call->err, (struct span){ .at = NULL, .len = 0 });
}

static void
fail_all(struct keys_client *client)
{
    struct call *call;
    while ((call = TAILQ_FIRST(&client->sent)) != NULL) {
        end(client, call, ERR_KEYS_AWAY);
    }
    while ((call = TAILQ_FIRST(&client->queued)) != NULL) {
        end(client, call, ERR_KEYS_AWAY);
    }
}

static void
break_off(struct keys_client *client)
{
    client->broken = true;
    (void)event_del(client->readable);
    (void)event_del(client->writable);
    fail_all(client);
}

/* Sends what is queued while the socket takes it. */
static void
pump(struct keys_client *client)
{
    struct call *call;
    while (!client->broken && client->flight_count < FLIGHT_MAX
           && (call = TAILQ_FIRST(&client->queued)) != NULL) {
        ssize_t n = send(client->fd, call->message.at, call->message.len, MSG_NOSIGNAL);
        if (n >= 0) {
            move(client, call, CALL_SENT);
            buf_fini(&call->message);
        } else if (errno == EAGAIN || errno == ENOBUFS) {
            (void)event_add(client->writable, NULL);
            return;
        } else if (errno == EMSGSIZE) {
            end(client, call, ERR_BUF_FULL);
        } else if (errno != EINTR) {
            break_off(client);
        }
    }
}

static void
on_writable(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    pump(context);
}

static struct call *
find_sent(struct keys_client *client, uint64_t number)
{
    struct call *call;
    TAILQ_FOREACH(call, &client->sent, link) {
        if (call->number == number) {
            return call;
        }
    }
    return NULL;
}

/* One message a call: the owner may free the client, and the loop comes back while more is there.
 * An answer to a call that timed out finds nobody and is dropped. */
static void
on_readable(evutil_socket_t fd, short what, void *context)
{
    (void)what;
    struct keys_client *client = context;
    unsigned char bytes[KEYS_REPLY_MAX];
    ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        break_off(client);
        return;
    }
    struct keys_reply reply;
    if (keys_reply_decode(span_make(bytes, (size_t)n), &reply) != ERR_OK) {
        break_off(client);
        return;
    }
    client->answered = true;
    client->answered_at = clock_mono();
    struct call *call = find_sent(client, reply.number);
    if (call == NULL) {
        return;
    }
    /* Room on the wire is used before the owner hears, who may free the client. */
    struct call *held = call;
    move(client, held, CALL_ENDED);
    pump(client);
    enum err err = reply.err == ERR_CRYPTO ? ERR_KEYS_UNKNOWN : reply.err;
    finish(client, held, err, reply.bytes);
}

static enum err
add_call(struct keys_client *client, const struct keys_request *request, keys_done done,
         void *context, struct call **out)
{
    struct call *call = calloc(1, sizeof(*call));
    if (call == NULL) {
        return ERR_NO_MEMORY;
    }
    buf_init(&call->message, KEYS_MESSAGE_MAX);
    call->number = request->number;
    call->began = clock_mono();
    call->done = done;
    call->context = context;
    call->state = CALL_QUEUED;
    TAILQ_INSERT_TAIL(&client->queued, call, link);
    client->waiting_count++;
    *out = call;
    return keys_request_encode(request, &call->message);
}

static void
submit(struct keys_client *client, const struct keys_request *request, keys_done done,
       void *context)
{
    struct call *call = NULL;
    bool full = client->waiting_count >= KEYS_WAITING_MAX;
    enum err err = add_call(client, request, done, context, &call);
    if (call == NULL) {
        /* Without memory even for the refusal there is nobody to hold it until the next turn. */
        done(context, err, (struct span){ .at = NULL, .len = 0 });
        return;
    }
    if (err != ERR_OK || full || client->broken) {
        end(client, call, err != ERR_OK ? err : full ? ERR_OVERLOADED : ERR_KEYS_AWAY);
        return;
    }
    pump(client);
}

static void
ignore(void *context, enum err err, struct span signature)
{
    (void)context;
    (void)err;
    (void)signature;
}

/* Asks for nothing, to hear that somebody is there. */
static void
probe(struct keys_client *client)
{
    client->probed_at = clock_mono();
    struct keys_request request = { .number = client->number++ };
    if (client->waiting_count < KEYS_WAITING_MAX) {
        submit(client, &request, ignore, NULL);
    }
}

static void
expire(struct keys_client *client, struct call_list *list)
{
    struct call *call;
    while ((call = TAILQ_FIRST(list)) != NULL
           && clock_mono_ms_since(call->began) >= KEYS_TIMEOUT_MS) {
        end(client, call, ERR_KEYS_AWAY);
    }
}

/* Both lists are in the order of their beginning. */
static void
on_tick(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct keys_client *client = context;
    expire(client, &client->sent);
    expire(client, &client->queued);
    bool quiet = !client->answered || clock_mono_ms_since(client->answered_at) >= PROBE_MS;
    if (!client->broken && quiet && clock_mono_ms_since(client->probed_at) >= PROBE_MS) {
        probe(client);
    }
    pump(client);
}

static enum err
add_events(struct event_base *base, struct keys_client *client)
{
    client->readable = event_new(base, client->fd, EV_READ | EV_PERSIST, on_readable, client);
    client->writable = event_new(base, client->fd, EV_WRITE, on_writable, client);
    client->tick = event_new(base, -1, EV_PERSIST, on_tick, client);
    client->kick = event_new(base, -1, 0, on_kick, client);
    struct timeval every = { .tv_sec = 0, .tv_usec = TICK_MS * US_PER_MS };
    if (client->readable == NULL || client->writable == NULL || client->tick == NULL
        || client->kick == NULL || event_add(client->readable, NULL) != 0
        || event_add(client->tick, &every) != 0) {
        return ERR_NO_MEMORY;
    }
    return ERR_OK;
}

/* Numbers start at random, so that an answer meant for the socket's former user fits nobody. */
enum err
keys_client_new(struct event_base *base, int fd, struct keys_client **out)
{
    DEFER(keys_client_free) struct keys_client *client = calloc(1, sizeof(*client));
    if (client == NULL) {
        (void)close(fd);
        return ERR_NO_MEMORY;
    }
    client->fd = fd;
    TAILQ_INIT(&client->queued);
    TAILQ_INIT(&client->sent);
    TAILQ_INIT(&client->ended);
    unsigned char start[sizeof(client->number)];
    TRY(crypto_random(start, sizeof(start)));
    memcpy(&client->number, start, sizeof(start));
    if (evutil_make_socket_nonblocking(fd) != 0) {
        return ERR_SYSTEM;
    }
    TRY(add_events(base, client));
    probe(client);
    *out = client;
    client = NULL;
    return ERR_OK;
}

static void
free_event(struct event *event)
{
    if (event != NULL) {
        event_free(event);
    }
}

void
keys_client_free(struct keys_client **client)
{
    if (client == NULL || *client == NULL) {
        return;
    }
    struct call_list *const lists[] = { &(*client)->queued, &(*client)->sent, &(*client)->ended };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct call *call;
        while ((call = TAILQ_FIRST(lists[i])) != NULL) {
            TAILQ_REMOVE(lists[i], call, link);
            call_free(call);
        }
    }
    free_event((*client)->readable);
    free_event((*client)->writable);
    free_event((*client)->tick);
    free_event((*client)->kick);
    (void)close((*client)->fd);
    free(*client);
    *client = NULL;
}

bool
keys_client_answering(const struct keys_client *client)
{
    return !client->broken && client->answered
           && clock_mono_ms_since(client->answered_at) < RECENT_MS;
}

bool
keys_client_idle(const struct keys_client *client)
{
    return client->waiting_count == 0;
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

static enum err
sealed_fields(const struct adapter_sealed *sealed, struct adapter_fields *out)
{
    TRY(adapter_fields_add(out, SPAN_LIT("algorithm"), sealed->algorithm));
    TRY(adapter_fields_add(out, SPAN_LIT("nonce"), sealed->nonce));
    TRY(adapter_fields_add(out, SPAN_LIT("associated"), sealed->associated));
    return adapter_fields_add(out, SPAN_LIT("ciphertext"), sealed->ciphertext);
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
        request.task = KEYS_OPEN;
        enum err err = sealed_fields(task->sealed, &request.fields);
        assert(err == ERR_OK); /* four fields fit into any table */
        (void)err;
    }
    submit(client, &request, done, context);
}

void
keys_client_seal(struct keys_client *client, const struct audit_checkpoint *checkpoint,
                 keys_done done, void *context)
{
    struct keys_request request = { .number = client->number++, .task = KEYS_SEAL };
    DEFER(buf_fini) struct buf text = BUF_MAX(KEYS_HOUSE_TEXT_MAX);
    enum err err = keys_house_seal_fields(checkpoint, &text, &request.fields);
    assert(err == ERR_OK || err == ERR_NO_MEMORY); /* four short fields fit into any table */
    submit(client, &request, done, context);       /* without them it is refused */
}

void
keys_client_certify(struct keys_client *client, struct span text, keys_done done, void *context)
{
    struct keys_request request = { .number = client->number++, .task = KEYS_CERTIFY };
    enum err err = adapter_fields_add(&request.fields, SPAN_LIT(KEYS_HOUSE_CERTIFICATE), text);
    assert(err == ERR_OK); /* one field fits into any table */
    (void)err;
    submit(client, &request, done, context);
}

static enum err
add_number(struct adapter_fields *fields, struct span name, int64_t value, char room[NUMBER_MAX])
{
    int len = snprintf(room, NUMBER_MAX, "%lld", (long long)value);
    return adapter_fields_add(fields, name, span_make(room, (size_t)len));
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
    struct adapter_fields *fields = &request.fields;
    bool fits =
        adapter_fields_add(fields, SPAN_LIT("id"), message->id) == ERR_OK
        && add_number(fields, SPAN_LIT("timestamp"), message->timestamp_s, timestamp) == ERR_OK
        && adapter_fields_add(fields, SPAN_LIT("body"), message->body) == ERR_OK
        && add_number(fields, SPAN_LIT("generation"), message->generation, generation) == ERR_OK;
    if (fits && message->previous_generation > 0) {
        fits = add_number(fields, SPAN_LIT("previous"), message->previous_generation, previous)
               == ERR_OK;
    }
    assert(fits); /* five fields fit into any table */
    (void)fits;
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
    enum err err = add_number(&request.fields, SPAN_LIT("generation"), generation, text);
    assert(err == ERR_OK); /* one field fits into any table */
    (void)err;
    submit(client, &request, done, context);
}
