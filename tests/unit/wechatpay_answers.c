/* SPDX-License-Identifier: Apache-2.0 */
/* What WeChat Pay answers: signed, unsigned, probing, spoilt, and every row of the code table. */
#include <criterion/criterion.h>

#include "wechatpay_mock.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct adapter_order order;
static struct adapter_answer answer;
static struct evidence *evidence;

static void
start(void)
{
    mock_start();
    order = (struct adapter_order){
        .now = clock_wall(),
        .method = ADAPTER_QR,
        .merchant_order_no = SPAN_LIT(MOCK_ORDER),
        .refund_no = SPAN_LIT(MOCK_REFUND),
        .amount = { .minor = 2800, .currency = CURRENCY_CNY },
        .total = { .minor = 12800, .currency = CURRENCY_CNY },
        .expires_at = wall_add_ms(clock_wall(), 600000),
    };
}

static void
finish(void)
{
    evidence_free(&evidence);
    mock_finish();
}

TestSuite(wechatpay_answers, .init = start, .fini = finish);

static enum err
take(enum adapter_operation operation, struct mock_message m)
{
    evidence_free(&evidence);
    answer = (struct adapter_answer){ .handling = ADAPTER_HANDLING_NONE };
    return verify_answer(&mock_account, operation, &order, mock_message(&m), mock_arena, &answer,
                         &evidence);
}

/* A refusal leaves no answer and no evidence behind. */
static void
refuse(enum adapter_operation operation, struct mock_message m, enum err want)
{
    enum err got = take(operation, m);
    cr_expect_eq(got, want, "%.*s gave %s", SPAN_ARG(m.message.body), err_name(got));
    cr_expect_eq(answer.handling, ADAPTER_HANDLING_NONE);
    cr_expect_null(evidence);
}

#define TRADE(state, rest)                                                                       \
    "{\"appid\":\"" MOCK_APP "\",\"mchid\":\"" MOCK_MERCHANT "\",\"out_trade_no\":\"" MOCK_ORDER \
    "\",\"trade_state\":\"" state "\"" rest "}"
#define MONEY(total, currency)                                                      \
    ",\"transaction_id\":\"4200002860202603100000000001\","                         \
    "\"success_time\":\"2024-08-05T00:30:00+08:00\",\"payer\":{\"openid\":\"o1\"}," \
    "\"amount\":{\"total\":" total ",\"payer_total\":9000,\"currency\":\"" currency "\"}"
#define PAID TRADE("SUCCESS", MONEY("12800", "CNY"))
#define REFUND_OF(number, status, refund)                                                   \
    "{\"refund_id\":\"503\",\"out_refund_no\":\"" number                                    \
    "\",\"transaction_id\":\"4200002860202603100000000001\",\"out_trade_no\":\"" MOCK_ORDER \
    "\",\"status\":\"" status "\",\"success_time\":\"2024-08-05T12:00:20+08:00\","          \
    "\"amount\":{\"total\":12800,\"refund\":" refund ",\"currency\":\"CNY\"}}"
#define LINK(type, hash)                                 \
    "{\"hash_type\":\"" type "\",\"hash_value\":\"" hash \
    "\",\"download_url\":\"https://api.mch.weixin.qq.com/v3/billdownload/file?token=x\"}"
#define HASH "79bb0f45fc4c42234a918000b2668d689e2bde04"

/* One good answer of each operation. */
static const struct good {
    enum adapter_operation operation;
    int status;
    const char *body;
} goods[] = {
    { ADAPTER_PAY, 200, "{\"code_url\":\"weixin://wxpay/bizpayurl?pr=p4lpSuKzz\"}" },
    { ADAPTER_QUERY, 200, PAID },
    { ADAPTER_CLOSE, 204, "" },
    { ADAPTER_REFUND, 200, REFUND_OF(MOCK_REFUND, "SUCCESS", "2800") },
    { ADAPTER_REFUND_QUERY, 200, REFUND_OF(MOCK_REFUND, "SUCCESS", "2800") },
    { ADAPTER_BILL_LINK, 200, LINK("SHA1", HASH) },
};

Test(wechatpay_answers, success_without_a_signature_is_an_unknown_outcome)
{
    for (size_t i = 0; i < COUNT(goods); i++) {
        refuse(goods[i].operation, mock_unsigned(goods[i].status, goods[i].body),
               ERR_PROVIDER_UNVERIFIED);
    }
}

Test(wechatpay_answers, a_signature_over_other_bytes_is_an_unknown_outcome)
{
    for (size_t i = 0; i < COUNT(goods); i++) {
        struct mock_message m = mock_signed(goods[i].status, goods[i].body);
        m.message.body = span_of(mock_print("%s ", goods[i].body));
        refuse(goods[i].operation, m, ERR_PROVIDER_UNVERIFIED);
    }
}

