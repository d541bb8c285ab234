/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay_fault.h"
#include "alipay_gateway.h"
#include "alipay_trade.h"

static const struct money nothing = { .minor = 0, .currency = CURRENCY_CNY };

/* 3.4: failures carry the number and zero amounts. */
static enum err
query_failed(struct alipay_call *call)
{
    static const char *const amounts[] = { "buyer_pay_amount", "invoice_amount", "point_amount",
                                           "receipt_amount" };
    struct span number = alipay_call_text(call, "out_trade_no");
    if (!span_empty(number)) {
        TRY(json_put_string(call->out, "out_trade_no", number));
    }
    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        TRY(alipay_put_money(call->out, amounts[i], nothing));
    }
    return ERR_OK;
}

static enum err
put_fund_bill(struct json_t *out, struct money amount)
{
    DEFER(json_free) struct json_t *bill = NULL;
    struct json_t *list;
    TRY(json_new_object(&bill));
    TRY(json_put_text(bill, "fund_channel", "ALIPAYACCOUNT"));
    TRY(alipay_put_money(bill, "amount", amount));
    TRY(json_new_array(&list));
    TRY(json_put(out, "fund_bill_list", list));
    struct json_t *element = bill;
    bill = NULL;
    return json_put(list, NULL, element);
}

static enum err
put_payer(struct json_t *out)
{
    TRY(json_put_text(out, "buyer_logon_id", ALIPAY_BUYER_LOGON));
    TRY(json_put_text(out, "buyer_user_id", ALIPAY_BUYER_ID));
    return json_put_text(out, "buyer_user_type", "PRIVATE");
}

static enum err
put_state(struct alipay_call *call, const struct alipay_trade *trade, bool unpaid)
{
    struct json_t *out = call->out;
    bool paid = !unpaid && trade->paid.us != 0;
    struct money amount = paid ? trade->total : nothing;
    TRY(alipay_put_money(out, "buyer_pay_amount", amount));
    TRY(alipay_put_money(out, "invoice_amount", amount));
    TRY(alipay_put_money(out, "receipt_amount", amount));
    TRY(alipay_put_money(out, "point_amount", nothing));
    if (paid) {
        TRY(alipay_put_time(out, "send_pay_date", trade->paid));
    }
    if (paid && alipay_call_wants(call, "fund_bill_list")) {
        TRY(put_fund_bill(out, amount));
    }
    return json_put_text(out, "trade_status",
                         unpaid ? "WAIT_BUYER_PAY" : alipay_trade_status(trade));
}

/* 3.4. */
enum err
alipay_call_query(struct alipay_call *call)
{
    struct alipay_trade *trade;
    TRY(alipay_call_trade(call, &trade));
    if (trade == NULL) {
        return query_failed(call);
    }
    bool unpaid = trade->status == ALIPAY_PAID
                  && alipay_fault_take(call->alipay, ALIPAY_ANSWER_UNPAID, trade->out_trade_no);
    TRY(put_payer(call->out));
    TRY(json_put_text(call->out, "out_trade_no", trade->out_trade_no));
    TRY(json_put_text(call->out, "trade_no", trade->trade_no));
    struct money total = trade->total;
    if (alipay_fault_take(call->alipay, ALIPAY_ANSWER_AMOUNT, trade->out_trade_no)) {
        TRY(money_make(total.minor + 1, total.currency, &total));
    }
    TRY(alipay_put_money(call->out, "total_amount", total));
    if (trade->passback != NULL) {
        TRY(json_put_text(call->out, "passback_params", trade->passback));
    }
    return put_state(call, trade, unpaid);
}

/* 3.5. */
enum err
alipay_call_close(struct alipay_call *call)
{
    struct alipay_trade *trade;
    TRY(alipay_call_trade(call, &trade));
    if (trade == NULL) {
        return ERR_OK;
    }
    TRY(alipay_trade_close(call->alipay, trade, &call->sub_code));
    if (call->sub_code != NULL) {
        return ERR_OK;
    }
    TRY(json_put_text(call->out, "trade_no", trade->trade_no));
    return json_put_text(call->out, "out_trade_no", trade->out_trade_no);
}

static enum err
cancel_existing(struct alipay_call *call, struct alipay_trade *trade, const char **action)
{
    if (trade->status == ALIPAY_WAIT) {
        *action = "close";
        return alipay_trade_close(call->alipay, trade, &call->sub_code);
    }
    if (!TAILQ_EMPTY(&trade->refunds)) {
        call->sub_code = "ACQ.REASON_TRADE_REFUND_FEE_ERR";
        return ERR_OK;
    }
    if (trade->status == ALIPAY_CLOSED) {
        *action = "close";
        return ERR_OK;
    }
    bool moved;
    *action = "refund";
    return alipay_trade_refund(call->alipay, trade, trade->out_trade_no, trade->total, NULL, &moved,
                               &call->sub_code);
}

/* 3.6: unpaid is closed, paid is refunded in full; without a trade there is no action. */
enum err
alipay_call_cancel(struct alipay_call *call)
{
    struct alipay_trade *trade;
    const char *action = NULL;
    TRY(alipay_call_trade(call, &trade));
    if (trade != NULL) {
        TRY(cancel_existing(call, trade, &action));
        if (call->sub_code != NULL) {
            return ERR_OK;
        }
        TRY(json_put_text(call->out, "trade_no", trade->trade_no));
        TRY(json_put_text(call->out, "out_trade_no", trade->out_trade_no));
    } else if (span_empty(alipay_call_text(call, "out_trade_no"))) {
        return ERR_OK;
    } else {
        call->sub_code = NULL;
        TRY(json_put_string(call->out, "out_trade_no", alipay_call_text(call, "out_trade_no")));
    }
    TRY(json_put_text(call->out, "retry_flag", "N"));
    return action == NULL ? ERR_OK : json_put_text(call->out, "action", action);
}
