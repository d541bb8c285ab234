/* SPDX-License-Identifier: Apache-2.0 */
#include "allow_list.h"
#include "form.h"
#include "unionpay.h"

/* Takes the signed text piece by piece: an answer with a bill in it is large. */
typedef enum err (*take_part)(void *context, struct span part);

/* Every field but "signature", sorted by name in byte order, name=value joined by "&", values as they
 * are. An empty value that was received stays; requests have none. */
static enum err
walk(const struct adapter_fields *fields, struct arena *arena, take_part take, void *context)
{
    void *storage = NULL;
    TRY(arena_alloc(arena, sizeof(struct adapter_fields), &storage));
    struct adapter_fields *sorted = storage;
    *sorted = *fields;
    form_sort(sorted);
    bool first = true;
    for (size_t i = 0; i < sorted->count; i++) {
        const struct adapter_field *field = &sorted->list[i];
        if (span_eq_cstr(field->name, "signature")) {
            continue;
        }
        if (!first) {
            TRY(take(context, SPAN_LIT("&")));
        }
        first = false;
        TRY(take(context, field->name));
        TRY(take(context, SPAN_LIT("=")));
        TRY(take(context, field->value));
    }
    return ERR_OK;
}

static enum err
into_buf(void *context, struct span part)
{
    return buf_append(context, part);
}

static enum err
into_digest(void *context, struct span part)
{
    return crypto_stream_update(context, part);
}

/* signMethod 01: what is signed is the hexadecimal text of the digest, which is hashed once more. */
static enum err
digest_text(const struct adapter_fields *fields, struct arena *arena, struct buf *out)
{
    unsigned char digest[SHA256_BYTES];
    struct crypto_stream *stream = NULL;
    TRY(crypto_sha256_open(&stream));
    enum err err = walk(fields, arena, into_digest, stream);
    enum err closed = crypto_stream_close(&stream, digest);
    TRY(err);
    TRY(closed);
    return crypto_hex_encode(span_make(digest, sizeof(digest)), out);
}

enum err
unionpay_sign_text(const struct adapter_fields *fields, struct arena *arena, struct buf *out)
{
    struct span method = adapter_fields_get(fields, "signMethod");
    if (span_eq_cstr(method, "01")) {
        return digest_text(fields, arena, out);
    }
    if (span_eq_cstr(method, "11") || span_eq_cstr(method, "12")) {
        return walk(fields, arena, into_buf, out);
    }
    return ERR_FIELD_VALUE;
}

#define PAYEE_MAX ((size_t)4096)

#define COMMON \
    "version encoding signMethod certId txnType txnSubType bizType accessType merId txnTime "
#define MOVING "channelType orderId txnAmt backUrl "

/* Which requests we make at all and what they may say. A field that is not listed (another payee, a
 * share for somebody else) is not ours. A query for a refund is the same message as one for a payment. */
static const struct request_rule {
    const char *type;
    const char *subtype;
    enum adapter_operation operation;
    bool moves_money;
    const char *fields;
} requests[] = {
    { "01", "01", ADAPTER_PAY, true, COMMON MOVING "currencyCode frontUrl payTimeout" },
    { "01", "07", ADAPTER_PAY, true, COMMON MOVING "currencyCode payTimeout" },
    { "00", "00", ADAPTER_QUERY, false, COMMON "orderId" },
    { "31", "00", ADAPTER_CANCEL, true, COMMON MOVING "origQryId" },
    { "04", "00", ADAPTER_REFUND, true, COMMON MOVING "origQryId" },
    { "76", "01", ADAPTER_BILL_FILE, false, COMMON "settleDate fileType" },
    { "95", "00", ADAPTER_KEYS, false, COMMON "channelType certType orderId" },
};

static const struct {
    const char *name;
    const char *value;
} fixed[] = {
    { "version", UNIONPAY_VERSION }, { "encoding", "UTF-8" }, { "accessType", "0" },
    { "currencyCode", "156" },       { "fileType", "00" },    { "certType", "01" },
};

static bool
has_fixed_value(const struct adapter_field *field)
{
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        if (span_eq_cstr(field->name, fixed[i].name)) {
            return span_eq_cstr(field->value, fixed[i].value);
        }
    }
    return true;
}

