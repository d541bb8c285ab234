/* SPDX-License-Identifier: Apache-2.0 */
/* What we send: names and formats of every request, and what is refused before it is built. */
#include <criterion/criterion.h>

#include "alipay_mock.h"
#include "form.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct adapter_order order;
static struct adapter_fields fields;
static struct adapter_request request;
static struct json_t *biz;

static void
start(void)
{
    mock_start();
    order = (struct adapter_order){
        .method = ADAPTER_PAGE,
        .merchant_order_no = SPAN_LIT(MOCK_ORDER),
        .refund_no = SPAN_LIT("R20240506_0001"),
        .amount = { .minor = 1, .currency = CURRENCY_CNY },
        .subject = SPAN_LIT("版面费"),
        .expires_at = mock_time("2027-01-15T02:15:00Z"),
        .notify_url = SPAN_LIT("https://pay.example.cn/v1/callbacks/alipay/main"),
        .return_url = SPAN_LIT("https://pay.example.cn/return"),
        .bill_day = { 2024, 5, 5 },
        .bill_kind = SPAN_LIT("trade"),
        .key_serial = SPAN_LIT(MOCK_SERIAL),
    };
}

static void
finish(void)
{
    json_free(&biz);
    mock_finish();
}

TestSuite(alipay_requests, .init = start, .fini = finish);

static enum err
build(enum adapter_operation operation)
{
    json_free(&biz);
    return mock_account.adapter->request_build(&mock_account, operation, &order, clock_wall(),
                                               mock_arena, &fields);
}

/* Builds, then reads biz_content with the parser that refuses repeated names. */
static void
built(enum adapter_operation operation)
{
    CHECK_OK(build(operation));
    CHECK_OK(json_parse(adapter_fields_get(&fields, "biz_content"), &biz));
    cr_assert(json_node_is_object(biz));
}

static void
encoded(enum adapter_operation operation)
{
    CHECK_OK(mock_account.adapter->request_encode(&mock_account, operation, &order, &fields,
                                                  SPAN_LIT("signature"), mock_arena, &request));
}

/* The members of biz_content, all of them, in order. */
static void
expect_members(const struct mock_field *want, size_t count)
{
    void *at = NULL;
    const char *name;
    struct json_t *value;
    size_t seen = 0;
    while (json_each(biz, &at, &name, &value)) {
        struct span text;
        if (json_node_is_array(value)) { /* of one */
            cr_assert_eq(json_count(value), 1, "%s", name);
            value = json_element(value, 0);
        }
        cr_assert_lt(seen, count, "unexpected %s", name);
        cr_expect_str_eq(name, want[seen].name);
        CHECK_OK(json_as_string(value, &text));
        CHECK_TEXT(text, want[seen].value);
        seen++;
    }
    cr_expect_eq(seen, count);
}

static void
expect_common(const char *method)
{
    static const struct mock_field common[] = {
        { "app_id", MOCK_APP },
        { "app_cert_sn", NULL },
        { "alipay_root_cert_sn", NULL },
        { "format", "JSON" },
        { "charset", "utf-8" },
        { "sign_type", "RSA2" },
        { "timestamp", "2027-01-15 10:00:00" },
        { "version", "1.0" },
    };
    CHECK_TEXT(adapter_fields_get(&fields, "method"), method);
    for (size_t i = 0; i < COUNT(common); i++) {
        struct span got = adapter_fields_get(&fields, common[i].name);
        cr_expect_gt(got.len, 0, "%s", common[i].name);
        if (common[i].value != NULL) {
            CHECK_TEXT(got, common[i].value);
        }
    }
    for (size_t i = 0; i < fields.count; i++) {
        cr_expect(!span_empty(fields.list[i].value), "empty ones are neither sent nor signed");
    }
    cr_expect(span_empty(adapter_fields_get(&fields, "sign")));
}

