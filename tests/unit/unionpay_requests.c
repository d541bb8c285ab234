/* SPDX-License-Identifier: Apache-2.0 */
/* What requests say, where they go, and what the keys process reads back from them. */
#include "form.h"
#include "unionpay_mock.h"

static struct adapter_order order;
static struct adapter_fields fields;

static void
start(void)
{
    mock_start();
    order = (struct adapter_order){
        .now = mock_time("2024-01-05T07:30:00Z"),
        .made_at = mock_time("2024-01-05T06:50:46Z"),
        .method = ADAPTER_PAGE,
        .merchant_order_no = SPAN_LIT("pay20240105145046"),
        .provider_trade_no = SPAN_LIT("442401051450467846498"),
        .refund_no = SPAN_LIT("refund20240105"),
        .nonce = SPAN_LIT("0123456789abcdefghijKLMNOPQRSTUV"),
        .amount = { .minor = 8888, .currency = CURRENCY_CNY },
        .expires_at = mock_time("2024-01-05T07:20:46Z"),
        .notify_url = SPAN_LIT("https://pay.example/callbacks/unionpay/main"),
        .return_url = SPAN_LIT("https://pay.example/pay/t/return"),
        .bill_day = { .year = 2024, .month = 1, .mday = 5 },
    };
}

TestSuite(unionpay_requests, .init = start, .fini = mock_finish);

static enum err
build(enum adapter_operation operation)
{
    return mock_account.adapter->request_build(&mock_account, operation, &order, order.now,
                                               mock_arena, &fields);
}

static void
expect_build(enum adapter_operation operation, const char *want)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(4096);
    CHECK_OK(build(operation));
    form_sort(&fields);
    for (size_t i = 0; i < fields.count; i++) {
        CHECK_OK(buf_printf(&text, "%s%.*s=%.*s", i == 0 ? "" : "&", SPAN_ARG(fields.list[i].name),
                            SPAN_ARG(fields.list[i].value)));
    }
    CHECK_TEXT(buf_span(&text), want);
}

#define REFUSE(field, value, operation, want)    \
    do {                                         \
        struct adapter_order kept_order = order; \
        order.field = value;                     \
        CHECK_ERR(build(operation), want);       \
        order = kept_order;                      \
    } while (0)

Test(unionpay_requests, values_the_gateway_would_refuse_are_refused_here)
{
    static const struct money nothing = { .minor = 0, .currency = CURRENCY_CNY };
    static const struct money other = { .minor = 1, .currency = CURRENCY_NONE };
    static const struct wall_time never = { .us = 0 };
    REFUSE(merchant_order_no, SPAN_LIT("1234567"), ADAPTER_PAY, ERR_FIELD_LENGTH);
    REFUSE(merchant_order_no, SPAN_LIT("123456789012345678901234567890123"), ADAPTER_PAY,
           ERR_FIELD_LENGTH);
    REFUSE(merchant_order_no, SPAN_LIT("1234_5678"), ADAPTER_PAY, ERR_FIELD_CHARACTERS);
    REFUSE(merchant_order_no, SPAN_LIT("1234-5678"), ADAPTER_QUERY, ERR_FIELD_CHARACTERS);
    REFUSE(merchant_order_no, SPAN_LIT(""), ADAPTER_QUERY, ERR_FIELD_MISSING);
    REFUSE(refund_no, SPAN_LIT("R_20240105"), ADAPTER_REFUND, ERR_FIELD_CHARACTERS);
    REFUSE(refund_no, SPAN_LIT(""), ADAPTER_REFUND_QUERY, ERR_FIELD_MISSING);
    REFUSE(provider_trade_no, SPAN_LIT(""), ADAPTER_REFUND, ERR_FIELD_MISSING);
    REFUSE(provider_trade_no, SPAN_LIT("1&2"), ADAPTER_CANCEL, ERR_FIELD_CHARACTERS);
    REFUSE(amount, nothing, ADAPTER_PAY, ERR_AMOUNT);
    REFUSE(amount, other, ADAPTER_REFUND, ERR_AMOUNT);
    REFUSE(made_at, never, ADAPTER_PAY, ERR_FIELD_MISSING);
    REFUSE(made_at, never, ADAPTER_QUERY, ERR_FIELD_MISSING);
    REFUSE(made_at, never, ADAPTER_REFUND, ERR_FIELD_MISSING);
    REFUSE(made_at, never, ADAPTER_REFUND_QUERY, ERR_FIELD_MISSING);
    REFUSE(expires_at, never, ADAPTER_PAY, ERR_FIELD_MISSING);
    REFUSE(expires_at, order.made_at, ADAPTER_PAY, ERR_FIELD_VALUE);
    REFUSE(notify_url, SPAN_LIT(""), ADAPTER_PAY, ERR_FIELD_MISSING);
    REFUSE(notify_url, SPAN_LIT("https://pay.example/~a"), ADAPTER_PAY, ERR_FIELD_CHARACTERS);
    REFUSE(return_url, SPAN_LIT("https://pay.example/?a=1&txnAmt=1"), ADAPTER_PAY,
           ERR_FIELD_CHARACTERS);
    REFUSE(bill_day.year, 0, ADAPTER_BILL_FILE, ERR_FIELD_MISSING);
    REFUSE(bill_kind, SPAN_LIT("zm"), ADAPTER_BILL_FILE, ERR_FIELD_VALUE);
}

