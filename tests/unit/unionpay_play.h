/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_UNIT_UNIONPAY_PLAY_H
#define TALLYGATE_TESTS_UNIT_UNIONPAY_PLAY_H

/* One payment and what became of it: the tests of answers change one field of a whole answer. */

#include "unionpay_mock.h"

#define NUMBER "pay20240105145046"
#define REFUND "refund20240105"
#define TIME   "20240105145046"
#define TRADE  "442401051450467846498"

static struct adapter_order order;
static struct adapter_answer answer;
static struct evidence *evidence;

static inline void
play_start(void)
{
    mock_start();
    order = (struct adapter_order){
        .now = mock_time("2024-01-05T07:00:00Z"),
        .made_at = mock_time("2024-01-05T06:50:46Z"),
        .expires_at = mock_time("2024-01-05T07:20:46Z"),
        .method = ADAPTER_PAGE,
        .merchant_order_no = SPAN_LIT(NUMBER),
        .provider_trade_no = SPAN_LIT(TRADE),
        .refund_no = SPAN_LIT(REFUND),
        .nonce = SPAN_LIT("0123456789abcdefghijKLMNOPQRSTUV"),
        .amount = { .minor = 8888, .currency = CURRENCY_CNY },
        .bill_day = { .year = 2024, .month = 1, .mday = 5 },
    };
}

static inline void
play_finish(void)
{
    evidence_free(&evidence);
    mock_finish();
}

static inline enum err
take_body(enum adapter_operation operation, const char *body)
{
    const struct adapter_message message = { .status = 200, .body = span_of(body) };
    evidence_free(&evidence);
    answer = (struct adapter_answer){ 0 };
    return verify_answer(&mock_account, operation, &order, &message, mock_arena, &answer,
                         &evidence);
}

/* One change of a whole answer; `name` NULL: none; `value` NULL: the field is left out. */
static inline enum err
take(enum adapter_operation operation, const struct mock_field *fields, size_t count,
     const char *name, const char *value)
{
    struct mock_field changed[MOCK_FIELDS_MAX];
    size_t total = count;
    memcpy(changed, fields, count * sizeof(fields[0]));
    bool found = name == NULL;
    for (size_t i = 0; i < count; i++) {
        if (name != NULL && strcmp(changed[i].name, name) == 0) {
            changed[i].value = value;
            found = true;
        }
    }
    if (!found) {
        changed[total++] = (struct mock_field){ name, value };
    }
    return take_body(operation, mock_answer(changed, total));
}

#define IDENTITY(number)                                                                           \
    { "merId", MOCK_MERCHANT }, { "orderId", number }, { "txnTime", TIME }, { "accessType", "0" }, \
    {                                                                                              \
        "bizType", "000000"                                                                        \
    }

static const struct mock_field paid[] = {
    IDENTITY(NUMBER),
    { "respCode", "00" },
    { "respMsg", "成功[0000000]" },
    { "origRespCode", "00" },
    { "origRespMsg", "成功[0000000]" },
    { "txnType", "01" },
    { "txnSubType", "01" },
    { "txnAmt", "8888" },
    { "currencyCode", "156" },
    { "settleAmt", "8888" },
    { "settleDate", "0106" },
    { "traceNo", "784649" },
    { "traceTime", "0105145101" },
    { "queryId", TRADE },
};

static const struct mock_field not_found[] = {
    IDENTITY(NUMBER),    { "respCode", "34" },   { "respMsg", "查无此交易[2600000]" },
    { "txnType", "00" }, { "txnSubType", "00" },
};

static const struct mock_field refund_accepted[] = {
    IDENTITY(REFUND),
    { "respCode", "00" },
    { "respMsg", "成功[0000000]" },
    { "txnType", "04" },
    { "txnSubType", "00" },
    { "txnAmt", "8888" },
    { "origQryId", TRADE },
    { "queryId", "052401051658427863998" },
};

static const struct mock_field refunded[] = {
    IDENTITY(REFUND),          { "respCode", "00" },
    { "origRespCode", "00" },  { "txnType", "04" },
    { "txnSubType", "00" },    { "txnAmt", "8888" },
    { "currencyCode", "156" }, { "settleDate", "0108" },
    { "traceNo", "786399" },   { "traceTime", "0105145046" },
    { "origQryId", TRADE },    { "queryId", "052401051658427863998" },
};

static const struct mock_field code_shown[] = {
    IDENTITY(NUMBER),     { "respCode", "00" },
    { "txnType", "01" },  { "txnSubType", "07" },
    { "txnAmt", "8888" }, { "qrCode", "https://qr.95516.com/00010000/62552164" },
};

#define TAKE(operation, fields, name, value) \
    take(operation, fields, MOCK_COUNT(fields), name, value)

static inline void
expect_nothing(void)
{
    cr_expect_eq(answer.handling, ADAPTER_HANDLING_NONE);
    cr_expect_null(evidence);
}

#define REFUSE(operation, fields, name, value)                                             \
    do {                                                                                   \
        cr_expect_eq(TAKE(operation, fields, name, value), ERR_PROVIDER_PROTOCOL, "%s=%s", \
                     (const char *)(name), (const char *)(value));                         \
        expect_nothing();                                                                  \
    } while (0)

#endif
