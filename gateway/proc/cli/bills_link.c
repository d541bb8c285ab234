/* SPDX-License-Identifier: Apache-2.0 */
#include "bills_link.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "keys_client.h"
#include "keys_spawn.h"
#include "transport.h"
#include "verify.h"

#define ARENA_BYTES ((size_t)4 * 1024 * 1024)
#define DOWNLOAD_MS 60000
#define HTTP_OK     200

struct bills_line {
    struct event_base *base;
    struct keys_spawn *spawn;
    struct keys_client *keys;
    struct transport *transport;
};

/* One thing that is waited for. */
struct wait {
    bool done;
    enum err err;
    struct buf bytes; /* of a signature or a body */
    int status;
    struct buf content_type;
};

static void
wait_fini(struct wait *wait)
{
    buf_fini(&wait->bytes);
    buf_fini(&wait->content_type);
}

static enum err
wait_for(struct bills_line *line, struct wait *wait)
{
    while (!wait->done) {
        if (event_base_loop(line->base, EVLOOP_ONCE) != 0) {
            return ERR_SYSTEM;
        }
    }
    return wait->err;
}

enum err
bills_line_open(const char *config_path, struct bills_line **out)
{
    int fd = -1;
    DEFER(bills_line_close) struct bills_line *line = calloc(1, sizeof(*line));
    if (line == NULL) {
        return ERR_NO_MEMORY;
    }
    line->base = event_base_new();
    if (line->base == NULL) {
        return ERR_NO_MEMORY;
    }
    TRY(transport_new(line->base, &line->transport));
    TRY(keys_spawn_open(config_path, &line->spawn, &fd));
    TRY(keys_client_new(line->base, fd, &line->keys));
    *out = line;
    line = NULL;
    return ERR_OK;
}

void
bills_line_close(struct bills_line **line)
{
    if (line == NULL || *line == NULL) {
        return;
    }
    keys_client_free(&(*line)->keys);
    keys_spawn_close(&(*line)->spawn);
    transport_free(&(*line)->transport);
    if ((*line)->base != NULL) {
        event_base_free((*line)->base);
    }
    free(*line);
    *line = NULL;
}

static void
on_signature(void *context, enum err err, struct span signature)
{
    struct wait *wait = context;
    wait->err = err == ERR_OK ? buf_append(&wait->bytes, signature) : err;
    wait->done = true;
}

static void
on_answer(void *context, enum err err, const struct transport_answer *answer)
{
    struct wait *wait = context;
    if (err == ERR_OK) {
        wait->status = answer->status;
        err = buf_append(&wait->bytes, answer->body);
    }
    if (err == ERR_OK) {
        err = buf_append(&wait->content_type, answer->content_type);
    }
    wait->err = err;
    wait->done = true;
}

static enum err
sign(struct bills_line *line, const struct adapter_account *account,
     const struct adapter_fields *fields, struct arena *arena, struct span *out)
{
    DEFER(wait_fini) struct wait wait = { .bytes = BUF_MAX(1024), .content_type = BUF_MAX(0) };
    keys_client_sign(line->keys, span_of(account->name), ADAPTER_BILL_LINK, fields, on_signature,
                     &wait);
    TRY(wait_for(line, &wait));
    return arena_copy(arena, buf_span(&wait.bytes), out);
}

static enum err
call(struct bills_line *line, const struct transport_request *request, struct wait *wait)
{
    TRY(transport_start(line->transport, request, on_answer, wait, NULL));
    return wait_for(line, wait);
}

static void
copy_text(struct span from, char *to, size_t size)
{
    size_t len = from.len < size ? from.len : 0; /* what does not fit is no link of ours */
    if (len > 0) {
        memcpy(to, from.at, len);
    }
    to[len] = 0;
}

static enum err
read_answer(const struct adapter_account *account, const struct adapter_order *order,
            const struct wait *wait, struct arena *arena, struct bills_link *out)
{
    struct adapter_answer answer = { 0 };
    DEFER(evidence_free) struct evidence *evidence = NULL;
    const struct adapter_message message = { .status = wait->status,
                                             .content_type = buf_span(&wait->content_type),
                                             .body = buf_span(&wait->bytes) };
    TRY(verify_answer(account, ADAPTER_BILL_LINK, order, &message, arena, &answer, &evidence));
    copy_text(answer.bill_url, out->url, sizeof(out->url));
    copy_text(answer.code, out->code, sizeof(out->code));
    out->none = answer.bill_none;
    if (answer.handling != ADAPTER_DONE) {
        return answer.err == ERR_OK ? ERR_PROVIDER_PROTOCOL : answer.err;
    }
    return out->url[0] == 0 ? ERR_PROVIDER_PROTOCOL : ERR_OK;
}

static enum err
ask(struct bills_line *line, const struct bills_target *target, struct arena *arena,
    struct bills_link *out)
{
    const struct adapter_account *account = target->account;
    const struct adapter *adapter = account->adapter;
    struct adapter_fields fields = { .count = 0 };
    struct adapter_request request = { .kind = ADAPTER_REQUEST_NONE };
    struct span signature;
    const struct adapter_order order = { .now = clock_wall(),
                                         .bill_day = target->day,
                                         .bill_kind = span_of(target->bill->kind) };
    DEFER(wait_fini)
    struct wait wait = { .bytes = BUF_MAX(TRANSPORT_BODY_MAX), .content_type = BUF_MAX(1024) };
    TRY(adapter->request_build(account, ADAPTER_BILL_LINK, &order, order.now, arena, &fields));
    TRY(sign(line, account, &fields, arena, &signature));
    TRY(adapter->request_encode(account, ADAPTER_BILL_LINK, &order, &fields, signature, arena,
                                &request));
    const struct transport_request http = { .post = request.post,
                                            .url = request.url,
                                            .content_type = request.content_type,
                                            .body = request.body,
                                            .ca_file = account->ca_file,
                                            .allow_private_address =
                                                account->allow_private_address };
    TRY(call(line, &http, &wait));
    return read_answer(account, &order, &wait, arena, out);
}

enum err
bills_line_ask(struct bills_line *line, const struct bills_target *target, struct bills_link *out)
{
    DEFER(arena_free) struct arena *arena = NULL;
    *out = (struct bills_link){ .none = false };
    TRY(arena_new(ARENA_BYTES, &arena));
    return ask(line, target, arena, out);
}

enum err
bills_line_download(struct bills_line *line, const struct bills_target *target, const char *url,
                    struct buf *out)
{
    const struct adapter_account *account = target->account;
    DEFER(wait_fini)
    struct wait wait = { .bytes = BUF_MAX(BILL_FILE_MAX_BYTES), .content_type = BUF_MAX(1024) };
    const struct transport_request http = {
        .url = span_of(url),
        .ca_file = account->ca_file,
        .allow_private_address = account->allow_private_address,
        .allow_http = span_starts(span_of(url), SPAN_LIT("http://")),
        .body_max_bytes = BILL_FILE_MAX_BYTES,
        .total_ms = DOWNLOAD_MS,
    };
    TRY(call(line, &http, &wait));
    if (wait.status != HTTP_OK || !bill_file_looks_right(target->bill, buf_span(&wait.bytes))) {
        return ERR_BILL_LINK;
    }
    return buf_append(out, buf_span(&wait.bytes));
}
