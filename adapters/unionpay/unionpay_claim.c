/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay.h"

#define TRACE_NO_CHARS   6
#define TRACE_TIME_CHARS 10
#define TRACE_MAX        32

/* "txnAmt": fen; "currencyCode" must be 156 where it stands. */
enum err
unionpay_amount(const struct adapter_fields *fields, struct money *out)
{
    int64_t fen = 0;
    struct span currency = adapter_fields_get(fields, "currencyCode");
    struct span amount = adapter_fields_get(fields, "txnAmt");
    if ((!span_empty(currency) && !span_eq_cstr(currency, "156")) || !span_is_digits(amount)
        || span_to_i64(amount, 1, MONEY_MAX_MINOR, &fen) != ERR_OK) {
        return ERR_PROVIDER_PROTOCOL;
    }
    return money_make(fen, CURRENCY_CNY, out);
}

/* Settlement files name a trade by "traceNo" and "traceTime" where they do not know its number. */
static enum err
trace(const struct adapter_fields *fields, struct arena *arena, struct span *out)
{
    struct span number = adapter_fields_get(fields, "traceNo");
    struct span time = adapter_fields_get(fields, "traceTime");
    DEFER(buf_fini) struct buf text = BUF_MAX(TRACE_MAX);
    if (number.len != TRACE_NO_CHARS || time.len != TRACE_TIME_CHARS) {
        return ERR_OK;
    }
    TRY(buf_append(&text, number));
    TRY(buf_append(&text, time));
    return arena_copy(arena, buf_span(&text), out);
}

/* "settleDate" is the clearing day on whose file the trade stands; it must not be computed. */
static enum err
times(const struct adapter_fields *fields, struct wall_time *at, struct day *bill_day)
{
    struct span day = adapter_fields_get(fields, "settleDate");
    struct span time = adapter_fields_get(fields, "traceTime");
    struct wall_time sent;
    TRY(err_told_as(unionpay_time_parse(adapter_fields_get(fields, "txnTime"), &sent),
                    ERR_PROVIDER_PROTOCOL));
    *at = sent;
    if (!span_empty(time)) {
        TRY(err_told_as(unionpay_time_near(time, sent, at), ERR_PROVIDER_PROTOCOL));
    }
    return span_empty(day)
               ? ERR_OK
               : err_told_as(unionpay_day_near(day, sent, bill_day), ERR_PROVIDER_PROTOCOL);
}

static void
take_merchant(const struct adapter_fields *fields, struct evidence_claim *claim)
{
    claim->merchant = adapter_fields_get(fields, "merId");
    claim->application = claim->merchant;
}

enum err
unionpay_claim_paid(const struct adapter_fields *fields, struct arena *arena,
                    struct evidence_claim *claim)
{
    take_merchant(fields, claim);
    claim->merchant_order_no = adapter_fields_get(fields, "orderId");
    claim->provider_trade_no = adapter_fields_get(fields, "queryId");
    TRY(unionpay_amount(fields, &claim->amount));
    TRY(times(fields, &claim->paid_at, &claim->bill_day));
    TRY(trace(fields, arena, &claim->trace));
    if (span_empty(claim->merchant) || span_empty(claim->merchant_order_no)
        || span_empty(claim->provider_trade_no)
        || span_empty(adapter_fields_get(fields, "currencyCode"))) {
        return ERR_PROVIDER_PROTOCOL;
    }
    claim->verdict = EVIDENCE_PAID;
    return ERR_OK;
}

/* A refund names itself by its own number and the payment by the provider's alone: "origQryId". */
enum err
unionpay_claim_refunded(const struct adapter_fields *fields, struct arena *arena,
                        struct evidence_claim *claim)
{
    take_merchant(fields, claim);
    claim->refund_no = adapter_fields_get(fields, "orderId");
    claim->provider_trade_no = adapter_fields_get(fields, "origQryId");
    TRY(unionpay_amount(fields, &claim->refunded));
    TRY(times(fields, &claim->stated_at, &claim->bill_day));
    TRY(trace(fields, arena, &claim->trace));
    if (span_empty(claim->merchant) || span_empty(claim->refund_no)) {
        return ERR_PROVIDER_PROTOCOL;
    }
    claim->verdict = EVIDENCE_REFUNDED;
    return ERR_OK;
}
