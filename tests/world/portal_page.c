/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "money.h"
#include "portal.h"

/* The CA 办理 pages: plain HTML, everything in the same tab. The portal's server signs. */

#define PAGE_MAX_BYTES ((size_t)512 * 1024)
#define BODY_MAX_BYTES ((size_t)64 * 1024)

struct page_call {
    struct portal *portal;
    struct evhttp_request *request;
    struct portal_order *order;
};

static enum err
escaped(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.at[i]) {
        case '&':
            TRY(buf_text(out, "&amp;"));
            break;
        case '<':
            TRY(buf_text(out, "&lt;"));
            break;
        case '>':
            TRY(buf_text(out, "&gt;"));
            break;
        case '"':
            TRY(buf_text(out, "&quot;"));
            break;
        default:
            TRY(buf_byte(out, text.at[i]));
            break;
        }
    }
    return ERR_OK;
}

static enum err
put_head(struct buf *out, const char *title)
{
    return buf_printf(out,
                      "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
                      "<title>%s</title><style>body{font:16px sans-serif;max-width:44rem;"
                      "margin:2rem auto}td,th{padding:.3rem .8rem;text-align:left}"
                      "form{display:inline}</style></head><body><h1>%s</h1>",
                      title, title);
}

static enum err
put_row(struct buf *out, const char *label, const struct json_t *from, const char *name)
{
    struct span text = { .at = NULL, .len = 0 };
    int64_t number = 0;
    bool flag = false;
    TRY(buf_printf(out, "<tr><th>%s</th><td>", label));
    if (json_get_string(from, name, &text) == ERR_OK) {
        TRY(escaped(out, text));
    } else if (json_get_i64(from, name, &number) == ERR_OK) {
        TRY(buf_i64(out, number));
    } else if (json_get_bool(from, name, &flag) == ERR_OK) {
        TRY(buf_text(out, flag ? "是 yes" : "否 no"));
    }
    return buf_text(out, "</td></tr>");
}

static enum err
put_amount(struct buf *out, const struct json_t *order)
{
    int64_t fen = 0;
    struct money amount;
    TRY(buf_text(out, "<tr><th>金额（元） amount in yuan</th><td>"));
    if (json_get_i64(order, "amount", &fen) == ERR_OK) {
        TRY(money_make(fen, CURRENCY_CNY, &amount));
        TRY(money_format(amount, out));
    }
    return buf_text(out, "</td></tr>");
}

static enum err
put_button(struct buf *out, const struct portal_order *order, const char *act, const char *label)
{
    return buf_printf(out,
                      "<form method=\"post\" action=\"/orders/%s/%s\"><button>%s</button></form> ",
                      order->order_no, act, label);
}

static enum err
put_answer(struct buf *out, const struct json_t *answer)
{
    static const struct {
        const char *label;
        const char *name;
    } rows[] = {
        { "支付状态 state", "state" },
        { "可信度 certainty", "certainty" },
        { "来源 source", "source" },
        { "渠道时间 provider time", "provider_time" },
        { "确认时间 observed at", "observed_at" },
        { "证据摘要 evidence", "evidence_digest" },
        { "刚刚查询 refreshed", "refreshed" },
    };
    TRY(buf_text(out, "<h2>支付状态 Payment status</h2><table>"));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        TRY(put_row(out, rows[i].label, answer, rows[i].name));
    }
    return buf_text(out, "</table>");
}

static enum err
order_page(const struct portal_order *order, struct span problem, struct buf *out)
{
    TRY(put_head(out, "CA 办理"));
    TRY(buf_text(out, "<table>"));
    TRY(put_row(out, "订单编号 order", order->order, "order_no"));
    TRY(put_row(out, "业务类型 kind", order->order, "kind"));
    TRY(put_row(out, "申请方 applicant", order->order, "applicant"));
    TRY(put_row(out, "单位 unit", order->order, "unit_name"));
    TRY(put_row(out, "数量 quantity", order->order, "quantity"));
    TRY(put_amount(out, order->order));
    TRY(buf_printf(out, "<tr><th>状态 status</th><td>%s</td></tr></table><p>", order->status));
    TRY(put_button(out, order, "pay", "网上支付 Pay online"));
    TRY(put_button(out, order, "refresh", "刷新支付状态 Refresh payment status"));
    TRY(put_button(out, order, "submit", "提交信息 Submit"));
    TRY(buf_text(out, "</p>"));
    if (!span_empty(problem)) {
        TRY(buf_text(out, "<p role=\"alert\"><strong>"));
        TRY(escaped(out, problem));
        TRY(buf_text(out, "</strong></p>"));
    }
    if (order->answer != NULL) {
        TRY(put_answer(out, order->answer));
    }
    return buf_text(out, "<p><a href=\"/\">全部订单 All orders</a></p></body></html>");
}

