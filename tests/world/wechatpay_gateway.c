/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay_gateway.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>

#include "record.h"
#include "wechatpay_answer.h"
#include "wechatpay_fault.h"
#include "wechatpay_order.h"
#include "wechatpay_refund.h"
#include "wechatpay_sign.h"

#define KEY_MAX 256 /* bytes of a path's variable part */

/* 4: every call, its path before and behind the variable part, and the names its query may have. */
static const struct route {
    enum evhttp_cmd_type method;
    const char *before;
    const char *behind; /* NULL: the path has no variable part */
    const char *names[4];
    wechatpay_call_fn fn;
    enum wechatpay_product product;
} routes[] = {
    { EVHTTP_REQ_POST,
      "/v3/pay/transactions/native",
      NULL,
      { NULL },
      wechatpay_call_prepay,
      WECHATPAY_NATIVE },
    { EVHTTP_REQ_POST,
      "/v3/pay/transactions/h5",
      NULL,
      { NULL },
      wechatpay_call_prepay,
      WECHATPAY_H5 },
    { EVHTTP_REQ_POST,
      "/v3/pay/transactions/jsapi",
      NULL,
      { NULL },
      wechatpay_call_prepay,
      WECHATPAY_JSAPI },
    { EVHTTP_REQ_POST,
      "/v3/pay/transactions/out-trade-no/",
      "/close",
      { NULL },
      wechatpay_call_close,
      WECHATPAY_NATIVE },
    { EVHTTP_REQ_GET,
      "/v3/pay/transactions/out-trade-no/",
      "",
      { "mchid" },
      wechatpay_call_query,
      WECHATPAY_NATIVE },
    { EVHTTP_REQ_GET,
      "/v3/pay/transactions/id/",
      "",
      { "mchid" },
      wechatpay_call_query_id,
      WECHATPAY_NATIVE },
    { EVHTTP_REQ_POST,
      "/v3/refund/domestic/refunds",
      NULL,
      { NULL },
      wechatpay_call_refund,
      WECHATPAY_NATIVE },
    { EVHTTP_REQ_GET,
      "/v3/refund/domestic/refunds/",
      "",
      { NULL },
      wechatpay_call_refund_query,
      WECHATPAY_NATIVE },
    { EVHTTP_REQ_GET,
      "/v3/certificates",
      NULL,
      { "algorithm_type" },
      wechatpay_call_certificates,
      WECHATPAY_NATIVE },
    { EVHTTP_REQ_GET,
      "/v3/bill/tradebill",
      NULL,
      { "bill_date", "bill_type", "tar_type" },
      wechatpay_call_tradebill,
      WECHATPAY_NATIVE },
    { EVHTTP_REQ_GET,
      "/v3/bill/fundflowbill",
      NULL,
      { "bill_date", "account_type", "tar_type" },
      wechatpay_call_fundflowbill,
      WECHATPAY_NATIVE },
    { EVHTTP_REQ_GET,
      "/v3/billdownload/file",
      NULL,
      { "token", "tartype" },
      wechatpay_call_download,
      WECHATPAY_NATIVE },
};

enum err
wechatpay_call_refuse(struct wechatpay_call *call, const char *refusal, const char *field,
                      const char *issue)
{
    call->refusal = refusal;
    call->field = field;
    call->issue = issue;
    return ERR_OK;
}

const char *
wechatpay_call_query_value(const struct wechatpay_call *call, const char *name)
{
    return evhttp_find_header(call->query, name);
}

struct span
wechatpay_call_text(const struct json_t *object, const char *name)
{
    struct span text;
    if (object == NULL || json_get_string(object, name, &text) != ERR_OK) {
        return SPAN_LIT("");
    }
    return text;
}

/* The variable part of `path`, still escaped; false when the path is another one. */
static bool
match(const struct route *route, struct span path, struct span *key)
{
    struct span before = span_of(route->before);
    if (route->behind == NULL) {
        *key = SPAN_LIT("");
        return span_eq(path, before);
    }
    struct span behind = span_of(route->behind);
    if (!span_starts(path, before) || !span_ends(path, behind)
        || path.len <= before.len + behind.len) {
        return false;
    }
    *key = span_sub(path, before.len, path.len - before.len - behind.len);
    return span_index(*key, '/') == key->len;
}

static const struct route *
find_route(struct evhttp_request *req, struct span *key, bool *known)
{
    struct span rest = span_of(evhttp_request_get_uri(req));
    struct span path;
    (void)span_cut(&rest, '?', &path);
    *known = false;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (match(&routes[i], path, key)) {
            *known = true;
            if (routes[i].method == evhttp_request_get_command(req)) {
                return &routes[i];
            }
        }
    }
    return NULL;
}

