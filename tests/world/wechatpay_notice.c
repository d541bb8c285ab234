/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay_notice.h"

#include "wechatpay_order.h"
#include "wechatpay_refund.h"

/* 5.1: what each event is called and says. */
struct event_name {
    const char *type;
    const char *summary;
    const char *resource; /* original_type and associated_data */
};

static const struct event_name paid_event = { "TRANSACTION.SUCCESS", "支付成功", "transaction" };

static const struct event_name refund_events[WECHATPAY_REFUND_STATUS_COUNT] = {
    [WECHATPAY_REFUND_PROCESSING] = { "REFUND.SUCCESS", "退款成功", "refund" },
    [WECHATPAY_REFUND_SUCCESS] = { "REFUND.SUCCESS", "退款成功", "refund" },
    [WECHATPAY_REFUND_CLOSED] = { "REFUND.CLOSED", "退款关闭", "refund" },
    [WECHATPAY_REFUND_ABNORMAL] = { "REFUND.ABNORMAL", "退款异常", "refund" },
};

enum err
wechatpay_notice_id(struct buf *out)
{
    static const size_t groups[] = { 4, 2, 2, 2, 6 };
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        unsigned char bytes[6];
        TRY(crypto_random(bytes, sizeof(bytes)));
        TRY(buf_text(out, i == 0 ? "" : "-"));
        TRY(crypto_hex_encode(span_make(bytes, groups[i]), out));
    }
    return ERR_OK;
}

static enum err
encode_plain(const struct wechatpay_notice_facts *facts, struct buf *out)
{
    DEFER(json_free) struct json_t *plain = NULL;
    TRY(json_new_object(&plain));
    if (facts->refund != NULL) {
        TRY(wechatpay_refund_put_notice(facts->refund, facts->status, plain));
    } else {
        const struct wechatpay_transaction_facts transaction = { .order = facts->order,
                                                                 .total = facts->total,
                                                                 .paid = facts->paid };
        TRY(wechatpay_transaction_put(&transaction, plain));
    }
    return json_encode(plain, out);
}

static enum err
put_resource(const struct wechatpay_notice_facts *facts, const char *type, struct json_t *out)
{
    const struct wechatpay_seal_key *key = &facts->order->merchant->seal;
    DEFER(buf_fini) struct buf plain = BUF_MAX(WECHATPAY_BODY_MAX);
    DEFER(buf_fini) struct buf nonce = BUF_MAX(WECHATPAY_SEAL_NONCE_BYTES);
    DEFER(buf_fini) struct buf sealed = BUF_MAX(2 * WECHATPAY_BODY_MAX);
    struct json_t *resource;
    TRY(encode_plain(facts, &plain));
    TRY(wechatpay_nonce(WECHATPAY_SEAL_NONCE_BYTES, &nonce));
    TRY(wechatpay_seal(key, buf_span(&nonce), span_of(type), buf_span(&plain), &sealed));
    TRY(json_new_object(&resource));
    TRY(json_put(out, "resource", resource));
    TRY(json_put_text(resource, "original_type", type));
    TRY(json_put_text(resource, "algorithm", wechatpay_seal_name(key)));
    TRY(json_put_string(resource, "ciphertext", buf_span(&sealed)));
    TRY(json_put_text(resource, "associated_data", type));
    return json_put_string(resource, "nonce", buf_span(&nonce));
}

enum err
wechatpay_notice_encode(const struct wechatpay_notice_facts *facts, struct buf *out)
{
    DEFER(json_free) struct json_t *envelope = NULL;
    const struct event_name *event =
        facts->refund == NULL ? &paid_event : &refund_events[facts->status];
    TRY(json_new_object(&envelope));
    TRY(json_put_text(envelope, "id", facts->id));
    TRY(wechatpay_put_time(envelope, "create_time", facts->now));
    TRY(json_put_text(envelope, "resource_type", "encrypt-resource"));
    TRY(json_put_text(envelope, "event_type", event->type));
    TRY(json_put_text(envelope, "summary", event->summary));
    TRY(put_resource(facts, event->resource, envelope));
    return json_encode(envelope, out);
}