static enum err
list_page(const struct portal *portal, struct buf *out)
{
    TRY(put_head(out, "CA 订单"));
    TRY(buf_text(out, "<ul>"));
    for (size_t i = 0; i < portal->order_count; i++) {
        const struct portal_order *order = &portal->orders[i];
        TRY(buf_printf(out, "<li><a href=\"/orders/%s\">%s</a> %s</li>", order->order_no,
                       order->order_no, order->status));
    }
    return buf_text(out, "</ul></body></html>");
}

static void
reply(struct evhttp_request *request, int status, struct span html)
{
    struct evbuffer *body = evbuffer_new();
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    (void)evhttp_add_header(headers, "Content-Type", "text/html; charset=utf-8");
    (void)evhttp_add_header(headers, "Cache-Control", "no-store");
    if (body == NULL || evbuffer_add(body, html.at, html.len) != 0) {
        status = 500;
    }
    evhttp_send_reply(request, status, NULL, body);
    if (body != NULL) {
        evbuffer_free(body);
    }
}

static void
see_other(struct evhttp_request *request, const char *url)
{
    (void)evhttp_add_header(evhttp_request_get_output_headers(request), "Location", url);
    evhttp_send_reply(request, 303, NULL, NULL);
}

static void
show(const struct page_call *call, struct span problem)
{
    DEFER(buf_fini) struct buf html = BUF_MAX(PAGE_MAX_BYTES);
    enum err err = order_page(call->order, problem, &html);
    reply(call->request, err == ERR_OK ? 200 : 500, buf_span(&html));
}

/* What is known of the payment stays on the page, beside the reason why nothing newer is. */
static void
show_problem(const struct page_call *call, const struct http_answer *answer)
{
    DEFER(json_free) struct json_t *body = NULL;
    struct span problem =
        answer->status == 0 ? SPAN_LIT(
            "支付服务没有应答，请稍后再试。 The payment service did not answer; try again later.")
                            : SPAN_LIT(
                                "支付服务拒绝了请求。 The payment service refused the request.");
    if (json_parse(answer->body, &body) == ERR_OK) {
        struct span detail;
        problem = json_get_string(body, "detail", &detail) == ERR_OK ? detail : problem;
    }
    show(call, problem);
}

static void
payment_made(void *context, const struct http_answer *answer)
{
    struct page_call *call = context;
    DEFER(json_free) struct json_t *body = NULL;
    DEFER(buf_fini) struct buf url = BUF_MAX(PORTAL_URL_MAX);
    struct span checkout;
    const char *text = NULL;
    if (json_parse(answer->body, &body) == ERR_OK
        && json_get_string(body, "checkout_url", &checkout) == ERR_OK
        && buf_append(&url, checkout) == ERR_OK && buf_cstr(&url, &text) == ERR_OK) {
        see_other(call->request, text);
    } else {
        show_problem(call, answer);
    }
    free(call);
}

static void
status_refreshed(void *context, const struct http_answer *answer)
{
    struct page_call *call = context;
    struct portal_order *order = call->order;
    struct json_t *body = NULL;
    struct span state;
    if (answer->status != 200 || json_parse(answer->body, &body) != ERR_OK) {
        show_problem(call, answer);
        free(call);
        return;
    }
    json_free(&order->answer);
    order->answer = body;
    if (json_get_string(body, "state", &state) == ERR_OK && span_eq_cstr(state, "paid")
        && strcmp(order->status, "draft") == 0) {
        (void)snprintf(order->status, sizeof(order->status), "paid");
    }
    show(call, SPAN_LIT(""));
    free(call);
}

static void
order_submitted(void *context, const struct http_answer *answer)
{
    struct page_call *call = context;
    if (answer->status == 200) {
        (void)snprintf(call->order->status, sizeof(call->order->status), "submitted");
        show(call, SPAN_LIT(""));
    } else {
        show_problem(call, answer);
    }
    free(call);
}

static enum err
payment_body(const struct page_call *call, struct buf *out)
{
    TRY(buf_text(out, "{\"order\":"));
    TRY(json_encode(call->order->order, out));
    return buf_printf(out, ",\"return_url\":\"http://127.0.0.1:%u/orders/%s\"}", call->portal->port,
                      call->order->order_no);
}