/* Each header is needed, in the form of the document; a doubled one is nobody's. */
Test(wechatpay_answers, spoilt_headers_are_an_unknown_outcome)
{
    static const char *const rows[][2] = {
        { "wechatpay-timestamp", "" },
        { "wechatpay-timestamp", "0" },
        { "wechatpay-timestamp", "-1" },
        { "wechatpay-timestamp", MOCK_NOW_S ".0" },
        { "wechatpay-timestamp", "99999999999999999999" },
        { "wechatpay-timestamp", "1722850422" },
        { "wechatpay-nonce", "" },
        { "wechatpay-nonce", "other" },
        { "wechatpay-nonce", "q1w2e3r4t5y6u7i8\n{" },
        { "wechatpay-serial", "" },
        { "wechatpay-serial", "PUB_KEY_ID_0114232134912410000000000000000002" },
        { "wechatpay-serial", "pub_key_id_0114232134912410000000000000000001" },
        { "wechatpay-serial", "ABC" },
        { "wechatpay-signature", "AAAA" },
        { "wechatpay-signature", "no base64" },
        { "wechatpay-signature-type", "WECHATPAY2-SM2-WITH-SM4" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mock_message m = mock_signed(200, PAID);
        mock_replace(&m, rows[i][0], rows[i][1]);
        refuse(ADAPTER_QUERY, m, ERR_PROVIDER_UNVERIFIED);
    }
    struct mock_message twice = mock_signed(200, PAID);
    mock_header(&twice, "wechatpay-serial", MOCK_PUBLIC_KEY);
    refuse(ADAPTER_QUERY, twice, ERR_PROVIDER_UNVERIFIED);
}

Test(wechatpay_answers, what_is_not_fresh_is_an_unknown_outcome)
{
    static const struct {
        const char *seconds;
        bool fresh;
    } rows[] = { { "1722850120", false },
                 { "1722850121", true },
                 { "1722850721", true },
                 { "1722850722", false } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct mock_message m = mock_signed_at(200, PAID, MOCK_PUBLIC_KEY, rows[i].seconds);
        enum err want = rows[i].fresh ? ERR_OK : ERR_PROVIDER_UNVERIFIED;
        cr_expect_eq(take(ADAPTER_QUERY, m), want, "%s", rows[i].seconds);
    }
}

/* 2.4: the body is the real answer, the signature is wrong on purpose. */
Test(wechatpay_answers, a_probe_is_an_unknown_outcome_and_is_recognised)
{
    struct mock_message m = mock_signed(200, PAID);
    cr_expect(!verify_is_probe(&mock_account, mock_message(&m), mock_arena));
    mock_replace(&m, "wechatpay-signature",
                 mock_print("WECHATPAY/SIGNTEST/%.*s", SPAN_ARG(m.headers[4].value)));
    refuse(ADAPTER_QUERY, m, ERR_PROVIDER_UNVERIFIED);
    cr_expect(verify_is_probe(&mock_account, mock_message(&m), mock_arena));
    mock_replace(&m, "wechatpay-signature", "WECHATPAY/SIGNTEST/");
    refuse(ADAPTER_QUERY, m, ERR_PROVIDER_UNVERIFIED);
}

/* Under every length but the whole one; a signature of that length is not what fails. */
Test(wechatpay_answers, no_truncated_answer_is_read)
{
    size_t len = strlen(PAID);
    struct mock_message m = mock_signed(200, PAID);
    for (size_t i = 0; i < len; i++) {
        m.message.body = span_make(PAID, i);
        refuse(ADAPTER_QUERY, m, ERR_PROVIDER_UNVERIFIED);
        if (i % 16 == 0) {
            refuse(ADAPTER_QUERY, mock_signed(200, mock_print("%.*s", (int)i, PAID)),
                   ERR_PROVIDER_PROTOCOL);
        }
    }
}

Test(wechatpay_answers, no_changed_byte_is_read)
{
    for (size_t i = 0; i < strlen(PAID); i++) {
        struct mock_message m = mock_signed(200, PAID);
        char body[1024];
        memcpy(body, PAID, sizeof(PAID));
        body[i] = (char)(body[i] ^ 1);
        m.message.body = span_make(body, strlen(PAID));
        refuse(ADAPTER_QUERY, m, ERR_PROVIDER_UNVERIFIED);
    }
}

/* Genuine bytes that do not say what the document says. */
Test(wechatpay_answers, a_signed_answer_that_is_not_as_documented_is_no_answer)
{
    static const struct good rows[] = {
        { ADAPTER_PAY, 200, "{}" },
        { ADAPTER_PAY, 200, "{\"code_url\":\"\"}" },
        { ADAPTER_PAY, 200, "{\"code_url\":7}" },
        { ADAPTER_PAY, 200, "{\"code_url\":\"weixin://a b\"}" },
        { ADAPTER_PAY, 200, "[]" },
        { ADAPTER_PAY, 200, "" },
        { ADAPTER_PAY, 204, "" },
        { ADAPTER_PAY, 201, "{\"code_url\":\"weixin://a\"}" },
        { ADAPTER_QUERY, 200, "{}" },
        { ADAPTER_QUERY, 200, TRADE("BRAND_NEW", MONEY("12800", "CNY")) },
        { ADAPTER_QUERY, 200, TRADE("success", MONEY("12800", "CNY")) },
        { ADAPTER_QUERY, 200, TRADE("SUCCESS", "") },
        { ADAPTER_QUERY, 200, TRADE("SUCCESS", MONEY("0", "CNY")) },
        { ADAPTER_QUERY, 200, TRADE("SUCCESS", MONEY("-1", "CNY")) },
        { ADAPTER_QUERY, 200, TRADE("SUCCESS", MONEY("128.00", "CNY")) },
        { ADAPTER_QUERY, 200, TRADE("SUCCESS", MONEY("\"12800\"", "CNY")) },
        { ADAPTER_QUERY, 200, TRADE("SUCCESS", MONEY("12800", "USD")) },
        { ADAPTER_QUERY, 200, TRADE("SUCCESS", ",\"transaction_id\":\"42\",\"amount\":{}") },
        { ADAPTER_QUERY, 200, TRADE("SUCCESS", ",\"amount\":{\"total\":12800}") },
        { ADAPTER_QUERY, 200, TRADE("SUCCESS", ",\"out_trade_no\":\"GW2\"") },
        { ADAPTER_QUERY, 200, TRADE("NOTPAY", ",\"success_time\":\"yesterday\"") },
        { ADAPTER_QUERY, 200,
          "{\"appid\":\"" MOCK_APP "\",\"mchid\":\"" MOCK_MERCHANT
          "\",\"out_trade_no\":\"GW20260310000002\",\"trade_state\":\"NOTPAY\"}" },
        { ADAPTER_QUERY, 204, "" },
        { ADAPTER_CLOSE, 200, "{}" },
        { ADAPTER_CLOSE, 204, "{}" },
        { ADAPTER_REFUND, 200, REFUND_OF("RF2", "SUCCESS", "2800") },
        { ADAPTER_REFUND, 200, REFUND_OF(MOCK_REFUND, "SUCCESS", "2801") },
        { ADAPTER_REFUND, 200, REFUND_OF(MOCK_REFUND, "SUCCESS", "12801") },
        { ADAPTER_REFUND, 200, REFUND_OF(MOCK_REFUND, "BRAND_NEW", "2800") },
        { ADAPTER_REFUND_QUERY, 200, REFUND_OF(MOCK_REFUND, "", "2800") },
        { ADAPTER_REFUND_QUERY, 200, "{\"status\":\"SUCCESS\"}" },
        { ADAPTER_BILL_LINK, 200, LINK("SHA1", "") },
        { ADAPTER_BILL_LINK, 200, LINK("MD5", HASH) },
        { ADAPTER_BILL_LINK, 200, LINK("SHA1", "79bb0f45fc4c42234a918000b2668d689e2bde0x") },
        { ADAPTER_BILL_LINK, 200, "{\"hash_type\":\"SHA1\",\"hash_value\":\"" HASH "\"}" },
        { ADAPTER_KEYS, 200, "{}" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        refuse(rows[i].operation, mock_signed(rows[i].status, rows[i].body), ERR_PROVIDER_PROTOCOL);
    }
}

Test(wechatpay_answers, each_state_of_a_trade_means_what_the_document_says)
{
    static const struct {
        const char *body;
        enum evidence_verdict verdict;
    } rows[] = {
        { TRADE("NOTPAY", ""), EVIDENCE_UNPAID },
        { TRADE("NOTPAY", ",\"amount\":{\"total\":12800}"), EVIDENCE_UNPAID },
        { TRADE("USERPAYING", ""), EVIDENCE_UNPAID },
        { TRADE("ACCEPT", ""), EVIDENCE_UNPAID },
        { TRADE("CLOSED", ""), EVIDENCE_UNPAID_FINAL },
        { TRADE("REVOKED", ""), EVIDENCE_VERDICT_NONE },
        { TRADE("PAYERROR", ""), EVIDENCE_VERDICT_NONE },
        { PAID, EVIDENCE_PAID },
        { TRADE("REFUND", MONEY("12800", "CNY")), EVIDENCE_REFUNDED },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool says = rows[i].verdict != EVIDENCE_VERDICT_NONE;
        CHECK_OK(take(ADAPTER_QUERY, mock_signed(200, rows[i].body)));
        cr_expect_eq(answer.claim.verdict, rows[i].verdict, "%s", rows[i].body);
        cr_expect_eq(answer.handling, says ? ADAPTER_DONE : ADAPTER_ASK_AGAIN);
        cr_expect_eq(evidence != NULL, says, "%s", rows[i].body);
    }
}

/* The order's amount and not what the payer paid; the day is China's, where it has begun by then. */
Test(wechatpay_answers, a_paid_trade_becomes_evidence_that_can_be_verified_again)
{
    CHECK_OK(take(ADAPTER_QUERY, mock_signed(200, PAID)));
    const struct evidence_claim *claim = evidence_claim(evidence);
    CHECK_TEXT(claim->application, MOCK_APP);
    CHECK_TEXT(claim->merchant, MOCK_MERCHANT);
    CHECK_TEXT(claim->provider_trade_no, "4200002860202603100000000001");
    CHECK_TEXT(claim->provider_status, "SUCCESS");
    CHECK_TEXT(claim->signer, MOCK_PUBLIC_KEY);
    cr_expect_eq(claim->amount.minor, 12800);
    cr_expect_eq(claim->paid_at.us, mock_time("2024-08-04T16:30:00Z").us);
    cr_expect_eq(day_cmp(claim->bill_day, (struct day){ 2024, 8, 5 }), 0);
    cr_expect_eq(claim->stated_at.us, mock_time(MOCK_NOW).us);
    struct span raw = claim->raw;
    struct span parts[6];
    for (size_t i = 0; i < 6; i++) {
        cr_assert(span_cut(&raw, '\n', &parts[i]));
    }
    CHECK_TEXT(parts[0], "wechatpay-timestamp: " MOCK_NOW_S);
    CHECK_TEXT(parts[1], "wechatpay-nonce: q1w2e3r4t5y6u7i8");
    CHECK_TEXT(parts[2], "wechatpay-serial: " MOCK_PUBLIC_KEY);
    cr_expect(span_starts(parts[3], SPAN_LIT("wechatpay-signature: ")));
    CHECK_TEXT(parts[4], "wechatpay-signature-type: WECHATPAY2-SHA256-RSA2048");
    CHECK_TEXT(parts[5], "");
    CHECK_TEXT(raw, PAID);
}

Test(wechatpay_answers, each_payment_gets_what_its_method_needs)
{
    CHECK_OK(take(ADAPTER_PAY, mock_signed(200, goods[0].body)));
    CHECK_TEXT(answer.qr_text, "weixin://wxpay/bizpayurl?pr=p4lpSuKzz");
    cr_expect_eq(answer.claim.verdict, EVIDENCE_SENT);
    order.method = ADAPTER_JSAPI;
    CHECK_OK(take(ADAPTER_PAY, mock_signed(200, "{\"prepay_id\":\"wx201410272009395522\"}")));
    CHECK_TEXT(answer.prepared, "wx201410272009395522");
    refuse(ADAPTER_PAY, mock_signed(200, "{\"prepay_id\":\"wx2&x=1\"}"), ERR_PROVIDER_PROTOCOL);
    refuse(ADAPTER_PAY, mock_signed(200, goods[0].body), ERR_PROVIDER_PROTOCOL);
}

#define H5 "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx1&package=2"

Test(wechatpay_answers, a_phone_is_led_back_to_where_the_payer_came_from)
{
    order.method = ADAPTER_WAP;
    CHECK_OK(take(ADAPTER_PAY, mock_signed(200, "{\"h5_url\":\"" H5 "\"}")));
    CHECK_TEXT(answer.open_url, H5);
    order.return_url = SPAN_LIT("https://pay.example.cn/return?a=1&b=2");
    CHECK_OK(take(ADAPTER_PAY, mock_signed(200, "{\"h5_url\":\"" H5 "\"}")));
    CHECK_TEXT(answer.open_url,
               H5 "&redirect_url=https%3A%2F%2Fpay.example.cn%2Freturn%3Fa%3D1%26b%3D2");
    refuse(ADAPTER_PAY, mock_signed(200, "{\"h5_url\":\"javascript:alert(1)\"}"),
           ERR_PROVIDER_PROTOCOL);
}

Test(wechatpay_answers, each_state_of_a_refund_means_what_the_document_says)
{
    static const struct {
        const char *body;
        enum adapter_refund_state state;
        enum evidence_verdict verdict;
        int64_t moved;
    } rows[] = {
        { REFUND_OF(MOCK_REFUND, "SUCCESS", "2800"), ADAPTER_REFUND_SUCCEEDED, EVIDENCE_REFUNDED,
          2800 },
        { REFUND_OF(MOCK_REFUND, "PROCESSING", "2800"), ADAPTER_REFUND_ACCEPTED,
          EVIDENCE_VERDICT_NONE, 0 },
        { REFUND_OF(MOCK_REFUND, "CLOSED", "2800"), ADAPTER_REFUND_FAILED, EVIDENCE_PAID, 0 },
        { REFUND_OF(MOCK_REFUND, "ABNORMAL", "2800"), ADAPTER_REFUND_ABNORMAL, EVIDENCE_PAID, 0 },
    };
    static const enum adapter_operation operations[] = { ADAPTER_REFUND, ADAPTER_REFUND_QUERY };
    for (size_t i = 0; i < COUNT(rows) * 2; i++) {
        CHECK_OK(take(operations[i % 2], mock_signed(200, rows[i / 2].body)));
        cr_expect_eq(answer.handling, ADAPTER_DONE);
        cr_expect_eq(answer.refund, rows[i / 2].state);
        cr_expect_eq(answer.refund_amount.minor, rows[i / 2].moved);
        cr_expect_eq(answer.claim.verdict, rows[i / 2].verdict);
        cr_expect_eq(answer.claim.amount.minor, 12800);
        cr_expect_eq(answer.claim.paid_at.us, 0, "when it was paid is not said here");
        CHECK_TEXT(answer.claim.refund_no, MOCK_REFUND);
    }
}

Test(wechatpay_answers, a_bill_link_brings_the_digest_of_its_file)
{
    CHECK_OK(take(ADAPTER_BILL_LINK,
                  mock_signed(200, LINK("SHA1", "79BB0F45FC4C42234A918000B2668D689E2BDE04"))));
    CHECK_TEXT(answer.bill_url, "https://api.mch.weixin.qq.com/v3/billdownload/file?token=x");
    CHECK_TEXT(answer.bill_hash, HASH);
    cr_expect(!answer.bill_none);
}

/* It is unsigned: only its digest can make it good, and that is not tried here. */
Test(wechatpay_answers, a_bill_file_is_never_good_by_itself)
{
    refuse(ADAPTER_BILL_FILE, mock_signed(200, "\x1f\x8b file"), ERR_PROVIDER_UNVERIFIED);
    refuse(ADAPTER_BILL_FILE, mock_unsigned(200, "\x1f\x8b file"), ERR_PROVIDER_UNVERIFIED);
    CHECK_OK(take(ADAPTER_BILL_FILE, mock_unsigned(400, "{\"code\":\"INVALID_REQUEST\"}")));
    cr_expect_eq(answer.handling, ADAPTER_RETRY);
    cr_expect_eq(answer.err, ERR_BILL_LINK);
}

Test(wechatpay_answers, during_a_change_of_keys_both_families_count)
{
    CHECK_OK(take(ADAPTER_QUERY, mock_signed_at(200, PAID, MOCK_PUBLIC_KEY, MOCK_NOW_S)));
    CHECK_OK(take(ADAPTER_QUERY, mock_signed_at(200, PAID, MOCK_SERIAL, MOCK_NOW_S)));
    CHECK_TEXT(evidence_claim(evidence)->signer, MOCK_SERIAL);
    CHECK_OK(
        take(ADAPTER_QUERY,
             mock_signed_at(200, PAID, "00440024045c4a427599d09bb4e3de0279f2e813fd", MOCK_NOW_S)));
}

Test(wechatpay_answers, a_certificate_counts_within_its_validity_only)
{
    static const struct {
        const char *now;
        const char *seconds; /* date -d now +%s */
        enum err want;
    } rows[] = {
        { "2022-05-10T02:04:29Z", "1652148269", ERR_PROVIDER_UNVERIFIED },
        { "2022-05-10T02:04:30Z", "1652148270", ERR_OK },
        { "2025-05-09T02:04:30Z", "1746756270", ERR_OK },
        { "2025-05-09T02:04:31Z", "1746756271", ERR_PROVIDER_UNVERIFIED },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        clock_fake_set_wall(mock_time(rows[i].now));
        order.now = clock_wall();
        cr_expect_eq(take(ADAPTER_QUERY, mock_signed_at(200, PAID, MOCK_SERIAL, rows[i].seconds)),
                     rows[i].want, "%s", rows[i].now);
    }
}

Test(wechatpay_answers, sm_mode_verifies_with_sm2)
{
    clock_fake_set_wall(mock_time("2023-01-01T00:00:00Z"));
    mock_use_sm();
    order.now = clock_wall();
    static const char serial[] = "54E7F59ED8DF4570CFB14780EA8152D45A675EE6";
    struct mock_message m = mock_signed_at(200, PAID, serial, "1672531200");
    CHECK_OK(take(ADAPTER_QUERY, m));
    m.message.body = span_of(TRADE("NOTPAY", ""));
    refuse(ADAPTER_QUERY, m, ERR_PROVIDER_UNVERIFIED);
    mock_replace(&m, "wechatpay-signature", "");
    refuse(ADAPTER_QUERY, m, ERR_PROVIDER_UNVERIFIED);
}

struct failure {
    enum adapter_operation operation;
    int status;
    const char *code;
    enum adapter_handling handling;
    enum err err;
    enum evidence_verdict verdict;
};

/* Out of 4.7 and 4.8 of the document, each code in one of its spellings. */
static const struct failure failures[] = {
#define NONE EVIDENCE_VERDICT_NONE
    { ADAPTER_PAY, 401, "SIGN_ERROR", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, NONE },
    { ADAPTER_PAY, 400, "PARAM_ERROR", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, NONE },
    { ADAPTER_PAY, 400, "INVALID_REQUEST", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, NONE },
    { ADAPTER_PAY, 400, "APPID_MCHID_NOT_MATCH", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, NONE },
    { ADAPTER_REFUND, 404, "MCH_NOT_EXISTS", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, NONE },
    { ADAPTER_PAY, 400, "ORDER_CLOSED", ADAPTER_ASK_AGAIN, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_PAY, 400, "ORDERPAID", ADAPTER_ASK_AGAIN, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_CLOSE, 400, "ORDER_PAID", ADAPTER_ASK_AGAIN, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_CLOSE, 400, "ORDERCLOSED", ADAPTER_ASK_AGAIN, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_PAY, 403, "OUT_TRADE_NO_USED", ADAPTER_ASK_AGAIN, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_PAY, 403, "TRADE_ERROR", ADAPTER_ASK_AGAIN, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_QUERY, 404, "ORDER_NOT_EXIST", ADAPTER_DONE, ERR_OK, EVIDENCE_UNPAID },
    { ADAPTER_QUERY, 404, "ORDERNOTEXIST", ADAPTER_DONE, ERR_OK, EVIDENCE_UNPAID },
    { ADAPTER_QUERY, 404, "RESOURCE_NOT_EXISTS", ADAPTER_DONE, ERR_OK, EVIDENCE_UNPAID },
    { ADAPTER_CLOSE, 404, "order_not_exist", ADAPTER_DONE, ERR_OK, EVIDENCE_UNPAID },
    { ADAPTER_REFUND, 404, "ORDER_NOT_EXIST", ADAPTER_ASK_AGAIN, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_REFUND, 404, "RESOURCE_NOT_EXISTS", ADAPTER_ASK_AGAIN, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_REFUND_QUERY, 404, "RESOURCE_NOT_EXISTS", ADAPTER_RETRY, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_PAY, 403, "RULELIMIT", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, NONE },
    { ADAPTER_PAY, 403, "NO_AUTH", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, NONE },
    { ADAPTER_REFUND, 403, "NOT_ENOUGH", ADAPTER_RETRY, ERR_PROVIDER_BUSY, NONE },
    { ADAPTER_REFUND, 403, "NOTENOUGH", ADAPTER_RETRY, ERR_PROVIDER_BUSY, NONE },
    { ADAPTER_REFUND, 403, "USER_ACCOUNT_ABNORMAL", ADAPTER_ALARM, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_PAY, 403, "ACCOUNTERROR", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, NONE },
    { ADAPTER_REFUND, 400, "REFUND_FEE_MISMATCH", ADAPTER_ASK_AGAIN, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_REFUND, 400, "TRADE_OVERDUE", ADAPTER_REFUSED, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_REFUND, 400, "INVALID_REQUEST", ADAPTER_ASK_AGAIN, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_PAY, 500, "OPENID_MISMATCH", ADAPTER_REFUSED, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_REFUND, 500, "INVALID_TRANSACTIONID", ADAPTER_REFUSED, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_REFUND, 500, "BANK_ERROR", ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER, NONE },
    { ADAPTER_REFUND, 500, "SYSTEM_ERROR", ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER, NONE },
    { ADAPTER_PAY, 503, "SERVICE_UNAVAILABLE", ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER, NONE },
    { ADAPTER_QUERY, 429, "FREQUENCY_LIMITED", ADAPTER_RETRY, ERR_PROVIDER_BUSY, NONE },
    { ADAPTER_PAY, 429, "RATELIMIT_EXCEEDED", ADAPTER_RETRY, ERR_PROVIDER_BUSY, NONE },
    { ADAPTER_PAY, 429, "RATE_LIMITED", ADAPTER_RETRY, ERR_PROVIDER_BUSY, NONE },
    { ADAPTER_REFUND, 429, "FREQUENCY_LIMITED", ADAPTER_ASK_AGAIN, ERR_PROVIDER_BUSY, NONE },
    { ADAPTER_REFUND, 429, "RATELIMIT_EXCEEDED", ADAPTER_ASK_AGAIN, ERR_PROVIDER_BUSY, NONE },
    { ADAPTER_REFUND, 429, "RATE_LIMITED", ADAPTER_ASK_AGAIN, ERR_PROVIDER_BUSY, NONE },
    { ADAPTER_BILL_LINK, 400, "NO_STATEMENT_EXIST", ADAPTER_RETRY, ERR_BILL_NONE, NONE },
    { ADAPTER_BILL_LINK, 400, "STATEMENT_CREATING", ADAPTER_RETRY, ERR_BILL_NOT_READY, NONE },
    { ADAPTER_BILL_LINK, 400, "INVALID_REQUEST", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, NONE },
    { ADAPTER_KEYS, 404, "RESOURCE_NOT_EXISTS", ADAPTER_RETRY, ERR_PROVIDER_REFUSED, NONE },
    { ADAPTER_KEYS, 404, "NOT_FOUND", ADAPTER_RETRY, ERR_PROVIDER_REFUSED, NONE },
    /* What nobody has documented may have happened. */
    { ADAPTER_PAY, 400, "BRAND_NEW", ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL, NONE },
    { ADAPTER_REFUND, 403, "BRAND_NEW", ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL, NONE },
    { ADAPTER_CLOSE, 500, "BRAND_NEW", ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL, NONE },
    { ADAPTER_QUERY, 404, "NOT_EXIST", ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL, NONE },
    { ADAPTER_QUERY, 404, "ORDER_NOT_EXIST_", ADAPTER_DONE, ERR_OK, EVIDENCE_UNPAID },
#undef NONE
};

static const char *
failure_body(const char *code)
{
    return mock_print("{\"code\":\"%s\",\"message\":\"\xE4\xB8\xBA\xE4\xBB\x80\xE4\xB9\x88\","
                      "\"detail\":{\"value\":[1.5,null]}}",
                      code);
}

/* What is genuine about a refund is kept, whatever it says. */
static bool
about_a_refund(enum adapter_operation operation)
{
    return operation == ADAPTER_REFUND || operation == ADAPTER_REFUND_QUERY;
}

static void
expect_failure(const struct failure *row)
{
    CHECK_OK(take(row->operation, mock_signed(row->status, failure_body(row->code))));
    cr_expect_eq(answer.handling, row->handling, "%s: %d", row->code, (int)answer.handling);
    cr_expect_eq(answer.err, row->err, "%s: %s", row->code, err_name(answer.err));
    cr_expect_eq(answer.claim.verdict, row->verdict, "%s", row->code);
    cr_expect_eq(evidence != NULL,
                 about_a_refund(row->operation) || row->verdict != EVIDENCE_VERDICT_NONE, "%s",
                 row->code);
    cr_expect_eq(answer.bill_none, row->err == ERR_BILL_NONE, "%s", row->code);
    bool absent = row->operation == ADAPTER_REFUND_QUERY
                  && (strcmp(row->code, "RESOURCE_NOT_EXISTS") == 0
                      || strcmp(row->code, "RESOURCENOTEXISTS") == 0);
    cr_expect_eq(answer.refund_absent, absent, "%s", row->code);
    CHECK_TEXT(answer.code, row->code);
    CHECK_TEXT(answer.message, "\xE4\xB8\xBA\xE4\xBB\x80\xE4\xB9\x88");
}

/* Anybody on the way can say no: it may drive a retry or an alarm, and ends nothing. */
static void
expect_hint(const struct failure *row)
{
    bool final = row->handling == ADAPTER_DONE || row->handling == ADAPTER_REFUSED;
    CHECK_OK(take(row->operation, mock_unsigned(row->status, failure_body(row->code))));
    cr_expect_eq(answer.handling, final ? ADAPTER_ASK_AGAIN : row->handling, "%s", row->code);
    enum err hint =
        row->verdict == EVIDENCE_UNPAID ? ERR_PROVIDER_TRADE_ABSENT : ERR_PROVIDER_UNVERIFIED;
    cr_expect_eq(answer.err, final ? hint : row->err, "%s", row->code);
    cr_expect_eq(answer.claim.verdict, EVIDENCE_VERDICT_NONE, "%s", row->code);
    cr_expect_null(evidence);
}

Test(wechatpay_answers, a_failure_means_what_the_document_says_and_unsigned_ends_nothing)
{
    for (size_t i = 0; i < COUNT(failures); i++) {
        expect_failure(&failures[i]);
        expect_hint(&failures[i]);
    }
}

/* Every row of the adapter's own table, so that none can go astray on its way through. */
Test(wechatpay_answers, every_row_of_the_table_comes_through)
{
    static const struct failure rows[] = {
#define ADAPTER_ANY ADAPTER_PAY
#define CODE(operation, code, handling, err, verdict) \
    { ADAPTER_##operation, 400, code, ADAPTER_##handling, ERR_##err, EVIDENCE_##verdict },
#include "wechatpay_codes.def"
    };
    cr_assert_gt(COUNT(rows), 40);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].operation != ADAPTER_BILL_FILE) { /* carries no signature to check */
            expect_failure(&rows[i]);
        }
        expect_hint(&rows[i]);
    }
}

