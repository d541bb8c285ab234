/* SPDX-License-Identifier: Apache-2.0 */
#include "outside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>

#include "control.h"
#include "door.h"
#include "outside_edge.h"
#include "record.h"
#include "world.h"

#define ADDRESSES_MAX 16
#define CONTROLS_MAX  64
#define FIRST_PORT    7001
#define PART_MAX      ((size_t)4 * 1024 * 1024)

static struct {
    struct world world;
    struct outside_address {
        struct evhttp *http;
        const char *path; /* NULL: any other */
        void (*serve)(struct evhttp_request *, void *);
        void *context;
    } addresses[ADDRESSES_MAX];
    size_t address_count;
    struct evhttp *listeners[ADDRESSES_MAX];
    uint16_t listener_count;
    struct outside_control {
        const char *path;
        control_fn fn;
        void *self;
    } controls[CONTROLS_MAX];
    size_t control_count;
    outside_send send;
} outside;

/* In the place of libevent's listeners. */

int
edge_set_cb(struct evhttp *http, const char *path, void (*serve)(struct evhttp_request *, void *),
            void *context)
{
    assert(outside.address_count < ADDRESSES_MAX);
    outside.addresses[outside.address_count++] =
        (struct outside_address){ .http = http, .path = path, .serve = serve, .context = context };
    return 0;
}

void
edge_set_gencb(struct evhttp *http, void (*serve)(struct evhttp_request *, void *), void *context)
{
    (void)edge_set_cb(http, NULL, serve, context);
}

uint16_t
control_bind(struct evhttp *http)
{
    assert(outside.listener_count < ADDRESSES_MAX);
    outside.listeners[outside.listener_count] = http;
    return (uint16_t)(FIRST_PORT + outside.listener_count++);
}

static struct outside_reply *
reply_of(struct evhttp_request *req)
{
    return req->cb_arg;
}

static enum err
take_headers(struct evhttp_request *req, struct outside_reply *out)
{
    const struct evkeyval *header;
    for (header = req->output_headers->tqh_first; header != NULL; header = header->next.tqe_next) {
        TRY(buf_append(&out->text, span_make(header->key, strlen(header->key) + 1)));
        TRY(buf_append(&out->text, span_make(header->value, strlen(header->value) + 1)));
        out->header_count++;
    }
    return ERR_OK;
}

static enum err
take_bytes(struct evbuffer *from, struct outside_reply *out)
{
    size_t len = from == NULL ? 0 : evbuffer_get_length(from);
    return len == 0 ? ERR_OK : buf_append(&out->body, span_make(evbuffer_pullup(from, -1), len));
}

void
edge_send_reply(struct evhttp_request *req, int code, const char *reason, struct evbuffer *body)
{
    struct outside_reply *out = reply_of(req);
    (void)reason;
    if (out != NULL) { /* whoever asked has not gone meanwhile */
        out->status = code;
        enum err err = take_headers(req, out);
        assert(err == ERR_OK);
        err = take_bytes(req->output_buffer, out);
        assert(err == ERR_OK);
        err = take_bytes(body, out);
        assert(err == ERR_OK);
        (void)err;
    }
    evhttp_request_free(req);
}

void
edge_send_error(struct evhttp_request *req, int code, const char *reason)
{
    edge_send_reply(req, code, reason, NULL);
}

static struct outside_address *
address_of(const struct evhttp_uri *uri)
{
    struct outside_address *any = NULL;
    const char *path = evhttp_uri_get_path(uri);
    int number = evhttp_uri_get_port(uri) - FIRST_PORT;
    if (number < 0 || number >= outside.listener_count) {
        return NULL;
    }
    for (size_t i = 0; i < outside.address_count; i++) {
        struct outside_address *one = &outside.addresses[i];
        if (one->http != outside.listeners[number]) {
            continue;
        }
        if (one->path == NULL) {
            any = one;
        } else if (path != NULL && strcmp(one->path, path) == 0) {
            return one;
        }
    }
    return any;
}

static enum err
add_header(struct evhttp_request *req, struct span name, struct span value)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(PART_MAX);
    DEFER(buf_fini) struct buf content = BUF_MAX(PART_MAX);
    const char *name_at = NULL;
    const char *value_at = NULL;
    TRY(buf_append(&text, name));
    TRY(buf_append(&content, value));
    TRY(buf_cstr(&text, &name_at));
    TRY(buf_cstr(&content, &value_at));
    return evhttp_add_header(req->input_headers, name_at, value_at) == 0 ? ERR_OK : ERR_NO_MEMORY;
}