static enum err
pay(struct page_call *call, struct portal_request *request)
{
    unsigned char random[16];
    DEFER(buf_fini) struct buf key = BUF_MAX(64);
    DEFER(buf_fini) struct buf body = BUF_MAX(BODY_MAX_BYTES);
    TRY(crypto_random(random, sizeof(random)));
    TRY(buf_text(&key, "pay-"));
    TRY(crypto_hex_encode(span_make(random, sizeof(random)), &key));
    TRY(buf_cstr(&key, &request->idempotency_key));
    TRY(payment_body(call, &body));
    request->path = "/v1/payments";
    request->body = buf_span(&body);
    return portal_send(call->portal, request, payment_made, call);
}

static enum err
refresh(struct page_call *call, struct portal_request *request)
{
    char path[PORTAL_URL_MAX];
    (void)snprintf(path, sizeof(path), "/v1/orders/%s/refresh", call->order->order_no);
    request->path = path;
    return portal_send(call->portal, request, status_refreshed, call);
}

static enum err
submit(struct page_call *call, struct portal_request *request)
{
    char path[PORTAL_URL_MAX];
    (void)snprintf(path, sizeof(path), "/v1/orders/%s", call->order->order_no);
    request->method = "PUT";
    request->path = path;
    request->body = SPAN_LIT("{\"status\":\"submitted\"}");
    return portal_send(call->portal, request, order_submitted, call);
}

/* What a button does; portal_send copies all of the request. */
struct act {
    struct span name;
    enum err (*fn)(struct page_call *call, struct portal_request *request);
};

static const struct act acts[] = {
    { SPAN("pay"), pay },
    { SPAN("refresh"), refresh },
    { SPAN("submit"), submit },
};

static const struct act *
find_act(struct span name)
{
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        if (span_eq(acts[i].name, name)) {
            return &acts[i];
        }
    }
    return NULL;
}

static struct portal_order *
find_order(struct portal *portal, struct span order_no)
{
    for (size_t i = 0; i < portal->order_count; i++) {
        if (span_eq_cstr(order_no, portal->orders[i].order_no)) {
            return &portal->orders[i];
        }
    }
    return NULL;
}

static void
run_act(struct portal *portal, struct evhttp_request *request, struct portal_order *order,
        const struct act *act)
{
    const struct http_answer none = { .status = 0 };
    struct portal_request wanted = { .method = "POST", .language = "zh-CN" };
    struct page_call *call = calloc(1, sizeof(*call));
    if (call == NULL) {
        evhttp_send_error(request, 500, NULL);
        return;
    }
    *call = (struct page_call){ .portal = portal, .request = request, .order = order };
    if (act->fn(call, &wanted) != ERR_OK) {
        show_problem(call, &none);
        free(call);
    }
}

/* False, and answered, when the request has another method. */
static bool
is_method(struct evhttp_request *request, enum evhttp_cmd_type method, const char *name)
{
    if (evhttp_request_get_command(request) == method) {
        return true;
    }
    (void)evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", name);
    evhttp_send_reply(request, 405, NULL, NULL);
    return false;
}

static void
serve_order(struct portal *portal, struct evhttp_request *request, struct span rest)
{
    struct span order_no;
    bool has_act = span_cut(&rest, '/', &order_no);
    struct portal_order *order = find_order(portal, order_no);
    const struct act *act = has_act ? find_act(rest) : NULL;
    if (order == NULL || (has_act && act == NULL)) {
        evhttp_send_error(request, 404, NULL);
    } else if (act != NULL && is_method(request, EVHTTP_REQ_POST, "POST")) {
        run_act(portal, request, order, act);
    } else if (act == NULL && is_method(request, EVHTTP_REQ_GET, "GET")) {
        const struct page_call call = { .portal = portal, .request = request, .order = order };
        show(&call, SPAN_LIT(""));
    }
}

static void
serve_list(const struct portal *portal, struct evhttp_request *request)
{
    DEFER(buf_fini) struct buf html = BUF_MAX(PAGE_MAX_BYTES);
    enum err err = list_page(portal, &html);
    reply(request, err == ERR_OK ? 200 : 500, buf_span(&html));
}

void
portal_page_serve(struct evhttp_request *request, void *portal)
{
    struct span prefix = SPAN_LIT("/orders/");
    struct span path = span_of(evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request)));
    if (span_starts(path, prefix)) {
        serve_order(portal, request, span_sub(path, prefix.len, path.len));
    } else if (!span_eq_cstr(path, "/")) {
        evhttp_send_error(request, 404, NULL);
    } else if (is_method(request, EVHTTP_REQ_GET, "GET")) {
        serve_list(portal, request);
    }
}
