/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay.h"

static const char *const apis[ADAPTER_OPERATION_COUNT] = {
    [ADAPTER_QUERY] = "alipay.trade.query",
    [ADAPTER_CLOSE] = "alipay.trade.close",
    [ADAPTER_CANCEL] = "alipay.trade.cancel",
    [ADAPTER_REFUND] = "alipay.trade.refund",
    [ADAPTER_REFUND_QUERY] = "alipay.trade.fastpay.refund.query",
    [ADAPTER_KEYS] = "alipay.open.app.alipaycert.download",
    [ADAPTER_BILL_LINK] = "alipay.data.dataservice.bill.downloadurl.query",
};

static const char *const pay_apis[ADAPTER_METHOD_COUNT] = {
    [ADAPTER_PAGE] = "alipay.trade.page.pay",
    [ADAPTER_WAP] = "alipay.trade.wap.pay",
    [ADAPTER_QR] = "alipay.trade.precreate",
};

const char *
alipay_api(enum adapter_operation operation, enum adapter_method method)
{
    return operation == ADAPTER_PAY ? pay_apis[method] : apis[operation];
}

ADAPTER(alipay) = {
    .name = "alipay",
    .name_zh = "支付宝",
    .name_en = "Alipay",
    .bills = alipay_bills,
    .operations = ADAPTER_OFFERS(ADAPTER_PAY) | ADAPTER_OFFERS(ADAPTER_QUERY)
                  | ADAPTER_OFFERS(ADAPTER_CLOSE) | ADAPTER_OFFERS(ADAPTER_CANCEL)
                  | ADAPTER_OFFERS(ADAPTER_REFUND) | ADAPTER_OFFERS(ADAPTER_REFUND_QUERY)
                  | ADAPTER_OFFERS(ADAPTER_BILL_LINK) | ADAPTER_OFFERS(ADAPTER_KEYS),
    .account_prepare = alipay_account_prepare,
    .request_build = alipay_request_build,
    .sign_text = alipay_sign_text,
    .sign_facts = alipay_sign_facts,
    .request_encode = alipay_request_encode,
    .answer_split = alipay_answer_split,
    .answer_read = alipay_answer_read,
    .keys_read = alipay_keys_read,
    .key_accept = alipay_key_accept,
    .callback_split = alipay_callback_split,
    .callback_read = alipay_callback_read,
    .callback_ok_status = 200,
    .callback_ok_body = SPAN("success"),
    .callback_fail_status = 400,
    .callback_fail_body = SPAN("fail"),
    .callback_content_type = "text/plain; charset=utf-8",
};
