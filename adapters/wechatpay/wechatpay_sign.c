/* SPDX-License-Identifier: Apache-2.0 */
#include "allow_list.h"
#include "form.h"
#include "json.h"
#include "wechatpay.h"

#define LINES_MAX 5

/* 1.2 and, for what the payer's client sends, 4.2. The two have different numbers of lines, so that no
 * text of one kind is one of the other. */
static const char *const request_lines[] = { "method", "url", "timestamp", "nonce_str", "body" };
static const char *const invoke_lines[] = { "appId", "timeStamp", "nonceStr", "package" };

static bool
is_invoke(const struct adapter_fields *fields)
{
    return !span_empty(adapter_fields_get(fields, "package"));
}

static enum err
append_line(struct span value, bool may_be_empty, struct buf *out)
{
    if (span_empty(value) && !may_be_empty) {
        return ERR_FIELD_MISSING;
    }
    if (span_index(value, '\n') < value.len) {
        return ERR_FIELD_CHARACTERS;
    }
    TRY(buf_append(out, value));
    return buf_byte(out, '\n');
}

enum err
wechatpay_sign_text(const struct adapter_fields *fields, struct arena *arena, struct buf *out)
{
    (void)arena;
    bool invoke = is_invoke(fields);
    const char *const *lines = invoke ? invoke_lines : request_lines;
    size_t count = invoke ? sizeof(invoke_lines) / sizeof(invoke_lines[0])
                          : sizeof(request_lines) / sizeof(request_lines[0]);
    DEFER(buf_fini) struct buf text = BUF_MAX(out->max);
    for (size_t i = 0; i < count; i++) {
        bool body = i + 1 == LINES_MAX;
        TRY(append_line(adapter_fields_get(fields, lines[i]), body, &text));
    }
    return buf_append(out, buf_span(&text));
}

/* What may stand between the start of a path and its end. */
enum middle {
    MIDDLE_NOTHING,
    MIDDLE_NUMBER, /* one segment: a number of ours */
    MIDDLE_QUERY,  /* name=value pairs */
    MIDDLE_LINK    /* what the provider gave us */
};

#define PAY_MEMBERS "appid mchid description out_trade_no time_expire notify_url amount"

/* Which requests we make at all, and what their bodies may say. A member that is not listed (a share
 * for somebody else) is not ours. Rows are tried in order. */
static const struct request_rule {
    const char *method;
    const char *start;
    enum middle middle;
    const char *end; /* "@": the merchant's number */
    enum adapter_operation operation;
    const char *members; /* NULL: no body */
    const char *money;   /* of `amount`: which member is the money that moves */
} requests[] = {
    { "POST", "/v3/pay/transactions/native", MIDDLE_NOTHING, "", ADAPTER_PAY, PAY_MEMBERS,
      "total" },
    { "POST", "/v3/pay/transactions/h5", MIDDLE_NOTHING, "", ADAPTER_PAY, PAY_MEMBERS " scene_info",
      "total" },
    { "POST", "/v3/pay/transactions/jsapi", MIDDLE_NOTHING, "", ADAPTER_PAY, PAY_MEMBERS " payer",
      "total" },
    { "GET", "/v3/pay/transactions/out-trade-no/", MIDDLE_NUMBER, "?mchid=@", ADAPTER_QUERY, NULL,
      NULL },
    { "POST", "/v3/pay/transactions/out-trade-no/", MIDDLE_NUMBER, "/close", ADAPTER_CLOSE, "mchid",
      NULL },
    { "POST", "/v3/refund/domestic/refunds", MIDDLE_NOTHING, "", ADAPTER_REFUND,
      "out_trade_no out_refund_no notify_url amount", "refund" },
    { "GET", "/v3/refund/domestic/refunds/", MIDDLE_NUMBER, "", ADAPTER_REFUND_QUERY, NULL, NULL },
    { "GET", "/v3/bill/tradebill?", MIDDLE_QUERY, "", ADAPTER_BILL_LINK, NULL, NULL },
    { "GET", "/v3/bill/fundflowbill?", MIDDLE_QUERY, "", ADAPTER_BILL_LINK, NULL, NULL },
    { "GET", "/v3/certificates", MIDDLE_NOTHING, "", ADAPTER_KEYS, NULL, NULL },
    { "GET", "/v3/certificates?algorithm_type=SM2", MIDDLE_NOTHING, "", ADAPTER_KEYS, NULL, NULL },
    { "GET", "/v3/bill", MIDDLE_LINK, "", ADAPTER_BILL_FILE, NULL, NULL },
};

/* The leading bytes that may stand there; the rest must be the row's end. */
static size_t
middle_len(enum middle middle, struct span text)
{
    static const char *const others[] = { [MIDDLE_NUMBER] = "_-*%", [MIDDLE_QUERY] = "_-=&" };
    if (middle == MIDDLE_NOTHING) {
        return 0;
    }
    if (middle == MIDDLE_LINK) {
        return text.len;
    }
    size_t len = 0;
    while (len < text.len
           && wechatpay_check_text(span_sub(text, len, 1), others[middle], 1, 1) == ERR_OK) {
        len++;
    }
    return len;
}

static bool
is_end(struct span rest, const char *end, struct span merchant)
{
    struct span want = span_of(end);
    if (!span_ends(want, SPAN_LIT("@"))) {
        return span_eq(rest, want);
    }
    want = span_sub(want, 0, want.len - 1);
    return span_starts(rest, want) && span_eq(span_sub(rest, want.len, rest.len), merchant);
}

