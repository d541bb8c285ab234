/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#define CALLS_MAX      64
#define BODY_MAX_BYTES ((size_t)1024 * 1024)

struct control_row {
    enum evhttp_cmd_type method;
    const char *path;
    control_fn fn;
    void *self;
};

struct control {
    struct world *world;
    struct evhttp *http;
    uint16_t port;
    struct control_row rows[CALLS_MAX];
    size_t count;
};

struct control_call {
    struct evhttp_request *request;
};

static void
answer_with(struct control_call *call, int status, struct json_t *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(16 * BODY_MAX_BYTES);
    struct evbuffer *body = evbuffer_new();
    if (body == NULL || out == NULL || json_encode(out, &text) != ERR_OK
        || evbuffer_add(body, text.at, text.len) != 0) {
        status = 500;
    }
    (void)evhttp_add_header(evhttp_request_get_output_headers(call->request), "Content-Type",
                            "application/json");
    evhttp_send_reply(call->request, status, NULL, body);
    if (body != NULL) {
        evbuffer_free(body);
    }
    json_free(&out);
    free(call);
}

void
control_answer(struct control_call *call, struct json_t *out)
{
    if (out == NULL && json_new_object(&out) != ERR_OK) {
        out = NULL;
    }
    answer_with(call, 200, out);
}

void
control_refuse(struct control_call *call, int status, const char *code, const char *detail)
{
    struct json_t *out = NULL;
    if (json_new_object(&out) != ERR_OK || json_put_text(out, "error", code) != ERR_OK
        || json_put_text(out, "detail", detail) != ERR_OK) {
        status = 500;
    }
    answer_with(call, status, out);
}

void
control_add(struct world *world, enum evhttp_cmd_type method, const char *path, control_fn fn,
            void *self)
{
    struct control *control = world->control;
    if (control->count == CALLS_MAX) {
        abort(); /* the table above is too small for the program */
    }
    control->rows[control->count++] =
        (struct control_row){ .method = method, .path = path, .fn = fn, .self = self };
}

static enum err
parse(struct evhttp_request *request, struct json_t **out)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(request);
    size_t len = evbuffer_get_length(input);
    if (len == 0) {
        return json_new_object(out);
    }
    return json_parse(span_make(evbuffer_pullup(input, -1), len), out);
}

static void
run(const struct control_row *row, struct evhttp_request *request)
{
    DEFER(json_free) struct json_t *in = NULL;
    struct control_call *call = calloc(1, sizeof(*call));
    if (call == NULL) {
        evhttp_send_error(request, 500, NULL);
        return;
    }
    call->request = request;
    if (parse(request, &in) != ERR_OK || !json_node_is_object(in)) {
        control_refuse(call, 400, "JSON", "the body is no JSON object");
        return;
    }
    row->fn(row->self, call, in);
}

/* A path takes one method: every call of README.md is either asked or told. */
static void
refuse_unknown(struct evhttp_request *request, const struct control_row *same_path)
{
    struct control_call *call = calloc(1, sizeof(*call));
    if (call == NULL) {
        evhttp_send_error(request, 500, NULL);
        return;
    }
    call->request = request;
    if (same_path == NULL) {
        control_refuse(call, 404, "PATH", "there is no such call");
        return;
    }
    (void)evhttp_add_header(evhttp_request_get_output_headers(request), "Allow",
                            same_path->method == EVHTTP_REQ_GET ? "GET" : "POST");
    control_refuse(call, 405, "METHOD", "this call takes the other method");
}

static void
dispatch(struct evhttp_request *request, void *context)
{
    const struct control *control = context;
    const struct control_row *same_path = NULL;
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    for (size_t i = 0; path != NULL && i < control->count; i++) {
        const struct control_row *row = &control->rows[i];
        if (strcmp(row->path, path) != 0) {
            continue;
        }
        if (row->method == evhttp_request_get_command(request)) {
            run(row, request);
            return;
        }
        same_path = row;
    }
    refuse_unknown(request, same_path);
}

static void
answer_time(void *self, struct control_call *call, const struct json_t *in)
{
    const struct world *world = self;
    struct json_t *out = NULL;
    DEFER(buf_fini) struct buf now = BUF_MAX(64);
    (void)in;
    if (wall_format(world_now(world), &now) != ERR_OK || json_new_object(&out) != ERR_OK
        || json_put_string(out, "now", buf_span(&now)) != ERR_OK
        || json_put_i64(out, "shift_s", world->shift_s) != ERR_OK) {
        json_free(&out);
        control_refuse(call, 409, "INTERNAL", "no time");
        return;
    }
    control_answer(call, out);
}

static void
set_clock(void *self, struct control_call *call, const struct json_t *in)
{
    struct world *world = self;
    int64_t shift_s = 0;
    if (json_get_i64(in, "shift_s", &shift_s) != ERR_OK || shift_s < -WORLD_SHIFT_MAX_S
        || shift_s > WORLD_SHIFT_MAX_S) {
        control_refuse(call, 400, "FIELD", "shift_s");
        return;
    }
    world->shift_s = shift_s;
    answer_time(self, call, in);
}

uint16_t
control_bind(struct evhttp *http)
{
    struct sockaddr_in address = { 0 };
    socklen_t len = sizeof(address);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    if (bound == NULL
        || getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &len) != 0) {
        return 0;
    }
    return ntohs(address.sin_port);
}

enum err
control_new(struct world *world, struct control **out)
{
    struct control *control = calloc(1, sizeof(*control));
    if (control == NULL) {
        return ERR_NO_MEMORY;
    }
    control->world = world;
    control->http = evhttp_new(world->base);
    control->port = control->http == NULL ? 0 : control_bind(control->http);
    if (control->port == 0) {
        control_free(&control);
        return ERR_SYSTEM;
    }
    evhttp_set_max_body_size(control->http, (ev_ssize_t)BODY_MAX_BYTES);
    evhttp_set_gencb(control->http, dispatch, control);
    world->control = control;
    control_add(world, EVHTTP_REQ_GET, "/time", answer_time, world);
    control_add(world, EVHTTP_REQ_POST, "/clock", set_clock, world);
    *out = control;
    return ERR_OK;
}

void
control_free(struct control **control)
{
    if (control != NULL && *control != NULL) {
        if ((*control)->http != NULL) {
            evhttp_free((*control)->http);
        }
        free(*control);
        *control = NULL;
    }
}

uint16_t
control_port(const struct control *control)
{
    return control->port;
}
