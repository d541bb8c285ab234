/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay.h"
#include "allow_list.h"
#include "form.h"
#include "json.h"

/* Signing, steps 1 to 4: every field but "sign" itself, empty ones left out, sorted by name. */
enum err
alipay_sign_text(const struct adapter_fields *fields, struct arena *arena, struct buf *out)
{
    void *storage = NULL;
    TRY(arena_alloc(arena, sizeof(struct adapter_fields), &storage));
    struct adapter_fields *sorted = storage;
    *sorted = *fields;
    form_sort(sorted);
    size_t before = out->len;
    for (size_t i = 0; i < sorted->count; i++) {
        const struct adapter_field *field = &sorted->list[i];
        if (span_eq_cstr(field->name, "sign") || span_empty(field->value)
            || span_empty(field->name)) {
            continue;
        }
        if (out->len > before) {
            TRY(buf_byte(out, '&'));
        }
        TRY(buf_append(out, field->name));
        TRY(buf_byte(out, '='));
        TRY(buf_append(out, field->value));
    }
    return ERR_OK;
}

/* Which requests we make at all, what their biz_content may say and where it names its money. A
 * member that is not listed (a seller, a share for somebody else) is not ours. */
#define PAY_MEMBERS "out_trade_no total_amount subject product_code time_expire quit_url"

static const struct request_rule {
    const char *method;
    enum adapter_operation operation;
    const char *amount; /* NULL: moves no money */
    const char *members;
} requests[] = {
    { "alipay.trade.page.pay", ADAPTER_PAY, "total_amount", PAY_MEMBERS },
    { "alipay.trade.wap.pay", ADAPTER_PAY, "total_amount", PAY_MEMBERS },
    { "alipay.trade.precreate", ADAPTER_PAY, "total_amount", PAY_MEMBERS },
    { "alipay.trade.query", ADAPTER_QUERY, NULL, "out_trade_no" },
    { "alipay.trade.close", ADAPTER_CLOSE, NULL, "out_trade_no" },
    { "alipay.trade.cancel", ADAPTER_CANCEL, NULL, "out_trade_no" },
    { "alipay.trade.refund", ADAPTER_REFUND, "refund_amount",
      "out_trade_no refund_amount out_request_no" },
    { "alipay.trade.fastpay.refund.query", ADAPTER_REFUND_QUERY, NULL,
      "out_trade_no out_request_no query_options" },
    { "alipay.data.dataservice.bill.downloadurl.query", ADAPTER_BILL_LINK, NULL,
      "bill_type bill_date" },
    { "alipay.open.app.alipaycert.download", ADAPTER_KEYS, NULL, "alipay_cert_sn" },
};

/* The common parameters we send; NULL: any value. */
static const struct {
    const char *name;
    const char *value;
} parameters[] = {
    { "app_id", NULL },      { "app_cert_sn", NULL }, { "alipay_root_cert_sn", NULL },
    { "method", NULL },      { "format", "JSON" },    { "charset", "utf-8" },
    { "sign_type", "RSA2" }, { "timestamp", NULL },   { "version", "1.0" },
    { "notify_url", NULL },  { "return_url", NULL },  { "biz_content", NULL },
};

static bool
is_parameter(const struct adapter_field *field)
{
    for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        if (span_eq_cstr(field->name, parameters[i].name)) {
            return parameters[i].value == NULL || span_eq_cstr(field->value, parameters[i].value);
        }
    }
    return false;
}

/* The signed text joins values unescaped: one with "&" in it could be cut into other fields than
 * those that are judged here. */
static bool
fields_are_ours(const struct adapter_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct adapter_field *field = &fields->list[i];
        if (!is_parameter(field) || span_index(field->value, '&') < field->value.len) {
            return false;
        }
        for (size_t k = 0; k < i; k++) {
            if (span_eq(fields->list[k].name, field->name)) {
                return false;
            }
        }
    }
    return true;
}

static enum err
read_biz_content(const struct request_rule *rule, struct span text, struct arena *arena,
                 struct adapter_sign_facts *out)
{
    DEFER(json_free) struct json_t *biz = NULL;
    struct span value;
    TRY(err_told_as(json_parse(text, &biz), ERR_KEYS_POLICY));
    if (!json_node_is_object(biz) || !allow_list_covers(rule->members, biz)) {
        return ERR_KEYS_POLICY;
    }
    if (json_get_string(biz, "out_trade_no", &value) == ERR_OK) {
        TRY(arena_copy(arena, value, &out->merchant_order_no));
    } else if (allow_list_has(rule->members, SPAN_LIT("out_trade_no"))) {
        return ERR_KEYS_POLICY;
    }
    if (json_get_string(biz, "out_request_no", &value) == ERR_OK) {
        TRY(arena_copy(arena, value, &out->refund_no));
    }
    if (rule->amount == NULL) {
        return ERR_OK;
    }
    if (json_get_string(biz, rule->amount, &value) != ERR_OK
        || money_parse(value, CURRENCY_CNY, &out->amount) != ERR_OK) {
        return ERR_KEYS_POLICY;
    }
    return ERR_OK;
}

enum err
alipay_sign_facts(const struct adapter_fields *fields, struct arena *arena,
                  struct adapter_sign_facts *out)
{
    struct adapter_sign_facts facts = { .application = adapter_fields_get(fields, "app_id") };
    struct span method = adapter_fields_get(fields, "method");
    const struct request_rule *rule = NULL;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        if (span_eq_cstr(method, requests[i].method)) {
            rule = &requests[i];
        }
    }
    if (rule == NULL || !fields_are_ours(fields)
        || span_empty(adapter_fields_get(fields, "sign_type"))) {
        return ERR_KEYS_POLICY;
    }
    facts.operation = rule->operation;
    TRY(read_biz_content(rule, adapter_fields_get(fields, "biz_content"), arena, &facts));
    *out = facts;
    return ERR_OK;
}
