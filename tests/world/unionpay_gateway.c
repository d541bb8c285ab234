/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay_gateway.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "record.h"
#include "unionpay_fault.h"
#include "unionpay_notify.h"

#define ANSWER_TYPE "text/html;charset=UTF-8" /* what the gateway calls its pairs */
#define ANSWER_MAX  ((size_t)32 * 1024 * 1024)
#define SLOW_S      4 /* longer than a payer's page waits, shorter than a transport gives up */

/* A request whose answer never comes, or comes late. */
struct unionpay_hung {
    TAILQ_ENTRY(unionpay_hung) next;
    struct unionpay *unionpay;
    struct evhttp_request *req;
    struct event *timer; /* NULL: never */
    struct buf body;
};

static void
hung_free(struct unionpay_hung *hung)
{
    TAILQ_REMOVE(&hung->unionpay->hung, hung, next);
    if (hung->timer != NULL) {
        event_free(hung->timer);
    }
    buf_fini(&hung->body);
    free(hung);
}

static void
answer_late(evutil_socket_t fd, short events, void *ctx)
{
    struct unionpay_hung *hung = ctx;
    (void)fd;
    (void)events;
    unionpay_reply(hung->req, HTTP_OK, ANSWER_TYPE, buf_span(&hung->body));
    hung_free(hung);
}

static enum err
hang(struct unionpay *unionpay, struct evhttp_request *req, struct unionpay_hung **out)
{
    struct unionpay_hung *hung = calloc(1, sizeof(*hung));
    if (hung == NULL) {
        return ERR_NO_MEMORY;
    }
    hung->unionpay = unionpay;
    hung->req = req;
    buf_init(&hung->body, ANSWER_MAX);
    TAILQ_INSERT_TAIL(&unionpay->hung, hung, next);
    *out = hung;
    return ERR_OK;
}

static enum err
slow_down(struct unionpay_hung *hung, struct span body)
{
    const struct timeval wait = { .tv_sec = SLOW_S, .tv_usec = 0 };
    TRY(buf_append(&hung->body, body));
    hung->timer = evtimer_new(hung->unionpay->world->base, answer_late, hung);
    return hung->timer == NULL || event_add(hung->timer, &wait) != 0 ? ERR_SYSTEM : ERR_OK;
}

static enum err
send_slowly(struct unionpay *unionpay, struct evhttp_request *req, struct span body)
{
    struct unionpay_hung *hung;
    TRY(hang(unionpay, req, &hung));
    enum err err = slow_down(hung, body);
    if (err != ERR_OK) {
        hung_free(hung);
    }
    return err;
}

void
unionpay_gateway_free_hung(struct unionpay *unionpay)
{
    while (!TAILQ_EMPTY(&unionpay->hung)) {
        struct unionpay_hung *hung = TAILQ_FIRST(&unionpay->hung);
        evhttp_send_error(hung->req, HTTP_SERVUNAVAIL, NULL);
        hung_free(hung);
    }
}

/* A refusal names the field it is about before the inner code. */
static enum err
put_message(struct unionpay_call *call)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(512);
    struct span message = span_of(unionpay_notice_message(call->code));
    size_t at = span_index(message, '[');
    TRY(buf_append(&text, span_sub(message, 0, at)));
    if (call->detail != NULL) {
        TRY(buf_printf(&text, "：%s", call->detail));
    }
    TRY(buf_append(&text, span_sub(message, at, message.len)));
    return unionpay_form_add(call->out, "respMsg", buf_span(&text));
}

/* What the request said comes back, but where the call has said it already (3.3). */
static enum err
put_echoes(struct unionpay_call *call)
{
    static const char *const names[] = { "accessType", "bizType", "encoding",
                                         "merId",      "orderId", "txnTime",
                                         "txnSubType", "txnType", "version" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (unionpay_form_get(call->out, names[i]) == NULL) {
            TRY(unionpay_form_echo(call->out, names[i], call->in));
        }
    }
    return ERR_OK;
}

static enum unionpay_seal
pick_seal(struct unionpay *unionpay, const char *number)
{
    static const struct {
        enum unionpay_fault_kind fault;
        enum unionpay_seal seal;
    } lies[] = {
        { UNIONPAY_ANSWER_FORGED, UNIONPAY_SEAL_KEY },
        { UNIONPAY_ANSWER_FOREIGN, UNIONPAY_SEAL_FOREIGN },
        { UNIONPAY_ANSWER_MERCHANT, UNIONPAY_SEAL_MERCHANT },
        { UNIONPAY_ANSWER_EXPIRED, UNIONPAY_SEAL_EXPIRED },
    };
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        if (unionpay_fault_take(unionpay, lies[i].fault, number)) {
            return lies[i].seal;
        }
    }
    return UNIONPAY_SEAL_TRUE;
}

