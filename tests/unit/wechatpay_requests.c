/* SPDX-License-Identifier: Apache-2.0 */
/* What we send: paths, bodies and headers of every request, written out by hand from the document, and what
 * is refused before it is built or before it is signed. */
#include <criterion/criterion.h>

#include "keys_policy.h"
#include "wechatpay_mock.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct adapter_order order;
static struct adapter_fields fields;
static struct adapter_request request;

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
        .total = { .minor = 15000, .currency = CURRENCY_CNY },
        .nonce = SPAN_LIT(MOCK_NONCE),
        .payer = SPAN_LIT("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
        .payer_address = SPAN_LIT("203.0.113.7"),
        .prepared = SPAN_LIT("wx201410272009395522657a690389285100"),
        .bill_url = SPAN_LIT("https://api.mch.weixin.qq.com/v3/billdownload/file?token=6XIv5TUP_o-7"
                             "&tartype=gzip"),
        .subject = SPAN_LIT("CA \xE8\xAF\x81\xE4\xB9\xA6"),
        .expires_at = mock_time("2024-08-05T10:03:41Z"),
        .notify_url = SPAN_LIT("https://pay.example.cn/callbacks/wechatpay/main"),
        .return_url = SPAN_LIT("https://pay.example.cn/return?a=1&b=2"),
        .bill_day = { 2024, 8, 4 },
        .bill_kind = SPAN_LIT("trade"),
    };
}

TestSuite(wechatpay_requests, .init = start, .fini = mock_finish);

static enum err
build(enum adapter_operation operation)
{
    return mock_account.adapter->request_build(&mock_account, operation, &order, clock_wall(),
                                               mock_arena, &fields);
}

static enum err
facts_of(struct adapter_sign_facts *facts)
{
    *facts = (struct adapter_sign_facts){ .operation = ADAPTER_OPERATION_NONE };
    return mock_account.adapter->sign_facts(&fields, mock_arena, facts);
}

static void
encode(enum adapter_operation operation)
{
    CHECK_OK(mock_account.adapter->request_encode(&mock_account, operation, &order, &fields,
                                                  SPAN_LIT("signature"), mock_arena, &request));
}

#define PAY_START                                                                            \
    "{\"appid\":\"wxd678efh567hg6787\",\"mchid\":\"1900000109\",\"description\":\"CA "       \
    "\\u8BC1\\u4E66\",\"out_trade_no\":\"GW20260310000001\",\"time_expire\":\"2024-08-05T18" \
    ":03:41+08:00\",\"notify_url\":\"https://pay.example.cn/callbacks/wechatpay/main\","     \
    "\"amount\":{\"total\":12800,\"currency\":\"CNY\"}"