/* The hex serials are those of cert_sn.json for the mock certificates. */
static struct span
published_serial(const char *file, const char *member)
{
    struct json_t *root = vectors_json("alipay/cert_sn.json");
    struct json_t *list = json_member(root, "vectors");
    struct span found = { .at = NULL, .len = 0 };
    for (size_t i = 0; i < json_count(list); i++) {
        struct json_t *vector = json_element(list, i);
        if (span_ends(vectors_text(vector, "file"), span_of(file))) {
            struct span text = vectors_text(vector, member);
            if (span_empty(text)) {
                text = vectors_text(json_element(json_member(vector, "certs"), 0), member);
            }
            CHECK_OK(arena_copy(mock_arena, text, &found));
        }
    }
    json_free(&root);
    return found;
}

Test(alipay_requests, the_certificate_scheme_names_both_serials_and_the_other_scheme_none)
{
    struct span own = published_serial("mock_app.crt", "sn");
    struct span roots = published_serial("mock_root_bundle.crt", "expected_root_sn_rsa");
    built(ADAPTER_QUERY);
    cr_assert_eq(own.len, 32);
    cr_expect(span_eq(adapter_fields_get(&fields, "app_cert_sn"), own));
    cr_expect(span_eq(adapter_fields_get(&fields, "alipay_root_cert_sn"), roots));
    mock_key_scheme(false);
    built(ADAPTER_QUERY);
    cr_expect(span_empty(adapter_fields_get(&fields, "app_cert_sn")));
    cr_expect(span_empty(adapter_fields_get(&fields, "alipay_root_cert_sn")));
}

#define PAID_FIELDS(product)                                                             \
    { "out_trade_no", MOCK_ORDER }, { "total_amount", "0.01" }, { "subject", "版面费" }, \
    {                                                                                    \
        "product_code", product                                                          \
    }

Test(alipay_requests, page_pay_is_a_form_for_the_payers_browser)
{
    const struct mock_field want[] = { PAID_FIELDS("FAST_INSTANT_TRADE_PAY"),
                                       { "time_expire", "2027-01-15 10:15:00" } };
    built(ADAPTER_PAY);
    expect_common("alipay.trade.page.pay");
    expect_members(want, COUNT(want));
    cr_expect(span_eq(adapter_fields_get(&fields, "notify_url"), order.notify_url));
    cr_expect(span_eq(adapter_fields_get(&fields, "return_url"), order.return_url));
    encoded(ADAPTER_PAY);
    cr_expect_eq(request.kind, ADAPTER_FORM);
    cr_expect(request.post);
    CHECK_TEXT(request.url, "https://openapi.alipay.com/gateway.do?charset=utf-8");
    cr_expect_eq(request.fields.count, fields.count + 1);
    CHECK_TEXT(adapter_fields_get(&request.fields, "sign"), "c2lnbmF0dXJl");
}

Test(alipay_requests, wap_pay_says_where_the_payer_goes_who_gives_up)
{
    const struct mock_field want[] = { PAID_FIELDS("QUICK_WAP_WAY"),
                                       { "quit_url", "https://pay.example.cn/return" },
                                       { "time_expire", "2027-01-15 10:15:00" } };
    order.method = ADAPTER_WAP;
    built(ADAPTER_PAY);
    expect_common("alipay.trade.wap.pay");
    expect_members(want, COUNT(want));
    encoded(ADAPTER_PAY);
    cr_expect_eq(request.kind, ADAPTER_FORM);
    order.return_url = SPAN_LIT("");
    built(ADAPTER_PAY);
    cr_expect_null(json_member(biz, "quit_url"));
    cr_expect(span_empty(adapter_fields_get(&fields, "return_url")));
}

Test(alipay_requests, precreate_is_a_call_without_return_address)
{
    const struct mock_field want[] = { PAID_FIELDS("FACE_TO_FACE_PAYMENT"),
                                       { "time_expire", "2027-01-15 10:15:00" } };
    order.method = ADAPTER_QR;
    built(ADAPTER_PAY);
    expect_common("alipay.trade.precreate");
    expect_members(want, COUNT(want));
    cr_expect(span_eq(adapter_fields_get(&fields, "notify_url"), order.notify_url));
    cr_expect(span_empty(adapter_fields_get(&fields, "return_url")));
    encoded(ADAPTER_PAY);
    cr_expect_eq(request.kind, ADAPTER_CALL);
}

