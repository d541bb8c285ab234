/* SPDX-License-Identifier: Apache-2.0 */
/* What the adapter sends and believes when memory runs out anywhere on the way: nothing half, and
 * never a statement that would not have been believed otherwise. */
#include "../unit/alipay_mock.h"
#include "form.h"
#include "hear.h"

static struct adapter_order order;
static struct adapter_message message;

static void
start(void)
{
    mock_start();
    order = (struct adapter_order){
        .now = clock_wall(),
        .method = ADAPTER_QR,
        .merchant_order_no = SPAN_LIT(MOCK_ORDER),
        .refund_no = SPAN_LIT(MOCK_ORDER "R01"),
        .amount = { .minor = 1, .currency = CURRENCY_CNY },
        .total = { .minor = 1, .currency = CURRENCY_CNY },
        .subject = SPAN_LIT("版面费"),
        .expires_at = mock_time("2027-01-15T02:15:00Z"),
        .notify_url = SPAN_LIT("https://pay.example.cn/v1/callbacks/alipay/main"),
        .return_url = SPAN_LIT("https://pay.example.cn/return"),
    };
    hear_account = &mock_account;
    hear_order = &order;
    hear_message = &message;
}

TestSuite(alipay, .init = start, .fini = mock_finish);

static const enum adapter_operation operations[] = { ADAPTER_PAY, ADAPTER_QUERY, ADAPTER_CLOSE,
                                                     ADAPTER_REFUND, ADAPTER_REFUND_QUERY };

Test(alipay, a_request_is_sent_whole_or_not_at_all)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        hear_operation = operations[i];
        nth_sweep("send", NTH_ALLOCATION, hear_send, ERR_CLASS_RETRY, 10);
    }
}

Test(alipay, a_request_is_judged_whole_or_not_at_all)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        hear_operation = operations[i];
        nth_sweep("judge", NTH_ALLOCATION, hear_judge, ERR_CLASS_RETRY, 5);
    }
}

Test(alipay, an_answer_is_believed_whole_or_not_at_all)
{
    message = (struct adapter_message){
        .status = 200,
        .content_type = SPAN_LIT("text/html;charset=utf-8"),
        .body = span_of(mock_answer(
            "alipay_trade_query_response",
            "{\"code\":\"10000\",\"msg\":\"Success\",\"out_trade_no\":\"" MOCK_ORDER
            "\",\"trade_no\":\"2027011522001\",\"trade_status\":\"TRADE_SUCCESS\",\"total_amount\":"
            "\"0.01\",\"send_pay_date\":\"2027-01-15 10:00:00\"}")),
    };
    hear_operation = ADAPTER_QUERY;
    nth_sweep("answer", NTH_ALLOCATION, hear_answer, ERR_CLASS_NONE, 20);
}

Test(alipay, a_notice_is_believed_whole_or_not_at_all)
{
    static const struct mock_field fields[] = {
        { "notify_time", "2027-01-15 10:00:05" },
        { "notify_type", "trade_status_sync" },
        { "notify_id", "n1" },
        { "app_id", MOCK_APP },
        { "seller_id", MOCK_MERCHANT },
        { "charset", "utf-8" },
        { "version", "1.0" },
        { "out_trade_no", MOCK_ORDER },
        { "trade_no", "2027011522001" },
        { "trade_status", "TRADE_SUCCESS" },
        { "total_amount", "0.01" },
        { "gmt_payment", "2027-01-15 10:00:00" },
    };
    message = (struct adapter_message){
        .content_type = SPAN_LIT("application/x-www-form-urlencoded; charset=utf-8"),
        .body = span_of(mock_notice(fields, sizeof(fields) / sizeof(fields[0]))),
    };
    nth_sweep("notice", NTH_ALLOCATION, hear_notice, ERR_CLASS_NONE, 20);
}
