/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay.h"
#include "form.h"
#include "json.h"

#define BIZ_MAX       ((size_t)8 * 1024)
#define URL_MAX       1024
#define TIME_TEXT_MAX 32
#define SIGN_TEXT_MAX 1024
#define SUBJECT_MAX   ((size_t)256)
#define NUMBER_MAX    64
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

/* The first bytes of a text, without cutting a character in two. */
static struct span
clip(struct span text, size_t max_bytes)
{
    size_t len = text.len < max_bytes ? text.len : max_bytes;
    while (len > 0 && len < text.len && (text.at[len] & 0xC0) == 0x80) {
        len--;
    }
    return span_sub(text, 0, len);
}

/* "subject": no "/", "=", "&" (request parameters). A value with "&" would also make the signed text
 * of the notification ambiguous, and one with "," would shift the columns of the bill, whose fields are
 * not quoted. It is read by people only, so a dash does as well. */
static enum err
put_subject(struct json_t *biz, struct span subject)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(SUBJECT_MAX);
    struct span kept = clip(subject, SUBJECT_MAX);
    if (span_empty(kept)) {
        return ERR_FIELD_MISSING;
    }
    for (size_t i = 0; i < kept.len; i++) {
        unsigned char c = kept.at[i];
        bool forbidden = c < 0x20 || c == 0x7F || c == '/' || c == '=' || c == '&' || c == ',';
        TRY(buf_byte(&text, forbidden ? '-' : c));
    }
    return json_put_string(biz, "subject", buf_span(&text));
}

/* "out_trade_no", "out_request_no": letters, digits, underscore, at most 64. */
static enum err
put_number(struct json_t *biz, const char *name, struct span number)
{
    if (span_empty(number)) {
        return ERR_FIELD_MISSING;
    }
    if (number.len > NUMBER_MAX) {
        return ERR_FIELD_LENGTH;
    }
    for (size_t i = 0; i < number.len; i++) {
        if (number.at[i] != '_' && !span_is_alnum(span_sub(number, i, 1))) {
            return ERR_FIELD_CHARACTERS;
        }
    }
    return json_put_string(biz, name, number);
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
    TRY(put_number(biz, "out_trade_no", order->merchant_order_no));
    TRY(put_amount(biz, "total_amount", order->amount));
    TRY(put_subject(biz, order->subject));
    TRY(json_put_text(biz, "product_code", product_codes[order->method]));
    if (order->method == ADAPTER_WAP && order->return_url.len > 0) { /* where giving up leads */
        TRY(json_put_string(biz, "quit_url", order->return_url));
    }
    return put_time(biz, "time_expire", order->expires_at);
}

/* Where both numbers are allowed one is enough; trade_no would win, so ours goes alone. */
static enum err
build_reference(const struct adapter_order *order, struct json_t *biz)
{
    return put_number(biz, "out_trade_no", order->merchant_order_no);
}

/* alipay.trade.refund: out_request_no is always sent; the same number is refunded once only. */
static enum err
build_refund(const struct adapter_order *order, struct json_t *biz)
{
    TRY(build_reference(order, biz));
    TRY(put_amount(biz, "refund_amount", order->amount));
    return put_number(biz, "out_request_no", order->refund_no);
}

/* When the refund was done is said only to who asks for it, and its bill is that day's. */
static enum err
build_refund_query(const struct adapter_order *order, struct json_t *biz)
{
    struct json_t *options = NULL;
    TRY(build_reference(order, biz));
    TRY(put_number(biz, "out_request_no", order->refund_no));
    TRY(json_new_array(&options));
    TRY(json_put(biz, "query_options", options));
    return json_put_text(options, NULL, "gmt_refund_pay");
}

/* "bill_type": a summary has none of its own, it lies in the file of its detail. */
static enum err
put_bill_type(struct json_t *biz, struct span kind)
{
    static const struct {
        const char *kind;
        const char *type;
    } types[] = {
        { "trade", "trade" },
        { "trade-summary", "trade" },
        { "signcustomer", "signcustomer" },
        { "signcustomer-summary", "signcustomer" },
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (span_eq_cstr(kind, types[i].kind)) {
            return json_put_text(biz, "bill_type", types[i].type);
        }
    }
    return ERR_FIELD_VALUE;
}

static enum err
build_bill_link(const struct adapter_order *order, struct json_t *biz)
{
    DEFER(buf_fini) struct buf day = BUF_MAX(TIME_TEXT_MAX);
    if (order->bill_day.year == 0 || span_empty(order->bill_kind)) {
        return ERR_FIELD_MISSING;
    }
    TRY(day_format(order->bill_day, &day));
    TRY(put_bill_type(biz, order->bill_kind));
    return json_put_string(biz, "bill_date", buf_span(&day));
}

/* alipay.open.app.alipaycert.download: a serial came from outside, and is one before it goes out again. */
static enum err
build_keys(const struct adapter_order *order, struct json_t *biz)
{
    struct span serial = order->key_serial;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(ALIPAY_SERIAL_CHARS / 2);
    if (serial.len != ALIPAY_SERIAL_CHARS) {
        return ERR_FIELD_LENGTH;
    }
    if (crypto_hex_decode(serial, &bytes) != ERR_OK) {
        return ERR_FIELD_CHARACTERS;
    }
    return json_put_string(biz, "alipay_cert_sn", serial);
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
        [ADAPTER_CANCEL] = build_reference,
        [ADAPTER_REFUND] = build_refund,
        [ADAPTER_REFUND_QUERY] = build_refund_query,
        [ADAPTER_BILL_LINK] = build_bill_link,
        [ADAPTER_KEYS] = build_keys,
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

/* "&" in a value would make the signed text ambiguous; the keys process refuses it too. */
static enum err
add_url(struct adapter_fields *fields, const char *name, struct span url)
{
    return span_index(url, '&') < url.len ? ERR_FIELD_CHARACTERS : add(fields, name, url);
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
    bool without_certificates = operation == ADAPTER_KEYS && account->roots.count == 0;
    if (api == NULL || without_certificates) {
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
        TRY(add_url(fields, "notify_url", order->notify_url));
        if (order->method != ADAPTER_QR) {
            TRY(add_url(fields, "return_url", order->return_url));
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