static struct evhttp_request *
make_request(const struct outside_request *from, struct outside_reply *out)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(PART_MAX);
    const char *text = NULL;
    struct evhttp_request *req = evhttp_request_new(NULL, out);
    enum err err = buf_append(&url, from->url);
    assert(req != NULL && err == ERR_OK);
    err = buf_cstr(&url, &text);
    assert(err == ERR_OK);
    (void)err;
    req->kind = EVHTTP_REQUEST;
    req->type = from->post ? EVHTTP_REQ_POST : EVHTTP_REQ_GET;
    req->uri_elems = evhttp_uri_parse(text);
    assert(req->uri_elems != NULL);
    const char *target = strchr(strstr(text, "//") + 2, '/');
    req->uri = strdup(target == NULL ? "/" : target);
    return req;
}

void
outside_exchange(const struct outside_request *request, struct outside_reply *out)
{
    *out = (struct outside_reply){ .status = 0 };
    buf_init(&out->text, PART_MAX);
    buf_init(&out->body, PART_MAX);
    struct evhttp_request *req = make_request(request, out);
    const struct outside_address *address = address_of(req->uri_elems);
    assert(address != NULL);
    enum err err = request->content_type.len == 0
                       ? ERR_OK
                       : add_header(req, SPAN_LIT("Content-Type"), request->content_type);
    for (size_t i = 0; err == ERR_OK && i < request->header_count; i++) {
        err = add_header(req, request->headers[i].name, request->headers[i].value);
    }
    assert(err == ERR_OK);
    (void)err;
    int added = evbuffer_add(req->input_buffer, request->body.at, request->body.len);
    assert(added == 0);
    (void)added;
    address->serve(req, address->context);
}

struct span
outside_reply_header(const struct outside_reply *reply, const char *name)
{
    const char *at = (const char *)reply->text.at;
    for (size_t i = 0; i < reply->header_count; i++) {
        const char *value = at + strlen(at) + 1;
        if (strcasecmp(at, name) == 0) {
            return span_of(value);
        }
        at = value + strlen(value) + 1;
    }
    return SPAN_LIT("");
}

void
outside_reply_fini(struct outside_reply *reply)
{
    buf_fini(&reply->text);
    buf_fini(&reply->body);
}

/* In the place of the control listener. */

void
control_add(struct world *world, enum evhttp_cmd_type method, const char *path, control_fn fn,
            void *self)
{
    (void)world;
    (void)method;
    assert(outside.control_count < CONTROLS_MAX);
    outside.controls[outside.control_count++] =
        (struct outside_control){ .path = path, .fn = fn, .self = self };
}

struct control_call {
    int status;
    struct json_t *out;
};

void
control_answer(struct control_call *call, struct json_t *out)
{
    call->status = 200;
    call->out = out;
}

void
control_refuse(struct control_call *call, int status, const char *code, const char *detail)
{
    (void)detail;
    call->status = status;
    enum err err = json_new_object(&call->out);
    assert(err == ERR_OK);
    err = json_put_text(call->out, "error", code);
    assert(err == ERR_OK);
    (void)err;
}

int
outside_ask(const char *path, const struct json_t *in, struct json_t **out)
{
    struct control_call call = { .status = 404 };
    DEFER(json_free) struct json_t *nothing = NULL;
    enum err err = json_new_object(&nothing);
    assert(err == ERR_OK);
    (void)err;
    for (size_t i = 0; i < outside.control_count; i++) {
        if (strcmp(outside.controls[i].path, path) == 0) {
            outside.controls[i].fn(outside.controls[i].self, &call, in == NULL ? nothing : in);
        }
    }
    assert(call.status != 404); /* there is such a call, and it is answered at once */
    *out = call.out;
    return call.status;
}

static const struct {
    int port;
    const char *faults;
    const char *clear;
} liars[] = {
    { FIRST_PORT, "/alipay/faults", "/alipay/faults/clear" },
    { FIRST_PORT + 2, "/wechatpay/faults", "/wechatpay/faults/clear" },
    { FIRST_PORT + 3, "/unionpay/faults", "/unionpay/faults/clear" },
};

static void
tell_fault(const char *path, const char *kind)
{
    DEFER(json_free) struct json_t *in = NULL;
    DEFER(json_free) struct json_t *out = NULL;
    enum err err = json_new_object(&in);
    assert(err == ERR_OK);
    if (kind != NULL) {
        err = json_put_text(in, "kind", kind);
        assert(err == ERR_OK);
    }
    (void)err;
    int status = outside_ask(path, in, &out);
    assert(status == 200);
    (void)status;
}

