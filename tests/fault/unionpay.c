/* SPDX-License-Identifier: Apache-2.0 */
/* UnionPay when memory runs out anywhere on the way: nothing half, and no statement that would not have been believed. */
#include "../unit/unionpay_play.h"
#include "hear.h"

static struct adapter_message answered;

static void
start(void)
{
    play_start();
    order.notify_url = SPAN_LIT("https://pay.example/callbacks/unionpay/main");
    order.return_url = SPAN_LIT("https://pay.example/pay/t/return");
    answered = (struct adapter_message){ .status = 200,
                                         .body = span_of(mock_answer(paid, MOCK_COUNT(paid))) };
    hear_account = &mock_account;
    hear_order = &order;
    hear_message = &answered;
}

TestSuite(unionpay, .init = start, .fini = play_finish);

static const enum adapter_operation operations[] = { ADAPTER_PAY, ADAPTER_QUERY, ADAPTER_REFUND,
                                                     ADAPTER_REFUND_QUERY };

Test(unionpay, a_request_is_sent_whole_or_not_at_all)
{
    for (size_t i = 0; i < MOCK_COUNT(operations); i++) {
        hear_operation = operations[i];
        /* Its text to sign is a digest, and without memory libcrypto says no more than that it failed. */
        nth_sweep("send", NTH_ALLOCATION, hear_send, ERR_CLASS_NONE, 3);
    }
}

Test(unionpay, a_request_is_judged_whole_or_not_at_all)
{
    for (size_t i = 0; i < MOCK_COUNT(operations); i++) {
        hear_operation = operations[i];
        nth_sweep("judge", NTH_ALLOCATION, hear_judge, ERR_CLASS_RETRY, 3);
    }
}

Test(unionpay, an_answer_is_believed_whole_or_not_at_all)
{
    hear_operation = ADAPTER_QUERY;
    nth_sweep("answer", NTH_ALLOCATION, hear_answer, ERR_CLASS_NONE, 20);
}

static const struct mock_field notice[] = {
    { "accessType", "0" },         { "bizType", "000201" },  { "currencyCode", "156" },
    { "merId", MOCK_MERCHANT },    { "orderId", NUMBER },    { "queryId", TRADE },
    { "respCode", "00" },          { "respMsg", "success" }, { "reqReserved", "" },
    { "settleAmt", "8888" },       { "settleDate", "0105" }, { "traceNo", "784649" },
    { "traceTime", "0105145101" }, { "txnAmt", "8888" },     { "txnSubType", "01" },
    { "txnTime", TIME },           { "txnType", "01" },
};

Test(unionpay, a_notice_is_believed_whole_or_not_at_all)
{
    const struct adapter_message noticed = {
        .body = span_of(mock_notice(notice, MOCK_COUNT(notice))),
    };
    hear_message = &noticed;
    nth_sweep("notice", NTH_ALLOCATION, hear_notice, ERR_CLASS_NONE, 20);
}