static const struct expected {
    enum adapter_operation operation;
    enum adapter_method method;
    const char *kind; /* of a bill */
    const char *http;
    const char *url;
    const char *body;
    const char *order_no; /* what the keys process reads back */
    int64_t amount;       /* 0: none */
} requests[] = {
    { ADAPTER_PAY, ADAPTER_QR, "", "POST", "/v3/pay/transactions/native", PAY_START "}", MOCK_ORDER,
      12800 },
    { ADAPTER_PAY, ADAPTER_WAP, "", "POST", "/v3/pay/transactions/h5",
      PAY_START ",\"scene_info\":{\"payer_client_ip\":\"203.0.113.7\",\"h5_info\":{\"type\":"
                "\"Wap\"}}}",
      MOCK_ORDER, 12800 },
    { ADAPTER_PAY, ADAPTER_JSAPI, "", "POST", "/v3/pay/transactions/jsapi",
      PAY_START ",\"payer\":{\"openid\":\"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o\"}}", MOCK_ORDER, 12800 },
    { ADAPTER_QUERY, ADAPTER_QR, "", "GET",
      "/v3/pay/transactions/out-trade-no/GW20260310000001?mchid=1900000109", "", MOCK_ORDER, 0 },
    { ADAPTER_CLOSE, ADAPTER_QR, "", "POST",
      "/v3/pay/transactions/out-trade-no/GW20260310000001/close", "{\"mchid\":\"1900000109\"}",
      MOCK_ORDER, 0 },
    { ADAPTER_REFUND, ADAPTER_QR, "", "POST", "/v3/refund/domestic/refunds",
      "{\"out_trade_no\":\"GW20260310000001\",\"out_refund_no\":\"RF20260310000001\","
      "\"notify_url\":\"https://pay.example.cn/callbacks/wechatpay/main\","
      "\"amount\":{\"refund\":12800,\"total\":15000,\"currency\":\"CNY\"}}",
      MOCK_ORDER, 12800 },
    { ADAPTER_REFUND_QUERY, ADAPTER_QR, "", "GET", "/v3/refund/domestic/refunds/RF20260310000001",
      "", "", 0 },
    { ADAPTER_BILL_LINK, ADAPTER_QR, "trade", "GET",
      "/v3/bill/tradebill?bill_date=2024-08-04&bill_type=ALL&tar_type=GZIP", "", "", 0 },
    { ADAPTER_BILL_LINK, ADAPTER_QR, "all", "GET",
      "/v3/bill/tradebill?bill_date=2024-08-04&bill_type=ALL&tar_type=GZIP", "", "", 0 },
    { ADAPTER_BILL_LINK, ADAPTER_QR, "success", "GET",
      "/v3/bill/tradebill?bill_date=2024-08-04&bill_type=SUCCESS&tar_type=GZIP", "", "", 0 },
    { ADAPTER_BILL_LINK, ADAPTER_QR, "refund", "GET",
      "/v3/bill/tradebill?bill_date=2024-08-04&bill_type=REFUND&tar_type=GZIP", "", "", 0 },
    { ADAPTER_BILL_LINK, ADAPTER_QR, "fundflow", "GET",
      "/v3/bill/fundflowbill?bill_date=2024-08-04&account_type=BASIC&tar_type=GZIP", "", "", 0 },
    { ADAPTER_BILL_FILE, ADAPTER_QR, "", "GET",
      "/v3/billdownload/file?token=6XIv5TUP_o-7&tartype=gzip", "", "", 0 },
    { ADAPTER_KEYS, ADAPTER_QR, "", "GET", "/v3/certificates", "", "", 0 },
};

static void
use(const struct expected *row)
{
    order.method = row->method;
    order.bill_kind = span_of(row->kind);
}

Test(wechatpay_requests, each_is_what_the_document_says)
{
    for (size_t i = 0; i < COUNT(requests); i++) {
        const struct expected *row = &requests[i];
        DEFER(buf_fini) struct buf text = BUF_MAX(MOCK_TEXT_MAX);
        use(row);
        CHECK_OK(build(row->operation));
        CHECK_TEXT(adapter_fields_get(&fields, "method"), row->http);
        CHECK_TEXT(adapter_fields_get(&fields, "url"), row->url);
        CHECK_TEXT(adapter_fields_get(&fields, "body"), row->body);
        CHECK_OK(mock_account.adapter->sign_text(&fields, mock_arena, &text));
        CHECK_TEXT(buf_span(&text), mock_print("%s\n%s\n" MOCK_NOW_S "\n" MOCK_NONCE "\n%s\n",
                                               row->http, row->url, row->body));
        encode(row->operation);
        cr_expect_eq(request.kind, ADAPTER_CALL);
        cr_expect_eq(request.post, strcmp(row->http, "POST") == 0);
        CHECK_TEXT(request.url, mock_print("https://api.mch.weixin.qq.com%s", row->url));
        CHECK_TEXT(request.body, row->body);
        CHECK_TEXT(request.content_type, row->body[0] == 0 ? "" : "application/json");
    }
}

/* A request that is sent again must not differ by a byte, whenever that is (4.2). */
Test(wechatpay_requests, the_same_order_gives_the_same_body_later)
{
    CHECK_OK(build(ADAPTER_PAY));
    struct span first = adapter_fields_get(&fields, "body");
    clock_fake_advance_ms(90000);
    order.now = clock_wall();
    CHECK_OK(build(ADAPTER_PAY));
    cr_expect(span_eq(adapter_fields_get(&fields, "body"), first));
    CHECK_TEXT(adapter_fields_get(&fields, "timestamp"), "1722850511");
}