Test(unionpay_requests, what_the_provider_lacks_is_not_offered)
{
    CHECK_ERR(build(ADAPTER_CLOSE), ERR_METHOD_UNKNOWN);
    CHECK_ERR(build(ADAPTER_BILL_LINK), ERR_METHOD_UNKNOWN);
    CHECK_ERR(build(ADAPTER_INVOKE), ERR_METHOD_UNKNOWN);
    CHECK_ERR(build(ADAPTER_OPERATION_NONE), ERR_METHOD_UNKNOWN);
    REFUSE(method, ADAPTER_JSAPI, ADAPTER_PAY, ERR_METHOD_UNKNOWN);
    REFUSE(method, ADAPTER_METHOD_NONE, ADAPTER_PAY, ERR_METHOD_UNKNOWN);
    REFUSE(method, ADAPTER_B2B, ADAPTER_CANCEL, ERR_METHOD_UNKNOWN);
    mock_account.scheme = CRYPTO_KEYED_SHA256;
    CHECK_ERR(build(ADAPTER_KEYS), ERR_METHOD_UNKNOWN);
}

#define HEAD_PAY                                                                                 \
    "accessType=0&backUrl=https://pay.example/callbacks/unionpay/main&bizType=%s&"               \
    "certId=69903319369&channelType=%s&currencyCode=156&encoding=UTF-8%s&merId=777290058167151&" \
    "orderId=pay20240105145046&payTimeout=20240105152046%s&signMethod=01&txnAmt=8888&"           \
    "txnSubType=%s&txnTime=20240105145046&txnType=01&version=5.1.0"
#define FRONT "&frontUrl=https://pay.example/pay/t/return"

/* Sections 3.1, 3.2 and 3.6 of the document; times are Beijing's. */
Test(unionpay_requests, payments_say_what_the_document_asks_for)
{
    static const char *const payee = "bizScene=110001&payeeAcctNo=62200001";
    expect_build(ADAPTER_PAY, mock_print(HEAD_PAY, "000201", "07", FRONT, "", "01"));
    order.method = ADAPTER_WAP;
    expect_build(ADAPTER_PAY, mock_print(HEAD_PAY, "000201", "08", FRONT, "", "01"));
    order.method = ADAPTER_QR;
    expect_build(ADAPTER_PAY, mock_print(HEAD_PAY, "000000", "08", "", "", "07"));
    order.method = ADAPTER_B2B;
    expect_build(ADAPTER_PAY, mock_print(HEAD_PAY, "000202", "07", FRONT, "", "01"));
    mock_account.payee = payee;
    CHECK_OK(build(ADAPTER_PAY));
    CHECK_TEXT(adapter_fields_get(&fields, "bizScene"), "110001");
    CHECK_TEXT(adapter_fields_get(&fields, "payeeAcctNo"), "62200001");
    order.method = ADAPTER_PAGE;
    expect_build(ADAPTER_PAY, mock_print(HEAD_PAY, "000201", "07", FRONT, "", "01"));
}

Test(unionpay_requests, a_payee_that_is_no_list_of_fields_is_refused)
{
    static const char *const bad[] = { "bizScene",    "bizScene=",   "=1",
                                       "txnAmt=1",    "bizScene=1&", "bizScene=1&merId=2",
                                       "biz Scene=1", "bizScene={1", "a=1&a=2",
                                       "payTimeout=1" };
    order.method = ADAPTER_B2B;
    for (size_t i = 0; i < MOCK_COUNT(bad); i++) {
        mock_account.payee = bad[i];
        cr_expect_eq(build(ADAPTER_PAY), ERR_CONFIG_VALUE, "%s", bad[i]);
    }
}

