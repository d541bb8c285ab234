/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay.h"
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

/* Which requests we make at all, and where they name their money. */
static const struct {
    const char *method;
    enum adapter_operation operation;
    const char *amount; /* NULL: moves no money */
} requests[] = {
    { "alipay.trade.page.pay", ADAPTER_PAY, "total_amount" },
    { "alipay.trade.wap.pay", ADAPTER_PAY, "total_amount" },
    { "alipay.trade.precreate", ADAPTER_PAY, "total_amount" },
    { "alipay.trade.query", ADAPTER_QUERY, NULL },
    { "alipay.trade.close", ADAPTER_CLOSE, NULL },
    { "alipay.trade.refund", ADAPTER_REFUND, "refund_amount" },
    { "alipay.trade.fastpay.refund.query", ADAPTER_REFUND_QUERY, NULL },
    { "alipay.data.dataservice.bill.downloadurl.query", ADAPTER_BILL_LINK, NULL },
};

static enum err
read_biz_content(const struct json_t *biz, const char *amount, struct arena *arena,
                 struct adapter_sign_facts *out)
{
    struct span text;
    if (json_get_string(biz, "out_trade_no", &text) == ERR_OK) {
        TRY(arena_copy(arena, text, &out->merchant_order_no));
    }
    if (amount == NULL) {
        return ERR_OK;
    }
    if (json_get_string(biz, amount, &text) != ERR_OK
        || money_parse(text, CURRENCY_CNY, &out->amount) != ERR_OK) {
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
    const char *amount = NULL;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        if (span_eq_cstr(method, requests[i].method)) {
            facts.operation = requests[i].operation;
            amount = requests[i].amount;
        }
    }
    if (facts.operation == ADAPTER_OPERATION_NONE
        || !span_eq_cstr(adapter_fields_get(fields, "sign_type"), "RSA2")) {
        return ERR_KEYS_POLICY;
    }
    DEFER(json_free) struct json_t *biz = NULL;
    if (json_parse(adapter_fields_get(fields, "biz_content"), &biz) != ERR_OK
        || !json_node_is_object(biz)) {
        return ERR_KEYS_POLICY;
    }
    TRY(read_biz_content(biz, amount, arena, &facts));
    *out = facts;
    return ERR_OK;
}