/* What the lie before was not used for is taken back. */
void
outside_lie(struct span url, int64_t which)
{
    static const char *const kinds[OUTSIDE_LIES] = { "answer_unpaid", "answer_amount",
                                                     "answer_forged", "answer_error",
                                                     "answer_rate" };
    for (size_t i = 0; i < sizeof(liars) / sizeof(liars[0]); i++) {
        char address[32];
        (void)snprintf(address, sizeof(address), "https://127.0.0.1:%d/", liars[i].port);
        if (span_starts(url, span_of(address))) {
            tell_fault(liars[i].clear, NULL);
            tell_fault(liars[i].faults, kinds[which]);
        }
    }
}

void
outside_be_honest(void)
{
    for (size_t i = 0; i < sizeof(liars) / sizeof(liars[0]); i++) {
        tell_fault(liars[i].clear, NULL);
    }
}

/* In the place of TLS, which a call inside the program does not need, and of the record for plays. */

enum err
door_new(struct world *world, const char *name, struct door **out)
{
    (void)world;
    (void)name;
    *out = NULL;
    return ERR_OK;
}

void
door_free(struct door **door)
{
    *door = NULL;
}

struct bufferevent *
door_accept(struct event_base *base, void *context)
{
    (void)base;
    (void)context;
    return NULL;
}

void
record_add(struct world *world, const char *provider, const char *call, struct span number)
{
    (void)world;
    (void)provider;
    (void)call;
    (void)number;
}

/* In the place of the world's HTTP client. */

struct outside_notice {
    char *path;
    struct outside_header headers[OUTSIDE_HEADERS_MAX];
    size_t header_count;
    struct buf text;
    http_done done;
    void *context;
};

static enum err
keep(struct buf *text, struct span value, size_t *at)
{
    *at = text->len;
    return buf_append(text, value);
}

static enum err
keep_notice(struct outside_notice *notice, const struct http_call *call)
{
    size_t at[2 * OUTSIDE_HEADERS_MAX + 1];
    TRY(keep(&notice->text, call->body, &at[0]));
    for (size_t i = 0; i < call->header_count; i++) {
        TRY(keep(&notice->text, span_of(call->headers[i].name), &at[2 * i + 1]));
        TRY(keep(&notice->text, span_of(call->headers[i].value), &at[2 * i + 2]));
    }
    for (size_t i = 0; i < call->header_count; i++) {
        notice->headers[i].name =
            span_make(notice->text.at + at[2 * i + 1], strlen(call->headers[i].name));
        notice->headers[i].value =
            span_make(notice->text.at + at[2 * i + 2], strlen(call->headers[i].value));
    }
    notice->header_count = call->header_count;
    return ERR_OK;
}

enum err
http_send(struct world *world, const struct http_call *call, http_done done, void *ctx)
{
    struct outside_notice *notice = calloc(1, sizeof(*notice));
    (void)world;
    assert(notice != NULL && call->header_count <= OUTSIDE_HEADERS_MAX);
    buf_init(&notice->text, PART_MAX);
    const char *path = strchr(strstr(call->url, "//") + 2, '/');
    notice->path = strdup(path);
    notice->done = done;
    notice->context = ctx;
    TRY(keep_notice(notice, call));
    outside.send(notice);
    return ERR_OK;
}

void
http_end(struct world *world)
{
    (void)world;
}

struct span
outside_notice_path(const struct outside_notice *notice)
{
    return span_of(notice->path);
}

const struct outside_header *
outside_notice_headers(const struct outside_notice *notice, size_t *count)
{
    *count = notice->header_count;
    return notice->headers;
}

struct span
outside_notice_body(const struct outside_notice *notice)
{
    return span_make(notice->text.at, notice->header_count == 0
                                          ? notice->text.len
                                          : (size_t)(notice->headers[0].name.at - notice->text.at));
}

static void
notice_free(struct outside_notice *notice)
{
    buf_fini(&notice->text);
    free(notice->path);
    free(notice);
}

void
outside_told(struct outside_notice *notice, int status, struct span body)
{
    const struct http_answer answer = { .status = status, .body = body };
    notice->done(notice->context, &answer);
    notice_free(notice);
}

enum err
outside_open(const char *pki, outside_send send)
{
    memset(&outside, 0, sizeof(outside));
    outside.send = send;
    outside.world.pki = pki;
    outside.world.base = event_base_new();
    if (outside.world.base == NULL) {
        return ERR_NO_MEMORY;
    }
    TRY(alipay_new(&outside.world, &outside.world.alipay));
    TRY(wechatpay_new(&outside.world, &outside.world.wechatpay));
    return unionpay_new(&outside.world, &outside.world.unionpay);
}

void
outside_close(void)
{
    alipay_free(&outside.world.alipay);
    wechatpay_free(&outside.world.wechatpay);
    unionpay_free(&outside.world.unionpay);
    event_base_free(outside.world.base);
}