#define HEAD "accessType=0"
#define MIDDLE \
    "bizType=000000&certId=69903319369&channelType=07&encoding=UTF-8&merId=777290058167151&"
#define MIDDLE_QUERY "bizType=000000&certId=69903319369&encoding=UTF-8&merId=777290058167151&"

/* Sections 3.3, 3.4, 3.7 and 2.6. A query carries the time of what it asks about. */
Test(unionpay_requests, other_requests_say_what_the_document_asks_for)
{
    expect_build(ADAPTER_QUERY,
                 HEAD "&" MIDDLE_QUERY "orderId=pay20240105145046&signMethod=01&txnSubType=00&"
                      "txnTime=20240105145046&txnType=00&version=5.1.0");
    expect_build(ADAPTER_REFUND_QUERY,
                 HEAD "&" MIDDLE_QUERY "orderId=refund20240105&signMethod=01&txnSubType=00&"
                      "txnTime=20240105145046&txnType=00&version=5.1.0");
    expect_build(ADAPTER_REFUND,
                 HEAD "&backUrl=https://pay.example/callbacks/unionpay/main&" MIDDLE
                      "orderId=refund20240105&origQryId=442401051450467846498&signMethod=01&"
                      "txnAmt=8888&txnSubType=00&txnTime=20240105145046&txnType=04&version=5.1.0");
    order.notify_url = SPAN_LIT("");
    expect_build(ADAPTER_CANCEL,
                 HEAD "&backUrl=http://www.specialUrl.com&" MIDDLE
                      "orderId=refund20240105&origQryId=442401051450467846498&signMethod=01&"
                      "txnAmt=8888&txnSubType=00&txnTime=20240105145046&txnType=31&version=5.1.0");
    expect_build(ADAPTER_BILL_FILE,
                 HEAD "&bizType=000000&certId=69903319369&encoding=UTF-8&fileType=00&"
                      "merId=777290058167151&settleDate=0105&signMethod=01&txnSubType=01&"
                      "txnTime=20240105153000&txnType=76&version=5.1.0");
    expect_build(ADAPTER_KEYS,
                 HEAD "&bizType=000000&certId=69903319369&certType=01&channelType=07&"
                      "encoding=UTF-8&merId=777290058167151&"
                      "orderId=0123456789abcdefghijKLMNOPQRSTUV&signMethod=01&txnSubType=00&"
                      "txnTime=20240105153000&txnType=95&version=5.1.0");
}

Test(unionpay_requests, a_shared_secret_has_no_certificate_number)
{
    mock_account.scheme = CRYPTO_KEYED_SHA256;
    CHECK_OK(build(ADAPTER_QUERY));
    CHECK_TEXT(adapter_fields_get(&fields, "signMethod"), "11");
    CHECK_TEXT(adapter_fields_get(&fields, "certId"), "");
    mock_account.scheme = CRYPTO_KEYED_SM3;
    CHECK_OK(build(ADAPTER_QUERY));
    CHECK_TEXT(adapter_fields_get(&fields, "signMethod"), "12");
}

static const struct {
    enum adapter_operation operation;
    enum adapter_method method;
    enum adapter_operation says; /* what the fields ask for */
    bool moves_money;
    const char *url;
    enum adapter_request_kind kind;
    const char *number;
} routes[] = {
    { ADAPTER_PAY, ADAPTER_PAGE, ADAPTER_PAY, true,
      "https://gateway.test.95516.com/gateway/api/frontTransReq.do", ADAPTER_FORM,
      "pay20240105145046" },
    { ADAPTER_PAY, ADAPTER_WAP, ADAPTER_PAY, true,
      "https://gateway.test.95516.com/gateway/api/frontTransReq.do", ADAPTER_FORM,
      "pay20240105145046" },
    { ADAPTER_PAY, ADAPTER_B2B, ADAPTER_PAY, true,
      "https://gateway.test.95516.com/gateway/api/frontTransReq.do", ADAPTER_FORM,
      "pay20240105145046" },
    { ADAPTER_PAY, ADAPTER_QR, ADAPTER_PAY, true,
      "https://gateway.test.95516.com/gateway/api/backTransReq.do", ADAPTER_CALL,
      "pay20240105145046" },
    { ADAPTER_QUERY, ADAPTER_PAGE, ADAPTER_QUERY, false,
      "https://gateway.test.95516.com/gateway/api/queryTrans.do", ADAPTER_CALL,
      "pay20240105145046" },
    { ADAPTER_REFUND_QUERY, ADAPTER_PAGE, ADAPTER_QUERY, false,
      "https://gateway.test.95516.com/gateway/api/queryTrans.do", ADAPTER_CALL, "refund20240105" },
    { ADAPTER_REFUND, ADAPTER_PAGE, ADAPTER_REFUND, true,
      "https://gateway.test.95516.com/gateway/api/backTransReq.do", ADAPTER_CALL,
      "refund20240105" },
    { ADAPTER_CANCEL, ADAPTER_PAGE, ADAPTER_CANCEL, true,
      "https://gateway.test.95516.com/gateway/api/backTransReq.do", ADAPTER_CALL,
      "refund20240105" },
    { ADAPTER_BILL_FILE, ADAPTER_PAGE, ADAPTER_BILL_FILE, false,
      "https://filedownload.test.95516.com/", ADAPTER_CALL, "" },
    { ADAPTER_KEYS, ADAPTER_PAGE, ADAPTER_KEYS, false,
      "https://gateway.test.95516.com/gateway/api/backTransReq.do", ADAPTER_CALL,
      "0123456789abcdefghijKLMNOPQRSTUV" },
};

