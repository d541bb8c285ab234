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

Test(unionpay, a_request_is_sent_whole_or_not_at_all)
{
    static const enum adapter_operation operations[] = { ADAPTER_PAY, ADAPTER_QUERY, ADAPTER_REFUND,
                                                         ADAPTER_REFUND_QUERY };
    for (size_t i = 0; i < MOCK_COUNT(operations); i++) {
        hear_operation = operations[i];
        /* Its text to sign is a digest, and without memory libcrypto says no more than that it failed. */
        nth_sweep("send", NTH_ALLOCATION, hear_send, ERR_CLASS_NONE, 3);
    }
}

Test(unionpay, an_answer_is_believed_whole_or_not_at_all)
{
    hear_operation = ADAPTER_QUERY;
    nth_sweep("answer", NTH_ALLOCATION, hear_answer, ERR_CLASS_NONE, 20);
}
