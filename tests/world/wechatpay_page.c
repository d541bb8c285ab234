/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <event2/keyvalq_struct.h>

#include "wechatpay_gateway.h"
#include "wechatpay_order.h"

#define URL_MAX (size_t)2048

enum err
wechatpay_page_url(const struct wechatpay *wechatpay, const char *prepay_id, struct buf *out)
{
    return buf_printf(out, "https://127.0.0.1:%u" WECHATPAY_PAGE_PATH "?prepay_id=%s&package=%s",
                      (unsigned)wechatpay->port, prepay_id, "2150917749");
}

static struct wechatpay_order *
find_order(struct wechatpay *wechatpay, const struct evkeyvalq *query, const char **refusal)
{
    const char *prepay_id = evhttp_find_header(query, "prepay_id");
    *refusal = NULL;
    return prepay_id == NULL
               ? NULL
               : wechatpay_order_by_code(wechatpay, WECHATPAY_H5, span_of(prepay_id), refusal);
}

enum err
wechatpay_page_order(struct wechatpay *wechatpay, const char *url, struct wechatpay_order **out,
                     const char **refusal)
{
    struct evkeyvalq query = TAILQ_HEAD_INITIALIZER(query);
    struct evhttp_uri *uri = evhttp_uri_parse(url);
    const char *path = uri == NULL ? NULL : evhttp_uri_get_path(uri);
    const char *text = uri == NULL ? NULL : evhttp_uri_get_query(uri);
    *out = NULL;
    *refusal = NULL;
    if (path != NULL && text != NULL && strcmp(path, WECHATPAY_PAGE_PATH) == 0
        && evhttp_uri_get_port(uri) == wechatpay->port
        && evhttp_parse_query_str(text, &query) == 0) {
        *out = find_order(wechatpay, &query, refusal);
    }
    evhttp_clear_headers(&query);
    if (uri != NULL) {
        evhttp_uri_free(uri);
    }
    return *out == NULL ? ERR_FIELD_VALUE : ERR_OK;
}

static enum err
put_hidden(struct buf *page, const char *name, const char *value)
{
    TRY(buf_printf(page, "<input type=\"hidden\" name=\"%s\" value=\"", name));
    TRY(wechatpay_html(page, value));
    return buf_text(page, "\">\n");
}

static enum err
build(const struct wechatpay_order *order, const char *prepay_id, const char *redirect_url,
      struct buf *page)
{
    TRY(buf_text(page, "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
                       "<meta name=\"viewport\" content=\"width=device-width\">"
                       "<title>微信支付</title></head>\n<body><h1>微信支付</h1>\n"
                       "<dl><dt>商品</dt><dd>"));
    TRY(wechatpay_html(page, order->description));
    TRY(buf_text(page, "</dd><dt>商户订单号</dt><dd>"));
    TRY(wechatpay_html(page, order->out_trade_no));
    TRY(buf_text(page, "</dd><dt>金额</dt><dd>"));
    TRY(money_format(order->total, page));
    TRY(buf_text(page,
                 " 元</dd></dl>\n<form method=\"post\" action=\"" WECHATPAY_PAGE_PATH "\">\n"));
    TRY(put_hidden(page, "prepay_id", prepay_id));
    if (redirect_url != NULL) {
        TRY(put_hidden(page, "redirect_url", redirect_url));
    }
    return buf_text(page, "<button name=\"do\" value=\"pay\">立即支付</button>\n"
                          "<button name=\"do\" value=\"cancel\">取消</button>"
                          "</form></body></html>\n");
}

/* 4.2: the payer is led back whatever they did. */
static void
go_back(struct evhttp_request *req, const char *redirect_url, const char *title,
        const char *message)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
    bool safe =
        redirect_url != NULL
        && (strncmp(redirect_url, "https://", 8) == 0 || strncmp(redirect_url, "http://", 7) == 0);
    if (!safe || evhttp_add_header(headers, "Location", redirect_url) != 0) {
        wechatpay_reply_page(req, HTTP_OK, title, message);
        return;
    }
    wechatpay_reply(req, 303, "text/html; charset=utf-8", SPAN_LIT(""));
}

static enum err
act(struct wechatpay *wechatpay, struct evhttp_request *req, struct wechatpay_order *order,
    const struct evkeyvalq *values)
{
    const char *wish = evhttp_find_header(values, "do");
    const char *redirect_url = evhttp_find_header(values, "redirect_url");
    const char *refusal = NULL;
    if (wish == NULL || strcmp(wish, "pay") != 0) {
        go_back(req, redirect_url, "已取消付款", order->out_trade_no);
        return ERR_OK;
    }
    TRY(wechatpay_order_pay(wechatpay, order, (struct wall_time){ 0 }, &refusal));
    if (refusal != NULL) {
        wechatpay_reply_page(req, HTTP_OK, refusal, wechatpay_refusal_find(refusal)->message);
        return ERR_OK;
    }
    go_back(req, redirect_url, "支付成功", order->out_trade_no);
    return ERR_OK;
}

static enum err
show(struct wechatpay *wechatpay, struct evhttp_request *req, struct wechatpay_order *order,
     const struct evkeyvalq *values)
{
    DEFER(buf_fini) struct buf page = BUF_MAX(WECHATPAY_BODY_MAX);
    const char *refusal;
    wechatpay_order_open(wechatpay, order, &refusal);
    if (refusal != NULL) {
        wechatpay_reply_page(req, HTTP_OK, refusal, wechatpay_refusal_find(refusal)->message);
        return ERR_OK;
    }
    TRY(build(order, evhttp_find_header(values, "prepay_id"),
              evhttp_find_header(values, "redirect_url"), &page));
    wechatpay_reply(req, HTTP_OK, "text/html; charset=utf-8", buf_span(&page));
    return ERR_OK;
}

static enum err
serve(struct wechatpay *wechatpay, struct evhttp_request *req, const struct evkeyvalq *values)
{
    const char *refusal;
    struct wechatpay_order *order = find_order(wechatpay, values, &refusal);
    bool post = evhttp_request_get_command(req) == EVHTTP_REQ_POST;
    if (order == NULL) {
        wechatpay_reply_page(req, HTTP_BADREQUEST, "PARAM_ERROR", "参数错误");
        return ERR_OK;
    }
    if (refusal != NULL && !post) { /* a page that is open already may still be used */
        wechatpay_reply_page(req, HTTP_OK, refusal, wechatpay_refusal_find(refusal)->message);
        return ERR_OK;
    }
    return post ? act(wechatpay, req, order, values) : show(wechatpay, req, order, values);
}

void
wechatpay_page_serve(struct wechatpay *wechatpay, struct evhttp_request *req)
{
    struct evkeyvalq values = TAILQ_HEAD_INITIALIZER(values);
    DEFER(buf_fini) struct buf text = BUF_MAX(URL_MAX);
    bool post = evhttp_request_get_command(req) == EVHTTP_REQ_POST;
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(req));
    const char *pairs = "";
    enum err err = buf_append(&text, post ? wechatpay_request_body(req) : span_of(query));
    if (err == ERR_OK) {
        err = buf_cstr(&text, &pairs);
    }
    if (err == ERR_OK && evhttp_parse_query_str(pairs, &values) != 0) {
        err = ERR_ENCODING;
    }
    if (err == ERR_OK) {
        err = serve(wechatpay, req, &values);
    }
    if (err != ERR_OK) {
        wechatpay_reply_page(req, HTTP_BADREQUEST, "world", err_name(err));
    }
    evhttp_clear_headers(&values);
}
