/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"
#include "unionpay.h"

#define URL_MAX          1024
#define BODY_MAX         ((size_t)64 * 1024)
#define SIGN_CHARS_MAX   1024
#define NUMBER_CHARS_MIN 8 /* "orderId" */
#define NUMBER_CHARS_MAX 32
#define ADDRESS_MAX      256 /* "frontUrl", "backUrl" */
#define AMOUNT_TEXT_MAX  24
#define NO_NOTICE        "http://www.specialUrl.com" /* "backUrl" where no notice is wanted */

#define FRONT "/gateway/api/frontTransReq.do"
#define BACK  "/gateway/api/backTransReq.do"
#define QUERY "/gateway/api/queryTrans.do"

/* The fixed part of a request: section 3 of the document, one row each. */
struct shape {
    const char *path;
    const char *type;     /* "txnType" */
    const char *subtype;  /* "txnSubType" */
    const char *business; /* "bizType" */
    const char *channel;  /* "channelType"; NULL: not sent */
};

static const struct shape pay_shapes[ADAPTER_METHOD_COUNT] = {
    [ADAPTER_PAGE] = { FRONT, "01", "01", "000201", "07" },
    [ADAPTER_WAP] = { FRONT, "01", "01", "000201", "08" },
    [ADAPTER_B2B] = { FRONT, "01", "01", "000202", "07" },
    [ADAPTER_QR] = { BACK, "01", "07", "000000", "08" },
};

static const struct shape shapes[ADAPTER_OPERATION_COUNT] = {
    [ADAPTER_QUERY] = { QUERY, "00", "00", "000000", NULL },
    [ADAPTER_CANCEL] = { BACK, "31", "00", "000000", "07" },
    [ADAPTER_REFUND] = { BACK, "04", "00", "000000", "07" },
    [ADAPTER_REFUND_QUERY] = { QUERY, "00", "00", "000000", NULL },
    [ADAPTER_BILL_FILE] = { "/", "76", "01", "000000", NULL },
    [ADAPTER_KEYS] = { BACK, "95", "00", "000000", "07" },
};

/* NULL when it is not offered. Enterprise net banks know no cancel; the certificate that KEYS asks for
 * is of no use where a secret is shared. */
static const struct shape *
find_shape(const struct adapter_account *account, enum adapter_operation operation,
           enum adapter_method method)
{
    bool shared = account->scheme != CRYPTO_RSA_SHA256;
    if ((operation == ADAPTER_CANCEL && method == ADAPTER_B2B)
        || (operation == ADAPTER_KEYS && shared)) {
        return NULL;
    }
    const struct shape *shape = operation == ADAPTER_PAY ? &pay_shapes[method] : &shapes[operation];
    return shape->path == NULL ? NULL : shape;
}

static enum err
add(struct adapter_fields *fields, const char *name, struct span value)
{
    return adapter_fields_add(fields, span_of(name), value);
}

static enum err
add_text(struct adapter_fields *fields, const char *name, const char *value)
{
    return add(fields, name, span_of(value));
}

static enum err
add_time(struct adapter_fields *fields, const char *name, struct wall_time t, struct arena *arena)
{
    struct span text;
    if (t.us == 0) {
        return ERR_FIELD_MISSING;
    }
    TRY(unionpay_time_format(t, arena, &text));
    return add(fields, name, text);
}

/* "orderId": letters and digits. Newer texts allow 40 characters; settlement files have room for 32. */
static enum err
add_number(struct adapter_fields *fields, struct span number)
{
    if (span_empty(number)) {
        return ERR_FIELD_MISSING;
    }
    if (number.len < NUMBER_CHARS_MIN || number.len > NUMBER_CHARS_MAX) {
        return ERR_FIELD_LENGTH;
    }
    return span_is_alnum(number) ? add(fields, "orderId", number) : ERR_FIELD_CHARACTERS;
}