static const struct {
    enum adapter_operation operation;
    const char *method;
    struct mock_field members[4];
    size_t count;
} calls[] = {
    { ADAPTER_QUERY, "alipay.trade.query", { { "out_trade_no", MOCK_ORDER } }, 1 },
    { ADAPTER_CLOSE, "alipay.trade.close", { { "out_trade_no", MOCK_ORDER } }, 1 },
    { ADAPTER_CANCEL, "alipay.trade.cancel", { { "out_trade_no", MOCK_ORDER } }, 1 },
    { ADAPTER_KEYS,
      "alipay.open.app.alipaycert.download",
      { { "alipay_cert_sn", MOCK_SERIAL } },
      1 },
    { ADAPTER_REFUND,
      "alipay.trade.refund",
      { { "out_trade_no", MOCK_ORDER },
        { "refund_amount", "0.01" },
        { "out_request_no", "R20240506_0001" } },
      3 },
    { ADAPTER_REFUND_QUERY,
      "alipay.trade.fastpay.refund.query",
      { { "out_trade_no", MOCK_ORDER },
        { "out_request_no", "R20240506_0001" },
        { "query_options", "gmt_refund_pay" } }, /* else 7.2 leaves the time out */
      3 },
    { ADAPTER_BILL_LINK,
      "alipay.data.dataservice.bill.downloadurl.query",
      { { "bill_type", "trade" }, { "bill_date", "2024-05-05" } },
      2 },
};

Test(alipay_requests, calls_carry_exactly_what_the_document_asks_for)
{
    for (size_t i = 0; i < COUNT(calls); i++) {
        built(calls[i].operation);
        expect_common(calls[i].method);
        expect_members(calls[i].members, calls[i].count);
        cr_expect(span_empty(adapter_fields_get(&fields, "notify_url")), "%s", calls[i].method);
        cr_expect(span_empty(adapter_fields_get(&fields, "return_url")), "%s", calls[i].method);
    }
}

/* "charset must also be in the URL query": without it the gateway reads the body as GBK. */
Test(alipay_requests, a_calls_body_is_a_form_that_decodes_to_the_signed_fields)
{
    for (size_t i = 0; i < COUNT(calls); i++) {
        struct adapter_fields back;
        built(calls[i].operation);
        encoded(calls[i].operation);
        cr_expect_eq(request.kind, ADAPTER_CALL);
        cr_expect(request.post);
        CHECK_TEXT(request.url, "https://openapi.alipay.com/gateway.do?charset=utf-8");
        CHECK_TEXT(request.content_type, "application/x-www-form-urlencoded;charset=utf-8");
        CHECK_OK(form_decode(request.body, mock_arena, &back));
        cr_assert_eq(back.count, fields.count + 1);
        for (size_t k = 0; k < fields.count; k++) {
            cr_expect(span_eq(back.list[k].name, fields.list[k].name));
            cr_expect(span_eq(back.list[k].value, fields.list[k].value));
        }
        CHECK_TEXT(adapter_fields_get(&back, "sign"), "c2lnbmF0dXJl");
    }
}

Test(alipay_requests, biz_content_is_ascii_whatever_the_subject)
{
    order.subject = SPAN_LIT("\"版面费\"\\ 𝄞");
    built(ADAPTER_PAY);
    struct span text = adapter_fields_get(&fields, "biz_content");
    for (size_t i = 0; i < text.len; i++) {
        cr_assert(text.at[i] >= 0x20 && text.at[i] < 0x7F);
    }
    struct span subject;
    CHECK_OK(json_get_string(biz, "subject", &subject));
    CHECK_TEXT(subject, "\"版面费\"\\ 𝄞");
}

static void
expect_subject(struct span given, const char *want)
{
    struct span subject;
    order.subject = given;
    built(ADAPTER_PAY);
    CHECK_OK(json_get_string(biz, "subject", &subject));
    CHECK_TEXT(subject, want);
}

