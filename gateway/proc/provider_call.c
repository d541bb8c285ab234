/* SPDX-License-Identifier: Apache-2.0 */
#include "provider_call.h"

#include "metrics.h"

#define HTTP_OK 200

static void
end(struct provider_call *call, enum err err)
{
    call->done(call->context, err);
}

enum err
provider_call_nonce(struct arena *arena, struct span *out)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    unsigned char random[ADAPTER_NONCE_CHARS];
    TRY(crypto_random(random, sizeof(random)));
    for (size_t i = 0; i < sizeof(random); i++) {
        random[i] = (unsigned char)alphabet[random[i] % (sizeof(alphabet) - 1)];
    }
    return arena_copy(arena, span_make(random, sizeof(random)), out);
}

bool
provider_call_offered(const struct adapter_account *account, enum adapter_operation operation)
{
    return (account->adapter->operations & ADAPTER_OFFERS(operation)) != 0;
}

static enum err
read_answer(struct provider_call *call)
{
    if (call->operation == ADAPTER_KEYS) {
        return verify_keys_end(call->verify, &call->keys);
    }
    return verify_answer_end(call->verify, &call->answer, &call->evidence);
}

static void proceed(struct provider_call *call);

static void
task_done(void *context, enum err err, struct span bytes)
{
    struct provider_call *call = context;
    err = verify_task_done(call->verify, err, bytes);
    if (err != ERR_OK) {
        /* The provider has acted; only we cannot tell how. */
        end(call, err_class(err) == ERR_CLASS_UNKNOWN ? err : ERR_PROVIDER_UNVERIFIED);
        return;
    }
    proceed(call);
}

static void
proceed(struct provider_call *call)
{
    struct verify_task task = verify_task(call->verify);
    if (task.kind == VERIFY_TASK_NONE) {
        end(call, read_answer(call));
    } else {
        keys_client_verify(call->keys_client, span_of(call->account->name), &task, task_done, call);
    }
}

/* The answer is gone when the transport's function returns. The keys process may be asked later, and
 * what an adapter reads may point into the message. */
static enum err
keep_message(struct provider_call *call)
{
    struct adapter_message *message = &call->message;
    void *storage = NULL;
    TRY(arena_copy(call->arena, message->body, &message->body));
    TRY(arena_copy(call->arena, message->content_type, &message->content_type));
    TRY(arena_array(call->arena, message->header_count, sizeof(struct adapter_field), &storage));
    struct adapter_field *headers = storage;
    for (size_t i = 0; i < message->header_count; i++) {
        TRY(arena_copy(call->arena, message->headers[i].name, &headers[i].name));
        TRY(arena_copy(call->arena, message->headers[i].value, &headers[i].value));
    }
    message->headers = headers;
    return ERR_OK;
}

static enum err
begin_verify(struct provider_call *call)
{
    if (keep_message(call) != ERR_OK) {
        return ERR_PROVIDER_UNVERIFIED; /* the provider has acted; only we cannot read how */
    }
    enum err err = verify_answer_begin(call->account, call->operation, &call->order, &call->message,
                                       call->arena, &call->verify);
    if (err != ERR_PROVIDER_UNVERIFIED) {
        return err;
    }
    if (verify_is_probe(call->account, &call->message, call->arena)) {
        metrics_add(METRIC_PROBES_TOTAL, 1);
    }
    struct span serial = verify_unknown_serial(call->account, &call->message, call->arena);
    return arena_copy(call->arena, serial, &call->unknown_serial) == ERR_OK ? err : ERR_ARENA_FULL;
}

/* A file from a link is not signed: what proves it stands in the signed answer that gave the link. */
static bool
is_linked_file(const struct provider_call *call)
{
    return call->operation == ADAPTER_BILL_FILE && call->order.bill_url.len > 0;
}

/* A date that cannot be read says nothing about any clock. */
static void
take_date(struct provider_call *call, struct span date)
{
    if (wall_parse_http(date, &call->date) != ERR_OK) {
        call->date = (struct wall_time){ .us = 0 };
    }
}

static void
answered(void *context, enum err err, const struct transport_answer *http)
{
    struct provider_call *call = context;
    if (err != ERR_OK) {
        call->sent = err != ERR_PROVIDER_NOT_SENT;
        end(call, err);
        return;
    }
    take_date(call, http->date);
    if (is_linked_file(call)) {
        call->answer.bill_file = http->body;
        end(call, http->status == HTTP_OK ? ERR_OK : ERR_BILL_LINK);
        return;
    }
    call->message = (struct adapter_message){ .status = http->status,
                                              .content_type = http->content_type,
                                              .headers = http->headers,
                                              .header_count = http->header_count,
                                              .body = http->body };
    err = begin_verify(call);
    if (err != ERR_OK) {
        end(call, err);
    } else {
        proceed(call);
    }
}

void
provider_call_send(struct provider_call *call)
{
    const struct adapter_account *account = call->account;
    const struct transport_request http = {
        .post = call->request.post,
        .url = call->request.url,
        .content_type = call->request.content_type,
        .body = call->request.body,
        .headers = call->request.headers,
        .header_count = call->request.header_count,
        .ca_file = account->ca_file,
        .allow_private_address = account->allow_private_address,
        .body_max_bytes = call->body_max_bytes,
        .total_ms = call->total_ms,
        .progress = call->progress,
    };
    metrics_add(METRIC_PROVIDER_CALLS_TOTAL, 1);
    call->sent = true;
    enum err err = transport_start(call->transport, &http, answered, call, NULL);
    if (err != ERR_OK) {
        call->sent = false;
        end(call, err);
    }
}

static void
signed_by_keys(void *context, enum err err, struct span signature)
{
    struct provider_call *call = context;
    const struct adapter *adapter = call->account->adapter;
    if (err == ERR_OK && call->operation == ADAPTER_INVOKE) {
        err = adapter->invoke_encode(call->account, &call->fields, signature, call->arena,
                                     &call->invoked);
        end(call, err);
        return;
    }
    if (err == ERR_OK) {
        err = adapter->request_encode(call->account, call->operation, &call->order, &call->fields,
                                      signature, call->arena, &call->request);
    }
    if (err != ERR_OK) {
        end(call, err);
    } else if (call->request.kind == ADAPTER_FORM) {
        call->is_form = true;
        end(call, ERR_OK);
    } else if (call->ready != NULL) {
        call->ready(call->context);
    } else {
        provider_call_send(call);
    }
}

void
provider_call_start(struct provider_call *call)
{
    enum err err = ERR_METHOD_UNKNOWN;
    if (provider_call_offered(call->account, call->operation)) {
        err = provider_call_nonce(call->arena, &call->order.nonce);
    }
    if (err == ERR_OK) {
        err = call->account->adapter->request_build(call->account, call->operation, &call->order,
                                                    call->order.now, call->arena, &call->fields);
    }
    if (err != ERR_OK) {
        end(call, err);
        return;
    }
    keys_client_sign(call->keys_client, span_of(call->account->name), call->operation,
                     &call->fields, signed_by_keys, call);
}
