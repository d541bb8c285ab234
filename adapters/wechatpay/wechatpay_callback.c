/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"
#include "wechatpay.h"

/* 5.1. A notice of another type is genuine and says nothing about our money. */
static const struct event {
    const char *type;
    const char *original; /* resource.original_type */
    const char *state;    /* what the resource must say as well */
    bool refund;
} events[] = {
    { "TRANSACTION.SUCCESS", "transaction", "SUCCESS", false },
    { "REFUND.SUCCESS", "refund", "SUCCESS", true },
    { "REFUND.ABNORMAL", "refund", "ABNORMAL", true },
    { "REFUND.CLOSED", "refund", "CLOSED", true },
};

static const struct event *
event_of(const struct json_t *root)
{
    const struct json_t *resource = json_member(root, "resource");
    struct span type;
    struct span original;
    struct span kind;
    if (json_get_string(root, "event_type", &type) != ERR_OK
        || json_get_string(root, "resource_type", &kind) != ERR_OK
        || !span_eq_cstr(kind, "encrypt-resource") || !json_node_is_object(resource)
        || json_get_string(resource, "original_type", &original) != ERR_OK) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        if (span_eq_cstr(type, events[i].type) && span_eq_cstr(original, events[i].original)) {
            return &events[i];
        }
    }
    return NULL;
}

static enum err
create_time(const struct json_t *root, struct wall_time *out)
{
    struct span text;
    return json_get_string(root, "create_time", &text) == ERR_OK && wall_parse(text, out) == ERR_OK
               ? ERR_OK
               : ERR_PROVIDER_PROTOCOL;
}

/* 5.4 */
static enum err
read_resource(const struct event *event, struct span text, struct arena *arena,
              struct evidence_claim *claim)
{
    DEFER(json_free) struct json_t *resource = NULL;
    if (json_parse_lenient(text, &resource) != ERR_OK || !json_node_is_object(resource)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    if (event->refund) {
        struct wechatpay_refund refund = { .claim = *claim };
        TRY(wechatpay_refund(resource, "refund_status", arena, &refund));
        *claim = refund.claim;
        return span_empty(claim->merchant) ? ERR_PROVIDER_PROTOCOL : ERR_OK;
    }
    return wechatpay_transaction(resource, arena, claim);
}

enum err
wechatpay_callback_read(const struct adapter_account *account, struct span payload,
                        const struct adapter_opened *opened, struct arena *arena,
                        struct evidence_claim *out)
{
    (void)account;
    DEFER(json_free) struct json_t *root = NULL;
    if (opened->count != 1 || json_parse_lenient(payload, &root) != ERR_OK
        || !json_node_is_object(root)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    const struct event *event = event_of(root);
    struct evidence_claim claim = { .source = EVIDENCE_NONE };
    TRY(event == NULL ? ERR_PROVIDER_PROTOCOL : create_time(root, &claim.stated_at));
    TRY(read_resource(event, opened->list[0], arena, &claim));
    /* What stands outside the seal must be what stands inside. */
    if (!span_eq_cstr(claim.provider_status, event->state)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    *out = claim;
    return ERR_OK;
}
