/* SPDX-License-Identifier: Apache-2.0 */
#include "testpay.h"

static const char *const words[ADAPTER_OPERATION_COUNT] = {
    [ADAPTER_PAY] = "pay",        [ADAPTER_QUERY] = "query",
    [ADAPTER_CLOSE] = "close",    [ADAPTER_REFUND] = "refund",
    [ADAPTER_BILL_LINK] = "bill", [ADAPTER_REFUND_QUERY] = "refund-query",
};

const char *
testpay_word(enum adapter_operation operation)
{
    return words[operation];
}

/* One scheme only: two bare Ed25519 keys. */
static enum err
account_prepare(const struct adapter_material *material, struct wall_time now, struct arena *arena,
                struct adapter_account *account)
{
    (void)now;
    (void)arena;
    if (!span_eq_cstr(span_of(account->key_scheme), "public-key")) {
        return ERR_CONFIG_VALUE;
    }
    if (span_empty(material->provider_public_key)) {
        return ERR_CONFIG_MISSING;
    }
    account->scheme = CRYPTO_ED25519;
    TRY(crypto_public_key_new(material->provider_public_key, &account->keys[0].key));
    account->key_count = 1;
    return ERR_OK;
}

ADAPTER(testpay) = {
    .name = "testpay",
    .name_zh = "测试付",
    .name_en = "Testpay",
    .bills = testpay_bills,
    .operations = ADAPTER_OFFERS(ADAPTER_PAY) | ADAPTER_OFFERS(ADAPTER_QUERY)
                  | ADAPTER_OFFERS(ADAPTER_CLOSE) | ADAPTER_OFFERS(ADAPTER_REFUND)
                  | ADAPTER_OFFERS(ADAPTER_REFUND_QUERY) | ADAPTER_OFFERS(ADAPTER_BILL_LINK),
    .account_prepare = account_prepare,
    .request_build = testpay_request_build,
    .sign_text = testpay_sign_text,
    .sign_facts = testpay_sign_facts,
    .request_encode = testpay_request_encode,
    .answer_split = testpay_answer_split,
    .answer_read = testpay_answer_read,
    .callback_split = testpay_callback_split,
    .callback_read = testpay_callback_read,
    .callback_ok_status = 200,
    .callback_ok_body = SPAN("got it\n"),
    .callback_fail_status = 400,
    .callback_fail_body = SPAN("again\n"),
    .callback_content_type = "text/plain; charset=utf-8",
};
