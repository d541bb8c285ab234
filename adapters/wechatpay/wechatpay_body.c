/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"
#include "wechatpay.h"

#define DESCRIPTION_MAX ((size_t)127) /* counted in bytes: the document does not say which */
#define NOTIFY_MAX      ((size_t)255)
#define PAYER_MAX       ((size_t)128)
#define ADDRESS_MAX     ((size_t)45)
#define TIME_TEXT_MAX   32
#define CIVIL_DAY_CHARS 10 /* "yyyy-MM-dd" */

static enum err
check_amount(struct money amount)
{
    return amount.currency == CURRENCY_CNY && amount.minor >= 1 && amount.minor <= MONEY_MAX_MINOR
               ? ERR_OK
               : ERR_AMOUNT;
}

/* 4.2, description: read by people only. Cut without cutting a character in two. */
static enum err
put_description(struct json_t *body, struct span subject)
{
    size_t len = subject.len < DESCRIPTION_MAX ? subject.len : DESCRIPTION_MAX;
    while (len > 0 && len < subject.len && (subject.at[len] & 0xC0) == 0x80) {
        len--;
    }
    if (len == 0) {
        return ERR_FIELD_MISSING;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(DESCRIPTION_MAX);
    for (size_t i = 0; i < len; i++) {
        bool control = subject.at[i] < 0x20 || subject.at[i] == 0x7F;
        TRY(buf_byte(&text, control ? '-' : subject.at[i]));
    }
    return json_put_string(body, "description", buf_span(&text));
}

/* 4.2, notify_url: no query. */
static enum err
put_notify_url(struct json_t *body, struct span url)
{
    if (span_empty(url)) {
        return ERR_FIELD_MISSING;
    }
    if (url.len > NOTIFY_MAX) {
        return ERR_FIELD_LENGTH;
    }
    if (span_index(url, '?') < url.len) {
        return ERR_FIELD_CHARACTERS;
    }
    return json_put_string(body, "notify_url", url);
}

/* 4.2, time_expire: RFC 3339 with the offset of Beijing. */
static enum err
put_expiry(struct json_t *body, struct wall_time at)
{
    if (at.us == 0) {
        return ERR_OK;
    }
    DEFER(buf_fini) struct buf civil = BUF_MAX(TIME_TEXT_MAX);
    DEFER(buf_fini) struct buf text = BUF_MAX(TIME_TEXT_MAX);
    TRY(wall_format_civil(at, WECHATPAY_ZONE_MIN, &civil));
    TRY(buf_append(&text, span_sub(buf_span(&civil), 0, CIVIL_DAY_CHARS)));
    TRY(buf_byte(&text, 'T'));
    TRY(buf_append(&text, span_sub(buf_span(&civil), CIVIL_DAY_CHARS + 1, civil.len)));
    TRY(buf_text(&text, "+08:00"));
    return json_put_string(body, "time_expire", buf_span(&text));
}

static enum err
put_total(struct json_t *body, struct money amount)
{
    TRY(check_amount(amount));
    struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_put(body, "amount", object));
    TRY(json_put_i64(object, "total", amount.minor));
    return json_put_text(object, "currency", currency_code(amount.currency));
}

/* 4.2, JSAPI. */
static enum err
put_payer(struct json_t *body, struct span payer)
{
    TRY(wechatpay_check_text(payer, "_-", 1, PAYER_MAX));
    struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_put(body, "payer", object));
    return json_put_string(object, "openid", payer);
}

/* 4.2, H5. */
static enum err
put_scene(struct json_t *body, struct span address)
{
    TRY(wechatpay_check_text(address, ".:", 1, ADDRESS_MAX));
    struct json_t *scene = NULL;
    struct json_t *h5 = NULL;
    TRY(json_new_object(&scene));
    TRY(json_put(body, "scene_info", scene));
    TRY(json_put_string(scene, "payer_client_ip", address));
    TRY(json_new_object(&h5));
    TRY(json_put(scene, "h5_info", h5));
    return json_put_text(h5, "type", "Wap");
}

static enum err
put_pay(const struct adapter_account *account, const struct adapter_order *order,
        struct json_t *body)
{
    TRY(wechatpay_check_order_no(order->merchant_order_no));
    TRY(json_put_text(body, "appid", account->application));
    TRY(json_put_text(body, "mchid", account->merchant));
    TRY(put_description(body, order->subject));
    TRY(json_put_string(body, "out_trade_no", order->merchant_order_no));
    TRY(put_expiry(body, order->expires_at));
    TRY(put_notify_url(body, order->notify_url));
    TRY(put_total(body, order->amount));
    if (order->method == ADAPTER_JSAPI) {
        return put_payer(body, order->payer);
    }
    return order->method == ADAPTER_WAP ? put_scene(body, order->payer_address) : ERR_OK;
}

/* 4.5 */
static enum err
put_close(const struct adapter_account *account, const struct adapter_order *order,
          struct json_t *body)
{
    (void)order;
    return json_put_text(body, "mchid", account->merchant);
}

/* 4.6. A refund without notify_url is told in another format, to another address (5.6). */
static enum err
put_refund(const struct adapter_account *account, const struct adapter_order *order,
           struct json_t *body)
{
    (void)account;
    TRY(wechatpay_check_order_no(order->merchant_order_no));
    TRY(wechatpay_check_refund_no(order->refund_no));
    TRY(check_amount(order->amount));
    TRY(check_amount(order->total));
    if (order->amount.minor > order->total.minor) {
        return ERR_AMOUNT;
    }
    TRY(json_put_string(body, "out_trade_no", order->merchant_order_no));
    TRY(json_put_string(body, "out_refund_no", order->refund_no));
    TRY(put_notify_url(body, order->notify_url));
    struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_put(body, "amount", object));
    TRY(json_put_i64(object, "refund", order->amount.minor));
    TRY(json_put_i64(object, "total", order->total.minor));
    return json_put_text(object, "currency", currency_code(order->amount.currency));
}

enum err
wechatpay_body(const struct adapter_account *account, enum adapter_operation operation,
               const struct adapter_order *order, struct arena *arena, struct span *out)
{
    static enum err (*const builders[ADAPTER_OPERATION_COUNT])(
        const struct adapter_account *, const struct adapter_order *, struct json_t *) = {
        [ADAPTER_PAY] = put_pay,
        [ADAPTER_CLOSE] = put_close,
        [ADAPTER_REFUND] = put_refund,
    };
    if (builders[operation] == NULL) {
        *out = (struct span){ .at = NULL, .len = 0 };
        return ERR_OK;
    }
    DEFER(json_free) struct json_t *body = NULL;
    TRY(json_new_object(&body));
    TRY(builders[operation](account, order, body));
    /* Pure ASCII passes every proxy unchanged. */
    DEFER(buf_fini) struct buf text = BUF_MAX(WECHATPAY_BODY_MAX);
    TRY(json_encode_ascii(body, &text));
    return arena_copy(arena, buf_span(&text), out);
}