Test(unionpay_requests, every_request_goes_where_it_belongs)
{
    for (size_t i = 0; i < MOCK_COUNT(routes); i++) {
        struct adapter_request request = { 0 };
        unsigned char signature[256] = { 0xfb };
        order.method = routes[i].method;
        CHECK_OK(build(routes[i].operation));
        CHECK_OK(mock_account.adapter->request_encode(
            &mock_account, routes[i].operation, &order, &fields,
            span_make(signature, sizeof(signature)), mock_arena, &request));
        CHECK_TEXT(request.url, routes[i].url);
        CHECK_TEXT(request.content_type, "application/x-www-form-urlencoded;charset=UTF-8");
        cr_expect_eq(request.kind, routes[i].kind);
        cr_expect(request.post);
        struct span sign = adapter_fields_get(&request.fields, "signature");
        cr_expect_eq(sign.len, 344);
        cr_expect(span_starts(sign, SPAN_LIT("+wAAAA")));
        bool in_body = span_find(request.body, SPAN_LIT("&signature=%2BwAAAA")) < request.body.len;
        cr_expect_eq(in_body, routes[i].kind == ADAPTER_CALL);
    }
}

Test(unionpay_requests, a_signature_made_with_a_shared_secret_is_sent_as_it_is)
{
    struct adapter_request request = { 0 };
    mock_account.scheme = CRYPTO_KEYED_SM3;
    CHECK_OK(build(ADAPTER_QUERY));
    CHECK_OK(mock_account.adapter->request_encode(&mock_account, ADAPTER_QUERY, &order, &fields,
                                                  SPAN_LIT("86658406b9bd"), mock_arena, &request));
    CHECK_TEXT(adapter_fields_get(&request.fields, "signature"), "86658406b9bd");
}

Test(unionpay_requests, the_settlement_file_is_the_only_kind_of_bill)
{
    order.bill_kind = SPAN_LIT("settlement");
    CHECK_OK(build(ADAPTER_BILL_FILE));
    order.bill_kind = SPAN_LIT("trade");
    CHECK_ERR(build(ADAPTER_BILL_FILE), ERR_FIELD_VALUE);
}

Test(unionpay_requests, bills_need_the_address_of_files)
{
    struct adapter_request request = { 0 };
    mock_account.files_url = "";
    CHECK_OK(build(ADAPTER_BILL_FILE));
    CHECK_ERR(mock_account.adapter->request_encode(&mock_account, ADAPTER_BILL_FILE, &order,
                                                   &fields, SPAN_LIT("x"), mock_arena, &request),
              ERR_CONFIG_MISSING);
}

Test(unionpay_requests, facts_are_read_back_from_the_fields)
{
    for (size_t i = 0; i < MOCK_COUNT(routes); i++) {
        struct adapter_sign_facts facts = { 0 };
        order.method = routes[i].method;
        CHECK_OK(build(routes[i].operation));
        CHECK_OK(unionpay_sign_facts(&fields, mock_arena, &facts));
        cr_expect_eq(facts.operation, routes[i].says);
        CHECK_TEXT(facts.application, MOCK_MERCHANT);
        CHECK_TEXT(facts.merchant_order_no, routes[i].number);
        /* The same number at another time would be another transaction. */
        bool back = routes[i].says == ADAPTER_REFUND || routes[i].says == ADAPTER_CANCEL;
        CHECK_TEXT(facts.refund_no, back ? "refund20240105@20240105145046" : "");
        cr_expect_eq(facts.amount.minor, routes[i].moves_money ? 8888 : 0);
        cr_expect_eq(facts.amount.currency, routes[i].moves_money ? CURRENCY_CNY : CURRENCY_NONE);
    }
}