static enum err
encode_answer(struct unionpay_call *call, const char *number, struct buf *body)
{
    TRY(put_echoes(call));
    TRY(unionpay_form_add_text(call->out, "respCode", call->code));
    TRY(put_message(call));
    TRY(unionpay_keys_seal(call->unionpay, call->merchant, pick_seal(call->unionpay, number),
                           call->out));
    return unionpay_form_encode_raw(call->out, body);
}

static enum err
send_answer(struct unionpay_call *call, struct evhttp_request *req, const char *number)
{
    struct unionpay *unionpay = call->unionpay;
    struct unionpay_hung *hung;
    if (unionpay_fault_take(unionpay, UNIONPAY_ANSWER_HANG, number)) {
        return hang(unionpay, req, &hung);
    }
    if (unionpay_fault_take(unionpay, UNIONPAY_ANSWER_HTML, number)) {
        unionpay_reply_page(req, 502, "502 Bad Gateway", "nginx");
        return ERR_OK;
    }
    if (unionpay_fault_take(unionpay, UNIONPAY_ANSWER_500, number)) {
        unionpay_reply(req, HTTP_INTERNAL, ANSWER_TYPE, SPAN_LIT(""));
        return ERR_OK;
    }
    DEFER(buf_fini) struct buf body = BUF_MAX(ANSWER_MAX);
    TRY(encode_answer(call, number, &body));
    struct span whole = buf_span(&body);
    if (unionpay_fault_take(unionpay, UNIONPAY_ANSWER_SLOW, number)) {
        return send_slowly(unionpay, req, whole);
    }
    bool cut = unionpay_fault_take(unionpay, UNIONPAY_ANSWER_CUT, number);
    unionpay_reply(req, HTTP_OK, ANSWER_TYPE, cut ? span_sub(whole, 0, whole.len / 2) : whole);
    return ERR_OK;
}

/* Faults of a file call go by its day, those of every other call by its number. */
static const char *
number_of(const struct unionpay_call *call)
{
    const char *order_id = unionpay_form_get(call->in, "orderId");
    return order_id != NULL ? order_id : unionpay_form_get(call->in, "settleDate");
}

static enum err
run(struct unionpay_call *call, struct evhttp_request *req, enum unionpay_address address)
{
    const struct unionpay_rule *rule = NULL;
    TRY(unionpay_judge(call, address, &rule));
    bool good = rule != NULL && strcmp(call->code, "00") == 0;
    if (address == UNIONPAY_AT_FRONT) {
        if (good) {
            TRY(unionpay_page_show(call, req));
            return ERR_OK;
        }
        unionpay_reply_page(req, HTTP_OK, unionpay_notice_message(call->code),
                            call->detail == NULL ? "银联在线支付" : call->detail);
        return ERR_OK;
    }
    const char *number = number_of(call);
    if (good) {
        record_add(call->unionpay->world, "unionpay", rule->record, span_of(number));
    }
    if (good && unionpay_fault_take(call->unionpay, UNIONPAY_ANSWER_ERROR, number)) {
        call->code = "99";
    } else if (good) {
        TRY(rule->fn(call));
    }
    return send_answer(call, req, number);
}

enum err
unionpay_gateway_body(struct evhttp_request *req, struct unionpay_fields *out)
{
    const char *type = evhttp_find_header(evhttp_request_get_input_headers(req), "Content-Type");
    struct evbuffer *body = evhttp_request_get_input_buffer(req);
    size_t len = evbuffer_get_length(body);
    if (type == NULL
        || !span_starts(span_of(type), SPAN_LIT("application/x-www-form-urlencoded"))) {
        return ERR_HTTP_MEDIA_TYPE;
    }
    const unsigned char *at = len == 0 ? NULL : evbuffer_pullup(body, -1);
    return at == NULL ? ERR_FIELD_MISSING : unionpay_form_parse(span_make(at, len), out);
}

void
unionpay_gateway_serve(struct unionpay *unionpay, struct evhttp_request *req,
                       enum unionpay_address address)
{
    DEFER(unionpay_form_fini) struct unionpay_fields in = { .count = 0 };
    DEFER(unionpay_form_fini) struct unionpay_fields out = { .count = 0 };
    if (evhttp_request_get_command(req) != EVHTTP_REQ_POST) {
        unionpay_reply_page(req, HTTP_BADMETHOD, "405", "POST");
        return;
    }
    enum err err = unionpay_gateway_body(req, &in);
    if (err != ERR_OK) { /* 3.7: what cannot be read is answered without a message */
        unionpay_reply_page(req, HTTP_BADREQUEST, "报文格式错误", err_name(err));
        return;
    }
    struct unionpay_call call = {
        .unionpay = unionpay, .merchant = unionpay_merchant_at(0), .in = &in, .out = &out
    };
    err = run(&call, req, address);
    if (err != ERR_OK) { /* nothing was answered yet: answering is each path's last step */
        unionpay_reply_page(req, HTTP_INTERNAL, "world", err_name(err));
    }
}
