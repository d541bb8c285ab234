/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "wechatpay.h"

#define DAY_TEXT_MAX 16

static bool
is_among(unsigned char c, const char *others)
{
    return c != 0 && strchr(others, c) != NULL;
}

enum err
wechatpay_check_text(struct span text, const char *others, size_t min, size_t max)
{
    if (span_empty(text)) {
        return ERR_FIELD_MISSING;
    }
    if (text.len < min || text.len > max) {
        return ERR_FIELD_LENGTH;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!is_among(text.at[i], others) && !span_is_alnum(span_sub(text, i, 1))) {
            return ERR_FIELD_CHARACTERS;
        }
    }
    return ERR_OK;
}

/* 4.2, out_trade_no. */
enum err
wechatpay_check_order_no(struct span number)
{
    return wechatpay_check_text(number, "_-|*", WECHATPAY_NUMBER_MIN, WECHATPAY_NUMBER_MAX);
}

/* 4.6, out_refund_no. */
enum err
wechatpay_check_refund_no(struct span number)
{
    return wechatpay_check_text(number, "_-|*@", 1, WECHATPAY_REFUND_MAX);
}

/* 1.2: escaped once, and what is signed is what is sent. */
static enum err
append_segment(struct span number, struct buf *out)
{
    for (size_t i = 0; i < number.len; i++) {
        unsigned char c = number.at[i];
        if (is_among(c, "_-*") || span_is_alnum(span_sub(number, i, 1))) {
            TRY(buf_byte(out, c));
        } else {
            TRY(buf_printf(out, "%%%02X", (unsigned)c));
        }
    }
    return ERR_OK;
}

static enum err
pay_path(const struct adapter_account *account, const struct adapter_order *order, struct buf *out)
{
    static const char *const paths[ADAPTER_METHOD_COUNT] = {
        [ADAPTER_QR] = "/v3/pay/transactions/native",
        [ADAPTER_WAP] = "/v3/pay/transactions/h5",
        [ADAPTER_JSAPI] = "/v3/pay/transactions/jsapi",
    };
    /* How the payer's client signs in SM mode is documented nowhere. */
    bool unknown_invoke = order->method == ADAPTER_JSAPI && account->scheme == CRYPTO_SM2_SM3;
    if (order->method >= ADAPTER_METHOD_COUNT || paths[order->method] == NULL || unknown_invoke) {
        return ERR_METHOD_UNKNOWN;
    }
    return buf_text(out, paths[order->method]);
}

/* 4.4 */
static enum err
query_path(const struct adapter_account *account, const struct adapter_order *order,
           struct buf *out)
{
    TRY(wechatpay_check_order_no(order->merchant_order_no));
    TRY(buf_text(out, "/v3/pay/transactions/out-trade-no/"));
    TRY(append_segment(order->merchant_order_no, out));
    TRY(buf_text(out, "?mchid="));
    return buf_text(out, account->merchant);
}

/* 4.5 */
static enum err
close_path(const struct adapter_account *account, const struct adapter_order *order,
           struct buf *out)
{
    (void)account;
    TRY(wechatpay_check_order_no(order->merchant_order_no));
    TRY(buf_text(out, "/v3/pay/transactions/out-trade-no/"));
    TRY(append_segment(order->merchant_order_no, out));
    return buf_text(out, "/close");
}

/* 4.6 */
static enum err
refund_path(const struct adapter_account *account, const struct adapter_order *order,
            struct buf *out)
{
    (void)account;
    (void)order;
    return buf_text(out, "/v3/refund/domestic/refunds");
}

static enum err
refund_query_path(const struct adapter_account *account, const struct adapter_order *order,
                  struct buf *out)
{
    (void)account;
    TRY(wechatpay_check_refund_no(order->refund_no));
    TRY(buf_text(out, "/v3/refund/domestic/refunds/"));
    return append_segment(order->refund_no, out);
}