static void
refuse_facts(const char *name, const char *value)
{
    struct adapter_sign_facts facts = { 0 };
    struct adapter_fields changed = { .count = 0 };
    bool replaced = false;
    for (size_t i = 0; i < fields.count; i++) {
        struct adapter_field field = fields.list[i];
        if (span_eq_cstr(field.name, name)) {
            replaced = true;
            field.value = span_of(value);
        }
        if (value != NULL || !span_eq_cstr(field.name, name)) {
            CHECK_OK(adapter_fields_add(&changed, field.name, field.value));
        }
    }
    if (!replaced) {
        CHECK_OK(adapter_fields_add(&changed, span_of(name), span_of(value)));
    }
    cr_expect_eq(unionpay_sign_facts(&changed, mock_arena, &facts), ERR_KEYS_POLICY, "%s=%s", name,
                 value == NULL ? "(absent)" : value);
    cr_expect_eq(facts.operation, ADAPTER_OPERATION_NONE);
}

Test(unionpay_requests, what_is_no_request_of_ours_is_not_signed)
{
    static const struct mock_field changes[] = {
        { "version", "5.0.0" },
        { "version", NULL },
        { "encoding", "GBK" },
        { "signMethod", "11" },
        { "signMethod", "02" },
        { "certId", NULL },
        { "certId", "" },
        { "txnType", "12" },
        { "txnType", NULL },
        { "txnSubType", "06" },
        { "accessType", "1" },
        { "merId", NULL },
        { "txnAmt", NULL },
        { "txnAmt", "0" },
        { "txnAmt", "1.00" },
        { "txnAmt", "-1" },
        { "txnAmt", "99999999999999" },
        { "currencyCode", "840" },
        { "frontUrl", "https://a/?b=1&txnAmt=1" },
        { "backUrl", "https://a/{" },
        { "subMerId", "1" },
        { "accSplitData", "x" },
        { "payeeAcctNo", "6220" },
        { "origQryId", "1" },
        { "reserved", "{a=1&b=2}" },
        { "", "1" },
        { "a=b", "1" },
    };
    CHECK_OK(build(ADAPTER_PAY));
    for (size_t i = 0; i < MOCK_COUNT(changes); i++) {
        refuse_facts(changes[i].name, changes[i].value);
    }
    CHECK_OK(adapter_fields_add(&fields, SPAN_LIT("txnAmt"), SPAN_LIT("1")));
    struct adapter_sign_facts facts = { 0 };
    CHECK_ERR(unionpay_sign_facts(&fields, mock_arena, &facts), ERR_KEYS_POLICY);
    fields.count = 0;
    CHECK_ERR(unionpay_sign_facts(&fields, mock_arena, &facts), ERR_KEYS_POLICY);
}

/* Only an enterprise net bank knows a payee, and the policy compares the whole of it. */
Test(unionpay_requests, a_payee_is_told_as_the_account_has_it)
{
    struct adapter_sign_facts facts = { 0 };
    mock_account.payee = "bizScene=110001&payeeAcctNo=62200001";
    order.method = ADAPTER_B2B;
    CHECK_OK(build(ADAPTER_PAY));
    CHECK_OK(unionpay_sign_facts(&fields, mock_arena, &facts));
    CHECK_TEXT(facts.payee, "bizScene=110001&payeeAcctNo=62200001");
    CHECK_OK(adapter_fields_add(&fields, SPAN_LIT("payeeBankName"), SPAN_LIT("x")));
    CHECK_OK(unionpay_sign_facts(&fields, mock_arena, &facts));
    CHECK_TEXT(facts.payee, "bizScene=110001&payeeAcctNo=62200001&payeeBankName=x");
    order.method = ADAPTER_PAGE;
    CHECK_OK(build(ADAPTER_PAY));
    CHECK_OK(unionpay_sign_facts(&fields, mock_arena, &facts));
    CHECK_TEXT(facts.payee, "");
    refuse_facts("payeeAcctNo", "62200001");
}
