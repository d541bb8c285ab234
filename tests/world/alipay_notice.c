/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay_notice.h"

#include "alipay_sign.h"

static enum err
add_money(struct alipay_params *params, const char *name, struct money amount)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(32);
    TRY(money_format(amount, &text));
    return alipay_form_add(params, name, buf_span(&text));
}

static enum err
add_time(struct alipay_params *params, const char *name, struct wall_time t, const char *suffix)
{
    if (t.us == 0) {
        return ERR_OK;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(32);
    TRY(wall_format_civil(t, ZONE_CHINA_MIN, &text));
    TRY(buf_text(&text, suffix));
    return alipay_form_add(params, name, buf_span(&text));
}

static enum err
add_head(const struct alipay_notice_facts *facts, struct alipay_params *params)
{
    const struct alipay_app *app = facts->trade->app;
    TRY(add_time(params, "gmt_create", facts->trade->created, ""));
    TRY(alipay_form_add_text(params, "charset", "utf-8"));
    TRY(add_time(params, "notify_time", facts->now, ""));
    TRY(alipay_form_add_text(params, "notify_type", "trade_status_sync"));
    TRY(alipay_form_add_text(params, "notify_id", facts->notify_id));
    TRY(alipay_form_add_text(params, "app_id", app->app_id));
    TRY(alipay_form_add_text(params, "auth_app_id", app->app_id));
    TRY(alipay_form_add_text(params, "version", "1.0"));
    TRY(alipay_form_add_text(params, "seller_id", app->seller_id));
    TRY(alipay_form_add_text(params, "seller_email", "shop@example.com"));
    TRY(alipay_form_add_text(params, "buyer_id", ALIPAY_BUYER_ID));
    return alipay_form_add_text(params, "buyer_logon_id", ALIPAY_BUYER_LOGON);
}

static enum err
add_trade(const struct alipay_notice_facts *facts, struct alipay_params *params)
{
    const struct alipay_trade *trade = facts->trade;
    TRY(alipay_form_add_text(params, "trade_no", trade->trade_no));
    TRY(alipay_form_add_text(params, "out_trade_no", trade->out_trade_no));
    TRY(alipay_form_add_text(params, "trade_status", facts->status));
    TRY(add_money(params, "total_amount", facts->total));
    TRY(alipay_form_add_text(params, "subject", trade->subject));
    TRY(alipay_form_add_text(params, "body", trade->body));
    return alipay_form_add_text(params, "passback_params", trade->passback);
}

static enum err
add_fund_bill(struct alipay_params *params, struct money amount)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(128);
    TRY(buf_text(&text, "[{\"amount\":\""));
    TRY(money_format(amount, &text));
    TRY(buf_text(&text, "\",\"fundChannel\":\"ALIPAYACCOUNT\"}]"));
    return alipay_form_add(params, "fund_bill_list", buf_span(&text));
}

static enum err
add_payment(const struct alipay_notice_facts *facts, struct alipay_params *params)
{
    const struct money none = { .minor = 0, .currency = facts->total.currency };
    if (facts->paid.us == 0) {
        return ERR_OK;
    }
    TRY(add_time(params, "gmt_payment", facts->paid, ""));
    TRY(add_money(params, "receipt_amount", facts->total));
    TRY(add_money(params, "invoice_amount", facts->total));
    TRY(add_money(params, "buyer_pay_amount", facts->total));
    TRY(add_money(params, "point_amount", none));
    return add_fund_bill(params, facts->total);
}

/* refund_fee is the trade's running total, send_back_fee what moved this time. */
static enum err
add_refund(const struct alipay_notice_facts *facts, struct alipay_params *params)
{
    if (facts->refund == NULL) {
        return ERR_OK;
    }
    TRY(alipay_form_add_text(params, "out_biz_no", facts->refund->request_no));
    TRY(add_money(params, "refund_fee", facts->trade->refunded));
    TRY(add_money(params, "send_back_fee", facts->refund->amount));
    return add_time(params, "gmt_refund", facts->refund->at, ".123");
}

enum err
alipay_notice_encode(const struct alipay_notice_facts *facts, struct buf *out)
{
    DEFER(alipay_form_fini) struct alipay_params params = { .count = 0 };
    TRY(add_head(facts, &params));
    TRY(add_trade(facts, &params));
    TRY(add_payment(facts, &params));
    TRY(add_refund(facts, &params));
    TRY(add_time(&params, "gmt_close", facts->trade->closed, ""));
    TRY(alipay_sign_params(facts->key, &params));
    if (facts->cert_sn != NULL) { /* 5.3: added by the gateway, outside of what is signed */
        TRY(alipay_form_add_text(&params, "alipay_cert_sn", facts->cert_sn));
    }
    return alipay_form_encode(&params, out);
}
