/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "unionpay_fault.h"
#include "unionpay_gateway.h"
#include "unionpay_notify.h"
#include "unionpay_txn.h"

#define NO_NOTIFICATION "http://www.specialUrl.com" /* 1.1 */
#define FOLLOW_UP_BIZ   "000000 000201 000202"      /* 3.2: sources disagree, all are taken */

static const struct unionpay_rule rules[] = {
    { UNIONPAY_AT_FRONT, "01", "01", "000201 000202", "07 08",
      "orderId txnAmt currencyCode channelType frontUrl backUrl", true, NULL, "pay" },
    { UNIONPAY_AT_BACK, "01", "07", "000000", "08",
      "orderId txnAmt currencyCode channelType backUrl", true, unionpay_call_code, "pay" },
    { UNIONPAY_AT_BACK, "04", "00", FOLLOW_UP_BIZ, "07 08",
      "orderId txnAmt origQryId channelType backUrl", true, unionpay_call_refund, "refund" },
    { UNIONPAY_AT_BACK, "31", "00", FOLLOW_UP_BIZ, "07 08",
      "orderId txnAmt origQryId channelType backUrl", true, unionpay_call_cancel, "cancel" },
    { UNIONPAY_AT_BACK, "95", "00", "000000", "07", "orderId channelType certType", true,
      unionpay_call_certificate, "certificate" },
    { UNIONPAY_AT_QUERY, "00", "00", FOLLOW_UP_BIZ, "07 08", "orderId", false, unionpay_call_query,
      "query" },
    { UNIONPAY_AT_FILES, "76", "01", "000000", "07 08", "settleDate fileType", true,
      unionpay_call_file, "file" },
};

const struct unionpay_rule *
unionpay_call_rule(enum unionpay_address address, const char *txn_type, const char *sub_type)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].address == address && strcmp(rules[i].txn_type, txn_type) == 0
            && strcmp(rules[i].sub_type, sub_type) == 0) {
            return &rules[i];
        }
    }
    return NULL;
}

static const char *
wanted_address(const struct unionpay_call *call)
{
    const char *url = unionpay_form_get(call->in, "backUrl");
    return url == NULL || strcmp(url, NO_NOTIFICATION) == 0 ? NULL : url;
}

static enum err
read_order(const struct unionpay_call *call, struct unionpay_order *order)
{
    const char *timeout = unionpay_form_get(call->in, "payTimeout");
    uint64_t fen;
    TRY(span_to_u64(span_of(unionpay_form_get(call->in, "txnAmt")), 1, MONEY_MAX_MINOR, &fen));
    TRY(money_make((int64_t)fen, CURRENCY_CNY, &order->amount));
    if (timeout != NULL) {
        TRY(unionpay_time_parse(span_of(timeout), &order->pay_timeout));
    }
    order->merchant = call->merchant;
    order->order_id = unionpay_form_get(call->in, "orderId");
    order->txn_time = unionpay_form_get(call->in, "txnTime");
    order->biz_type = unionpay_form_get(call->in, "bizType");
    order->channel_type = unionpay_form_get(call->in, "channelType");
    order->encoding = unionpay_form_get(call->in, "encoding");
    order->back_url = wanted_address(call);
    order->front_url = unionpay_form_get(call->in, "frontUrl");
    order->front_fail_url = unionpay_form_get(call->in, "frontFailUrl");
    order->req_reserved = unionpay_form_get(call->in, "reqReserved");
    return ERR_OK;
}

enum err
unionpay_call_place(struct unionpay_call *call, enum unionpay_kind kind, struct unionpay_txn **out)
{
    struct unionpay_order order = { .kind = kind };
    TRY(read_order(call, &order));
    return unionpay_txn_place(call->unionpay, &order, out, &call->code);
}

/* 3.6. */
enum err
unionpay_call_code(struct unionpay_call *call)
{
    struct unionpay_txn *txn = NULL;
    TRY(unionpay_call_place(call, UNIONPAY_QR, &txn));
    return txn == NULL ? ERR_OK : unionpay_form_add_text(call->out, "qrCode", txn->qr_code);
}

static enum err
give_back(struct unionpay_call *call, enum unionpay_kind kind)
{
    struct unionpay_order order = { .kind = kind };
    struct unionpay_txn *txn = NULL;
    const char *orig = unionpay_form_get(call->in, "origQryId");
    TRY(read_order(call, &order));
    order.orig = unionpay_txn_by_query_id(call->unionpay, call->merchant, orig);
    TRY(unionpay_txn_give_back(call->unionpay, &order, &txn, &call->code));
    TRY(unionpay_form_add_text(call->out, "origQryId", orig));
    TRY(unionpay_form_echo(call->out, "txnAmt", call->in));
    return txn == NULL ? ERR_OK : unionpay_form_add_text(call->out, "queryId", txn->query_id);
}

enum err
unionpay_call_refund(struct unionpay_call *call)
{
    return give_back(call, UNIONPAY_REFUND);
}

enum err
unionpay_call_cancel(struct unionpay_call *call)
{
    return give_back(call, UNIONPAY_CANCEL);
}

/* 2.6. */
enum err
unionpay_call_certificate(struct unionpay_call *call)
{
    if (strcmp(call->merchant->sign_method, "01") != 0) {
        call->code = "32";
        return ERR_OK;
    }
    TRY(unionpay_form_add_text(call->out, "certType", "01"));
    return unionpay_form_add_text(call->out, "encryptPubKeyCert",
                                  call->unionpay->keys.encryption_pem);
}

/* The true state, or what a play wants it to look like under a true signature. */
static enum err
query_facts(struct unionpay_call *call, const struct unionpay_txn *txn,
            struct unionpay_notice_facts *facts)
{
    *facts = (struct unionpay_notice_facts){
        .txn = txn,
        .resp_code = unionpay_txn_code(call->unionpay, txn),
        .amount = txn->amount,
        .done = txn->done,
    };
    if (unionpay_fault_take(call->unionpay, UNIONPAY_ANSWER_UNPAID, txn->order_id)) {
        facts->resp_code = "05";
        facts->done = (struct wall_time){ 0 };
    }
    if (unionpay_fault_take(call->unionpay, UNIONPAY_ANSWER_AMOUNT, txn->order_id)) {
        return money_make(txn->amount.minor + 1, txn->amount.currency, &facts->amount);
    }
    return ERR_OK;
}

/* 3.3: by number and time together. */
enum err
unionpay_call_query(struct unionpay_call *call)
{
    const char *order_id = unionpay_form_get(call->in, "orderId");
    if (unionpay_fault_take(call->unionpay, UNIONPAY_ANSWER_RATE, order_id)) {
        call->code = "37";
        return ERR_OK;
    }
    const struct unionpay_txn *txn = unionpay_txn_find(call->unionpay, call->merchant, order_id,
                                                       unionpay_form_get(call->in, "txnTime"));
    if (txn == NULL) {
        call->code = "34";
        return ERR_OK;
    }
    struct unionpay_notice_facts facts;
    TRY(query_facts(call, txn, &facts));
    TRY(unionpay_notice_put_result(&facts, call->out));
    if (facts.done.us != 0) {
        TRY(unionpay_form_add_text(call->out, "issuerIdentifyMode", "0"));
    }
    if (unionpay_fault_take(call->unionpay, UNIONPAY_ANSWER_ORIG_MISSING, order_id)) {
        return ERR_OK;
    }
    TRY(unionpay_form_add_text(call->out, "origRespCode", facts.resp_code));
    return unionpay_form_add_text(call->out, "origRespMsg",
                                  unionpay_notice_message(facts.resp_code));
}
