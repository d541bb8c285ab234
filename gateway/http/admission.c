/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "http_internal.h"

/* Headers on which two readers of one message must not disagree. */
static const char *const single_headers[] = {
    "host",      "content-length",  "transfer-encoding", "content-digest",  "content-type",
    "signature", "signature-input", "idempotency-key",   "accept-language",
};

static bool
is_token(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = s.at[i];
        if (!span_is_alnum(span_make(&c, 1)) && (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
            return false;
        }
    }
    return s.len > 0;
}

/* Bytes that a field value may hold (RFC 9110 5.5); obs-text is for the field's reader to refuse. */
static bool
is_value(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if ((s.at[i] < 0x20 && s.at[i] != '\t') || s.at[i] == 0x7F) {
            return false;
        }
    }
    return true;
}

static enum err
read_header(struct http_request *request, struct http_header *header, const struct evkeyval *pair)
{
    void *room = NULL;
    size_t len = strlen(pair->key);
    TRY(arena_alloc(request->arena, len + 1, &room));
    unsigned char *name = room;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)pair->key[i];
        name[i] = c >= 'A' && c <= 'Z' ? c | 0x20 : c;
    }
    header->name = span_make(name, len);
    TRY(arena_copy(request->arena, span_trim(span_of(pair->value), " \t"), &header->value));
    return is_token(header->name) && is_value(header->value) ? ERR_OK : ERR_HTTP_MALFORMED;
}

static enum err
read_headers(struct http_transaction *transaction)
{
    struct http_request *request = &transaction->request;
    struct evkeyvalq *list = evhttp_request_get_input_headers(transaction->evhttp);
    request->headers = transaction->headers;
    const struct evkeyval *pair;
    TAILQ_FOREACH(pair, list, next) {
        if (request->header_count == HTTP_HEADERS_MAX) {
            return ERR_HTTP_HEADERS;
        }
        TRY(read_header(request, &transaction->headers[request->header_count], pair));
        request->header_count++;
    }
    /* The scanner counted the lines of the header block; what is more came as trailers. */
    bool trailers = request->header_count + 1 != transaction->connection->scanner.lines;
    return trailers ? ERR_HTTP_MALFORMED : ERR_OK;
}

static size_t
header_occurrences(const struct http_request *request, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        count += span_eq_cstr(request->headers[i].name, name) ? 1 : 0;
    }
    return count;
}

static enum err
check_headers(const struct http_request *request)
{
    for (size_t i = 0; i < sizeof(single_headers) / sizeof(single_headers[0]); i++) {
        if (header_occurrences(request, single_headers[i]) > 1) {
            return ERR_HTTP_MALFORMED;
        }
    }
    bool has_length = header_occurrences(request, "content-length") > 0;
    bool has_coding = header_occurrences(request, "transfer-encoding") > 0;
    struct span coding = http_header_get(request, "transfer-encoding");
    if ((has_length && has_coding) || (has_coding && !span_eq_cstr(coding, "chunked"))
        || (has_length && !span_is_digits(http_header_get(request, "content-length")))
        || span_empty(http_header_get(request, "host"))) {
        return ERR_HTTP_MALFORMED;
    }
    return ERR_OK;
}

/* Only origin-form, RFC 9112 3.2.1. */
static enum err
check_target(struct span target)
{
    if (target.len > HTTP_TARGET_BYTES) {
        return ERR_HTTP_URI_TOO_LONG;
    }
    if (target.len == 0 || target.at[0] != '/' || span_starts(target, SPAN_LIT("//"))) {
        return ERR_HTTP_MALFORMED;
    }
    for (size_t i = 0; i < target.len; i++) {
        if (target.at[i] <= ' ' || target.at[i] >= 0x7F || target.at[i] == '#') {
            return ERR_HTTP_MALFORMED;
        }
    }
    return span_find(target, SPAN_LIT("%00")) < target.len ? ERR_HTTP_MALFORMED : ERR_OK;
}

static enum err
read_target(struct http_transaction *transaction)
{
    struct http_request *request = &transaction->request;
    const char *uri = evhttp_request_get_uri(transaction->evhttp);
    TRY(check_target(span_of(uri)));
    TRY(arena_copy(request->arena, span_of(uri), &request->target));
    request->query = request->target;
    (void)span_cut(&request->query, '?', &request->path);
    return ERR_OK;
}

static void
read_method(struct http_transaction *transaction)
{
    static const struct {
        enum evhttp_cmd_type type;
        enum http_method method;
        const char *text;
    } rows[] = {
        { EVHTTP_REQ_GET, HTTP_GET, "GET" },    { EVHTTP_REQ_POST, HTTP_POST, "POST" },
        { EVHTTP_REQ_PUT, HTTP_PUT, "PUT" },    { EVHTTP_REQ_DELETE, HTTP_DELETE, "DELETE" },
        { EVHTTP_REQ_HEAD, HTTP_HEAD, "HEAD" },
    };
    enum evhttp_cmd_type type = evhttp_request_get_command(transaction->evhttp);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (type == rows[i].type) {
            transaction->request.method = rows[i].method;
            transaction->request.method_text = span_of(rows[i].text);
        }
    }
}

static enum err
read_body(struct http_transaction *transaction)
{
    struct http_request *request = &transaction->request;
    struct evbuffer *input = evhttp_request_get_input_buffer(transaction->evhttp);
    size_t len = evbuffer_get_length(input);
    size_t max = request->door == HTTP_DOOR_CALLBACKS ? HTTP_CALLBACK_BODY_MAX : HTTP_API_BODY_MAX;
    if (len > max) {
        return ERR_HTTP_TOO_LARGE;
    }
    if (len == 0) {
        return ERR_OK;
    }
    if (request->method == HTTP_GET || request->method == HTTP_HEAD
        || request->method == HTTP_DELETE) {
        return ERR_HTTP_MALFORMED;
    }
    const unsigned char *at = evbuffer_pullup(input, -1);
    return at == NULL ? ERR_NO_MEMORY
                      : arena_copy(request->arena, span_make(at, len), &request->body);
}

enum err
admission_read(struct http_transaction *transaction)
{
    struct http_request *request = &transaction->request;
    struct connection *connection = transaction->connection;
    read_method(transaction);
    /* Before anything is refused: a refusal is in the reader's language. */
    request->language = request_language(span_of(evhttp_find_header(
        evhttp_request_get_input_headers(transaction->evhttp), "Accept-Language")));
    TRY(connection->scanner.err);
    TRY(arena_copy(request->arena, span_of(connection->peer), &request->peer));
    TRY(read_target(transaction));
    TRY(read_headers(transaction));
    TRY(check_headers(request));
    if (request->method == HTTP_METHOD_NONE) {
        return ERR_HTTP_NOT_IMPLEMENTED;
    }
    return read_body(transaction);
}