static const struct {
    const char *kind;
    const char *path;
    const char *type;
} bill_kinds[] = {
    { "trade", "/v3/bill/tradebill", "bill_type=ALL" },
    { "all", "/v3/bill/tradebill", "bill_type=ALL" },
    { "success", "/v3/bill/tradebill", "bill_type=SUCCESS" },
    { "refund", "/v3/bill/tradebill", "bill_type=REFUND" },
    { "fundflow", "/v3/bill/fundflowbill", "account_type=BASIC" },
};

/* 4.7, steps 1 and 2. */
static enum err
bill_link_path(const struct adapter_account *account, const struct adapter_order *order,
               struct buf *out)
{
    (void)account;
    DEFER(buf_fini) struct buf day = BUF_MAX(DAY_TEXT_MAX);
    if (order->bill_day.year == 0 || span_empty(order->bill_kind)) {
        return ERR_FIELD_MISSING;
    }
    TRY(day_format(order->bill_day, &day));
    for (size_t i = 0; i < sizeof(bill_kinds) / sizeof(bill_kinds[0]); i++) {
        if (span_eq_cstr(order->bill_kind, bill_kinds[i].kind)) {
            return buf_printf(out, "%s?bill_date=%.*s&%s&tar_type=GZIP", bill_kinds[i].path,
                              SPAN_ARG(buf_span(&day)), bill_kinds[i].type);
        }
    }
    return ERR_FIELD_VALUE;
}

/* 4.7, step 4: the link verbatim; whether its host is the provider's has been judged by who asks. */
static enum err
bill_file_path(const struct adapter_account *account, const struct adapter_order *order,
               struct buf *out)
{
    (void)account;
    struct span url = order->bill_url;
    bool web = span_starts(url, SPAN_LIT("https://")) || span_starts(url, SPAN_LIT("http://"));
    if (span_empty(url)) {
        return ERR_FIELD_MISSING;
    }
    for (size_t i = 0; i < url.len; i++) {
        if (url.at[i] <= ' ' || url.at[i] >= 0x7F || url.at[i] == '#') {
            return ERR_FIELD_CHARACTERS;
        }
    }
    struct span rest = span_sub(url, span_find(url, SPAN_LIT("://")) + 3, url.len);
    size_t slash = span_index(rest, '/');
    if (!web || slash == 0 || slash == rest.len) {
        return ERR_FIELD_VALUE;
    }
    return buf_append(out, span_sub(rest, slash, rest.len));
}

/* 2.5 and 3, platform certificates. */
static enum err
keys_path(const struct adapter_account *account, const struct adapter_order *order, struct buf *out)
{
    (void)order;
    TRY(buf_text(out, "/v3/certificates"));
    return account->scheme == CRYPTO_SM2_SM3 ? buf_text(out, "?algorithm_type=SM2") : ERR_OK;
}

enum err
wechatpay_path(const struct adapter_account *account, enum adapter_operation operation,
               const struct adapter_order *order, struct arena *arena, struct span *out)
{
    static enum err (*const builders[ADAPTER_OPERATION_COUNT])(
        const struct adapter_account *, const struct adapter_order *, struct buf *) = {
        [ADAPTER_PAY] = pay_path,
        [ADAPTER_QUERY] = query_path,
        [ADAPTER_CLOSE] = close_path,
        [ADAPTER_REFUND] = refund_path,
        [ADAPTER_REFUND_QUERY] = refund_query_path,
        [ADAPTER_BILL_LINK] = bill_link_path,
        [ADAPTER_BILL_FILE] = bill_file_path,
        [ADAPTER_KEYS] = keys_path,
    };
    if (operation >= ADAPTER_OPERATION_COUNT || builders[operation] == NULL) {
        return ERR_METHOD_UNKNOWN;
    }
    DEFER(buf_fini) struct buf path = BUF_MAX(WECHATPAY_URL_MAX);
    TRY(builders[operation](account, order, &path));
    return arena_copy(arena, buf_span(&path), out);
}
