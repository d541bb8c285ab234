/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_UNIT_ALIPAY_PLAY_H
#define TALLYGATE_TESTS_UNIT_ALIPAY_PLAY_H

/* One order and what became of it: the tests of answers ask and tell through these. */

#include "alipay_mock.h"

static struct adapter_order order;
static struct adapter_answer answer;
static struct evidence *evidence;

static const char *const roots[ADAPTER_OPERATION_COUNT] = {
    [ADAPTER_PAY] = "alipay_trade_precreate_response",
    [ADAPTER_QUERY] = "alipay_trade_query_response",
    [ADAPTER_CLOSE] = "alipay_trade_close_response",
    [ADAPTER_CANCEL] = "alipay_trade_cancel_response",
    [ADAPTER_REFUND] = "alipay_trade_refund_response",
    [ADAPTER_REFUND_QUERY] = "alipay_trade_fastpay_refund_query_response",
    [ADAPTER_KEYS] = "alipay_open_app_alipaycert_download_response",
    [ADAPTER_BILL_LINK] = "alipay_data_dataservice_bill_downloadurl_query_response",
};

static inline void
play_start(void)
{
    mock_start();
    order = (struct adapter_order){
        .now = clock_wall(),
        .method = ADAPTER_QR,
        .merchant_order_no = SPAN_LIT(MOCK_ORDER),
        .refund_no = SPAN_LIT("R20240506_0001"),
        .amount = { .minor = 8888, .currency = CURRENCY_CNY },
        .expires_at = wall_add_ms(clock_wall(), 600000),
    };
}

static inline void
play_finish(void)
{
    evidence_free(&evidence);
    mock_finish();
}

static inline enum err
take(enum adapter_operation operation, const char *body)
{
    struct adapter_message message = { .status = 200, .body = span_of(body) };
    evidence_free(&evidence);
    answer = (struct adapter_answer){ 0 };
    return verify_answer(&mock_account, operation, &order, &message, mock_arena, &answer,
                         &evidence);
}

/* A refusal leaves no answer and no evidence behind. */
static inline void
refuse(enum adapter_operation operation, const char *body, enum err want)
{
    enum err got = take(operation, body);
    cr_expect_eq(got, want, "%s gave %s", body, err_name(got));
    cr_expect_eq(answer.handling, ADAPTER_HANDLING_NONE);
    cr_expect_null(evidence);
}

/* The answer as the provider signs it. */
static inline const char *
genuine(enum adapter_operation operation, const char *root)
{
    return mock_answer(roots[operation], root);
}

static inline const char *
unsigned_answer(enum adapter_operation operation, const char *root)
{
    return mock_print("{\"%s\":%s}", roots[operation], root);
}

#endif