Test(wechatpay_requests, the_keys_process_reads_back_what_is_asked)
{
    const struct keys_limits limits = { .amount_max_fen = 12800, .refund_max_fen = 12800 };
    for (size_t i = 0; i < COUNT(requests); i++) {
        struct adapter_sign_facts facts;
        use(&requests[i]);
        CHECK_OK(build(requests[i].operation));
        CHECK_OK(facts_of(&facts));
        cr_expect_eq(facts.operation, requests[i].operation, "%s", requests[i].url);
        CHECK_TEXT(facts.application, MOCK_APP);
        CHECK_TEXT(facts.merchant_order_no, requests[i].order_no);
        cr_expect_eq(facts.amount.minor, requests[i].amount, "%s", requests[i].url);
        CHECK_TEXT(facts.refund_no,
                   requests[i].operation == ADAPTER_REFUND ? "RF20260310000001" : "");
        CHECK_OK(keys_policy_judge(&limits, &mock_account, requests[i].operation, &facts));
    }
}

Test(wechatpay_requests, numbers_are_escaped_once)
{
    struct adapter_sign_facts facts;
    order.merchant_order_no = SPAN_LIT("A|B*C_1-2");
    CHECK_OK(build(ADAPTER_QUERY));
    CHECK_TEXT(adapter_fields_get(&fields, "url"),
               "/v3/pay/transactions/out-trade-no/A%7CB*C_1-2?mchid=1900000109");
    CHECK_OK(facts_of(&facts));
    CHECK_TEXT(facts.merchant_order_no, "A|B*C_1-2");
    order.refund_no = SPAN_LIT("R@1|2");
    CHECK_OK(build(ADAPTER_REFUND_QUERY));
    CHECK_TEXT(adapter_fields_get(&fields, "url"), "/v3/refund/domestic/refunds/R%401%7C2");
    CHECK_OK(facts_of(&facts));
}

/* 1.3 and 1.4; base64 of "signature" by the base64 program. */
Test(wechatpay_requests, the_headers_are_those_of_the_document)
{
    CHECK_OK(build(ADAPTER_PAY));
    encode(ADAPTER_PAY);
    cr_assert_eq(request.header_count, 3);
    CHECK_TEXT(request.headers[0].name, "Authorization");
    CHECK_TEXT(request.headers[0].value,
               "WECHATPAY2-SHA256-RSA2048 mchid=\"1900000109\",nonce_str=\"" MOCK_NONCE
               "\",signature=\"c2lnbmF0dXJl\",timestamp=\"" MOCK_NOW_S
               "\",serial_no=\"" MOCK_OUR_SERIAL "\"");
    CHECK_TEXT(request.headers[1].name, "Accept");
    CHECK_TEXT(request.headers[1].value, "application/json");
    CHECK_TEXT(request.headers[2].name, "Wechatpay-Serial");
    CHECK_TEXT(request.headers[2].value, MOCK_PUBLIC_KEY);
}

/* Which key should sign the answer depends on the scheme alone, not on what else is held. */
Test(wechatpay_requests, the_wanted_key_is_that_of_the_scheme)
{
    mock_use("platform-certificate");
    cr_assert_eq(mock_account.key_count, 2);
    cr_expect_str_eq(mock_account.preferred_serial, MOCK_SERIAL);
    CHECK_OK(build(ADAPTER_QUERY));
    encode(ADAPTER_QUERY);
    CHECK_TEXT(request.headers[2].value, MOCK_SERIAL);
    mock_account.keys[2] = (struct adapter_key){ .serial = SPAN_LIT("ABC"),
                                                 .not_before = mock_time("2024-08-06T00:00:00Z"),
                                                 .not_after = mock_time("2029-08-06T00:00:00Z") };
    mock_account.key_count = 3;
    encode(ADAPTER_QUERY);
    CHECK_TEXT(request.headers[2].value, MOCK_SERIAL); /* the other does not count yet */
    clock_fake_set_wall(mock_time("2024-08-06T00:00:01Z"));
    CHECK_OK(build(ADAPTER_QUERY));
    encode(ADAPTER_QUERY);
    CHECK_TEXT(request.headers[2].value, "ABC");
    mock_account.key_count = 2;
}

