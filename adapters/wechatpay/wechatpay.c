/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay.h"

/* The reply follows 5.5: newer documents want no body, older ones this one. */
static const struct adapter_poll_step polling[] = {
#include "wechatpay_polling.def"
    ADAPTER_POLL_END
};

ADAPTER(wechatpay) = {
    .name = "wechatpay",
    .name_zh = "微信支付",
    .name_en = "WeChat Pay",
    .bills = wechatpay_bills,
    .operations = ADAPTER_OFFERS(ADAPTER_PAY) | ADAPTER_OFFERS(ADAPTER_QUERY)
                  | ADAPTER_OFFERS(ADAPTER_CLOSE) | ADAPTER_OFFERS(ADAPTER_REFUND)
                  | ADAPTER_OFFERS(ADAPTER_REFUND_QUERY) | ADAPTER_OFFERS(ADAPTER_INVOKE)
                  | ADAPTER_OFFERS(ADAPTER_BILL_LINK) | ADAPTER_OFFERS(ADAPTER_BILL_FILE)
                  | ADAPTER_OFFERS(ADAPTER_KEYS),
    .polling = polling,
    .account_prepare = wechatpay_account_prepare,
    .request_build = wechatpay_request_build,
    .sign_text = wechatpay_sign_text,
    .sign_facts = wechatpay_sign_facts,
    .request_encode = wechatpay_request_encode,
    .answer_split = wechatpay_answer_split,
    .answer_read = wechatpay_answer_read,
    .sealed_find = wechatpay_sealed_find,
    .keys_read = wechatpay_keys_read,
    .key_accept = wechatpay_key_accept,
    .keys_refresh_s = 6 * 60 * 60, /* 2.5: at least every 12 hours */
    .invoke_encode = wechatpay_invoke_encode,
    .callback_split = wechatpay_callback_split,
    .callback_read = wechatpay_callback_read,
    .callback_ok_status = 200,
    .callback_ok_body = SPAN("{\"code\":\"SUCCESS\",\"message\":\"成功\"}"),
    .callback_fail_status = 400,
    .callback_fail_body = SPAN("{\"code\":\"FAIL\",\"message\":\"失败\"}"),
    .callback_content_type = "application/json",
};
