/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "wechatpay_order.h"

static const char *
description_of(const char *trade_state)
{
    static const char *const texts[][2] = {
        { "NOTPAY", "订单未支付" },
        { "SUCCESS", "支付成功" },
        { "CLOSED", "订单已关闭" },
        { "REFUND", "订单发生过退款" },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(texts[i][0], trade_state) == 0) {
            return texts[i][1];
        }
    }
    return "";
}

static enum err
put_amount(const struct wechatpay_transaction_facts *facts, bool paid, struct json_t *out)
{
    struct json_t *amount;
    TRY(json_new_object(&amount));
    TRY(json_put(out, "amount", amount));
    TRY(json_put_i64(amount, "total", facts->total.minor));
    if (paid) {
        TRY(json_put_i64(amount, "payer_total", facts->total.minor));
    }
    TRY(json_put_text(amount, "currency", "CNY"));
    return paid ? json_put_text(amount, "payer_currency", "CNY") : ERR_OK;
}

static enum err
put_payer(const struct wechatpay_order *order, struct json_t *out)
{
    struct json_t *payer;
    TRY(json_new_object(&payer));
    TRY(json_put(out, "payer", payer));
    return json_put_text(payer, "openid", order->openid);
}

/* 4.4: an unpaid order has none of these. */
static enum err
put_payment(const struct wechatpay_transaction_facts *facts, struct json_t *out)
{
    const struct wechatpay_order *order = facts->order;
    /* A payment that a liar makes up needs a number; the true one comes with the true payment. */
    const char *number =
        order->transaction_id[0] == '\0' ? "4200002860209912319999999999" : order->transaction_id;
    TRY(json_put_text(out, "transaction_id", number));
    TRY(json_put_text(out, "trade_type", wechatpay_order_trade_type(order)));
    TRY(json_put_text(out, "bank_type", "OTHERS"));
    TRY(wechatpay_put_time(out, "success_time", facts->paid));
    return put_payer(order, out);
}

enum err
wechatpay_transaction_put(const struct wechatpay_transaction_facts *facts, struct json_t *out)
{
    const struct wechatpay_order *order = facts->order;
    bool paid = !facts->unpaid && facts->paid.us != 0;
    const char *state = facts->unpaid ? "NOTPAY"
                        : paid && order->state != WECHATPAY_PAID
                            ? "SUCCESS"
                            : wechatpay_order_trade_state(order);
    TRY(json_put_text(out, "appid", order->merchant->appid));
    TRY(json_put_text(out, "mchid", order->merchant->mchid));
    TRY(json_put_text(out, "out_trade_no", order->out_trade_no));
    if (paid) {
        TRY(put_payment(facts, out));
    }
    TRY(json_put_text(out, "trade_state", state));
    TRY(json_put_text(out, "trade_state_desc", description_of(state)));
    TRY(json_put_text(out, "attach", order->attach));
    return put_amount(facts, paid, out);
}
