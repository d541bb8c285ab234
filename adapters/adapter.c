/* SPDX-License-Identifier: Apache-2.0 */
#include "adapter.h"

#include "bill.h"

static const char *const method_codes[ADAPTER_METHOD_COUNT] = {
    [ADAPTER_METHOD_NONE] = "", [ADAPTER_PAGE] = "page", [ADAPTER_WAP] = "wap",
    [ADAPTER_QR] = "qr",        [ADAPTER_B2B] = "b2b",   [ADAPTER_JSAPI] = "jsapi",
};

enum err
adapter_method_decode(struct span s, enum adapter_method *out)
{
    for (int i = ADAPTER_METHOD_NONE + 1; i < ADAPTER_METHOD_COUNT; i++) {
        if (span_eq_cstr(s, method_codes[i])) {
            *out = (enum adapter_method)i;
            return ERR_OK;
        }
    }
    return ERR_METHOD_UNKNOWN;
}

const char *
adapter_method_code(enum adapter_method method)
{
    return method < ADAPTER_METHOD_COUNT ? method_codes[method] : "";
}

enum err
adapter_fields_add(struct adapter_fields *fields, struct span name, struct span value)
{
    if (fields->count == ADAPTER_FIELDS_MAX) {
        return ERR_BUF_FULL;
    }
    fields->list[fields->count++] = (struct adapter_field){ .name = name, .value = value };
    return ERR_OK;
}

struct span
adapter_fields_get(const struct adapter_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (span_eq_cstr(fields->list[i].name, name)) {
            return fields->list[i].value;
        }
    }
    return (struct span){ .at = NULL, .len = 0 };
}

const struct adapter *
adapter_find(struct span name)
{
    for (size_t i = 0; i < adapter_registry_count; i++) {
        if (span_eq_cstr(name, adapter_registry[i]->name)) {
            return adapter_registry[i];
        }
    }
    return NULL;
}

const struct adapter_bill *
bill_find(const struct adapter *adapter, struct span kind)
{
    for (const struct adapter_bill *bill = adapter->bills; bill != NULL && bill->kind != NULL;
         bill++) {
        if (span_eq_cstr(kind, bill->kind)) {
            return bill;
        }
    }
    return NULL;
}

const struct adapter_bill *
bill_of_trades(const struct adapter *adapter)
{
    for (const struct adapter_bill *bill = adapter->bills; bill != NULL && bill->kind != NULL;
         bill++) {
        if (bill->of_trades) {
            return bill;
        }
    }
    return NULL;
}

const struct adapter_bill *
bill_of_balance(const struct adapter *adapter)
{
    for (const struct adapter_bill *bill = adapter->bills; bill != NULL && bill->kind != NULL;
         bill++) {
        if (bill->of_balance) {
            return bill;
        }
    }
    return NULL;
}

bool
adapter_key_is_valid(const struct adapter_key *key, struct wall_time now)
{
    return (key->not_before.us == 0 || key->not_before.us <= now.us)
           && (key->not_after.us == 0 || now.us <= key->not_after.us);
}
