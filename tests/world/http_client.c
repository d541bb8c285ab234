/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "world.h"

#define TARGET_MAX_BYTES 4096
#define BODY_MAX_BYTES   ((ev_ssize_t)16 * 1024 * 1024)

struct sending {
    struct world *world;
    struct sending *next; /* of those whose connection is not freed yet */
    struct evhttp_connection *connection;
    http_done done; /* NULL once called */
    void *context;
};

static void
forget(const struct sending *sending)
{
    struct sending **at = &sending->world->sendings;
    while (*at != NULL && *at != sending) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = sending->next;
    }
}

static void
sending_free(struct sending *sending)
{
    forget(sending);
    if (sending->connection != NULL) {
        evhttp_connection_free(sending->connection);
    }
    free(sending);
}

static void
tell(struct sending *sending, const struct http_answer *answer)
{
    http_done done = sending->done;
    sending->done = NULL;
    done(sending->context, answer);
}

/* The connection may not be freed inside its own callback: the loop does it afterwards. */
static void
drop(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    sending_free(context);
}

static void
finished(struct evhttp_request *request, void *context)
{
    struct sending *sending = context;
    struct http_answer answer = { .status = 0 };
    if (request != NULL && evhttp_request_get_response_code(request) != 0) {
        struct evbuffer *input = evhttp_request_get_input_buffer(request);
        size_t len = evbuffer_get_length(input);
        answer.status = evhttp_request_get_response_code(request);
        answer.headers = evhttp_request_get_input_headers(request);
        answer.body = span_make(len == 0 ? NULL : evbuffer_pullup(input, -1), len);
    }
    struct event_base *base = sending->world->base;
    tell(sending, &answer);
    (void)event_base_once(base, -1, EV_TIMEOUT, drop, sending, NULL);
}

static enum err
make_target(const struct evhttp_uri *uri, struct buf *out)
{
    const char *path = evhttp_uri_get_path(uri);
    const char *query = evhttp_uri_get_query(uri);
    TRY(buf_text(out, path == NULL || path[0] == 0 ? "/" : path));
    if (query != NULL) {
        TRY(buf_byte(out, '?'));
        TRY(buf_text(out, query));
    }
    return ERR_OK;
}

static enum err
fill(struct evhttp_request *request, const struct evhttp_uri *uri, const struct http_call *call)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    DEFER(buf_fini) struct buf host = BUF_MAX(256);
    const char *text = NULL;
    TRY(buf_printf(&host, "%s:%d", evhttp_uri_get_host(uri), evhttp_uri_get_port(uri)));
    TRY(buf_cstr(&host, &text));
    char length[24];
    (void)snprintf(length, sizeof(length), "%zu", call->body.len);
    bool good = evhttp_add_header(headers, "Host", text) == 0
                && evhttp_add_header(headers, "Connection", "close") == 0;
    for (size_t i = 0; i < call->header_count; i++) {
        good =
            good && evhttp_add_header(headers, call->headers[i].name, call->headers[i].value) == 0;
    }
    if (call->body.len > 0) {
        /* libevent tells the length by itself only with methods that usually have a body */
        good = good && evhttp_add_header(headers, "Content-Length", length) == 0
               && evbuffer_add(evhttp_request_get_output_buffer(request), call->body.at,
                               call->body.len)
                      == 0;
    }
    return good ? ERR_OK : ERR_NO_MEMORY;
}

static enum err
start(struct sending *sending, const struct evhttp_uri *uri, const struct http_call *call)
{
    DEFER(buf_fini) struct buf target = BUF_MAX(TARGET_MAX_BYTES);
    const char *text = NULL;
    TRY(make_target(uri, &target));
    TRY(buf_cstr(&target, &text));
    struct evhttp_request *request = evhttp_request_new(finished, sending);
    if (request == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = fill(request, uri, call);
    if (err != ERR_OK) {
        evhttp_request_free(request);
        return err;
    }
    const struct timeval timeout = { .tv_sec = call->timeout_ms / 1000,
                                     .tv_usec = call->timeout_ms % 1000 * 1000 };
    evhttp_connection_set_timeout_tv(sending->connection, &timeout);
    evhttp_connection_set_max_body_size(sending->connection, BODY_MAX_BYTES);
    return evhttp_make_request(sending->connection, request, call->method, text) == 0 ? ERR_OK
                                                                                      : ERR_SYSTEM;
}

static enum err
open_sending(const struct evhttp_uri *uri, struct sending *sending)
{
    const char *scheme = evhttp_uri_get_scheme(uri);
    const char *host = evhttp_uri_get_host(uri);
    int port = evhttp_uri_get_port(uri);
    /* A name would be looked up while everybody waits, and its failure told within http_send. */
    if (scheme == NULL || strcmp(scheme, "http") != 0 || host == NULL
        || strcmp(host, "127.0.0.1") != 0 || port <= 0) {
        return ERR_FIELD_VALUE;
    }
    sending->connection =
        evhttp_connection_base_new(sending->world->base, NULL, host, (unsigned short)port);
    return sending->connection == NULL ? ERR_NO_MEMORY : ERR_OK;
}

enum err
http_send(struct world *world, const struct http_call *call, http_done done, void *ctx)
{
    struct evhttp_uri *uri = evhttp_uri_parse(call->url);
    struct sending *sending = calloc(1, sizeof(*sending));
    enum err err = uri == NULL ? ERR_FIELD_VALUE : sending == NULL ? ERR_NO_MEMORY : ERR_OK;
    if (err == ERR_OK) {
        *sending = (struct sending){
            .world = world, .next = world->sendings, .done = done, .context = ctx
        };
        world->sendings = sending;
        err = open_sending(uri, sending);
    }
    if (err == ERR_OK) {
        err = start(sending, uri, call);
    }
    if (err != ERR_OK && sending != NULL) {
        sending->world = world;
        sending_free(sending);
    }
    if (uri != NULL) {
        evhttp_uri_free(uri);
    }
    return err;
}

void
http_end(struct world *world)
{
    while (world->sendings != NULL) {
        struct sending *sending = world->sendings;
        const struct http_answer none = { .status = 0 };
        if (sending->done != NULL) {
            tell(sending, &none);
        }
        sending_free(sending);
    }
}