Test(wechatpay_answers, a_failure_without_a_code_is_judged_by_its_status)
{
    static const struct failure rows[] = {
        { ADAPTER_PAY, 202, "", ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER, EVIDENCE_VERDICT_NONE },
        { ADAPTER_PAY, 401, "", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, EVIDENCE_VERDICT_NONE },
        { ADAPTER_PAY, 404, "", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, EVIDENCE_VERDICT_NONE },
        { ADAPTER_PAY, 405, "", ADAPTER_ALARM, ERR_PROVIDER_CONTRACT, EVIDENCE_VERDICT_NONE },
        { ADAPTER_PAY, 429, "", ADAPTER_RETRY, ERR_PROVIDER_BUSY, EVIDENCE_VERDICT_NONE },
        { ADAPTER_REFUND, 429, "", ADAPTER_ASK_AGAIN, ERR_PROVIDER_BUSY, EVIDENCE_VERDICT_NONE },
        { ADAPTER_REFUND, 500, "", ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER,
          EVIDENCE_VERDICT_NONE },
        { ADAPTER_REFUND, 502, "", ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER,
          EVIDENCE_VERDICT_NONE },
        { ADAPTER_REFUND, 503, "", ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER,
          EVIDENCE_VERDICT_NONE },
        { ADAPTER_REFUND, 504, "", ADAPTER_ASK_AGAIN, ERR_PROVIDER_NO_ANSWER,
          EVIDENCE_VERDICT_NONE },
        { ADAPTER_REFUND, 302, "", ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL,
          EVIDENCE_VERDICT_NONE },
        { ADAPTER_CLOSE, 400, "", ADAPTER_ASK_AGAIN, ERR_PROVIDER_PROTOCOL, EVIDENCE_VERDICT_NONE },
    };
    static const char *const bodies[] = { "", "{}", "<html>no</html>", "[1]", "{\"code\":null}" };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t k = 0; k < COUNT(bodies); k++) {
            CHECK_OK(take(rows[i].operation, mock_signed(rows[i].status, bodies[k])));
            cr_expect_eq(answer.handling, rows[i].handling, "%d", rows[i].status);
            cr_expect_eq(answer.err, rows[i].err, "%d", rows[i].status);
            cr_expect_eq(evidence != NULL, about_a_refund(rows[i].operation));
        }
    }
}

/* "Does not exist" is final once nobody could pay it any more. */
Test(wechatpay_answers, an_unknown_order_is_final_two_hours_after_its_expiry)
{
    struct mock_message m = mock_signed(404, failure_body("ORDER_NOT_EXIST"));
    order.expires_at = wall_add_ms(order.now, -7199999);
    CHECK_OK(take(ADAPTER_QUERY, m));
    cr_expect_eq(answer.claim.verdict, EVIDENCE_UNPAID);
    order.expires_at = wall_add_ms(order.now, -7200000);
    CHECK_OK(take(ADAPTER_QUERY, m));
    cr_expect_eq(answer.claim.verdict, EVIDENCE_UNPAID_FINAL);
    order.expires_at.us = 0;
    CHECK_OK(take(ADAPTER_QUERY, m));
    cr_expect_eq(answer.claim.verdict, EVIDENCE_UNPAID);
}
