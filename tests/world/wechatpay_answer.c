/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay_answer.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/keyvalq_struct.h>

#include "wechatpay_fault.h"
#include "wechatpay_sign.h"

#define SLOW_MS 3000

/* A finished answer that waits: for its time, or for the end of the world. */
struct wechatpay_held {
    TAILQ_ENTRY(wechatpay_held) next;
    struct wechatpay *wechatpay;
    struct evhttp_request *req;
    int status;
    struct event *timer; /* NULL: for ever */
};

static void
let_go(struct wechatpay_held *held)
{
    TAILQ_REMOVE(&held->wechatpay->held, held, next);
    evhttp_send_reply(held->req, held->status, held->status < 400 ? "OK" : "Error", NULL);
    if (held->timer != NULL) {
        event_free(held->timer);
    }
    free(held);
}

static void
let_go_by_timer(evutil_socket_t fd, short events, void *ctx)
{
    (void)fd;
    (void)events;
    let_go(ctx);
}

void
wechatpay_gateway_free_held(struct wechatpay *wechatpay)
{
    while (!TAILQ_EMPTY(&wechatpay->held)) {
        let_go(TAILQ_FIRST(&wechatpay->held));
    }
}

static enum err
hold(struct wechatpay_call *call, int status, bool slow)
{
    const struct timeval wait = { .tv_sec = SLOW_MS / 1000, .tv_usec = SLOW_MS % 1000 * 1000 };
    struct wechatpay_held *held = calloc(1, sizeof(*held));
    if (held == NULL) {
        return ERR_NO_MEMORY;
    }
    *held =
        (struct wechatpay_held){ .wechatpay = call->wechatpay, .req = call->req, .status = status };
    if (slow) {
        held->timer = evtimer_new(call->wechatpay->world->base, let_go_by_timer, held);
        if (held->timer == NULL || event_add(held->timer, &wait) != 0) {
            if (held->timer != NULL) {
                event_free(held->timer);
            }
            free(held);
            return ERR_NO_MEMORY;
        }
    }
    TAILQ_INSERT_TAIL(&call->wechatpay->held, held, next);
    return ERR_OK;
}

/* 4.8. */
static enum err
encode_refusal(const struct wechatpay_call *call, const struct wechatpay_refusal *refusal,
               struct buf *out)
{
    DEFER(json_free) struct json_t *object = NULL;
    struct json_t *detail;
    TRY(json_new_object(&object));
    TRY(json_put_text(object, "code", refusal->code));
    TRY(json_put_text(object, "message", call->issue == NULL ? refusal->message : call->issue));
    if (call->field != NULL) {
        TRY(json_new_object(&detail));
        TRY(json_put(object, "detail", detail));
        TRY(json_put_text(detail, "field", call->field));
        TRY(json_put_text(detail, "issue", call->issue));
        TRY(json_put_text(detail, "location",
                          refusal->status == 401 ? "authorization"
                          : call->body != NULL   ? "body"
                                                 : "query"));
    }
    return json_encode(object, out);
}

/* 2.1: the number after the last "-" is an internal code. */
static enum err
add_request_id(struct evkeyvalq *headers, long long number)
{
    DEFER(buf_fini) struct buf id = BUF_MAX(64);
    const char *text;
    unsigned char bytes[16];
    TRY(crypto_random(bytes, sizeof(bytes)));
    TRY(crypto_hex_encode(span_make(bytes, sizeof(bytes)), &id));
    TRY(buf_printf(&id, "-%lld", number));
    TRY(buf_cstr(&id, &text));
    return evhttp_add_header(headers, "Request-ID", text) == 0 ? ERR_OK : ERR_NO_MEMORY;
}

