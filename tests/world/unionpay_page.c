/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "unionpay_gateway.h"
#include "unionpay_notify.h"
#include "unionpay_txn.h"

#define PAGE_TYPE "text/html; charset=utf-8"

static enum err
put_hidden(struct buf *page, const char *name, const char *value)
{
    TRY(buf_text(page, "<input type=\"hidden\" name=\""));
    TRY(unionpay_html(page, name));
    TRY(buf_text(page, "\" value=\""));
    TRY(unionpay_html(page, value));
    return buf_text(page, "\">\n");
}

static enum err
put_row(struct buf *page, const char *name, const char *value)
{
    TRY(buf_printf(page, "<dt>%s</dt><dd>", name));
    TRY(unionpay_html(page, value));
    return buf_text(page, "</dd>\n");
}

/* 3.1: signed fields that the payer's browser carries to the merchant. */
static enum err
put_return(const struct unionpay *unionpay, const struct unionpay_txn *txn, struct buf *page)
{
    DEFER(unionpay_form_fini) struct unionpay_fields fields = { .count = 0 };
    const struct unionpay_notice_facts facts = {
        .txn = txn,
        .resp_code = unionpay_txn_code(unionpay, txn),
        .amount = txn->amount,
        .done = txn->done,
    };
    bool failed = txn->status != UNIONPAY_DONE && txn->front_fail_url != NULL;
    TRY(unionpay_notice_build(unionpay, &facts, UNIONPAY_SEAL_TRUE, &fields));
    TRY(buf_text(page, "<form method=\"post\" accept-charset=\"UTF-8\" action=\""));
    TRY(unionpay_html(page, failed ? txn->front_fail_url : txn->front_url));
    TRY(buf_text(page, "\">\n"));
    for (size_t i = 0; i < fields.count; i++) {
        TRY(put_hidden(page, fields.list[i].name, fields.list[i].value));
    }
    return buf_text(page, "<button>返回商户</button></form>\n");
}

static enum err
put_payment(const struct unionpay_txn *txn, struct buf *page)
{
    TRY(buf_text(page, "<form method=\"post\" action=\"/gateway/cashier\">\n"));
    TRY(put_hidden(page, "cashier", txn->cashier));
    return buf_printf(page, "<button name=\"do\" value=\"pay\">%s</button></form>\n",
                      unionpay_txn_is_bank(txn) ? "企业网银付款" : "确认付款");
}

static enum err
build(const struct unionpay *unionpay, const struct unionpay_txn *txn, const char *title,
      struct buf *page)
{
    DEFER(buf_fini) struct buf amount = BUF_MAX(32);
    const char *yuan;
    TRY(money_format(txn->amount, &amount));
    TRY(buf_text(&amount, " 元"));
    TRY(buf_cstr(&amount, &yuan));
    TRY(buf_printf(page,
                   "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
                   "<title>%s</title></head>\n<body><h1>%s</h1>\n<dl>\n",
                   title, title));
    TRY(put_row(page, "商户号", txn->merchant->mer_id));
    TRY(put_row(page, "订单号", txn->order_id));
    TRY(put_row(page, "金额", yuan));
    TRY(buf_text(page, "</dl>\n"));
    if (txn->status == UNIONPAY_WAIT) {
        TRY(put_payment(txn, page));
    }
    TRY(put_return(unionpay, txn, page));
    return buf_text(page, "</body></html>\n");
}

static enum err
show(const struct unionpay *unionpay, struct evhttp_request *req, const struct unionpay_txn *txn,
     const char *title)
{
    DEFER(buf_fini) struct buf page = BUF_MAX(UNIONPAY_BODY_MAX);
    TRY(build(unionpay, txn, title, &page));
    unionpay_reply(req, HTTP_OK, PAGE_TYPE, buf_span(&page));
    return ERR_OK;
}

enum err
unionpay_page_show(struct unionpay_call *call, struct evhttp_request *req)
{
    struct unionpay_txn *txn = NULL;
    TRY(unionpay_call_place(call, UNIONPAY_FRONT, &txn));
    if (txn == NULL) {
        unionpay_reply_page(req, HTTP_OK, unionpay_notice_message(call->code), "银联在线支付");
        return ERR_OK;
    }
    return show(call->unionpay, req, txn,
                unionpay_txn_is_bank(txn) ? "银联企业网银支付" : "银联在线支付");
}

static enum err
pay(struct unionpay *unionpay, struct evhttp_request *req, struct unionpay_txn *txn)
{
    const struct unionpay_payment how = { .resp_code = "00",
                                          .late_as = "42",
                                          .refund_after_ms = UNIONPAY_REFUND_AFTER_MS };
    const char *code;
    TRY(unionpay_txn_pay(unionpay, txn, &how, &code));
    if (strcmp(code, "00") != 0) {
        unionpay_reply_page(req, HTTP_OK, unionpay_notice_message(code), txn->order_id);
        return ERR_OK;
    }
    return show(unionpay, req, txn,
                txn->status == UNIONPAY_DONE ? "支付成功" : "超过支付时间，款项将自动退回");
}

static enum err
serve_cashier(struct unionpay *unionpay, struct evhttp_request *req,
              const struct unionpay_fields *fields)
{
    const char *cashier = unionpay_form_get(fields, "cashier");
    const char *wish = unionpay_form_get(fields, "do");
    struct unionpay_txn *txn = cashier == NULL ? NULL : unionpay_txn_by_cashier(unionpay, cashier);
    if (txn == NULL || txn->kind != UNIONPAY_FRONT || wish == NULL || strcmp(wish, "pay") != 0) {
        unionpay_reply_page(req, HTTP_BADREQUEST, "参数无效", "银联在线支付");
        return ERR_OK;
    }
    return pay(unionpay, req, txn);
}

void
unionpay_page_cashier(struct unionpay *unionpay, struct evhttp_request *req)
{
    DEFER(unionpay_form_fini) struct unionpay_fields fields = { .count = 0 };
    enum err err = unionpay_gateway_body(req, &fields);
    if (err != ERR_OK) {
        unionpay_reply_page(req, HTTP_BADREQUEST, "参数无效", err_name(err));
        return;
    }
    err = serve_cashier(unionpay, req, &fields);
    if (err != ERR_OK) {
        unionpay_reply_page(req, HTTP_INTERNAL, "world", err_name(err));
    }
}
