/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay.h"
#include "form.h"
#include "json.h"

#define BIZ_MAX       ((size_t)8 * 1024)
#define URL_MAX       1024
#define TIME_TEXT_MAX 32
#define SIGN_TEXT_MAX 1024
#define CHARSET_QUERY "?charset=utf-8" /* without it the gateway reads the body as GBK */

static enum err
put_amount(struct json_t *biz, const char *name, struct money amount)
{
    if (amount.currency != CURRENCY_CNY || amount.minor < 1 || amount.minor > MONEY_MAX_MINOR) {
        return ERR_AMOUNT;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(TIME_TEXT_MAX);
    TRY(money_format(amount, &text));
    return json_put_string(biz, name, buf_span(&text));
}

static enum err
put_time(struct json_t *biz, const char *name, struct wall_time at)
{
    if (at.us == 0) {
        return ERR_OK;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(TIME_TEXT_MAX);
    TRY(wall_format_civil(at, ALIPAY_ZONE_MIN, &text));
    return json_put_string(biz, name, buf_span(&text));
}

/* alipay.trade.page.pay / wap.pay / precreate, request parameters. */
static enum err
build_pay(const struct adapter_order *order, struct json_t *biz)
{
    static const char *const product_codes[ADAPTER_METHOD_COUNT] = {
        [ADAPTER_PAGE] = "FAST_INSTANT_TRADE_PAY",
        [ADAPTER_WAP] = "QUICK_WAP_WAY",
        [ADAPTER_QR] = "FACE_TO_FACE_PAYMENT",
    };
    TRY(json_put_string(biz, "out_trade_no", order->merchant_order_no));
    TRY(put_amount(biz, "total_amount", order->amount));
    TRY(json_put_string(biz, "subject", order->subject));
    TRY(json_put_text(biz, "product_code", product_codes[order->method]));
    if (order->method == ADAPTER_WAP && order->return_url.len > 0) {
        TRY(json_put_string(biz, "quit_url", order->return_url));
    }
    return put_time(biz, "time_expire", order->expires_at);
}

/* Where both numbers are allowed one is enough; trade_no would win, so ours goes alone. */
static enum err
build_reference(const struct adapter_order *order, struct json_t *biz)
{
    return json_put_string(biz, "out_trade_no", order->merchant_order_no);
}

static enum err
build_refund(const struct adapter_order *order, struct json_t *biz)
{
    TRY(build_reference(order, biz));
    TRY(put_amount(biz, "refund_amount", order->amount));
    return json_put_string(biz, "out_request_no", order->provider_trade_no);
}

static enum err
build_refund_query(const struct adapter_order *order, struct json_t *biz)
{
    TRY(build_reference(order, biz));
    return json_put_string(biz, "out_request_no", order->provider_trade_no);
}

static enum err
build_bill_link(const struct adapter_order *order, struct json_t *biz)
{
    DEFER(buf_fini) struct buf day = BUF_MAX(TIME_TEXT_MAX);
    TRY(day_format(order->bill_day, &day));
    TRY(json_put_string(biz, "bill_type", order->bill_kind));
    return json_put_string(biz, "bill_date", buf_span(&day));
}

static enum err
build_biz(enum adapter_operation operation, const struct adapter_order *order, struct arena *arena,
          struct span *out)
{
    static enum err (*const builders[ADAPTER_OPERATION_COUNT])(const struct adapter_order *,
                                                               struct json_t *) = {
        [ADAPTER_PAY] = build_pay,
        [ADAPTER_QUERY] = build_reference,
        [ADAPTER_CLOSE] = build_reference,
        [ADAPTER_REFUND] = build_refund,
        [ADAPTER_REFUND_QUERY] = build_refund_query,
        [ADAPTER_BILL_LINK] = build_bill_link,
    };
    DEFER(json_free) struct json_t *biz = NULL;
    TRY(json_new_object(&biz));
    TRY(builders[operation](order, biz));
    /* Pure ASCII makes signature and transport independent of the charset. */
    DEFER(buf_fini) struct buf text = BUF_MAX(BIZ_MAX);
    TRY(json_encode_ascii(biz, &text));
    return arena_copy(arena, buf_span(&text), out);
}

static enum err
add(struct adapter_fields *fields, const char *name, struct span value)
{
    return span_empty(value) ? ERR_OK : adapter_fields_add(fields, span_of(name), value);
}

static enum err
add_account(const struct adapter_account *account, struct adapter_fields *fields)
{
    TRY(add(fields, "app_id", span_of(account->application)));
    TRY(add(fields, "app_cert_sn", span_of(account->application_serial)));
    return add(fields, "alipay_root_cert_sn", span_of(account->root_serial));
}

/* Common request parameters. Empty ones are neither sent nor signed. */
enum err
alipay_request_build(const struct adapter_account *account, enum adapter_operation operation,
                     const struct adapter_order *order, struct wall_time now, struct arena *arena,
                     struct adapter_fields *fields)
{
    const char *api = alipay_api(operation, order->method);
    if (api == NULL) {
        return ERR_METHOD_UNKNOWN;
    }
    struct span biz;
    TRY(build_biz(operation, order, arena, &biz));
    DEFER(buf_fini) struct buf stamp = BUF_MAX(TIME_TEXT_MAX);
    TRY(wall_format_civil(now, ALIPAY_ZONE_MIN, &stamp));
    struct span timestamp;
    TRY(arena_copy(arena, buf_span(&stamp), &timestamp));
    fields->count = 0;
    TRY(add_account(account, fields));
    TRY(add(fields, "method", span_of(api)));
    TRY(add(fields, "format", SPAN_LIT("JSON")));
    TRY(add(fields, "charset", SPAN_LIT("utf-8")));
    TRY(add(fields, "sign_type", SPAN_LIT("RSA2")));
    TRY(add(fields, "timestamp", timestamp));
    TRY(add(fields, "version", SPAN_LIT("1.0")));
    if (operation == ADAPTER_PAY) {
        TRY(add(fields, "notify_url", order->notify_url));
        if (order->method != ADAPTER_QR) {
            TRY(add(fields, "return_url", order->return_url));
        }
    }
    return add(fields, "biz_content", biz);
}

static enum err
add_signature(const struct adapter_fields *fields, struct span signature, struct arena *arena,
              struct adapter_fields *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(SIGN_TEXT_MAX);
    TRY(crypto_base64_encode(signature, &text));
    struct span sign;
    TRY(arena_copy(arena, buf_span(&text), &sign));
    *out = *fields;
    return adapter_fields_add(out, SPAN_LIT("sign"), sign);
}

static enum err
gateway_url(const struct adapter_account *account, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(URL_MAX);
    TRY(buf_text(&url, account->gateway_url));
    TRY(buf_text(&url, CHARSET_QUERY));
    return arena_copy(arena, buf_span(&url), out);
}

/* Page and wap payment are not called by us: the payer's browser submits a form there. */
enum err
alipay_request_encode(const struct adapter_account *account, enum adapter_operation operation,
                      const struct adapter_order *order, const struct adapter_fields *fields,
                      struct span signature, struct arena *arena, struct adapter_request *out)
{
    struct adapter_request request = { .post = true };
    TRY(add_signature(fields, signature, arena, &request.fields));
    TRY(gateway_url(account, arena, &request.url));
    request.content_type = SPAN_LIT("application/x-www-form-urlencoded;charset=utf-8");
    bool form = operation == ADAPTER_PAY && order->method != ADAPTER_QR;
    request.kind = form ? ADAPTER_FORM : ADAPTER_CALL;
    if (!form) {
        DEFER(buf_fini) struct buf body = BUF_MAX(ALIPAY_TEXT_MAX);
        TRY(form_encode(&request.fields, &body));
        TRY(arena_copy(arena, buf_span(&body), &request.body));
    }
    *out = request;
    return ERR_OK;
}
