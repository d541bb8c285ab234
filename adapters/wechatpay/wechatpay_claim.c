/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"
#include "wechatpay.h"

enum err
wechatpay_text(const struct json_t *object, const char *name, struct arena *arena, struct span *out)
{
    struct span text;
    *out = (struct span){ .at = NULL, .len = 0 };
    enum err err = json_get_string(object, name, &text);
    if (err == ERR_FIELD_MISSING) {
        return ERR_OK;
    }
    return err == ERR_OK ? arena_copy(arena, text, out) : ERR_PROVIDER_PROTOCOL;
}

static enum err
time_of(const struct json_t *object, const char *name, struct wall_time *out)
{
    struct span text;
    enum err err = json_get_string(object, name, &text);
    if (err == ERR_FIELD_MISSING || (err == ERR_OK && span_empty(text))) {
        return ERR_OK;
    }
    return err == ERR_OK ? err_told_as(wall_parse(text, out), ERR_PROVIDER_PROTOCOL)
                         : ERR_PROVIDER_PROTOCOL;
}

/* A member of `amount` in fen. One that is absent stays "not said"; one that is there must be an
 * amount. */
static enum err
money_of(const struct json_t *amount, const char *name, struct money *out)
{
    struct span currency;
    struct money money = { .currency = CURRENCY_CNY };
    enum err err = json_get_i64(amount, name, &money.minor);
    if (err == ERR_FIELD_MISSING) {
        return ERR_OK;
    }
    if (err != ERR_OK || money.minor < 0 || money.minor > MONEY_MAX_MINOR) {
        return ERR_PROVIDER_PROTOCOL;
    }
    err = json_get_string(amount, "currency", &currency);
    if (err == ERR_OK) {
        err = currency_decode(currency, &money.currency);
    }
    if (err != ERR_OK && err != ERR_FIELD_MISSING) {
        return ERR_PROVIDER_PROTOCOL;
    }
    *out = money;
    return ERR_OK;
}

static bool
is_paid(enum evidence_verdict verdict)
{
    return verdict == EVIDENCE_PAID || verdict == EVIDENCE_REFUNDED;
}

/* Unpaid orders leave much out (4.4); a statement about money must say which and how much. What the
 * payer paid is less where coupons apply: amount.total is the order's. */
enum err
wechatpay_transaction(const struct json_t *object, struct arena *arena, struct evidence_claim *out)
{
    struct evidence_claim claim = *out;
    TRY(wechatpay_text(object, "appid", arena, &claim.application));
    TRY(wechatpay_text(object, "mchid", arena, &claim.merchant));
    TRY(wechatpay_text(object, "out_trade_no", arena, &claim.merchant_order_no));
    TRY(wechatpay_text(object, "transaction_id", arena, &claim.provider_trade_no));
    TRY(wechatpay_text(object, "trade_state", arena, &claim.provider_status));
    TRY(time_of(object, "success_time", &claim.paid_at));
    if (claim.paid_at.us != 0) {
        claim.bill_day = day_of(claim.paid_at, WECHATPAY_ZONE_MIN);
    }
    const struct json_t *amount = json_member(object, "amount");
    if (amount != NULL) {
        TRY(money_of(amount, "total", &claim.amount));
    }
    TRY(wechatpay_trade_state(claim.provider_status, &claim.verdict));
    bool named = !span_empty(claim.merchant) && !span_empty(claim.application)
                 && !span_empty(claim.merchant_order_no);
    bool money = !span_empty(claim.provider_trade_no) && claim.amount.currency != CURRENCY_NONE
                 && claim.amount.minor > 0;
    if (!named || (is_paid(claim.verdict) && !money)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    *out = claim;
    return ERR_OK;
}

/* A refund exists only for a paid trade. One that has moved no money says just that: paid. */
static enum evidence_verdict
verdict_of(enum adapter_refund_state state)
{
    if (state == ADAPTER_REFUND_SUCCEEDED) {
        return EVIDENCE_REFUNDED;
    }
    return state == ADAPTER_REFUND_ACCEPTED ? EVIDENCE_VERDICT_NONE : EVIDENCE_PAID;
}

enum err
wechatpay_refund(const struct json_t *object, const char *status_name, struct arena *arena,
                 struct wechatpay_refund *out)
{
    struct wechatpay_refund refund = *out;
    struct evidence_claim *claim = &refund.claim;
    struct wall_time done_at = { .us = 0 };
    struct wall_time made_at = { .us = 0 };
    TRY(wechatpay_text(object, "mchid", arena, &claim->merchant));
    TRY(wechatpay_text(object, "out_trade_no", arena, &claim->merchant_order_no));
    TRY(wechatpay_text(object, "transaction_id", arena, &claim->provider_trade_no));
    TRY(wechatpay_text(object, "out_refund_no", arena, &claim->refund_no));
    TRY(wechatpay_text(object, status_name, arena, &claim->provider_status));
    TRY(time_of(object, "success_time", &done_at));
    TRY(time_of(object, "create_time", &made_at));
    const struct json_t *amount = json_member(object, "amount");
    TRY(amount == NULL ? ERR_PROVIDER_PROTOCOL : money_of(amount, "total", &claim->amount));
    TRY(money_of(amount, "refund", &refund.asked));
    TRY(wechatpay_refund_state(claim->provider_status, &refund.state));
    if (span_empty(claim->merchant_order_no) || span_empty(claim->refund_no)
        || claim->amount.minor <= 0 || refund.asked.minor <= 0
        || refund.asked.minor > claim->amount.minor) {
        return ERR_PROVIDER_PROTOCOL;
    }
    claim->verdict = verdict_of(refund.state);
    if (made_at.us != 0) { /* bills name a refund on the day that it was asked for */
        claim->bill_day = day_of(made_at, WECHATPAY_ZONE_MIN);
    }
    claim->refunded = (struct money){ .minor = 0, .currency = refund.asked.currency };
    if (refund.state == ADAPTER_REFUND_SUCCEEDED) {
        claim->refunded = refund.asked;
        claim->stated_at = done_at.us != 0 ? done_at : claim->stated_at;
    }
    *out = refund;
    return ERR_OK;
}