static bool
header_holds(struct evhttp_request *req, const char *name, const char *needle)
{
    struct span value = span_of(evhttp_find_header(evhttp_request_get_input_headers(req), name));
    return span_find(value, span_of(needle)) < value.len;
}

/* 1.4. */
static bool
headers_fit(struct wechatpay_call *call)
{
    const char *agent =
        evhttp_find_header(evhttp_request_get_input_headers(call->req), "User-Agent");
    if (!header_holds(call->req, "Accept", "application/json")
        && !header_holds(call->req, "Accept", "*/*")) {
        (void)wechatpay_call_refuse(call, "INVALID_REQUEST", "Accept", "Http头缺少Accept");
    } else if (agent == NULL || agent[0] == '\0') {
        (void)wechatpay_call_refuse(call, "INVALID_REQUEST", "User-Agent", "Http头缺少User-Agent");
    } else if (!span_empty(wechatpay_request_body(call->req))
               && !header_holds(call->req, "Content-Type", "application/json")) {
        (void)wechatpay_call_refuse(call, "INVALID_REQUEST", "Content-Type",
                                    "Content-Type应为application/json");
    }
    return call->refusal == NULL;
}

static bool
is_named(const struct route *route, const char *name)
{
    for (size_t i = 0; i < sizeof(route->names) / sizeof(route->names[0]); i++) {
        if (route->names[i] != NULL && strcmp(route->names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* 4.1: undefined parameters are refused; so is one that comes twice. */
static bool
query_fits(struct wechatpay_call *call, const struct route *route)
{
    const struct evkeyval *pair;
    TAILQ_FOREACH(pair, call->query, next) {
        if (!is_named(route, pair->key)
            || strcmp(evhttp_find_header(call->query, pair->key), pair->value) != 0) {
            (void)wechatpay_call_refuse(call, "PARAM_ERROR", "query", "该参数未定义");
            return false;
        }
    }
    const char *mchid = wechatpay_call_query_value(call, "mchid");
    if (is_named(route, "mchid") && (mchid == NULL || strcmp(mchid, call->merchant->mchid) != 0)) {
        (void)wechatpay_call_refuse(call, "PARAM_ERROR", "mchid", "商户号与签名商户号不一致");
        return false;
    }
    return true;
}

static bool
body_fits(struct wechatpay_call *call, struct json_t **body)
{
    if (evhttp_request_get_command(call->req) != EVHTTP_REQ_POST) {
        return true;
    }
    if (json_parse(wechatpay_request_body(call->req), body) != ERR_OK
        || !json_node_is_object(*body)) {
        (void)wechatpay_call_refuse(call, "PARAM_ERROR", "body", "请求体不是JSON对象");
        return false;
    }
    call->body = *body;
    return true;
}

/* The merchant's own number of the order that a call is about, by which faults are matched. */
static const char *
number_of(struct wechatpay_call *call, const struct route *route)
{
    struct wechatpay *wechatpay = call->wechatpay;
    const struct wechatpay_merchant *merchant = call->merchant;
    struct span number = wechatpay_call_text(call->body, "out_trade_no");
    struct span id = wechatpay_call_text(call->body, "transaction_id");
    const struct wechatpay_order *order = NULL;
    if (route->fn == wechatpay_call_query || route->fn == wechatpay_call_close) {
        number = call->key;
    } else if (route->fn == wechatpay_call_query_id) {
        id = call->key;
    } else if (route->fn == wechatpay_call_refund_query) {
        const struct wechatpay_refund *refund =
            wechatpay_refund_find(wechatpay, merchant, call->key);
        order = refund == NULL ? NULL : refund->order;
    }
    if (order == NULL) {
        order = span_empty(number) ? wechatpay_order_by_transaction(wechatpay, merchant, id)
                                   : wechatpay_order_find(wechatpay, merchant, number);
    }
    return order == NULL ? "" : order->out_trade_no;
}

/* By what faults are matched when a call is about no order; NULL: it is about one. */
static const char *
name_of(const struct route *route)
{
    static const struct {
        enum err (*fn)(struct wechatpay_call *call);
        const char *name;
    } names[] = {
        { wechatpay_call_certificates, "certificates" },
        { wechatpay_call_tradebill, "tradebill" },
        { wechatpay_call_fundflowbill, "fundflowbill" },
        { wechatpay_call_download, "billdownload" },
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (route->fn == names[i].fn) {
            return names[i].name;
        }
    }
    return NULL;
}

static const char *
record_of(const struct route *route)
{
    static const struct {
        enum err (*fn)(struct wechatpay_call *call);
        const char *record;
    } names[] = {
        { wechatpay_call_prepay, "pay" },     { wechatpay_call_query, "query" },
        { wechatpay_call_query_id, "query" }, { wechatpay_call_close, "close" },
        { wechatpay_call_refund, "refund" },  { wechatpay_call_refund_query, "refund-query" },
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (route->fn == names[i].fn) {
            return names[i].record;
        }
    }
    return name_of(route);
}

/* A prepay call is about an order that is not there yet. */
static enum err
name_call(struct wechatpay_call *call, const struct route *route, struct buf *number)
{
    const char *name = name_of(route);
    call->number = name != NULL ? name : number_of(call, route);
    if (route->fn != wechatpay_call_prepay) {
        return ERR_OK;
    }
    TRY(buf_append(number, span_sub(wechatpay_call_text(call->body, "out_trade_no"), 0,
                                    WECHATPAY_NUMBER_MAX)));
    return buf_cstr(number, &call->number);
}

static enum err
run_named(struct wechatpay_call *call, const struct route *route)
{
    if (wechatpay_fault_take(call->wechatpay, WECHATPAY_ANSWER_RATE, call->number)) {
        return wechatpay_call_refuse(call, "FREQUENCY_LIMITED", NULL, NULL);
    }
    if (wechatpay_fault_take(call->wechatpay, WECHATPAY_ANSWER_ERROR, call->number)) {
        return wechatpay_call_refuse(call, "SYSTEM_ERROR", NULL, NULL);
    }
    return route->fn(call);
}

static enum err
run(struct wechatpay_call *call, const struct route *route)
{
    DEFER(json_free) struct json_t *body = NULL;
    DEFER(buf_fini) struct buf number = BUF_MAX(WECHATPAY_NUMBER_MAX + 1);
    if (headers_fit(call) && query_fits(call, route) && body_fits(call, &body)) {
        TRY(name_call(call, route, &number));
        struct span about = span_of(call->number);
        record_add(call->wechatpay->world, "wechatpay", record_of(route),
                   span_empty(about) ? call->key : about);
        TRY(run_named(call, route));
    }
    return wechatpay_answer_call(call);
}

static enum err
serve_key(struct wechatpay_call *call, const struct route *route, struct span raw_key)
{
    struct evkeyvalq query = TAILQ_HEAD_INITIALIZER(query);
    DEFER(json_free) struct json_t *out = NULL;
    DEFER(wechatpay_text_fini) char *escaped = NULL;
    DEFER(wechatpay_text_fini) char *key = NULL;
    DEFER(buf_fini) struct buf file = BUF_MAX(2 * WECHATPAY_BILL_MAX);
    const char *raw_query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(call->req));
    TRY(json_new_object(&out));
    TRY(wechatpay_copy(raw_key, &escaped));
    key = evhttp_uridecode(escaped, 0, NULL);
    if (key == NULL) {
        return ERR_NO_MEMORY;
    }
    if (evhttp_parse_query_str(raw_query == NULL ? "" : raw_query, &query) != 0) {
        (void)wechatpay_call_refuse(call, "PARAM_ERROR", "query", "查询参数格式错误");
        return wechatpay_answer_call(call);
    }
    call->key = span_sub(span_of(key), 0, KEY_MAX);
    call->query = &query;
    call->out = out;
    call->file = &file;
    enum err err = run(call, route);
    evhttp_clear_headers(&query);
    return err;
}

static enum err
serve(struct wechatpay *wechatpay, struct evhttp_request *req, const struct route *route,
      struct span key)
{
    struct wechatpay_call call = {
        .wechatpay = wechatpay, .req = req, .product = route->product, .number = ""
    };
    const char *why = NULL;
    TRY(wechatpay_sign_judge(wechatpay, req, &call.merchant, &why));
    if (why != NULL) {
        (void)wechatpay_call_refuse(&call, "SIGN_ERROR", "signature", why);
        return wechatpay_answer_call(&call);
    }
    return serve_key(&call, route, key);
}

void
wechatpay_gateway_serve(struct wechatpay *wechatpay, struct evhttp_request *req)
{
    struct span key;
    bool known;
    const struct route *route = find_route(req, &key, &known);
    if (route == NULL) { /* 2.6: such answers can be empty */
        wechatpay_reply(req, known ? 405 : 404, NULL, SPAN_LIT(""));
        return;
    }
    enum err err = serve(wechatpay, req, route, key);
    if (err != ERR_OK) { /* nothing was answered yet: answering is each path's last step */
        wechatpay_reply_page(req, HTTP_INTERNAL, "world", err_name(err));
    }
}
