/* SPDX-License-Identifier: Apache-2.0 */
#include "payment_view.h"

#include "attempt.h"

#define URL_MAX_BYTES  512
#define TIME_MAX_BYTES 40

enum err
payment_view_time(struct json_t *object, const char *name, struct wall_time time)
{
    if (time.us == 0) {
        return json_put_null(object, name);
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(TIME_MAX_BYTES);
    TRY(wall_format(time, &text));
    return json_put_string(object, name, buf_span(&text));
}

enum err
payment_view_id(struct json_t *object, const char *name, struct span payment_no)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(64);
    TRY(buf_text(&text, "pay_"));
    TRY(buf_append(&text, payment_no));
    return json_put_string(object, name, buf_span(&text));
}

enum err
payment_checkout_url(const struct services *services, const struct payment *payment,
                     struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(URL_MAX_BYTES);
    TRY(buf_text(&url, services->checkout_url));
    TRY(buf_text(&url, "/pay/"));
    TRY(buf_append(&url, payment->checkout_token));
    return arena_copy(arena, buf_span(&url), out);
}

static enum err
put_attempt(struct json_t *list, const struct attempt *attempt)
{
    struct json_t *one = NULL;
    TRY(json_new_object(&one));
    TRY(json_put(list, NULL, one));
    TRY(json_put_string(one, "attempt_no", attempt->attempt_no));
    TRY(json_put_string(one, "provider", attempt->provider));
    TRY(json_put_string(one, "method", attempt->method));
    TRY(json_put_text(one, "state", attempt_state_code(attempt->state)));
    if (span_empty(attempt->provider_trade_no)) {
        TRY(json_put_null(one, "provider_trade_no"));
    } else {
        TRY(json_put_string(one, "provider_trade_no", attempt->provider_trade_no));
    }
    TRY(payment_view_time(one, "paid_at", attempt->paid_at));
    TRY(json_put_i64(one, "refund_reserved", attempt->refund_reserved_fen));
    TRY(json_put_i64(one, "refunded", attempt->refunded_fen));
    return payment_view_time(one, "created_at", attempt->created_at);
}

enum err
payment_view_attempts(struct json_t *view, const struct attempt *attempts, size_t count)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(view, "attempts", list));
    for (size_t i = 0; i < count; i++) {
        TRY(put_attempt(list, &attempts[i]));
    }
    return ERR_OK;
}

static enum err
put_flags(struct json_t *view, const struct payment *payment)
{
    TRY(json_put_bool(view, "duplicate", payment->duplicate));
    TRY(json_put_bool(view, "late", payment->late));
    return json_put_bool(view, "mismatch", payment->mismatch);
}

/* What has gone back to the payer, and what is to: asked for, or under way, or gone. */
static enum err
put_refunds(struct json_t *view, const struct attempt *attempts, size_t count)
{
    int64_t reserved = 0;
    int64_t refunded = 0;
    for (size_t i = 0; i < count; i++) {
        if (__builtin_add_overflow(reserved, attempts[i].refund_reserved_fen, &reserved)
            || __builtin_add_overflow(refunded, attempts[i].refunded_fen, &refunded)) {
            return ERR_AMOUNT_OVERFLOW;
        }
    }
    TRY(json_put_i64(view, "refund_reserved", reserved));
    return json_put_i64(view, "refunded", refunded);
}

static enum err
put_payment(const struct services *services, const struct payment *payment, struct arena *arena,
            struct json_t *view)
{
    TRY(payment_view_id(view, "id", payment->payment_no));
    TRY(json_put_string(view, "order_no", payment->order_no));
    TRY(json_put_string(view, "state", payment->state));
    TRY(put_flags(view, payment));
    TRY(json_put_i64(view, "amount", payment->amount.minor));
    TRY(json_put_text(view, "currency", currency_code(payment->amount.currency)));
    struct span url;
    TRY(payment_checkout_url(services, payment, arena, &url));
    TRY(json_put_string(view, "checkout_url", url));
    TRY(payment_view_time(view, "created_at", payment->created_at));
    return payment_view_time(view, "expires_at", payment->expires_at);
}

enum err
payment_view(const struct services *services, const struct payment *payment,
             const struct attempt *attempts, size_t attempt_count, struct arena *arena,
             struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_new_object(&view));
    TRY(put_payment(services, payment, arena, view));
    TRY(put_refunds(view, attempts, attempt_count));
    TRY(payment_view_attempts(view, attempts, attempt_count));
    *out = view;
    view = NULL;
    return ERR_OK;
}
