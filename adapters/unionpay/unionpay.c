/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay.h"

/* There is no close: a payment ends by its payTimeout, and a query afterwards tells that it did. */
static const struct adapter_poll_step polling[] = {
#include "unionpay_polling.def"
    ADAPTER_POLL_END
};

ADAPTER(unionpay) = {
    .name = "unionpay",
    .name_zh = "银联",
    .name_en = "UnionPay",
    .bills = unionpay_bills,
    .operations = ADAPTER_OFFERS(ADAPTER_PAY) | ADAPTER_OFFERS(ADAPTER_QUERY)
                  | ADAPTER_OFFERS(ADAPTER_CANCEL) | ADAPTER_OFFERS(ADAPTER_REFUND)
                  | ADAPTER_OFFERS(ADAPTER_REFUND_QUERY) | ADAPTER_OFFERS(ADAPTER_BILL_FILE)
                  | ADAPTER_OFFERS(ADAPTER_KEYS),
    .bill_zone_min = ZONE_CHINA_MIN + 60, /* a clearing day ends at 23:00 (3.7) */
    .polling = polling,
    .account_prepare = unionpay_account_prepare,
    .request_build = unionpay_request_build,
    .sign_text = unionpay_sign_text,
    .sign_facts = unionpay_sign_facts,
    .request_encode = unionpay_request_encode,
    .answer_split = unionpay_answer_split,
    .answer_read = unionpay_answer_read,
    .keys_read = unionpay_keys_read,
    .key_accept = unionpay_key_accept,
    .signer_accept = unionpay_signer_accept,
    .callback_split = unionpay_callback_split,
    .callback_read = unionpay_callback_read,
    .callback_asks = true,
    .callback_ok_status = 200,
    .callback_ok_body = SPAN("ok"),
    .callback_fail_status = 400,
    .callback_fail_body = SPAN("fail"),
    .callback_content_type = "text/plain; charset=utf-8",
};
