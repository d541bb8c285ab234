/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"
#include "testpay.h"

#define SHORT_TEXT_MAX 64
#define URL_MAX        1024
#define TITLE_MAX      ((size_t)120)

/* Which fields a request of each kind has, besides the common ones; what is not listed is not ours. */
static const struct rule {
    enum adapter_operation operation;
    const char *fields;
} rules[] = {
    { ADAPTER_PAY, "method order_no amount title expires notify back" },
    { ADAPTER_QUERY, "order_no" },
    { ADAPTER_CLOSE, "order_no" },
    { ADAPTER_REFUND, "order_no refund_no amount" },
    { ADAPTER_REFUND_QUERY, "order_no refund_no" },
    { ADAPTER_BILL_LINK, "day kind" },
};

#define COMMON_FIELDS "do app shop at nonce"

static enum err
add(struct adapter_fields *fields, const char *name, struct span value)
{
    return span_empty(value) ? ERR_FIELD_MISSING : adapter_fields_add(fields, span_of(name), value);
}

static enum err
add_copy(struct adapter_fields *fields, const char *name, const struct buf *text,
         struct arena *arena)
{
    struct span kept;
    TRY(arena_copy(arena, buf_span(text), &kept));
    return add(fields, name, kept);
}

static enum err
add_time(struct adapter_fields *fields, const char *name, struct wall_time at, struct arena *arena)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(SHORT_TEXT_MAX);
    TRY(wall_format_civil(at, ZONE_CHINA_MIN, &text));
    return add_copy(fields, name, &text, arena);
}

static enum err
add_amount(struct adapter_fields *fields, struct money amount, struct arena *arena)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(SHORT_TEXT_MAX);
    if (amount.currency != CURRENCY_CNY || amount.minor < 1 || amount.minor > MONEY_MAX_MINOR) {
        return ERR_AMOUNT;
    }
    TRY(money_format(amount, &text));
    return add_copy(fields, "amount", &text, arena);
}

/* It is read by people only: cut between characters, and a blank for what would break the line. */
static enum err
add_title(struct adapter_fields *fields, struct span subject, struct arena *arena)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TITLE_MAX);
    struct span kept = span_sub(subject, 0, TITLE_MAX);
    while (kept.len > 0 && !span_is_utf8(kept)) {
        kept.len--;
    }
    for (size_t i = 0; i < kept.len; i++) {
        bool control = kept.at[i] < 0x20 || kept.at[i] == 0x7F;
        TRY(buf_byte(&text, control ? ' ' : kept.at[i]));
    }
    return add_copy(fields, "title", &text, arena);
}

static enum err
add_payment(const struct adapter_order *order, struct arena *arena, struct adapter_fields *fields)
{
    if (order->method != ADAPTER_PAGE && order->method != ADAPTER_QR) {
        return ERR_METHOD_UNKNOWN;
    }
    TRY(add(fields, "method", span_of(adapter_method_code(order->method))));
    TRY(add(fields, "order_no", order->merchant_order_no));
    TRY(add_amount(fields, order->amount, arena));
    TRY(add_title(fields, order->subject, arena));
    TRY(add_time(fields, "expires", order->expires_at, arena));
    TRY(add(fields, "notify", order->notify_url));
    return span_empty(order->return_url) ? ERR_OK : add(fields, "back", order->return_url);
}

static enum err
add_bill(const struct adapter_order *order, struct arena *arena, struct adapter_fields *fields)
{
    DEFER(buf_fini) struct buf day = BUF_MAX(SHORT_TEXT_MAX);
    TRY(day_format(order->bill_day, &day));
    TRY(add_copy(fields, "day", &day, arena));
    return add(fields, "kind", order->bill_kind);
}

static enum err
add_own(enum adapter_operation operation, const struct adapter_order *order, struct arena *arena,
        struct adapter_fields *fields)
{
    if (operation == ADAPTER_PAY) {
        return add_payment(order, arena, fields);
    }
    if (operation == ADAPTER_BILL_LINK) {
        return add_bill(order, arena, fields);
    }
    TRY(add(fields, "order_no", order->merchant_order_no));
    if (operation == ADAPTER_REFUND) {
        TRY(add_amount(fields, order->amount, arena));
    }
    bool refund = operation == ADAPTER_REFUND || operation == ADAPTER_REFUND_QUERY;
    return refund ? add(fields, "refund_no", order->refund_no) : ERR_OK;
}

