/* SPDX-License-Identifier: Apache-2.0 */
/* Admission: a whole request as it stands on the wire, cut up here the way evhttp does, scanned and judged. What is
 * admitted can be read in one way only: one target, each decisive header once, no body where none belongs. */
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>

#include "fuzz.h"
#include "http_internal.h"

#define BODY_MAX ((size_t)300 * 1024)

static const struct {
    const char *text;
    enum evhttp_cmd_type type;
} methods[] = {
    { "GET", EVHTTP_REQ_GET },   { "POST", EVHTTP_REQ_POST },     { "PUT", EVHTTP_REQ_PUT },
    { "HEAD", EVHTTP_REQ_HEAD }, { "DELETE", EVHTTP_REQ_DELETE }, { "OPTIONS", EVHTTP_REQ_OPTIONS },
};

static void
take_request_line(struct span line, struct evhttp_request *evhttp)
{
    struct span method;
    struct span target;
    struct span rest = line;
    (void)span_cut(&rest, ' ', &method);
    (void)span_cut(&rest, ' ', &target);
    evhttp->type = EVHTTP_REQ_TRACE;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (span_eq_cstr(method, methods[i].text)) {
            evhttp->type = methods[i].type;
        }
    }
    evhttp->uri = strndup((const char *)target.at, target.len);
    FUZZ_DEMAND(evhttp->uri != NULL);
}

static void
take_header(struct span line, struct arena *arena, struct evhttp_request *evhttp)
{
    const char *name_text = NULL;
    const char *value_text = NULL;
    struct span name;
    struct span value = line;
    (void)span_cut(&value, ':', &name);
    if (arena_cstr(arena, name, &name_text) == ERR_OK
        && arena_cstr(arena, span_trim(value, " "), &value_text) == ERR_OK) {
        (void)evhttp_add_header(evhttp_request_get_input_headers(evhttp), name_text, value_text);
    }
}

static void
take_block(struct span bytes, struct arena *arena, struct evhttp_request *evhttp)
{
    size_t end = span_find(bytes, SPAN_LIT("\r\n\r\n"));
    struct span block = span_sub(bytes, 0, end + 2);
    struct span body = span_sub(bytes, end + 4, BODY_MAX);
    struct span line;
    bool first = true;
    while (span_cut(&block, '\n', &line)) {
        line = span_trim(line, "\r");
        if (first) {
            take_request_line(line, evhttp);
        } else {
            take_header(line, arena, evhttp);
        }
        first = false;
    }
    FUZZ_DEMAND(evbuffer_add(evhttp_request_get_input_buffer(evhttp), body.at, body.len) == 0);
}

static size_t
occurrences(const struct http_request *request, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        count += span_eq_cstr(request->headers[i].name, name) ? 1 : 0;
    }
    return count;
}

static void
check_headers(const struct http_request *request)
{
    static const char *const once[] = {
        "host", "content-digest", "signature", "signature-input", "idempotency-key", "content-type"
    };
    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
        FUZZ_DEMAND(occurrences(request, once[i]) <= 1);
    }
    FUZZ_DEMAND(occurrences(request, "host") == 1);
    FUZZ_DEMAND(occurrences(request, "content-length") + occurrences(request, "transfer-encoding")
                <= 1);
    for (size_t i = 0; i < request->header_count; i++) {
        struct span name = request->headers[i].name;
        struct span value = request->headers[i].value;
        FUZZ_DEMAND(name.len > 0);
        for (size_t b = 0; b < name.len; b++) {
            FUZZ_DEMAND(name.at[b] > ' ' && name.at[b] < 0x7F && name.at[b] != ':');
            FUZZ_DEMAND(name.at[b] < 'A' || name.at[b] > 'Z');
        }
        FUZZ_DEMAND(span_index(value, '\n') == value.len && span_index(value, '\r') == value.len);
        FUZZ_DEMAND(span_index(value, 0) == value.len);
    }
}

static void
check_target(const struct http_request *request)
{
    struct span target = request->target;
    size_t question = span_index(target, '?');
    FUZZ_DEMAND(target.len > 0 && target.len <= HTTP_TARGET_BYTES && target.at[0] == '/');
    FUZZ_DEMAND(target.len < 2 || target.at[1] != '/');
    for (size_t i = 0; i < target.len; i++) {
        FUZZ_DEMAND(target.at[i] > ' ' && target.at[i] < 0x7F && target.at[i] != '#');
    }
    FUZZ_DEMAND(span_eq(request->path, span_sub(target, 0, question)));
    FUZZ_DEMAND(span_eq(request->query, span_sub(target, question + 1, target.len)));
}

static void
check_admitted(struct http_request *request)
{
    struct span value;
    struct faults faults = { .count = 0 };
    bool reads = request->method == HTTP_GET || request->method == HTTP_HEAD;
    FUZZ_DEMAND(request->method != HTTP_METHOD_NONE && request->method_text.len > 0);
    FUZZ_DEMAND(!reads || span_empty(request->body));
    FUZZ_DEMAND(request->body.len <= HTTP_API_BODY_MAX);
    check_target(request);
    check_headers(request);
    if (http_query_get(request, "a", &value) == ERR_OK) {
        FUZZ_DEMAND(span_is_utf8(value) || span_empty(value));
    }
    if (http_form_get(request, "a", &value) == ERR_OK) {
        FUZZ_DEMAND(span_is_utf8(value) || span_empty(value));
    }
    enum err only = http_query_only(request, "a", &faults);
    FUZZ_DEMAND((only == ERR_VALIDATION) == (faults.count > 0) || only == ERR_ENCODING);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_make(data, size);
    struct connection connection = { .peer = "127.0.0.1" };
    DEFER(arena_free) struct arena *arena = fuzz_arena();
    scanner_feed(&connection.scanner, bytes);
    if (!connection.scanner.ended || connection.scanner.err != ERR_OK) {
        return 0; /* the connection ends before anything is read */
    }
    struct http_transaction transaction = { .connection = &connection };
    transaction.request.arena = arena;
    transaction.request.door = HTTP_DOOR_API;
    transaction.evhttp = evhttp_request_new(NULL, NULL);
    FUZZ_DEMAND(transaction.evhttp != NULL);
    take_block(bytes, arena, transaction.evhttp);
    if (admission_read(&transaction) == ERR_OK) {
        check_admitted(&transaction.request);
    }
    evhttp_request_free(transaction.evhttp);
    return 0;
}