static enum wechatpay_sign_lie
choose_lie(struct wechatpay_call *call)
{
    static const struct {
        enum wechatpay_fault_kind fault;
        enum wechatpay_sign_lie lie;
    } lies[] = {
        { WECHATPAY_ANSWER_FORGED, WECHATPAY_FORGED },
        { WECHATPAY_ANSWER_SERIAL, WECHATPAY_SERIAL },
        { WECHATPAY_ANSWER_PROBE, WECHATPAY_PROBE },
        { WECHATPAY_ANSWER_SKEW, WECHATPAY_SKEW },
    };
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        if (wechatpay_fault_take(call->wechatpay, lies[i].fault, call->number)) {
            return lies[i].lie;
        }
    }
    return WECHATPAY_TRUE;
}

static enum err
add_stamp(struct wechatpay_call *call, struct evkeyvalq *headers, struct span body)
{
    const char *wish =
        evhttp_find_header(evhttp_request_get_input_headers(call->req), "Wechatpay-Serial");
    struct wechatpay_stamp stamp;
    TRY(wechatpay_sign_stamp(call->wechatpay,
                             wechatpay_sign_choose(call->wechatpay, call->merchant, wish, false),
                             choose_lie(call), body, &stamp));
    return evhttp_add_header(headers, "Wechatpay-Timestamp", stamp.timestamp) == 0
                   && evhttp_add_header(headers, "Wechatpay-Nonce", stamp.nonce) == 0
                   && evhttp_add_header(headers, "Wechatpay-Signature", stamp.signature) == 0
                   && evhttp_add_header(headers, "Wechatpay-Serial", stamp.serial) == 0
                   && evhttp_add_header(headers, "Wechatpay-Signature-Type", stamp.type) == 0
               ? ERR_OK
               : ERR_NO_MEMORY;
}

/* The body, its type, and for what the document signs (2.6) its signature. */
static enum err
build(struct wechatpay_call *call, const struct wechatpay_refusal *refusal, struct buf *body)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(call->req);
    const char *type = "application/json; charset=utf-8";
    bool file = refusal == NULL && call->file != NULL && call->file_type != NULL;
    if (refusal != NULL) {
        TRY(encode_refusal(call, refusal, body));
    } else if (file) {
        TRY(buf_append(body, buf_span(call->file)));
        type = call->file_type;
    } else if (!call->empty) {
        TRY(json_encode(call->out, body));
    }
    if (!call->empty || refusal != NULL) {
        (void)evhttp_add_header(headers, "Content-Type", type);
    }
    TRY(add_request_id(headers, refusal == NULL ? 0 : refusal->number));
    return refusal != NULL || file ? ERR_OK : add_stamp(call, headers, buf_span(body));
}

enum err
wechatpay_answer_call(struct wechatpay_call *call)
{
    struct wechatpay *wechatpay = call->wechatpay;
    const struct wechatpay_refusal *refusal =
        call->refusal == NULL ? NULL : wechatpay_refusal_find(call->refusal);
    int status = refusal != NULL ? refusal->status : call->empty ? HTTP_NOCONTENT : HTTP_OK;
    if (wechatpay_fault_take(wechatpay, WECHATPAY_ANSWER_HTML, call->number)) {
        wechatpay_reply_page(call->req, 502, "502 Bad Gateway", "nginx");
        return ERR_OK;
    }
    DEFER(buf_fini) struct buf body = BUF_MAX(2 * WECHATPAY_BILL_MAX);
    TRY(build(call, refusal, &body));
    struct span sent = buf_span(&body);
    if (wechatpay_fault_take(wechatpay, WECHATPAY_ANSWER_CUT, call->number)) {
        sent = span_sub(sent, 0, sent.len / 2);
    }
    if (evbuffer_add(evhttp_request_get_output_buffer(call->req), sent.at, sent.len) != 0) {
        return ERR_NO_MEMORY;
    }
    if (wechatpay_fault_take(wechatpay, WECHATPAY_ANSWER_HANG, call->number)) {
        return hold(call, status, false);
    }
    if (wechatpay_fault_take(wechatpay, WECHATPAY_ANSWER_SLOW, call->number)) {
        return hold(call, status, true);
    }
    evhttp_send_reply(call->req, status, status < 400 ? "OK" : "Error", NULL);
    return ERR_OK;
}