Test(wechatpay_requests, before_the_first_download_no_key_is_asked_for)
{
    const struct adapter_material material = {
        .application_certificate = mock_file("wechatpay/keys/java-merchant-certificate.pem"),
    };
    CHECK_OK(mock_prepare("platform-certificate", &material, ""));
    cr_expect_eq(mock_account.key_count, 0);
    cr_expect_str_eq(mock_account.preferred_serial, "");
    CHECK_OK(build(ADAPTER_KEYS));
    encode(ADAPTER_KEYS);
    cr_expect_eq(request.header_count, 2);
}

Test(wechatpay_requests, sm_mode_asks_for_sm_certificates_and_offers_no_call_up)
{
    clock_fake_set_wall(mock_time("2023-01-01T00:00:00Z"));
    mock_use_sm();
    CHECK_OK(build(ADAPTER_KEYS));
    CHECK_TEXT(adapter_fields_get(&fields, "url"), "/v3/certificates?algorithm_type=SM2");
    struct adapter_sign_facts facts;
    CHECK_OK(facts_of(&facts));
    cr_expect_eq(facts.operation, ADAPTER_KEYS);
    CHECK_ERR(build(ADAPTER_INVOKE), ERR_METHOD_UNKNOWN);
    order.method = ADAPTER_JSAPI;
    CHECK_ERR(build(ADAPTER_PAY), ERR_METHOD_UNKNOWN);
    order.method = ADAPTER_QR;
    CHECK_OK(build(ADAPTER_PAY));
}

/* The text and the names of 4.2; the signature over it is tried by the vector docs-invoke-jsapi. */
Test(wechatpay_requests, call_up_values_are_those_of_the_document)
{
    static const struct {
        const char *name;
        const char *value;
    } want[] = {
        { "appId", MOCK_APP },      { "timeStamp", MOCK_NOW_S },
        { "nonceStr", MOCK_NONCE }, { "package", "prepay_id=wx201410272009395522657a690389285100" },
        { "signType", "RSA" },      { "paySign", "c2lnbmF0dXJl" },
    };
    DEFER(buf_fini) struct buf text = BUF_MAX(MOCK_TEXT_MAX);
    struct adapter_sign_facts facts;
    struct adapter_fields out = { .count = 0 };
    CHECK_OK(build(ADAPTER_INVOKE));
    CHECK_OK(mock_account.adapter->sign_text(&fields, mock_arena, &text));
    CHECK_TEXT(buf_span(&text), MOCK_APP "\n" MOCK_NOW_S "\n" MOCK_NONCE
                                         "\nprepay_id=wx201410272009395522657a690389285100\n");
    CHECK_OK(facts_of(&facts));
    cr_expect_eq(facts.operation, ADAPTER_INVOKE);
    cr_expect_eq(facts.amount.currency, CURRENCY_NONE);
    CHECK_TEXT(facts.application, MOCK_APP);
    CHECK_OK(mock_account.adapter->invoke_encode(&mock_account, &fields, SPAN_LIT("signature"),
                                                 mock_arena, &out));
    cr_assert_eq(out.count, COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        CHECK_TEXT(out.list[i].name, want[i].name);
        CHECK_TEXT(out.list[i].value, want[i].value);
    }
}

