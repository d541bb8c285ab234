/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook_body.h"

#define TEXT_MAX 64

static enum err
put_time(struct json_t *object, const char *name, struct wall_time time)
{
    if (time.us == 0) {
        return json_put_null(object, name);
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX);
    TRY(wall_format(time, &text));
    return json_put_string(object, name, buf_span(&text));
}

static enum err
put_payment(struct json_t *data, const struct webhook_message *message)
{
    DEFER(buf_fini) struct buf id = BUF_MAX(TEXT_MAX);
    TRY(buf_text(&id, "pay_"));
    TRY(buf_append(&id, message->key.payment_no));
    TRY(json_put_string(data, "payment_id", buf_span(&id)));
    TRY(json_put_string(data, "order_no", message->order_no));
    TRY(json_put_i64(data, "event_seq", message->key.seq));
    TRY(json_put_string(data, "state", message->payment_state));
    TRY(json_put_bool(data, "duplicate", message->duplicate));
    TRY(json_put_bool(data, "late", message->late));
    TRY(json_put_bool(data, "mismatch", message->mismatch));
    TRY(json_put_i64(data, "amount", message->amount.minor));
    return json_put_text(data, "currency", currency_code(message->amount.currency));
}

static enum err
put_evidence(struct json_t *data, const struct webhook_message *message)
{
    TRY(json_put_string_or_null(data, "attempt_no", message->attempt_no));
    TRY(json_put_string_or_null(data, "provider", message->provider));
    TRY(json_put_string_or_null(data, "method", message->method));
    TRY(json_put_string_or_null(data, "provider_trade_no", message->provider_trade_no));
    TRY(json_put_string_or_null(data, "provider_status", message->provider_status));
    TRY(put_time(data, "paid_at", message->paid_at));
    TRY(json_put_string_or_null(data, "source", message->source));
    TRY(json_put_string_or_null(data, "evidence_digest", message->evidence_digest));
    TRY(put_time(data, "provider_time", message->provider_time));
    return json_put_string_or_null(data, "difference", message->difference);
}

/* Its own id, amount and cause; the payment it belongs to stands beside. */
static enum err
put_refund(struct json_t *data, const struct webhook_message *message)
{
    struct json_t *refund = NULL;
    DEFER(buf_fini) struct buf id = BUF_MAX(TEXT_MAX);
    if (span_empty(message->refund_no)) {
        return ERR_OK;
    }
    TRY(json_new_object(&refund));
    TRY(json_put(data, "refund", refund));
    TRY(buf_text(&id, "rfd_"));
    TRY(buf_append(&id, message->refund_no));
    TRY(json_put_string(refund, "id", buf_span(&id)));
    TRY(json_put_i64(refund, "amount", message->refund_amount.minor));
    return json_put_string(refund, "cause", message->refund_cause);
}

static enum err
put_data(struct json_t *body, const struct webhook_message *message)
{
    struct json_t *data = NULL;
    if (!span_empty(message->reconciliation)) {
        TRY(json_parse(message->reconciliation, &data));
        return json_put(body, "data", data);
    }
    TRY(json_new_object(&data));
    TRY(json_put(body, "data", data));
    TRY(put_payment(data, message));
    TRY(put_evidence(data, message));
    return put_refund(data, message);
}

enum err
webhook_body(const struct webhook_message *message, struct json_t **out)
{
    DEFER(json_free) struct json_t *body = NULL;
    TRY(json_new_object(&body));
    TRY(json_put_text(body, "type", webhook_kind_code(message->key.kind)));
    TRY(put_time(body, "timestamp", message->at));
    TRY(put_data(body, message));
    *out = body;
    body = NULL;
    return ERR_OK;
}

enum err
webhook_body_encode(const struct webhook_message *message, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(WEBHOOK_BODY_MAX);
    DEFER(json_free) struct json_t *body = NULL;
    TRY(webhook_body(message, &body));
    TRY(json_encode(body, &text));
    return buf_append(out, buf_span(&text));
}