/* testpay(7), requests. */
enum err
testpay_request_build(const struct adapter_account *account, enum adapter_operation operation,
                      const struct adapter_order *order, struct wall_time now, struct arena *arena,
                      struct adapter_fields *fields)
{
    const char *word = testpay_word(operation);
    if (word == NULL) {
        return ERR_METHOD_UNKNOWN;
    }
    fields->count = 0;
    TRY(add(fields, "do", span_of(word)));
    TRY(add(fields, "app", span_of(account->application)));
    TRY(add(fields, "shop", span_of(account->merchant)));
    TRY(add_time(fields, "at", now, arena));
    TRY(add(fields, "nonce", order->nonce));
    return add_own(operation, order, arena, fields);
}

/* testpay(7), signatures: the lines of all fields, sorted by name. */
enum err
testpay_sign_text(const struct adapter_fields *fields, struct arena *arena, struct buf *out)
{
    void *storage = NULL;
    TRY(arena_alloc(arena, sizeof(struct adapter_fields), &storage));
    struct adapter_fields *sorted = storage;
    *sorted = *fields;
    form_sort(sorted);
    return testpay_lines_encode(sorted, out);
}

static bool
is_listed(const char *words, struct span word)
{
    struct span rest = span_of(words);
    bool more = true;
    while (more) {
        struct span head;
        more = span_cut(&rest, ' ', &head);
        if (span_eq(head, word)) {
            return true;
        }
    }
    return false;
}

static const struct rule *
rule_of(const struct adapter_fields *fields)
{
    struct span word = adapter_fields_get(fields, "do");
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (span_eq_cstr(word, testpay_word(rules[i].operation))) {
            return &rules[i];
        }
    }
    return NULL;
}

static bool
fields_are_ours(const struct rule *rule, const struct adapter_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        struct span name = fields->list[i].name;
        if (!is_listed(COMMON_FIELDS, name) && !is_listed(rule->fields, name)) {
            return false;
        }
        for (size_t k = 0; k < i; k++) {
            if (span_eq(fields->list[k].name, name)) {
                return false;
            }
        }
    }
    return true;
}

enum err
testpay_sign_facts(const struct adapter_fields *fields, struct arena *arena,
                   struct adapter_sign_facts *out)
{
    (void)arena;
    const struct rule *rule = rule_of(fields);
    if (rule == NULL || !fields_are_ours(rule, fields)) {
        return ERR_KEYS_POLICY;
    }
    struct adapter_sign_facts facts = { .operation = rule->operation,
                                        .application = adapter_fields_get(fields, "app"),
                                        .merchant_order_no =
                                            adapter_fields_get(fields, "order_no") };
    if (span_empty(facts.merchant_order_no) != (rule->operation == ADAPTER_BILL_LINK)) {
        return ERR_KEYS_POLICY;
    }
    if (is_listed(rule->fields, SPAN_LIT("amount"))
        && money_parse(adapter_fields_get(fields, "amount"), CURRENCY_CNY, &facts.amount)
               != ERR_OK) {
        return ERR_KEYS_POLICY;
    }
    *out = facts;
    return ERR_OK;
}

static enum err
add_signature(const struct adapter_fields *fields, struct span signature, struct arena *arena,
              struct adapter_fields *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(SHORT_TEXT_MAX * 4);
    TRY(crypto_base64_encode(signature, &text));
    *out = *fields;
    form_sort(out);
    return add_copy(out, "sign", &text, arena);
}

static enum err
address(const struct adapter_account *account, const char *path, struct arena *arena,
        struct span *out)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(URL_MAX);
    TRY(buf_text(&url, account->gateway_url));
    TRY(buf_text(&url, path));
    return arena_copy(arena, buf_span(&url), out);
}

/* A page payment is the browser's own: it submits the same fields as a form. */
enum err
testpay_request_encode(const struct adapter_account *account, enum adapter_operation operation,
                       const struct adapter_order *order, const struct adapter_fields *fields,
                       struct span signature, struct arena *arena, struct adapter_request *out)
{
    bool form = operation == ADAPTER_PAY && order->method == ADAPTER_PAGE;
    struct adapter_request request = { .kind = form ? ADAPTER_FORM : ADAPTER_CALL, .post = true };
    TRY(add_signature(fields, signature, arena, &request.fields));
    TRY(address(account, form ? "/page" : "/call", arena, &request.url));
    request.content_type = SPAN_LIT("text/plain; charset=utf-8");
    if (!form) {
        DEFER(buf_fini) struct buf body = BUF_MAX(TESTPAY_TEXT_MAX);
        TRY(testpay_lines_encode(&request.fields, &body));
        TRY(arena_copy(arena, buf_span(&body), &request.body));
    }
    *out = request;
    return ERR_OK;
}
