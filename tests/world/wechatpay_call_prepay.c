/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "wechatpay_gateway.h"
#include "wechatpay_order.h"

#define DAY_MS     (INT64_C(24) * 60 * 60 * 1000)
#define DETAIL_MAX (size_t)6144

static const enum wechatpay_form forms[WECHATPAY_PRODUCT_COUNT] = {
    [WECHATPAY_NATIVE] = WECHATPAY_FORM_NATIVE,
    [WECHATPAY_H5] = WECHATPAY_FORM_H5,
    [WECHATPAY_JSAPI] = WECHATPAY_FORM_JSAPI,
};

/* 9.7: the page of Native says seven days, the others fifteen. */
static const int64_t expiry_max_days[WECHATPAY_PRODUCT_COUNT] = {
    [WECHATPAY_NATIVE] = 7,
    [WECHATPAY_H5] = 15,
    [WECHATPAY_JSAPI] = 15,
};

static bool
refuse(struct wechatpay_call *call, const char *code, const char *field, const char *issue)
{
    (void)wechatpay_call_refuse(call, code, field, issue);
    return false;
}

/* 4.2: digits, letters and _ - | *. */
static bool
is_number(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!span_is_alnum(span_sub(text, i, 1)) && strchr("_-|*", text.at[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool
is_address(struct span url)
{
    return (span_starts(url, SPAN_LIT("https://")) || span_starts(url, SPAN_LIT("http://")))
           && span_index(url, '?') == url.len;
}

static bool
amount_fits(struct wechatpay_call *call, struct wechatpay_wish *wish)
{
    const struct json_t *amount = json_member(call->body, "amount");
    struct span currency = wechatpay_call_text(amount, "currency");
    int64_t total;
    if (!span_empty(currency) && !span_eq_cstr(currency, "CNY")) {
        return refuse(call, "PARAM_ERROR", "/amount/currency", "货币类型只支持CNY");
    }
    if (json_get_i64(amount, "total", &total) != ERR_OK
        || money_make(total, CURRENCY_CNY, &wish->total) != ERR_OK) {
        return refuse(call, "PARAM_ERROR", "/amount/total", "订单金额不正确");
    }
    return true;
}

/* 4.2: RFC 3339 with an offset. That it is a minute ahead is asked of a new order only, since the
 * same one may come again. */
static bool
expiry_fits(struct wechatpay_call *call, struct wechatpay_wish *wish)
{
    struct span text = wechatpay_call_text(call->body, "time_expire");
    struct wall_time now = world_now(call->wechatpay->world);
    if (span_empty(text)) {
        return true;
    }
    if (wall_parse(text, &wish->expires) != ERR_OK) {
        return refuse(call, "PARAM_ERROR", "/time_expire", "时间格式不符合RFC3339");
    }
    if (wall_ms_between(now, wish->expires) > expiry_max_days[wish->product] * DAY_MS) {
        return refuse(call, "PARAM_ERROR", "/time_expire", "支付结束时间超过允许的最大时间");
    }
    return true;
}

static bool
scene_fits(struct wechatpay_call *call)
{
    const struct json_t *info = json_member(call->body, "scene_info");
    if (call->product != WECHATPAY_H5) {
        return true;
    }
    struct span type = wechatpay_call_text(json_member(info, "h5_info"), "type");
    return span_eq_cstr(type, "iOS") || span_eq_cstr(type, "Android") || span_eq_cstr(type, "Wap")
           || refuse(call, "PARAM_ERROR", "/scene_info/h5_info/type", "场景类型不正确");
}

static bool
detail_fits(struct wechatpay_call *call)
{
    const struct json_t *detail = json_member(call->body, "detail");
    DEFER(buf_fini) struct buf text = BUF_MAX(DETAIL_MAX);
    return detail == NULL || json_encode(detail, &text) == ERR_OK
           || refuse(call, "PARAM_ERROR", "/detail", "优惠功能长度超过限制");
}

static bool
parties_fit(struct wechatpay_call *call)
{
    if (!span_eq_cstr(wechatpay_call_text(call->body, "mchid"), call->merchant->mchid)) {
        return refuse(call, "PARAM_ERROR", "/mchid", "商户号与签名商户号不一致");
    }
    return span_eq_cstr(wechatpay_call_text(call->body, "appid"), call->merchant->appid)
           || refuse(call, "APPID_MCHID_NOT_MATCH", NULL, NULL);
}

static bool
wish_fits(struct wechatpay_call *call, struct wechatpay_wish *wish)
{
    *wish = (struct wechatpay_wish){
        .merchant = call->merchant,
        .product = call->product,
        .request = call->body,
        .out_trade_no = wechatpay_call_text(call->body, "out_trade_no"),
        .description = wechatpay_call_text(call->body, "description"),
        .attach = wechatpay_call_text(call->body, "attach"),
        .notify_url = wechatpay_call_text(call->body, "notify_url"),
        .openid = wechatpay_call_text(json_member(call->body, "payer"), "openid"),
    };
    if (!wechatpay_fields_fit(call, forms[call->product]) || !parties_fit(call)) {
        return false;
    }
    if (!is_number(wish->out_trade_no)) {
        return refuse(call, "PARAM_ERROR", "/out_trade_no", "商户订单号含有不允许的字符");
    }
    if (!is_address(wish->notify_url)) {
        return refuse(call, "PARAM_ERROR", "/notify_url", "通知地址不正确");
    }
    return amount_fits(call, wish) && expiry_fits(call, wish) && scene_fits(call)
           && detail_fits(call);
}

enum err
wechatpay_call_prepay(struct wechatpay_call *call)
{
    struct wechatpay_wish wish;
    struct wechatpay_order *order = NULL;
    const char *refusal = NULL;
    const char *code;
    if (!wish_fits(call, &wish)) {
        return ERR_OK;
    }
    TRY(wechatpay_order_place(call->wechatpay, &wish, &order, &refusal));
    if (refusal != NULL) {
        return wechatpay_call_refuse(call, refusal, NULL, NULL);
    }
    TRY(wechatpay_order_code(call->wechatpay, order, &code));
    if (call->product == WECHATPAY_NATIVE) {
        return json_put_text(call->out, "code_url", code);
    }
    if (call->product == WECHATPAY_JSAPI) {
        return json_put_text(call->out, "prepay_id", code);
    }
    DEFER(buf_fini) struct buf url = BUF_MAX(512);
    TRY(wechatpay_page_url(call->wechatpay, code, &url));
    return json_put_string(call->out, "h5_url", buf_span(&url));
}