Test(wechatpay_requests, what_is_no_order_of_ours_is_not_built)
{
    static const struct {
        enum adapter_operation operation;
        enum adapter_method method;
        size_t offset; /* of the span that is spoilt */
        const char *value;
        enum err want;
    } rows[] = {
#define AT(field) offsetof(struct adapter_order, field)
        { ADAPTER_PAY, ADAPTER_QR, AT(merchant_order_no), "", ERR_FIELD_MISSING },
        { ADAPTER_PAY, ADAPTER_QR, AT(merchant_order_no), "12345", ERR_FIELD_LENGTH },
        { ADAPTER_PAY, ADAPTER_QR, AT(merchant_order_no), "123456789012345678901234567890123",
          ERR_FIELD_LENGTH },
        { ADAPTER_PAY, ADAPTER_QR, AT(merchant_order_no), "GW2026/0310", ERR_FIELD_CHARACTERS },
        { ADAPTER_QUERY, ADAPTER_QR, AT(merchant_order_no), "GW2026?0310", ERR_FIELD_CHARACTERS },
        { ADAPTER_CLOSE, ADAPTER_QR, AT(merchant_order_no), "GW2026\n0310", ERR_FIELD_CHARACTERS },
        { ADAPTER_PAY, ADAPTER_QR, AT(subject), "", ERR_FIELD_MISSING },
        { ADAPTER_PAY, ADAPTER_QR, AT(notify_url), "", ERR_FIELD_MISSING },
        { ADAPTER_PAY, ADAPTER_QR, AT(notify_url), "https://a.cn/?b", ERR_FIELD_CHARACTERS },
        { ADAPTER_PAY, ADAPTER_WAP, AT(payer_address), "", ERR_FIELD_MISSING },
        { ADAPTER_PAY, ADAPTER_WAP, AT(payer_address), "1.2.3.4, 5.6.7.8", ERR_FIELD_CHARACTERS },
        { ADAPTER_PAY, ADAPTER_JSAPI, AT(payer), "", ERR_FIELD_MISSING },
        { ADAPTER_REFUND, ADAPTER_QR, AT(refund_no), "", ERR_FIELD_MISSING },
        { ADAPTER_REFUND, ADAPTER_QR, AT(refund_no), "R 1", ERR_FIELD_CHARACTERS },
        { ADAPTER_REFUND, ADAPTER_QR, AT(notify_url), "", ERR_FIELD_MISSING },
        { ADAPTER_BILL_LINK, ADAPTER_QR, AT(bill_kind), "", ERR_FIELD_MISSING },
        { ADAPTER_BILL_LINK, ADAPTER_QR, AT(bill_kind), "signcustomer", ERR_FIELD_VALUE },
        { ADAPTER_BILL_FILE, ADAPTER_QR, AT(bill_url), "", ERR_FIELD_MISSING },
        { ADAPTER_BILL_FILE, ADAPTER_QR, AT(bill_url), "ftp://a/b", ERR_FIELD_VALUE },
        { ADAPTER_BILL_FILE, ADAPTER_QR, AT(bill_url), "https://a", ERR_FIELD_VALUE },
        { ADAPTER_BILL_FILE, ADAPTER_QR, AT(bill_url), "https://a/b c", ERR_FIELD_CHARACTERS },
        { ADAPTER_QUERY, ADAPTER_QR, AT(nonce), "", ERR_FIELD_MISSING },
        { ADAPTER_QUERY, ADAPTER_QR, AT(nonce), "12345678901234567890123456789012x",
          ERR_FIELD_LENGTH },
        { ADAPTER_QUERY, ADAPTER_QR, AT(nonce), "abc\ndef", ERR_FIELD_CHARACTERS },
        { ADAPTER_INVOKE, ADAPTER_JSAPI, AT(prepared), "", ERR_FIELD_MISSING },
        { ADAPTER_INVOKE, ADAPTER_JSAPI, AT(prepared), "wx&1", ERR_FIELD_CHARACTERS },
        { ADAPTER_PAY, ADAPTER_PAGE, AT(nonce), MOCK_NONCE, ERR_METHOD_UNKNOWN },
        { ADAPTER_PAY, ADAPTER_B2B, AT(nonce), MOCK_NONCE, ERR_METHOD_UNKNOWN },
        { ADAPTER_CANCEL, ADAPTER_QR, AT(nonce), MOCK_NONCE, ERR_METHOD_UNKNOWN },
#undef AT
    };
    const struct adapter_order whole = order;
    for (size_t i = 0; i < COUNT(rows); i++) {
        order = whole;
        order.method = rows[i].method;
        *(struct span *)(void *)((unsigned char *)&order + rows[i].offset) = span_of(rows[i].value);
        enum err got = build(rows[i].operation);
        cr_expect_eq(got, rows[i].want, "row %zu gave %s", i, err_name(got));
    }
}

