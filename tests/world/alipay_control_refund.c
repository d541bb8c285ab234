/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "alipay_control.h"
#include "alipay_gateway.h"
#include "alipay_trade.h"

static void
text_fini(char **text)
{
    free(*text);
}

static enum err
refund_known(struct alipay *alipay, const struct json_t *in, const char **sub_code)
{
    DEFER(text_fini) char *number = NULL;
    struct alipay_trade *trade;
    struct span text;
    struct money amount;
    bool moved;
    TRY(alipay_control_trade(alipay, in, &trade));
    TRY(json_get_string(in, "refund_amount", &text));
    TRY(money_parse(text, CURRENCY_CNY, &amount));
    if (amount.minor < 1) {
        return ERR_FIELD_VALUE;
    }
    TRY(json_get_string(in, "out_request_no", &text));
    TRY(alipay_copy(text, &number));
    return alipay_trade_refund(alipay, trade, number, amount, NULL, &moved, sub_code);
}

/* The merchant gives money back by hand, in the provider's own console. */
void
alipay_control_refund(void *self, struct control_call *call, const struct json_t *in)
{
    const char *sub_code = NULL;
    enum err err = refund_known(self, in, &sub_code);
    if (err == ERR_OK && sub_code != NULL) {
        control_refuse(call, 409, sub_code, alipay_sub_msg(sub_code));
        return;
    }
    alipay_control_finish(call, err, NULL);
}

static enum err
put_refund(const struct alipay_trade *trade, const struct alipay_refund *refund,
           struct json_t *list)
{
    struct json_t *object;
    TRY(json_new_object(&object));
    TRY(json_put(list, NULL, object));
    TRY(json_put_text(object, "app_id", trade->app->app_id));
    TRY(json_put_text(object, "out_trade_no", trade->out_trade_no));
    TRY(json_put_text(object, "trade_no", trade->trade_no));
    TRY(json_put_text(object, "out_refund_no", refund->request_no));
    TRY(json_put_text(object, "status", "SUCCESS"));
    TRY(alipay_put_money(object, "refund_amount", refund->amount));
    return alipay_control_put_wall(object, "gmt_refund", refund->at);
}

static enum err
list_refunds(const struct alipay *alipay, struct json_t **out)
{
    struct json_t *list;
    const struct alipay_trade *trade;
    const struct alipay_refund *refund;
    TRY(json_new_object(out));
    TRY(json_new_array(&list));
    TRY(json_put(*out, "refunds", list));
    TAILQ_FOREACH(trade, &alipay->trades, next) {
        TAILQ_FOREACH(refund, &trade->refunds, next) {
            TRY(put_refund(trade, refund, list));
        }
    }
    return ERR_OK;
}

void
alipay_control_refunds(void *self, struct control_call *call, const struct json_t *in)
{
    struct json_t *out = NULL;
    (void)in;
    enum err err = list_refunds(self, &out);
    alipay_control_finish(call, err, out);
}
