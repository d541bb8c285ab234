/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "wechatpay_gateway.h"
#include "wechatpay_order.h"
#include "wechatpay_refund.h"

#define RECEIVER "支付用户零钱"

static enum err
put_amount(const struct wechatpay_refund *refund, bool answer, struct json_t *out)
{
    const struct wechatpay_order *order = refund->order;
    struct json_t *amount;
    TRY(json_new_object(&amount));
    TRY(json_put(out, "amount", amount));
    TRY(json_put_i64(amount, "total", order->total.minor));
    TRY(json_put_i64(amount, "refund", refund->amount.minor));
    TRY(json_put_i64(amount, "payer_total", order->total.minor));
    TRY(json_put_i64(amount, "payer_refund", refund->amount.minor));
    if (!answer) { /* 5.4: no more in a callback, not even the currency */
        return ERR_OK;
    }
    TRY(json_put_i64(amount, "settlement_refund", refund->amount.minor));
    TRY(json_put_i64(amount, "settlement_total", order->total.minor));
    TRY(json_put_i64(amount, "discount_refund", 0));
    return json_put_text(amount, "currency", "CNY");
}

static enum err
put_numbers(const struct wechatpay_refund *refund, struct json_t *out)
{
    TRY(json_put_text(out, "refund_id", refund->refund_id));
    TRY(json_put_text(out, "out_refund_no", refund->out_refund_no));
    TRY(json_put_text(out, "transaction_id", refund->order->transaction_id));
    return json_put_text(out, "out_trade_no", refund->order->out_trade_no);
}

enum err
wechatpay_refund_put(const struct wechatpay_refund *refund, struct json_t *out)
{
    TRY(put_numbers(refund, out));
    TRY(json_put_text(out, "channel", "ORIGINAL"));
    TRY(json_put_text(out, "user_received_account", RECEIVER));
    if (refund->status == WECHATPAY_REFUND_SUCCESS) {
        TRY(wechatpay_put_time(out, "success_time", refund->finished));
    }
    TRY(wechatpay_put_time(out, "create_time", refund->created));
    TRY(json_put_text(out, "status", wechatpay_refund_status_name(refund->status)));
    TRY(json_put_text(out, "funds_account", "UNSETTLED"));
    return put_amount(refund, true, out);
}

enum err
wechatpay_refund_put_notice(const struct wechatpay_refund *refund,
                            enum wechatpay_refund_status status, struct json_t *out)
{
    TRY(json_put_text(out, "mchid", refund->order->merchant->mchid));
    TRY(put_numbers(refund, out));
    TRY(json_put_text(out, "refund_status", wechatpay_refund_status_name(status)));
    if (status == WECHATPAY_REFUND_SUCCESS) {
        TRY(wechatpay_put_time(out, "success_time",
                               refund->finished.us == 0 ? refund->created : refund->finished));
    }
    TRY(json_put_text(out, "user_received_account", RECEIVER));
    return put_amount(refund, false, out);
}

/* 4.6: digits, letters and _ - | * @. */
static bool
is_number(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!span_is_alnum(span_sub(text, i, 1)) && strchr("_-|*@", text.at[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool
refuse(struct wechatpay_call *call, const char *field, const char *issue)
{
    (void)wechatpay_call_refuse(call, "PARAM_ERROR", field, issue);
    return false;
}

/* 4.6: the parts of `from` add up to the refund. */
static bool
from_fits(struct wechatpay_call *call, const struct json_t *amount, int64_t refund)
{
    const struct json_t *from = json_member(amount, "from");
    struct money sum = { .minor = 0, .currency = CURRENCY_CNY };
    for (size_t i = 0; from != NULL && i < json_count(from); i++) {
        struct money part = sum;
        if (json_get_i64(json_element(from, i), "amount", &part.minor) != ERR_OK
            || money_add(sum, part, &sum) != ERR_OK) {
            return refuse(call, "/amount/from", "退款出资金额不正确");
        }
    }
    return from == NULL || sum.minor == refund
           || refuse(call, "/amount/from", "退款出资金额之和与退款金额不一致");
}

static bool
wish_fits(struct wechatpay_call *call, struct wechatpay_refund_wish *wish)
{
    const struct json_t *amount = json_member(call->body, "amount");
    struct span account = wechatpay_call_text(call->body, "funds_account");
    int64_t refund;
    int64_t total;
    if (!wechatpay_fields_fit(call, WECHATPAY_FORM_REFUND)) {
        return false;
    }
    *wish = (struct wechatpay_refund_wish){
        .out_refund_no = wechatpay_call_text(call->body, "out_refund_no"),
        .notify_url = wechatpay_call_text(call->body, "notify_url"),
    };
    if (!is_number(wish->out_refund_no)) {
        return refuse(call, "/out_refund_no", "商户退款单号含有不允许的字符");
    }
    if (!span_eq_cstr(wechatpay_call_text(amount, "currency"), "CNY")) {
        return refuse(call, "/amount/currency", "货币类型只支持CNY");
    }
    if (!span_empty(account) && !span_eq_cstr(account, "AVAILABLE")
        && !span_eq_cstr(account, "UNSETTLED")) {
        return refuse(call, "/funds_account", "退款资金来源不正确");
    }
    if (json_get_i64(amount, "refund", &refund) != ERR_OK
        || json_get_i64(amount, "total", &total) != ERR_OK
        || money_make(refund, CURRENCY_CNY, &wish->amount) != ERR_OK
        || money_make(total, CURRENCY_CNY, &wish->total) != ERR_OK) {
        return refuse(call, "/amount", "金额不正确");
    }
    return from_fits(call, amount, refund);
}

/* The order by either number; both, when both are given, must name the same one. */
static struct wechatpay_order *
find_order(struct wechatpay_call *call)
{
    struct span number = wechatpay_call_text(call->body, "out_trade_no");
    struct span id = wechatpay_call_text(call->body, "transaction_id");
    if (span_empty(number) && span_empty(id)) {
        (void)refuse(call, "/transaction_id", "微信支付订单号和商户订单号须填一个");
        return NULL;
    }
    struct wechatpay_order *order =
        span_empty(id) ? wechatpay_order_find(call->wechatpay, call->merchant, number)
                       : wechatpay_order_by_transaction(call->wechatpay, call->merchant, id);
    if (order == NULL || (!span_empty(number) && !span_eq_cstr(number, order->out_trade_no))) {
        (void)wechatpay_call_refuse(call, "RESOURCE_NOT_EXISTS", NULL, NULL);
        return NULL;
    }
    return order;
}

enum err
wechatpay_call_refund(struct wechatpay_call *call)
{
    struct wechatpay_refund_wish wish;
    struct wechatpay_refund *refund = NULL;
    const char *refusal;
    struct wechatpay_order *order = wish_fits(call, &wish) ? find_order(call) : NULL;
    if (order == NULL) {
        return ERR_OK;
    }
    TRY(wechatpay_refund_ask(call->wechatpay, order, &wish, &refund, &refusal));
    return refusal != NULL ? wechatpay_call_refuse(call, refusal, NULL, NULL)
                           : wechatpay_refund_put(refund, call->out);
}

enum err
wechatpay_call_refund_query(struct wechatpay_call *call)
{
    const struct wechatpay_refund *refund =
        wechatpay_refund_find(call->wechatpay, call->merchant, call->key);
    return refund == NULL ? wechatpay_call_refuse(call, "RESOURCE_NOT_EXISTS", NULL, NULL)
                          : wechatpay_refund_put(refund, call->out);
}
