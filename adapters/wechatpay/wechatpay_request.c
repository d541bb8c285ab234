/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay.h"

#define AUTHORIZATION_MAX 2048
#define SIGN_TEXT_MAX     1024
#define NUMBER_TEXT_MAX   24
#define US_PER_S          INT64_C(1000000)

static enum err
add(struct adapter_fields *fields, const char *name, struct span value)
{
    return span_empty(value) ? ERR_OK : adapter_fields_add(fields, span_of(name), value);
}

static enum err
add_seconds(struct adapter_fields *fields, const char *name, struct wall_time now,
            struct arena *arena)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(NUMBER_TEXT_MAX);
    struct span kept;
    TRY(buf_i64(&text, now.us / US_PER_S));
    TRY(arena_copy(arena, buf_span(&text), &kept));
    return add(fields, name, kept);
}

/* 4.2, JSAPI call-up values; signType is neither here nor signed. */
static enum err
build_invoke(const struct adapter_account *account, const struct adapter_order *order,
             struct wall_time now, struct arena *arena, struct adapter_fields *fields)
{
    if (account->scheme == CRYPTO_SM2_SM3) {
        return ERR_METHOD_UNKNOWN;
    }
    TRY(wechatpay_check_text(order->prepared, "_-", 1, WECHATPAY_PREPARED_MAX));
    DEFER(buf_fini) struct buf text = BUF_MAX(SIGN_TEXT_MAX);
    struct span package;
    TRY(buf_text(&text, "prepay_id="));
    TRY(buf_append(&text, order->prepared));
    TRY(arena_copy(arena, buf_span(&text), &package));
    TRY(add(fields, "appId", span_of(account->application)));
    TRY(add_seconds(fields, "timeStamp", now, arena));
    TRY(add(fields, "nonceStr", order->nonce));
    return add(fields, "package", package);
}

enum err
wechatpay_request_build(const struct adapter_account *account, enum adapter_operation operation,
                        const struct adapter_order *order, struct wall_time now,
                        struct arena *arena, struct adapter_fields *fields)
{
    TRY(wechatpay_check_text(order->nonce, "", 1, ADAPTER_NONCE_CHARS));
    struct adapter_fields built = { .count = 0 };
    if (operation == ADAPTER_INVOKE) {
        TRY(build_invoke(account, order, now, arena, &built));
        *fields = built;
        return ERR_OK;
    }
    struct span url;
    struct span body;
    TRY(wechatpay_path(account, operation, order, arena, &url));
    TRY(wechatpay_body(account, operation, order, arena, &body));
    TRY(add(&built, "method", span_of(span_empty(body) ? "GET" : "POST")));
    TRY(add(&built, "url", url));
    TRY(add_seconds(&built, "timestamp", now, arena));
    TRY(add(&built, "nonce_str", order->nonce));
    TRY(add(&built, "body", body));
    TRY(add(&built, "mchid", span_of(account->merchant)));
    TRY(add(&built, "serial_no", span_of(account->application_serial)));
    TRY(add(&built, "appid", span_of(account->application)));
    *fields = built;
    return ERR_OK;
}

/* name="value" of the Authorization header (1.3); a quote in a value would end it too early. */
static enum err
append_pair(struct buf *out, const char *before, const char *name, struct span value)
{
    if (span_empty(value)) {
        return ERR_FIELD_MISSING;
    }
    if (span_index(value, '"') < value.len) {
        return ERR_FIELD_CHARACTERS;
    }
    return buf_printf(out, "%s%s=\"%.*s\"", before, name, SPAN_ARG(value));
}

