/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <strings.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include "http_internal.h"

#define HEADER_LINE_MAX_BYTES 4096
#define JSON_MAX_BYTES        ((size_t)4 * 1024 * 1024)

/* What every answer carries unless the handler says otherwise. */
static const struct {
    const char *name;
    const char *value;
} standing_headers[] = {
    { "Cache-Control", "no-store" },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'" },
};

static void
add_header(struct evkeyvalq *headers, struct span name, struct span value)
{
    DEFER(buf_fini) struct buf name_text = BUF_MAX(HEADER_LINE_MAX_BYTES);
    DEFER(buf_fini) struct buf value_text = BUF_MAX(HEADER_LINE_MAX_BYTES);
    const char *name_at = NULL;
    const char *value_at = NULL;
    bool fits = buf_append(&name_text, name) == ERR_OK && buf_cstr(&name_text, &name_at) == ERR_OK
                && buf_append(&value_text, value) == ERR_OK
                && buf_cstr(&value_text, &value_at) == ERR_OK;
    assert(fits); /* our own headers are short */
    (void)evhttp_add_header(headers, name_at, value_at);
}

static void
add_text(struct evkeyvalq *headers, const char *name, const char *value)
{
    add_header(headers, span_of(name), span_of(value));
}

static void
add_headers(struct http_transaction *transaction, int status, const char *content_type,
            size_t body_len, const struct http_header *extra, size_t extra_count)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(transaction->evhttp);
    for (size_t i = 0; i < extra_count; i++) {
        add_header(headers, extra[i].name, extra[i].value);
    }
    for (size_t i = 0; i < sizeof(standing_headers) / sizeof(standing_headers[0]); i++) {
        if (evhttp_find_header(headers, standing_headers[i].name) == NULL) {
            add_text(headers, standing_headers[i].name, standing_headers[i].value);
        }
    }
    if (content_type != NULL) {
        add_text(headers, "Content-Type", content_type);
    }
    if (transaction->secure) {
        add_text(headers, "Strict-Transport-Security", "max-age=31536000");
    }
    DEFER(buf_fini) struct buf length = BUF_MAX(32);
    if (status != HTTP_NOTMODIFIED && buf_i64(&length, (int64_t)body_len) == ERR_OK) {
        add_header(headers, SPAN_LIT("Content-Length"), buf_span(&length));
    }
    add_text(headers, "X-Request-Id", transaction->request.request_id);
    if (transaction->close || (transaction->server != NULL && transaction->server->draining)) {
        add_text(headers, "Connection", "close");
    }
}

/* `bytes` may be NULL, and is freed. */
static void
deliver(struct http_transaction *transaction, int status, struct evbuffer *bytes)
{
    struct connection *connection = transaction->connection;
    if (connection != NULL) {
        connection->transaction = NULL;
        connection_enter_writing(connection, bytes == NULL ? 0 : evbuffer_get_length(bytes));
        evhttp_request_set_on_complete_cb(transaction->evhttp, connection_answered, connection);
    }
    evhttp_send_reply(transaction->evhttp, status, NULL, bytes);
    if (bytes != NULL) {
        evbuffer_free(bytes);
    }
}

/* The one answer of a request; `len` is told also where no byte follows. */
static void
answer(struct http_transaction *transaction, int status, const char *content_type, size_t len,
       struct evbuffer *bytes, const struct http_header *headers, size_t header_count)
{
    assert(!transaction->answered);
    transaction->answered = true;
    if (transaction->evhttp != NULL) {
        add_headers(transaction, status, content_type, len, headers, header_count);
        deliver(transaction, status, bytes);
        transaction->evhttp = NULL;
    } else if (bytes != NULL) {
        evbuffer_free(bytes);
    }
    transaction_retire(transaction);
}

void
http_reply(struct http_request *request, int status, const char *content_type, struct span body,
           const struct http_header *headers, size_t header_count)
{
    struct evbuffer *bytes = NULL;
    if (request->method != HTTP_HEAD && !span_empty(body)) {
        bytes = evbuffer_new();
    }
    if (bytes != NULL) {
        (void)evbuffer_add(bytes, body.at, body.len);
    }
    answer(request->transaction, status, content_type, body.len, bytes, headers, header_count);
}

void
http_reply_file(struct http_request *request, const char *content_type, int fd, size_t size,
                const struct http_header *headers, size_t header_count)
{
    bool bare = request->method == HTTP_HEAD || size == 0;
    struct evbuffer *bytes = bare ? NULL : evbuffer_new();
    bool taken = bytes != NULL && evbuffer_add_file(bytes, fd, 0, (ev_off_t)size) == 0;
    if (!taken) {
        (void)close(fd);
    }
    if (!bare && !taken) {
        if (bytes != NULL) {
            evbuffer_free(bytes);
        }
        http_problem(request, ERR_NO_MEMORY, NULL, 0);
        return;
    }
    answer(request->transaction, 200, content_type, size, bytes, headers, header_count);
}

void
http_reply_json(struct http_request *request, int status, const struct json_t *body,
                const struct http_header *headers, size_t header_count)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(JSON_MAX_BYTES);
    enum err err = json_encode(body, &text);
    if (err != ERR_OK) {
        http_problem(request, ERR_INTERNAL, NULL, 0);
        return;
    }
    http_reply(request, status, "application/json", buf_span(&text), headers, header_count);
}