/* "txnAmt": whole fen. */
static enum err
add_amount(struct adapter_fields *fields, struct money amount, struct arena *arena)
{
    if (amount.currency != CURRENCY_CNY || amount.minor < 1 || amount.minor > MONEY_MAX_MINOR) {
        return ERR_AMOUNT;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(AMOUNT_TEXT_MAX);
    struct span kept;
    TRY(buf_i64(&text, amount.minor));
    TRY(arena_copy(arena, buf_span(&text), &kept));
    return add(fields, "txnAmt", kept);
}

/* "&" would make the signed text ambiguous, and "~" is refused by the gateway. */
static enum err
add_address(struct adapter_fields *fields, const char *name, struct span url)
{
    if (span_empty(url)) {
        return ERR_FIELD_MISSING;
    }
    if (url.len > ADDRESS_MAX) {
        return ERR_FIELD_LENGTH;
    }
    bool clean = span_index(url, '&') == url.len && span_index(url, '~') == url.len;
    return clean ? add(fields, name, url) : ERR_FIELD_CHARACTERS;
}

/* What an account's contract wants besides, for enterprise net banks. A name that is ours already would
 * stand twice. */
static enum err
add_payee(const struct adapter_account *account, struct adapter_fields *fields)
{
    struct span rest = span_of(account->payee);
    bool more = rest.len > 0;
    while (more) {
        struct span value;
        struct span name;
        more = span_cut(&rest, '&', &value);
        if (!span_cut(&value, '=', &name) || span_empty(value)) {
            return ERR_CONFIG_VALUE;
        }
        TRY(adapter_fields_add(fields, name, value));
    }
    return unionpay_fields_sound(fields) ? ERR_OK : ERR_CONFIG_VALUE;
}

/* "payTimeout": without it a payment in the browser has no end; it ends with the payment's own validity,
 * which for an enterprise net bank should be hours, since two people may have to approve there. */
static enum err
add_deadline(const struct adapter_order *order, struct arena *arena, struct adapter_fields *fields)
{
    if (order->expires_at.us != 0 && order->expires_at.us <= order->made_at.us) {
        return ERR_FIELD_VALUE;
    }
    return add_time(fields, "payTimeout", order->expires_at, arena);
}

/* Consume, 3.1, 3.2 and 3.6. */
static enum err
build_pay(const struct adapter_account *account, const struct adapter_order *order,
          struct wall_time now, struct arena *arena, struct adapter_fields *fields)
{
    (void)now;
    TRY(add_number(fields, order->merchant_order_no));
    TRY(add_time(fields, "txnTime", order->made_at, arena));
    TRY(add_amount(fields, order->amount, arena));
    TRY(add_text(fields, "currencyCode", "156"));
    if (order->method != ADAPTER_QR) {
        TRY(add_address(fields, "frontUrl", order->return_url));
    }
    TRY(add_address(fields, "backUrl", order->notify_url));
    TRY(add_deadline(order, arena, fields));
    return order->method == ADAPTER_B2B ? add_payee(account, fields) : ERR_OK;
}

/* Query, 3.3: the pair of the transaction that is asked about, never a fresh time. */
static enum err
build_query(const struct adapter_account *account, const struct adapter_order *order,
            struct wall_time now, struct arena *arena, struct adapter_fields *fields)
{
    (void)account;
    (void)now;
    TRY(add_number(fields, order->merchant_order_no));
    return add_time(fields, "txnTime", order->made_at, arena);
}

static enum err
build_refund_query(const struct adapter_account *account, const struct adapter_order *order,
                   struct wall_time now, struct arena *arena, struct adapter_fields *fields)
{
    (void)account;
    (void)now;
    TRY(add_number(fields, order->refund_no));
    return add_time(fields, "txnTime", order->made_at, arena);
}

/* Cancel and refund, 3.4: transactions of their own, with a number and a time of their own. */
static enum err
build_refund(const struct adapter_account *account, const struct adapter_order *order,
             struct wall_time now, struct arena *arena, struct adapter_fields *fields)
{
    (void)account;
    (void)now;
    if (span_empty(order->provider_trade_no)) {
        return ERR_FIELD_MISSING;
    }
    if (!span_is_alnum(order->provider_trade_no)) {
        return ERR_FIELD_CHARACTERS;
    }
    bool silent = span_empty(order->notify_url);
    TRY(add_number(fields, order->refund_no));
    TRY(add_time(fields, "txnTime", order->made_at, arena));
    TRY(add_amount(fields, order->amount, arena));
    TRY(add(fields, "origQryId", order->provider_trade_no));
    return add_address(fields, "backUrl", silent ? SPAN_LIT(NO_NOTICE) : order->notify_url);
}

/* File download, 3.7: "settleDate" has no year, so a bill is asked for soon after its day. There is one
 * file; its members, which are kinds of their own where they are handed in, are not given alone. */
static enum err
build_bill(const struct adapter_account *account, const struct adapter_order *order,
           struct wall_time now, struct arena *arena, struct adapter_fields *fields)
{
    DEFER(buf_fini) struct buf day = BUF_MAX(AMOUNT_TEXT_MAX);
    struct span kept;
    (void)account;
    if (order->bill_day.year == 0) {
        return ERR_FIELD_MISSING;
    }
    if (!span_empty(order->bill_kind) && !span_eq_cstr(order->bill_kind, "settlement")) {
        return ERR_FIELD_VALUE;
    }
    TRY(buf_printf(&day, "%02d%02d", order->bill_day.month, order->bill_day.mday));
    TRY(arena_copy(arena, buf_span(&day), &kept));
    TRY(add_time(fields, "txnTime", now, arena));
    TRY(add(fields, "settleDate", kept));
    return add_text(fields, "fileType", "00");
}

/* Encryption certificate, 2.6: a question of its own, with a number that is used once. */
static enum err
build_keys(const struct adapter_account *account, const struct adapter_order *order,
           struct wall_time now, struct arena *arena, struct adapter_fields *fields)
{
    (void)account;
    TRY(add_number(fields, order->nonce));
    TRY(add_time(fields, "txnTime", now, arena));
    return add_text(fields, "certType", "01");
}

static enum err
add_head(const struct adapter_account *account, const struct shape *shape,
         struct adapter_fields *fields)
{
    TRY(add_text(fields, "version", UNIONPAY_VERSION));
    TRY(add_text(fields, "encoding", "UTF-8"));
    TRY(add_text(fields, "signMethod", unionpay_sign_method(account)));
    if (account->scheme == CRYPTO_RSA_SHA256) {
        TRY(add_text(fields, "certId", account->application_serial));
    }
    TRY(add_text(fields, "txnType", shape->type));
    TRY(add_text(fields, "txnSubType", shape->subtype));
    TRY(add_text(fields, "bizType", shape->business));
    if (shape->channel != NULL) {
        TRY(add_text(fields, "channelType", shape->channel));
    }
    TRY(add_text(fields, "accessType", "0"));
    return add_text(fields, "merId", account->merchant);
}

enum err
unionpay_request_build(const struct adapter_account *account, enum adapter_operation operation,
                       const struct adapter_order *order, struct wall_time now, struct arena *arena,
                       struct adapter_fields *fields)
{
    static enum err (*const builders[ADAPTER_OPERATION_COUNT])(
        const struct adapter_account *, const struct adapter_order *, struct wall_time,
        struct arena *, struct adapter_fields *) = {
        [ADAPTER_PAY] = build_pay,        [ADAPTER_QUERY] = build_query,
        [ADAPTER_CANCEL] = build_refund,  [ADAPTER_REFUND] = build_refund,
        [ADAPTER_BILL_FILE] = build_bill, [ADAPTER_REFUND_QUERY] = build_refund_query,
        [ADAPTER_KEYS] = build_keys,
    };
    const struct shape *shape = find_shape(account, operation, order->method);
    if (shape == NULL) {
        return ERR_METHOD_UNKNOWN;
    }
    fields->count = 0;
    TRY(add_head(account, shape, fields));
    return builders[operation](account, order, now, arena, fields);
}

/* base64 of the signature's bytes; one that was made with a shared secret is text already. */
static enum err
add_signature(const struct adapter_account *account, const struct adapter_fields *fields,
              struct span signature, struct arena *arena, struct adapter_fields *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(SIGN_CHARS_MAX);
    struct span kept;
    if (account->scheme == CRYPTO_RSA_SHA256) {
        TRY(crypto_base64_encode(signature, &text));
    } else {
        TRY(buf_append(&text, signature));
    }
    TRY(arena_copy(arena, buf_span(&text), &kept));
    *out = *fields;
    return add(out, "signature", kept);
}

static enum err
join_url(const char *base, const char *path, struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(URL_MAX);
    struct span head = span_of(base);
    if (span_empty(head)) {
        return ERR_CONFIG_MISSING;
    }
    size_t slash = span_ends(head, SPAN_LIT("/")) ? 1 : 0;
    TRY(buf_append(&url, span_sub(head, 0, head.len - slash)));
    TRY(buf_text(&url, path));
    return arena_copy(arena, buf_span(&url), out);
}

/* What happens on the provider's pages is not called by us: the payer's browser submits a form. */
enum err
unionpay_request_encode(const struct adapter_account *account, enum adapter_operation operation,
                        const struct adapter_order *order, const struct adapter_fields *fields,
                        struct span signature, struct arena *arena, struct adapter_request *out)
{
    struct adapter_request request = { .post = true };
    const struct shape *shape = find_shape(account, operation, order->method);
    if (shape == NULL) {
        return ERR_METHOD_UNKNOWN;
    }
    bool file = operation == ADAPTER_BILL_FILE;
    TRY(join_url(file ? account->files_url : account->gateway_url, shape->path, arena,
                 &request.url));
    TRY(add_signature(account, fields, signature, arena, &request.fields));
    request.content_type = SPAN_LIT("application/x-www-form-urlencoded;charset=UTF-8");
    bool form = operation == ADAPTER_PAY && order->method != ADAPTER_QR;
    request.kind = form ? ADAPTER_FORM : ADAPTER_CALL;
    if (!form) {
        DEFER(buf_fini) struct buf body = BUF_MAX(BODY_MAX);
        TRY(form_encode(&request.fields, &body));
        TRY(arena_copy(arena, buf_span(&body), &request.body));
    }
    *out = request;
    return ERR_OK;
}
