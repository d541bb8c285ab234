/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "alipay_gateway.h"
#include "alipay_trade.h"

static void
text_fini(char **text)
{
    free(*text);
}

static enum err
put_refund(struct alipay_call *call, const struct alipay_trade *trade, bool moved)
{
    struct json_t *out = call->out;
    const struct alipay_refund *last = TAILQ_LAST(&trade->refunds, alipay_refund_list);
    TRY(json_put_text(out, "trade_no", trade->trade_no));
    TRY(json_put_text(out, "out_trade_no", trade->out_trade_no));
    TRY(json_put_text(out, "buyer_logon_id", ALIPAY_BUYER_LOGON));
    TRY(json_put_text(out, "buyer_user_id", ALIPAY_BUYER_ID));
    TRY(json_put_text(out, "fund_change", moved ? "Y" : "N"));
    TRY(alipay_put_money(out, "refund_fee", trade->refunded)); /* the running total */
    return alipay_put_time(out, "gmt_refund_pay", last->at);
}

/* The refund's own number; without one it is the trade's, and then only the whole can go back. */
static enum err
request_number(struct alipay_call *call, const struct alipay_trade *trade, struct money amount,
               char **out)
{
    struct span number = alipay_call_text(call, "out_request_no");
    if (number.len > ALIPAY_NUMBER_MAX) {
        call->sub_code = "ACQ.INVALID_PARAMETER";
        return ERR_OK;
    }
    if (!span_empty(number)) {
        return alipay_copy(number, out);
    }
    if (!money_eq(amount, trade->total)) {
        call->sub_code = "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL";
        return ERR_OK;
    }
    return alipay_copy(span_of(trade->out_trade_no), out);
}

/* 7.1. */
enum err
alipay_call_refund(struct alipay_call *call)
{
    DEFER(text_fini) char *number = NULL;
    DEFER(text_fini) char *reason = NULL;
    struct alipay_trade *trade;
    struct money amount;
    TRY(alipay_call_trade(call, &trade));
    if (trade == NULL || !alipay_call_amount(call, "refund_amount", &amount)) {
        return ERR_OK;
    }
    TRY(request_number(call, trade, amount, &number));
    if (number == NULL) {
        return ERR_OK;
    }
    TRY(alipay_copy(alipay_call_text(call, "refund_reason"), &reason));
    bool moved;
    TRY(alipay_trade_refund(call->alipay, trade, number, amount, reason, &moved, &call->sub_code));
    return call->sub_code != NULL ? ERR_OK : put_refund(call, trade, moved);
}

/* 7.2: a refund that is not known is answered by silence about it, not by an error. */
enum err
alipay_call_refund_query(struct alipay_call *call)
{
    DEFER(text_fini) char *number = NULL;
    struct alipay_trade *trade;
    TRY(alipay_call_trade(call, &trade));
    if (trade == NULL) {
        return ERR_OK;
    }
    TRY(alipay_copy(alipay_call_text(call, "out_request_no"), &number));
    if (number[0] == '\0') {
        call->sub_code = "ACQ.INVALID_PARAMETER";
        return ERR_OK;
    }
    const struct alipay_refund *refund = alipay_trade_refund_find(trade, number);
    if (refund == NULL) {
        return ERR_OK;
    }
    TRY(json_put_text(call->out, "trade_no", trade->trade_no));
    TRY(json_put_text(call->out, "out_trade_no", trade->out_trade_no));
    TRY(json_put_text(call->out, "out_request_no", refund->request_no));
    TRY(alipay_put_money(call->out, "total_amount", trade->total));
    TRY(alipay_put_money(call->out, "refund_amount", refund->amount));
    if (refund->reason != NULL) {
        TRY(json_put_text(call->out, "refund_reason", refund->reason));
    }
    if (alipay_call_wants(call, "gmt_refund_pay")) {
        TRY(alipay_put_time(call->out, "gmt_refund_pay", refund->at));
    }
    return json_put_text(call->out, "refund_status", "REFUND_SUCCESS");
}