static const struct request_rule *
rule_of(const struct adapter_fields *fields, struct span *middle)
{
    struct span url = adapter_fields_get(fields, "url");
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        const struct request_rule *rule = &requests[i];
        struct span start = span_of(rule->start);
        if (!span_eq_cstr(adapter_fields_get(fields, "method"), rule->method)
            || !span_starts(url, start)) {
            continue;
        }
        struct span rest = span_sub(url, start.len, url.len);
        size_t len = middle_len(rule->middle, rest);
        bool needs = rule->middle != MIDDLE_NOTHING;
        if ((!needs || len > 0)
            && is_end(span_sub(rest, len, rest.len), rule->end,
                      adapter_fields_get(fields, "mchid"))) {
            *middle = span_sub(rest, 0, len);
            return rule;
        }
    }
    return NULL;
}

static enum err
read_money(const struct json_t *body, const char *name, struct money *out)
{
    struct json_t *amount = json_member(body, "amount");
    struct span currency;
    struct money money = { .currency = CURRENCY_CNY };
    if (!json_node_is_object(amount) || !allow_list_covers("total refund currency", amount)
        || json_get_i64(amount, name, &money.minor) != ERR_OK
        || json_get_string(amount, "currency", &currency) != ERR_OK
        || !span_eq_cstr(currency, "CNY")) {
        return ERR_KEYS_POLICY;
    }
    *out = money;
    return ERR_OK;
}

/* A text that the body names; one of another merchant is not ours to send. */
static enum err
read_texts(const struct json_t *body, struct span merchant, struct arena *arena,
           struct adapter_sign_facts *out)
{
    struct span value;
    if (json_get_string(body, "mchid", &value) == ERR_OK && !span_eq(value, merchant)) {
        return ERR_KEYS_POLICY;
    }
    if (json_get_string(body, "out_trade_no", &value) == ERR_OK) {
        TRY(arena_copy(arena, value, &out->merchant_order_no));
    }
    if (json_get_string(body, "out_refund_no", &value) == ERR_OK) {
        TRY(arena_copy(arena, value, &out->refund_no));
    }
    if (out->operation == ADAPTER_PAY) {
        if (json_get_string(body, "appid", &value) != ERR_OK) {
            return ERR_KEYS_POLICY;
        }
        TRY(arena_copy(arena, value, &out->application));
    }
    return ERR_OK;
}

static enum err
read_body(const struct request_rule *rule, const struct adapter_fields *fields, struct arena *arena,
          struct adapter_sign_facts *out)
{
    struct span text = adapter_fields_get(fields, "body");
    if (rule->members == NULL) {
        return span_empty(text) ? ERR_OK : ERR_KEYS_POLICY;
    }
    DEFER(json_free) struct json_t *body = NULL;
    TRY(err_told_as(json_parse(text, &body), ERR_KEYS_POLICY));
    if (!json_node_is_object(body) || !allow_list_covers(rule->members, body)) {
        return ERR_KEYS_POLICY;
    }
    TRY(read_texts(body, adapter_fields_get(fields, "mchid"), arena, out));
    if (rule->money == NULL) {
        return ERR_OK;
    }
    return span_empty(out->merchant_order_no) ? ERR_KEYS_POLICY
                                              : read_money(body, rule->money, &out->amount);
}

/* The number in a path, unescaped. */
static enum err
read_number(const struct request_rule *rule, struct span segment, struct arena *arena,
            struct adapter_sign_facts *out)
{
    if (rule->operation != ADAPTER_QUERY && rule->operation != ADAPTER_CLOSE) {
        return ERR_OK;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(WECHATPAY_URL_MAX);
    struct adapter_fields decoded;
    TRY(buf_text(&text, "n="));
    TRY(buf_append(&text, segment));
    TRY(form_decode(buf_span(&text), arena, &decoded));
    return arena_copy(arena, adapter_fields_get(&decoded, "n"), &out->merchant_order_no);
}

static enum err
invoke_facts(const struct adapter_fields *fields, struct adapter_sign_facts *out)
{
    struct span package = adapter_fields_get(fields, "package");
    struct span start = SPAN_LIT("prepay_id=");
    struct span prepared = span_sub(package, start.len, package.len);
    if (fields->count != sizeof(invoke_lines) / sizeof(invoke_lines[0])
        || !span_starts(package, start)
        || wechatpay_check_text(prepared, "_-", 1, WECHATPAY_PREPARED_MAX) != ERR_OK) {
        return ERR_KEYS_POLICY;
    }
    *out = (struct adapter_sign_facts){ .operation = ADAPTER_INVOKE,
                                        .application = adapter_fields_get(fields, "appId") };
    return ERR_OK;
}

static bool
fields_are_ours(const struct adapter_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (!allow_list_has("method url timestamp nonce_str body mchid serial_no appid",
                            fields->list[i].name)) {
            return false;
        }
        for (size_t k = 0; k < i; k++) {
            if (span_eq(fields->list[k].name, fields->list[i].name)) {
                return false;
            }
        }
    }
    return true;
}

/* Only a payment's text names the application. Of the others it is the field beside the text: they
 * reach no other merchant's money, because the key itself is the merchant's. */
enum err
wechatpay_sign_facts(const struct adapter_fields *fields, struct arena *arena,
                     struct adapter_sign_facts *out)
{
    if (is_invoke(fields)) {
        return invoke_facts(fields, out);
    }
    struct span middle;
    const struct request_rule *rule = rule_of(fields, &middle);
    if (rule == NULL || !fields_are_ours(fields)
        || !span_is_digits(adapter_fields_get(fields, "mchid"))) {
        return ERR_KEYS_POLICY;
    }
    struct adapter_sign_facts facts = { .operation = rule->operation,
                                        .application = adapter_fields_get(fields, "appid") };
    TRY(read_body(rule, fields, arena, &facts));
    TRY(err_told_as(read_number(rule, middle, arena, &facts), ERR_KEYS_POLICY));
    *out = facts;
    return ERR_OK;
}