/* Enterprise net banks: the account's contract may want more, which the policy compares with it. */
static bool
may_name_payee(const struct adapter_fields *fields, const struct request_rule *rule)
{
    return rule->operation == ADAPTER_PAY
           && span_eq_cstr(adapter_fields_get(fields, "bizType"), "000202");
}

static enum err
read_payee(const struct adapter_fields *fields, const struct request_rule *rule,
           struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(PAYEE_MAX);
    for (size_t i = 0; i < fields->count; i++) {
        const struct adapter_field *field = &fields->list[i];
        if (!allow_list_has(rule->fields, field->name)) {
            TRY(buf_printf(&text, "%s%.*s=%.*s", text.len == 0 ? "" : "&", SPAN_ARG(field->name),
                           SPAN_ARG(field->value)));
        }
    }
    return arena_copy(arena, buf_span(&text), out);
}

/* No value of ours holds a "&": one that did could be cut into other fields than those judged here. */
static bool
fields_are_ours(const struct adapter_fields *fields, const struct request_rule *rule)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct adapter_field *field = &fields->list[i];
        bool known = allow_list_has(rule->fields, field->name) || may_name_payee(fields, rule);
        if (span_empty(field->name) || !known || !has_fixed_value(field) || span_empty(field->value)
            || span_index(field->value, '&') < field->value.len) {
            return false;
        }
    }
    return unionpay_fields_sound(fields);
}

/* A certificate number goes with signMethod 01 and with no other. */
static bool
method_fits(const struct adapter_fields *fields)
{
    struct span method = adapter_fields_get(fields, "signMethod");
    bool named = !span_empty(adapter_fields_get(fields, "certId"));
    return named ? span_eq_cstr(method, "01")
                 : span_eq_cstr(method, "11") || span_eq_cstr(method, "12");
}

static const struct request_rule *
find_rule(const struct adapter_fields *fields)
{
    struct span type = adapter_fields_get(fields, "txnType");
    struct span subtype = adapter_fields_get(fields, "txnSubType");
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        if (span_eq_cstr(type, requests[i].type) && span_eq_cstr(subtype, requests[i].subtype)) {
            return &requests[i];
        }
    }
    return NULL;
}

/* A number at another time is another transaction. */
static enum err
read_refund_no(const struct adapter_fields *fields, const struct request_rule *rule,
               struct arena *arena, struct span *out)
{
    if (rule->operation != ADAPTER_REFUND && rule->operation != ADAPTER_CANCEL) {
        return ERR_OK;
    }
    struct span number = adapter_fields_get(fields, "orderId");
    struct span time = adapter_fields_get(fields, "txnTime");
    DEFER(buf_fini) struct buf text = BUF_MAX(number.len + time.len + 1);
    TRY(buf_append(&text, number));
    TRY(buf_byte(&text, '@'));
    TRY(buf_append(&text, time));
    return arena_copy(arena, buf_span(&text), out);
}

enum err
unionpay_sign_facts(const struct adapter_fields *fields, struct arena *arena,
                    struct adapter_sign_facts *out)
{
    const struct request_rule *rule = find_rule(fields);
    if (rule == NULL || !fields_are_ours(fields, rule) || !method_fits(fields)
        || span_empty(adapter_fields_get(fields, "version"))
        || span_empty(adapter_fields_get(fields, "merId"))) {
        return ERR_KEYS_POLICY;
    }
    struct adapter_sign_facts facts = {
        .operation = rule->operation,
        .application = adapter_fields_get(fields, "merId"),
        .merchant_order_no = adapter_fields_get(fields, "orderId"),
    };
    if (rule->moves_money && unionpay_amount(fields, &facts.amount) != ERR_OK) {
        return ERR_KEYS_POLICY;
    }
    TRY(err_told_as(read_payee(fields, rule, arena, &facts.payee), ERR_KEYS_POLICY));
    TRY(err_told_as(read_refund_no(fields, rule, arena, &facts.refund_no), ERR_KEYS_POLICY));
    *out = facts;
    return ERR_OK;
}