static enum err
authorization(const struct adapter_account *account, const struct adapter_fields *fields,
              struct span signature, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(AUTHORIZATION_MAX);
    DEFER(buf_fini) struct buf sign = BUF_MAX(SIGN_TEXT_MAX);
    bool sm = account->scheme == CRYPTO_SM2_SM3;
    TRY(crypto_base64_encode(signature, &sign));
    TRY(buf_text(&text, sm ? WECHATPAY_SM " " : WECHATPAY_RSA " "));
    TRY(append_pair(&text, "", "mchid", adapter_fields_get(fields, "mchid")));
    TRY(append_pair(&text, ",", "nonce_str", adapter_fields_get(fields, "nonce_str")));
    TRY(append_pair(&text, ",", "signature", buf_span(&sign)));
    TRY(append_pair(&text, ",", "timestamp", adapter_fields_get(fields, "timestamp")));
    TRY(append_pair(&text, ",", "serial_no", adapter_fields_get(fields, "serial_no")));
    return arena_copy(arena, buf_span(&text), out);
}

static void
add_header(struct adapter_request *request, const char *name, struct span value)
{
    if (!span_empty(value)) { /* three headers fit into any table */
        request->headers[request->header_count++] =
            (struct adapter_field){ .name = span_of(name), .value = value };
    }
}

/* As of the time that was signed. */
static enum err
wanted_serial(const struct adapter_account *account, const struct adapter_fields *fields,
              struct span *out)
{
    int64_t seconds = 0;
    TRY(span_to_i64(adapter_fields_get(fields, "timestamp"), 0, INT64_MAX / US_PER_S, &seconds));
    *out = wechatpay_wanted_serial(account, (struct wall_time){ .us = seconds * US_PER_S });
    return ERR_OK;
}

/* The path that was signed, at the gateway or where the bill's link leads. */
static enum err
full_url(const struct adapter_account *account, enum adapter_operation operation,
         const struct adapter_order *order, struct span path, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(WECHATPAY_URL_MAX);
    if (operation == ADAPTER_BILL_FILE) {
        *out = order->bill_url;
        return span_ends(order->bill_url, path) ? ERR_OK : ERR_FIELD_VALUE;
    }
    struct span origin = span_of(account->gateway_url);
    if (span_ends(origin, SPAN_LIT("/"))) {
        origin = span_sub(origin, 0, origin.len - 1);
    }
    TRY(buf_append(&url, origin));
    TRY(buf_append(&url, path));
    return arena_copy(arena, buf_span(&url), out);
}

enum err
wechatpay_request_encode(const struct adapter_account *account, enum adapter_operation operation,
                         const struct adapter_order *order, const struct adapter_fields *fields,
                         struct span signature, struct arena *arena, struct adapter_request *out)
{
    struct adapter_request request = { .kind = ADAPTER_CALL };
    struct span authorized;
    struct span serial;
    request.post = span_eq_cstr(adapter_fields_get(fields, "method"), "POST");
    request.body = adapter_fields_get(fields, "body");
    if (!span_empty(request.body)) {
        request.content_type = SPAN_LIT("application/json");
    }
    TRY(full_url(account, operation, order, adapter_fields_get(fields, "url"), arena,
                 &request.url));
    TRY(authorization(account, fields, signature, arena, &authorized));
    TRY(wanted_serial(account, fields, &serial));
    add_header(&request, "Authorization", authorized);
    add_header(&request, "Accept", SPAN_LIT("application/json"));
    add_header(&request, "Wechatpay-Serial", serial);
    *out = request;
    return ERR_OK;
}

enum err
wechatpay_invoke_encode(const struct adapter_account *account, const struct adapter_fields *fields,
                        struct span signature, struct arena *arena, struct adapter_fields *out)
{
    (void)account;
    DEFER(buf_fini) struct buf text = BUF_MAX(SIGN_TEXT_MAX);
    struct span sign;
    TRY(crypto_base64_encode(signature, &text));
    TRY(arena_copy(arena, buf_span(&text), &sign));
    struct adapter_fields encoded = *fields;
    TRY(adapter_fields_add(&encoded, SPAN_LIT("signType"), SPAN_LIT("RSA")));
    TRY(adapter_fields_add(&encoded, SPAN_LIT("paySign"), sign));
    *out = encoded;
    return ERR_OK;
}
