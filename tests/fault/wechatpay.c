/* SPDX-License-Identifier: Apache-2.0 */
/* WeChat Pay when memory runs out anywhere on the way: nothing half, and no statement that would not have been believed. */
#include "../unit/wechatpay_mock.h"
#include "hear.h"

#define PAID                                                                                     \
    "{\"appid\":\"" MOCK_APP "\",\"mchid\":\"" MOCK_MERCHANT "\",\"out_trade_no\":\"" MOCK_ORDER \
    "\",\"trade_state\":\"SUCCESS\",\"transaction_id\":\"4200002860202603100000000001\","        \
    "\"success_time\":\"2024-08-05T00:30:00+08:00\",\"amount\":{\"total\":12800,"                \
    "\"payer_total\":9000,\"currency\":\"CNY\"}}"

static struct adapter_order order;
static struct mock_message answered;

static void
start(void)
{
    mock_start();
    order = (struct adapter_order){
        .now = clock_wall(),
        .method = ADAPTER_QR,
        .merchant_order_no = SPAN_LIT(MOCK_ORDER),
        .refund_no = SPAN_LIT(MOCK_REFUND),
        .amount = { .minor = 12800, .currency = CURRENCY_CNY },
        .total = { .minor = 12800, .currency = CURRENCY_CNY },
        .nonce = SPAN_LIT(MOCK_NONCE),
        .subject = SPAN_LIT("CA"),
        .expires_at = wall_add_ms(clock_wall(), 600000),
        .notify_url = SPAN_LIT("https://pay.example.cn/callbacks/wechatpay/main"),
        .return_url = SPAN_LIT("https://pay.example.cn/return"),
    };
    answered = mock_signed(200, PAID);
    hear_account = &mock_account;
    hear_order = &order;
    hear_message = mock_message(&answered);
}

TestSuite(wechatpay, .init = start, .fini = mock_finish);

static const enum adapter_operation operations[] = { ADAPTER_PAY, ADAPTER_QUERY, ADAPTER_CLOSE,
                                                     ADAPTER_REFUND, ADAPTER_REFUND_QUERY };

Test(wechatpay, a_request_is_sent_whole_or_not_at_all)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        hear_operation = operations[i];
        nth_sweep("send", NTH_ALLOCATION, hear_send, ERR_CLASS_RETRY, 3);
    }
}

Test(wechatpay, a_request_is_judged_whole_or_not_at_all)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        hear_operation = operations[i];
        nth_sweep("judge", NTH_ALLOCATION, hear_judge, ERR_CLASS_RETRY, 3);
    }
}

Test(wechatpay, an_answer_is_believed_whole_or_not_at_all)
{
    hear_operation = ADAPTER_QUERY;
    nth_sweep("answer", NTH_ALLOCATION, hear_answer, ERR_CLASS_NONE, 20);
}

Test(wechatpay, a_notice_is_believed_whole_or_not_at_all)
{
    struct mock_message noticed = mock_signed(
        0,
        mock_print("{\"id\":\"EV-1\",\"create_time\":\"2024-08-05T17:33:02+08:00\","
                   "\"resource_type\":\"encrypt-resource\",\"event_type\":\"TRANSACTION.SUCCESS\","
                   "\"summary\":\"ok\",\"resource\":%s}",
                   mock_seal(CRYPTO_AEAD_AES_256_GCM, "transaction", "transaction", PAID)));
    hear_message = mock_message(&noticed);
    hear_plain = SPAN_LIT(PAID);
    nth_sweep("notice", NTH_ALLOCATION, hear_notice, ERR_CLASS_NONE, 20);
}
