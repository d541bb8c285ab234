/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "alipay_gateway.h"
#include "alipay_sign.h"
#include "alipay_trade.h"

#define URL_MAX (size_t)(16 * 1024)

static enum err
build_cashier(const struct alipay_trade *trade, struct buf *page)
{
    TRY(buf_text(page, "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
                       "<title>支付宝收银台</title></head>\n<body><h1>支付宝收银台</h1>\n"
                       "<dl><dt>商品</dt><dd>"));
    TRY(alipay_html(page, trade->subject));
    TRY(buf_text(page, "</dd><dt>订单号</dt><dd>"));
    TRY(alipay_html(page, trade->out_trade_no));
    TRY(buf_text(page, "</dd><dt>金额</dt><dd>"));
    TRY(money_format(trade->total, page));
    TRY(buf_text(page, " 元</dd></dl>\n<form method=\"post\" action=\"/cashier\">"
                       "<input type=\"hidden\" name=\"cashier\" value=\""));
    TRY(alipay_html(page, trade->cashier));
    return buf_text(page, "\">\n<button name=\"do\" value=\"pay\">确认付款</button>\n"
                          "<button name=\"do\" value=\"cancel\">取消</button>"
                          "</form></body></html>\n");
}

static enum err
show_cashier(struct evhttp_request *req, const struct alipay_trade *trade)
{
    DEFER(buf_fini) struct buf page = BUF_MAX(ALIPAY_BODY_MAX);
    TRY(build_cashier(trade, &page));
    alipay_reply(req, HTTP_OK, "text/html; charset=utf-8", buf_span(&page));
    return ERR_OK;
}

/* This world's payer is always logged in, so the trade comes into being when the page opens. */
static enum err
show(struct alipay_call *call, struct evhttp_request *req, enum alipay_product product)
{
    struct alipay_trade *trade = NULL;
    TRY(alipay_call_order(call, product, &trade));
    if (trade != NULL) {
        alipay_trade_open(call->alipay, trade, &call->sub_code);
    }
    if (call->sub_code != NULL) {
        alipay_reply_page(req, HTTP_OK, call->sub_code, alipay_sub_msg(call->sub_code));
        return ERR_OK;
    }
    return trade == NULL ? ERR_INTERNAL : show_cashier(req, trade);
}

void
alipay_page_show(struct alipay *alipay, struct evhttp_request *req, const struct alipay_app *app,
                 const struct alipay_params *params, enum alipay_product product)
{
    DEFER(json_free) struct json_t *biz = NULL;
    const char *biz_content = alipay_form_get(params, "biz_content");
    if (biz_content == NULL || json_parse(span_of(biz_content), &biz) != ERR_OK
        || !json_node_is_object(biz)) {
        alipay_reply_page(req, HTTP_OK, "ACQ.INVALID_PARAMETER", "参数无效");
        return;
    }
    struct alipay_call call = {
        .alipay = alipay, .app = app, .params = params, .biz = biz, .sub_code = NULL
    };
    enum err err = show(&call, req, product);
    if (err != ERR_OK) {
        alipay_reply_page(req, HTTP_INTERNAL, "world", err_name(err));
    }
}

static enum err
return_params(const struct alipay *alipay, const struct alipay_trade *trade,
              struct alipay_params *params)
{
    DEFER(buf_fini) struct buf total = BUF_MAX(32);
    DEFER(buf_fini) struct buf now = BUF_MAX(32);
    TRY(money_format(trade->total, &total));
    TRY(wall_format_civil(world_now(alipay->world), ZONE_CHINA_MIN, &now));
    TRY(alipay_form_add_text(params, "charset", "utf-8"));
    TRY(alipay_form_add_text(params, "out_trade_no", trade->out_trade_no));
    TRY(alipay_form_add_text(params, "method",
                             trade->product == ALIPAY_WAP ? "alipay.trade.wap.pay.return"
                                                          : "alipay.trade.page.pay.return"));
    TRY(alipay_form_add(params, "total_amount", buf_span(&total)));
    TRY(alipay_form_add_text(params, "trade_no", trade->trade_no));
    TRY(alipay_form_add_text(params, "auth_app_id", trade->app->app_id));
    TRY(alipay_form_add_text(params, "version", "1.0"));
    TRY(alipay_form_add_text(params, "app_id", trade->app->app_id));
    TRY(alipay_form_add_text(params, "seller_id", trade->app->seller_id));
    TRY(alipay_form_add(params, "timestamp", buf_span(&now)));
    return alipay_sign_params(trade->app->signer->key, params);
}

/* 5.8: no trade_status; the address keeps a query of its own. */
static enum err
go_back(struct alipay *alipay, struct evhttp_request *req, const struct alipay_trade *trade)
{
    DEFER(alipay_form_fini) struct alipay_params params = { .count = 0 };
    DEFER(buf_fini) struct buf url = BUF_MAX(URL_MAX);
    const char *text;
    TRY(return_params(alipay, trade, &params));
    TRY(buf_text(&url, trade->return_url));
    TRY(buf_byte(&url, strchr(trade->return_url, '?') == NULL ? '?' : '&'));
    TRY(alipay_form_encode(&params, &url));
    TRY(buf_cstr(&url, &text));
    alipay_reply_redirect(req, text);
    return ERR_OK;
}

static enum err
pay(struct alipay *alipay, struct evhttp_request *req, struct alipay_trade *trade)
{
    const char *sub_code;
    TRY(alipay_trade_pay(alipay, trade, (struct wall_time){ 0 }, &sub_code));
    if (sub_code != NULL) {
        alipay_reply_page(req, HTTP_OK, sub_code, alipay_sub_msg(sub_code));
        return ERR_OK;
    }
    if (trade->return_url == NULL) {
        alipay_reply_page(req, HTTP_OK, "付款成功", trade->out_trade_no);
        return ERR_OK;
    }
    return go_back(alipay, req, trade);
}

static enum err
serve_cashier(struct alipay *alipay, struct evhttp_request *req, const struct alipay_params *params)
{
    const char *cashier = alipay_form_get(params, "cashier");
    const char *wish = alipay_form_get(params, "do");
    struct alipay_trade *trade = cashier == NULL ? NULL : alipay_trade_by_cashier(alipay, cashier);
    if (trade == NULL || wish == NULL) {
        alipay_reply_page(req, HTTP_BADREQUEST, "ACQ.INVALID_PARAMETER", "参数无效");
        return ERR_OK;
    }
    if (strcmp(wish, "pay") == 0) {
        return pay(alipay, req, trade);
    }
    if (trade->quit_url != NULL) { /* 3.2 */
        alipay_reply_redirect(req, trade->quit_url);
    } else {
        alipay_reply_page(req, HTTP_OK, "已取消付款", trade->out_trade_no);
    }
    return ERR_OK;
}

void
alipay_page_cashier(struct alipay *alipay, struct evhttp_request *req)
{
    DEFER(alipay_form_fini) struct alipay_params query = { .count = 0 };
    DEFER(alipay_form_fini) struct alipay_params all = { .count = 0 };
    enum err err = alipay_request_params(req, &query, &all);
    if (err == ERR_OK) {
        err = serve_cashier(alipay, req, &all);
    }
    if (err != ERR_OK) {
        alipay_reply_page(req, HTTP_INTERNAL, "world", err_name(err));
    }
}