Test(alipay_requests, forbidden_characters_of_a_subject_are_replaced)
{
    expect_subject(SPAN_LIT("A/B=C&D"), "A-B-C-D");
    expect_subject(SPAN_LIT("a=1&total_amount=9"), "a-1-total_amount-9");
    expect_subject(SPAN_LIT("line\r\nline\tend\x7F"), "line--line-end-");
    expect_subject(SPAN_LIT("Example Co., Ltd"), "Example Co.- Ltd");
    expect_subject(SPAN_LIT("&"), "-");
}

Test(alipay_requests, a_long_subject_is_cut_between_characters)
{
    char given[300];
    char want[300];
    /* 255 letters, then a character of three bytes that would begin inside the limit of 256. */
    memset(given, 'x', sizeof(given));
    memcpy(given + 255, "版", 3);
    memset(want, 0, sizeof(want));
    memset(want, 'x', 255);
    expect_subject(span_make(given, 300), want);
    memset(given, 'x', sizeof(given));
    memset(want, 'x', 256);
    expect_subject(span_make(given, 256), want);
    expect_subject(span_make(given, 300), want);
}

Test(alipay_requests, amounts_are_plain_yuan_with_two_decimals)
{
    static const struct {
        int64_t minor;
        const char *text;
    } rows[] = {
        { 1, "0.01" },
        { 10, "0.10" },
        { 100, "1.00" },
        { 123456, "1234.56" },
        { 10000000000, "100000000.00" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span text;
        order.amount.minor = rows[i].minor;
        built(ADAPTER_PAY);
        CHECK_OK(json_get_string(biz, "total_amount", &text));
        CHECK_TEXT(text, rows[i].text);
        built(ADAPTER_REFUND);
        CHECK_OK(json_get_string(biz, "refund_amount", &text));
        CHECK_TEXT(text, rows[i].text);
    }
}

Test(alipay_requests, amounts_outside_the_documents_range_are_refused)
{
    static const struct money rows[] = {
        { 0, CURRENCY_CNY },
        { -1, CURRENCY_CNY },
        { 10000000001, CURRENCY_CNY },
        { 100, CURRENCY_NONE },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        order.amount = rows[i];
        CHECK_ERR(build(ADAPTER_PAY), ERR_AMOUNT);
        CHECK_ERR(build(ADAPTER_REFUND), ERR_AMOUNT);
    }
}

Test(alipay_requests, order_numbers_are_letters_digits_and_underscores)
{
    static const struct {
        const char *number;
        enum err err;
    } rows[] = {
        { "", ERR_FIELD_MISSING },
        { "T-1", ERR_FIELD_CHARACTERS },
        { "T 1", ERR_FIELD_CHARACTERS },
        { "T1\"", ERR_FIELD_CHARACTERS },
        { "单1", ERR_FIELD_CHARACTERS },
        { "1234567890123456789012345678901234567890123456789012345678901234", ERR_OK },
        { "12345678901234567890123456789012345678901234567890123456789012345", ERR_FIELD_LENGTH },
    };
    static const enum adapter_operation all[] = { ADAPTER_PAY,    ADAPTER_QUERY,
                                                  ADAPTER_CLOSE,  ADAPTER_CANCEL,
                                                  ADAPTER_REFUND, ADAPTER_REFUND_QUERY };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t k = 0; k < COUNT(all); k++) {
            order.merchant_order_no = span_of(rows[i].number);
            CHECK_ERR(build(all[k]), rows[i].err);
        }
        order.merchant_order_no = SPAN_LIT(MOCK_ORDER);
        order.refund_no = span_of(rows[i].number);
        CHECK_ERR(build(ADAPTER_REFUND), rows[i].err);
        CHECK_ERR(build(ADAPTER_REFUND_QUERY), rows[i].err);
        order.refund_no = SPAN_LIT("R1");
    }
}

