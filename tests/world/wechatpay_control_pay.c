/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "wechatpay_control.h"
#include "wechatpay_gateway.h"
#include "wechatpay_order.h"
#include "wechatpay_sign.h"

static enum err
opened(const struct wechatpay_order *order, struct json_t **out)
{
    TRY(json_new_object(out));
    TRY(json_put_text(*out, "mchid", order->merchant->mchid));
    TRY(json_put_text(*out, "out_trade_no", order->out_trade_no));
    TRY(json_put_text(*out, "description", order->description));
    return wechatpay_control_put_money(*out, "total", order->total);
}

/* The last step of every way to an order. */
static void
open_order(struct wechatpay *wechatpay, struct control_call *call, struct wechatpay_order *order,
           enum err err, const char *refusal)
{
    struct json_t *out = NULL;
    if (err == ERR_OK && refusal == NULL) {
        wechatpay_order_open(wechatpay, order, &refusal);
    }
    if (err == ERR_OK && refusal == NULL) {
        err = opened(order, &out);
    }
    wechatpay_control_finish(call, err, refusal, out);
}

void
wechatpay_control_scan(void *self, struct control_call *call, const struct json_t *in)
{
    struct wechatpay_order *order = NULL;
    const char *refusal = NULL;
    struct span text;
    enum err err = json_get_string(in, "qr_text", &text);
    if (err == ERR_OK) {
        order = wechatpay_order_by_code(self, WECHATPAY_NATIVE, text, &refusal);
        err = order == NULL ? ERR_FIELD_VALUE : ERR_OK;
    }
    open_order(self, call, order, err, refusal);
}

static enum err
find_page(struct wechatpay *wechatpay, const struct json_t *in, struct wechatpay_order **out,
          const char **refusal)
{
    DEFER(wechatpay_text_fini) char *url = NULL;
    struct span text;
    TRY(json_get_string(in, "url", &text));
    TRY(wechatpay_copy(text, &url));
    return wechatpay_page_order(wechatpay, url, out, refusal);
}

void
wechatpay_control_open(void *self, struct control_call *call, const struct json_t *in)
{
    struct wechatpay_order *order = NULL;
    const char *refusal = NULL;
    enum err err = find_page(self, in, &order, &refusal);
    open_order(self, call, order, err, refusal);
}

/* What a page hands to the phone (4.2). */
struct invocation {
    struct span app_id;
    struct span timestamp;
    struct span nonce;
    struct span package;
    struct span sign_type;
    struct span signature;
};

static enum err
read_invocation(const struct json_t *in, struct invocation *out)
{
    TRY(json_get_string(in, "appId", &out->app_id));
    TRY(json_get_string(in, "timeStamp", &out->timestamp));
    TRY(json_get_string(in, "nonceStr", &out->nonce));
    TRY(json_get_string(in, "package", &out->package));
    TRY(json_get_string(in, "signType", &out->sign_type));
    return json_get_string(in, "paySign", &out->signature);
}

/* Four lines; signType is not among them. In SM mode the document does not say what signType is
 * called: this world takes "SM2". */
static enum err
invocation_fits(const struct wechatpay_order *order, const struct invocation *invocation)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(4096);
    const char *sign_type = order->merchant->family == WECHATPAY_SM ? "SM2" : "RSA";
    if (!span_eq_cstr(invocation->app_id, order->merchant->appid)
        || !span_eq_cstr(invocation->sign_type, sign_type) || !span_is_digits(invocation->timestamp)
        || span_empty(invocation->nonce) || invocation->nonce.len > 32) {
        return ERR_SIGNATURE;
    }
    const struct span lines[] = { invocation->app_id, invocation->timestamp, invocation->nonce,
                                  invocation->package };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        TRY(buf_append(&text, lines[i]));
        TRY(buf_byte(&text, '\n'));
    }
    return wechatpay_sign_verify(order->merchant, buf_span(&text), invocation->signature);
}

static enum err
find_invoked(struct wechatpay *wechatpay, const struct json_t *in, struct wechatpay_order **out,
             const char **refusal)
{
    static const struct span prefix = SPAN("prepay_id=");
    struct invocation invocation;
    TRY(read_invocation(in, &invocation));
    if (!span_starts(invocation.package, prefix)) {
        return ERR_FIELD_VALUE;
    }
    struct span prepay_id = span_sub(invocation.package, prefix.len, invocation.package.len);
    struct wechatpay_order *order =
        wechatpay_order_by_code(wechatpay, WECHATPAY_JSAPI, prepay_id, refusal);
    if (order == NULL) {
        return ERR_FIELD_VALUE;
    }
    enum err err = invocation_fits(order, &invocation);
    if (err == ERR_SIGNATURE) {
        *refusal = "PAY_SIGN";
        return ERR_OK;
    }
    TRY(err);
    *out = order;
    return ERR_OK;
}

void
wechatpay_control_jsapi(void *self, struct control_call *call, const struct json_t *in)
{
    struct wechatpay_order *order = NULL;
    const char *refusal = NULL;
    enum err err = find_invoked(self, in, &order, &refusal);
    open_order(self, call, order, err, refusal);
}

static enum err
pay_known(struct wechatpay *wechatpay, const struct json_t *in, struct json_t **out,
          const char **refusal)
{
    struct wechatpay_order *order;
    struct wall_time at = { 0 };
    struct span text = SPAN("");
    TRY(wechatpay_control_order(wechatpay, in, &order));
    TRY(wechatpay_control_text(in, "at", &text));
    if (!span_empty(text)) {
        TRY(wall_parse(text, &at));
    }
    if (json_member(in, "late") != NULL) {
        bool late = false;
        TRY(json_get_bool(in, "late", &late));
        if (late) {
            wechatpay_order_cross(wechatpay, order);
        }
    }
    TRY(wechatpay_order_pay(wechatpay, order, at, refusal));
    if (*refusal != NULL) {
        return ERR_OK;
    }
    TRY(json_new_object(out));
    TRY(json_put_text(*out, "transaction_id", order->transaction_id));
    return wechatpay_control_put_wall(*out, "success_time", order->paid);
}

void
wechatpay_control_pay(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    const char *refusal = NULL;
    enum err err = pay_known(self, in, &out, &refusal);
    wechatpay_control_finish(call, err, refusal, out);
}