Test(wechatpay_requests, amounts_that_are_none_are_not_asked_for)
{
    order.amount.minor = 0;
    CHECK_ERR(build(ADAPTER_PAY), ERR_AMOUNT);
    order.amount = (struct money){ .minor = 1, .currency = CURRENCY_NONE };
    CHECK_ERR(build(ADAPTER_PAY), ERR_AMOUNT);
    order.amount = (struct money){ .minor = 15001, .currency = CURRENCY_CNY };
    CHECK_ERR(build(ADAPTER_REFUND), ERR_AMOUNT); /* more than the order */
    order.amount.minor = 15000;
    CHECK_OK(build(ADAPTER_REFUND));
    order.total.minor = 0;
    CHECK_ERR(build(ADAPTER_REFUND), ERR_AMOUNT);
}

Test(wechatpay_requests, a_long_description_is_cut_between_characters)
{
    DEFER(json_free) struct json_t *body = NULL;
    struct span text;
    order.subject = span_of(mock_print("a%0126d\xE4\xB9\xA6", 0)); /* 127 bytes and one character */
    CHECK_OK(build(ADAPTER_PAY));
    CHECK_OK(json_parse(adapter_fields_get(&fields, "body"), &body));
    CHECK_OK(json_get_string(body, "description", &text));
    cr_expect_eq(text.len, 127);
    json_free(&body);
    order.subject = span_of(mock_print("%0125d\xE4\xB9\xA6", 0));
    CHECK_OK(build(ADAPTER_PAY));
    CHECK_OK(json_parse(adapter_fields_get(&fields, "body"), &body));
    CHECK_OK(json_get_string(body, "description", &text));
    cr_expect_eq(text.len, 125);
}