Test(alipay_requests, what_is_missing_or_not_offered_is_refused)
{
    order.method = ADAPTER_B2B;
    CHECK_ERR(build(ADAPTER_PAY), ERR_METHOD_UNKNOWN);
    order.method = ADAPTER_METHOD_NONE;
    CHECK_ERR(build(ADAPTER_PAY), ERR_METHOD_UNKNOWN);
    CHECK_ERR(build(ADAPTER_OPERATION_NONE), ERR_METHOD_UNKNOWN);
    order.method = ADAPTER_PAGE;
    order.subject = SPAN_LIT("");
    CHECK_ERR(build(ADAPTER_PAY), ERR_FIELD_MISSING);
    order.subject = SPAN_LIT("\xFF\xFF");
    CHECK_ERR(build(ADAPTER_PAY), ERR_ENCODING);
    order.bill_day.year = 0;
    CHECK_ERR(build(ADAPTER_BILL_LINK), ERR_FIELD_MISSING);
    order.bill_day.year = 2024;
    order.bill_kind = SPAN_LIT("");
    CHECK_ERR(build(ADAPTER_BILL_LINK), ERR_FIELD_MISSING);
    order.bill_kind = SPAN_LIT("trade-details");
    CHECK_ERR(build(ADAPTER_BILL_LINK), ERR_FIELD_VALUE);
}

/* "bill_type" knows trade and signcustomer; a summary lies in the file of its detail. */
Test(alipay_requests, a_summary_is_asked_for_with_the_bill_it_lies_in)
{
    static const struct {
        const char *kind;
        const char *biz;
    } kinds[] = {
        { "trade", "{\"bill_type\":\"trade\",\"bill_date\":\"2024-05-05\"}" },
        { "trade-summary", "{\"bill_type\":\"trade\",\"bill_date\":\"2024-05-05\"}" },
        { "signcustomer", "{\"bill_type\":\"signcustomer\",\"bill_date\":\"2024-05-05\"}" },
        { "signcustomer-summary", "{\"bill_type\":\"signcustomer\",\"bill_date\":\"2024-05-05\"}" },
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        order.bill_kind = span_of(kinds[i].kind);
        built(ADAPTER_BILL_LINK);
        CHECK_TEXT(adapter_fields_get(&fields, "biz_content"), kinds[i].biz);
    }
}

/* Its value stands unescaped in the signed text: one "&" could be read as the border of a field. */
Test(alipay_requests, addresses_with_an_ampersand_are_refused)
{
    order.return_url = SPAN_LIT("https://pay.example.cn/return?a=1&b=2");
    CHECK_ERR(build(ADAPTER_PAY), ERR_FIELD_CHARACTERS);
    order.return_url = SPAN_LIT("https://pay.example.cn/return?a=1");
    CHECK_OK(build(ADAPTER_PAY));
    order.notify_url = SPAN_LIT("https://pay.example.cn/n&app_id=2");
    CHECK_ERR(build(ADAPTER_PAY), ERR_FIELD_CHARACTERS);
}

/* The keys process judges what it signs by the fields alone; what we build must pass there. */
Test(alipay_requests, what_we_build_is_what_the_keys_process_takes_it_for)
{
    static const enum adapter_operation moves_money[] = { ADAPTER_PAY, ADAPTER_REFUND };
    for (size_t i = 0; i < COUNT(moves_money); i++) {
        struct adapter_sign_facts facts = { .operation = ADAPTER_OPERATION_NONE };
        built(moves_money[i]);
        CHECK_OK(mock_account.adapter->sign_facts(&fields, mock_arena, &facts));
        cr_expect_eq(facts.operation, moves_money[i]);
        cr_expect(money_eq(facts.amount, order.amount));
        CHECK_TEXT(facts.application, MOCK_APP);
        CHECK_TEXT(facts.merchant_order_no, MOCK_ORDER);
    }
    for (size_t i = 0; i < COUNT(calls); i++) {
        struct adapter_sign_facts facts = { .operation = ADAPTER_OPERATION_NONE };
        built(calls[i].operation);
        CHECK_OK(mock_account.adapter->sign_facts(&fields, mock_arena, &facts));
        cr_expect_eq(facts.operation, calls[i].operation);
    }
}