/* A captured worker asks for whatever it likes. */
Test(wechatpay_requests, a_text_that_is_no_request_of_ours_is_not_signed)
{
    static const char *const rows[][3] = {
        { "POST", "/v3/transfer/batches", "{\"appid\":\"wxd678efh567hg6787\"}" },
        { "POST", "/v3/pay/transactions/native", "" },
        { "POST", "/v3/pay/transactions/native", "{}" },
        { "POST", "/v3/pay/transactions/native",
          "{\"appid\":\"wxd678efh567hg6787\",\"mchid\":\"1900000109\",\"out_trade_no\":\"GW1\"}" },
        { "POST", "/v3/pay/transactions/native",
          "{\"appid\":\"wxd678efh567hg6787\",\"mchid\":\"1900000110\",\"out_trade_no\":\"GW1\","
          "\"amount\":{\"total\":1,\"currency\":\"CNY\"}}" },
        { "POST", "/v3/pay/transactions/native",
          "{\"appid\":\"wxd678efh567hg6787\",\"mchid\":\"1900000109\",\"out_trade_no\":\"GW1\","
          "\"amount\":{\"total\":1,\"currency\":\"USD\"}}" },
        { "POST", "/v3/pay/transactions/native",
          "{\"appid\":\"wxd678efh567hg6787\",\"mchid\":\"1900000109\",\"out_trade_no\":\"GW1\","
          "\"settle_info\":{\"profit_sharing\":true},"
          "\"amount\":{\"total\":1,\"currency\":\"CNY\"}}" },
        { "POST", "/v3/pay/transactions/native",
          "{\"mchid\":\"1900000109\",\"out_trade_no\":\"GW1\","
          "\"amount\":{\"total\":1,\"currency\":\"CNY\"}}" },
        { "POST", "/v3/refund/domestic/refunds",
          "{\"out_trade_no\":\"GW1\",\"out_refund_no\":\"R1\",\"amount\":{\"refund\":1,"
          "\"total\":1,\"currency\":\"CNY\",\"from\":[]}}" },
        { "POST", "/v3/refund/domestic/refunds",
          "{\"transaction_id\":\"42\",\"out_refund_no\":\"R1\",\"amount\":{\"refund\":1,"
          "\"total\":1,\"currency\":\"CNY\"}}" },
        { "POST", "/v3/refund/domestic/refunds/42/apply-abnormal-refund", "{}" },
        { "POST", "/v3/pay/transactions/out-trade-no/a/../../../x/close",
          "{\"mchid\":\"1900000109\"}" },
        { "POST", "/v3/pay/transactions/out-trade-no/GW1/close", "{\"mchid\":\"1900000110\"}" },
        { "GET", "/v3/pay/transactions/out-trade-no/GW1?mchid=1900000110", "" },
        { "GET", "/v3/pay/transactions/out-trade-no/GW1?mchid=1900000109&x=1", "" },
        { "GET", "/v3/pay/transactions/out-trade-no/?mchid=1900000109", "" },
        { "GET", "/v3/pay/transactions/out-trade-no/GW1?mchid=1900000109", "{}" },
        { "GET", "/v3/pay/transactions/id/42?mchid=1900000109", "" },
        { "GET", "/v3/merchant-service/complaints", "" },
        { "DELETE", "/v3/certificates", "" },
        { "GET", "/v3/certificates/x", "" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct adapter_sign_facts facts;
        fields.count = 0;
        static const char *const names[] = { "method", "url", "body" };
        for (size_t k = 0; k < 3; k++) {
            CHECK_OK(adapter_fields_add(&fields, span_of(names[k]), span_of(rows[i][k])));
        }
        CHECK_OK(adapter_fields_add(&fields, SPAN_LIT("timestamp"), SPAN_LIT(MOCK_NOW_S)));
        CHECK_OK(adapter_fields_add(&fields, SPAN_LIT("nonce_str"), SPAN_LIT(MOCK_NONCE)));
        CHECK_OK(adapter_fields_add(&fields, SPAN_LIT("mchid"), SPAN_LIT(MOCK_MERCHANT)));
        CHECK_OK(adapter_fields_add(&fields, SPAN_LIT("appid"), SPAN_LIT(MOCK_APP)));
        cr_expect_eq(facts_of(&facts), ERR_KEYS_POLICY, "row %zu", i);
    }
}

/* Fields beside the text could carry one thing to the judge and another to the provider. */
Test(wechatpay_requests, unknown_and_repeated_fields_are_not_signed)
{
    struct adapter_sign_facts facts;
    CHECK_OK(build(ADAPTER_QUERY));
    CHECK_OK(adapter_fields_add(&fields, SPAN_LIT("extra"), SPAN_LIT("1")));
    CHECK_ERR(facts_of(&facts), ERR_KEYS_POLICY);
    CHECK_OK(build(ADAPTER_QUERY));
    CHECK_OK(adapter_fields_add(&fields, SPAN_LIT("url"), SPAN_LIT("/v3/certificates")));
    CHECK_ERR(facts_of(&facts), ERR_KEYS_POLICY);
    CHECK_OK(build(ADAPTER_INVOKE));
    CHECK_OK(adapter_fields_add(&fields, SPAN_LIT("method"), SPAN_LIT("POST")));
    CHECK_ERR(facts_of(&facts), ERR_KEYS_POLICY);
}

Test(wechatpay_requests, no_line_can_hold_another)
{
    for (size_t i = 0; i < 5; i++) {
        DEFER(buf_fini) struct buf text = BUF_MAX(MOCK_TEXT_MAX);
        CHECK_OK(build(ADAPTER_CLOSE));
        fields.list[i].value = SPAN_LIT("a\nb");
        CHECK_ERR(mock_account.adapter->sign_text(&fields, mock_arena, &text),
                  ERR_FIELD_CHARACTERS);
        cr_expect_eq(text.len, 0);
    }
}

Test(wechatpay_requests, a_link_other_than_the_one_that_was_signed_gets_no_authorization)
{
    CHECK_OK(build(ADAPTER_BILL_FILE));
    order.bill_url = SPAN_LIT("https://api.mch.weixin.qq.com/v3/billdownload/file?token=other");
    CHECK_ERR(mock_account.adapter->request_encode(&mock_account, ADAPTER_BILL_FILE, &order,
                                                   &fields, SPAN_LIT("signature"), mock_arena,
                                                   &request),
              ERR_FIELD_VALUE);
}
