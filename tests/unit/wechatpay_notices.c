/* SPDX-License-Identifier: Apache-2.0 */
/* Notices of payments and refunds: genuine, forged, spoilt, of other kinds. */
#include <criterion/criterion.h>

#include "wechatpay_mock.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct evidence *evidence;

static void
finish(void)
{
    evidence_free(&evidence);
    mock_finish();
}

TestSuite(wechatpay_notices, .init = mock_start, .fini = finish);

#define TRADE_OF(appid, mchid, number, state, total)                                    \
    "{\"appid\":\"" appid "\",\"mchid\":\"" mchid "\",\"out_trade_no\":\"" number       \
    "\",\"transaction_id\":\"4200002860202603100000000001\",\"trade_type\":\"NATIVE\"," \
    "\"trade_state\":\"" state "\",\"success_time\":\"2024-08-05T17:33:00+08:00\","     \
    "\"amount\":{\"total\":" total ",\"payer_total\":1,\"currency\":\"CNY\"}}"
#define TRADE TRADE_OF(MOCK_APP, MOCK_MERCHANT, MOCK_ORDER, "SUCCESS", "12800")
#define REFUND_OF(mchid, status, refund)                            \
    "{\"mchid\":\"" mchid "\",\"out_trade_no\":\"" MOCK_ORDER       \
    "\",\"transaction_id\":\"42\",\"out_refund_no\":\"" MOCK_REFUND \
    "\",\"refund_id\":\"503\",\"refund_status\":\"" status          \
    "\",\"amount\":{\"total\":12800,\"refund\":" refund "}}"

/* The body around a resource that is sealed already. */
static const char *
envelope(const char *event, const char *resource)
{
    return mock_print("{\"id\":\"EV-1\",\"create_time\":\"2024-08-05T17:33:02+08:00\","
                      "\"resource_type\":\"encrypt-resource\",\"event_type\":\"%s\","
                      "\"summary\":\"\xE6\x94\xAF\xE4\xBB\x98\xE6\x88\x90\xE5\x8A\x9F\","
                      "\"resource\":%s}",
                      event, resource);
}

static const char *
notice(const char *event, const char *original, const char *plain)
{
    return envelope(event, mock_seal(CRYPTO_AEAD_AES_256_GCM, original, original, plain));
}

static enum err
take(struct mock_message m)
{
    evidence_free(&evidence);
    return mock_take_notice(mock_message(&m), &evidence);
}

static void
refuse(struct mock_message m, enum err want)
{
    enum err got = take(m);
    cr_expect_eq(got, want, "%.*s gave %s", SPAN_ARG(m.message.body), err_name(got));
    cr_expect_null(evidence);
}

Test(wechatpay_notices, without_a_signature_it_is_not_genuine)
{
    refuse(mock_unsigned(0, notice("TRANSACTION.SUCCESS", "transaction", TRADE)), ERR_SIGNATURE);
    refuse(mock_unsigned(0, "<xml><return_code>SUCCESS</return_code></xml>"), ERR_SIGNATURE);
    refuse(mock_unsigned(0, ""), ERR_SIGNATURE);
}

Test(wechatpay_notices, no_byte_may_change)
{
    const char *body = notice("TRANSACTION.SUCCESS", "transaction", TRADE);
    struct mock_message m = mock_signed(0, body);
    size_t len = strlen(body);
    char changed[MOCK_TEXT_MAX];
    for (size_t i = 0; i < len; i++) {
        memcpy(changed, body, len);
        changed[i] = (char)(changed[i] ^ 1);
        m.message.body = span_make(changed, len);
        refuse(m, ERR_SIGNATURE);
    }
}

Test(wechatpay_notices, no_byte_may_be_missing)
{
    const char *body = notice("TRANSACTION.SUCCESS", "transaction", TRADE);
    struct mock_message m = mock_signed(0, body);
    for (size_t i = 0; i < strlen(body); i++) {
        m.message.body = span_make(body, i);
        refuse(m, ERR_SIGNATURE);
    }
}

Test(wechatpay_notices, a_truncated_one_is_no_statement_even_if_signed)
{
    const char *body = notice("TRANSACTION.SUCCESS", "transaction", TRADE);
    for (size_t i = 0; i < strlen(body); i += 29) {
        refuse(mock_signed(0, mock_print("%.*s", (int)i, body)), ERR_PROVIDER_PROTOCOL);
    }
}

Test(wechatpay_notices, an_old_one_and_one_of_the_future_are_not_genuine)
{
    const char *body = notice("TRANSACTION.SUCCESS", "transaction", TRADE);
    refuse(mock_signed_at(0, body, MOCK_PUBLIC_KEY, "1722850120"), ERR_SIGNATURE);
    refuse(mock_signed_at(0, body, MOCK_PUBLIC_KEY, "1722850722"), ERR_SIGNATURE);
    refuse(mock_signed_at(0, body, MOCK_PUBLIC_KEY, "0"), ERR_SIGNATURE);
    CHECK_OK(take(mock_signed_at(0, body, MOCK_PUBLIC_KEY, "1722850121")));
}

Test(wechatpay_notices, an_unknown_and_a_missing_serial_are_not_genuine)
{
    const char *body = notice("TRANSACTION.SUCCESS", "transaction", TRADE);
    refuse(mock_signed_at(0, body, "5157F09EFDC096DE15EBE81A47057A7232F1B8E1", MOCK_NOW_S),
           ERR_SIGNATURE);
    refuse(mock_signed_at(0, body, "", MOCK_NOW_S), ERR_SIGNATURE);
    CHECK_OK(take(mock_signed_at(0, body, MOCK_SERIAL, MOCK_NOW_S)));
}

Test(wechatpay_notices, a_probe_is_refused_and_recognised)
{
    struct mock_message m = mock_signed(0, notice("TRANSACTION.SUCCESS", "transaction", TRADE));
    mock_replace(&m, "wechatpay-signature",
                 mock_print("WECHATPAY/SIGNTEST/%.*s", SPAN_ARG(m.headers[4].value)));
    refuse(m, ERR_SIGNATURE);
    cr_expect(verify_is_probe(&mock_account, mock_message(&m), mock_arena));
    mock_replace(&m, "wechatpay-signature", "AAAA");
    cr_expect(!verify_is_probe(&mock_account, mock_message(&m), mock_arena));
}

/* Genuine around it, but not sealed with our secret: the provider comes again. */
Test(wechatpay_notices, what_our_secret_does_not_open_is_undecided)
{
    static const char *const parts[][2] = {
        { "AEAD_AES_256_GCM", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
        { "AEAD_SM4_GCM", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
    };
    for (size_t i = 0; i < COUNT(parts); i++) {
        const char *resource =
            mock_print("{\"original_type\":\"transaction\",\"algorithm\":\"%s\",\"ciphertext\":"
                       "\"%s\",\"nonce\":\"fdasflkja484\"}",
                       parts[i][0], parts[i][1]);
        refuse(mock_signed(0, envelope("TRANSACTION.SUCCESS", resource)), ERR_SEALED);
    }
}

Test(wechatpay_notices, a_sealed_part_that_is_not_as_documented_is_no_statement)
{
    static const char *const parts[] = {
        "null",
        "{}",
        "[]",
        "{\"algorithm\":\"AEAD_AES_128_GCM\",\"ciphertext\":\"AAAAAAAAAAAAAAAAAAAAAAAA\","
        "\"nonce\":\"fdasflkja484\"}",
        "{\"algorithm\":\"AEAD_AES_256_GCM\",\"ciphertext\":\"AAAAAAAAAAAAAAAAAAAAAAAA\","
        "\"nonce\":\"fdasflkja48\"}",
        "{\"algorithm\":\"AEAD_AES_256_GCM\",\"ciphertext\":\"AAAA\",\"nonce\":\"fdasflkja484\"}",
        "{\"algorithm\":\"AEAD_AES_256_GCM\",\"ciphertext\":\"no base64\","
        "\"nonce\":\"fdasflkja484\"}",
        "{\"algorithm\":\"AEAD_AES_256_GCM\",\"nonce\":\"fdasflkja484\"}",
        "{\"algorithm\":\"AEAD_AES_256_GCM\",\"ciphertext\":\"AAAAAAAAAAAAAAAAAAAAAAAA\","
        "\"nonce\":\"fdasflkja484\",\"associated_data\":7}",
    };
    for (size_t i = 0; i < COUNT(parts); i++) {
        refuse(mock_signed(0, envelope("TRANSACTION.SUCCESS", parts[i])), ERR_PROVIDER_PROTOCOL);
    }
}

/* Each row is one thing wrong with an otherwise good notice. */
Test(wechatpay_notices, genuine_messages_that_say_nothing_about_our_money_are_told_apart)
{
    static const char *const rows[][3] = {
        { "PAYSCORE.USER_OPEN_SERVICE", "payscore", "{\"mchid\":\"" MOCK_MERCHANT "\"}" },
        { "TRANSACTION.FAIL", "transaction", TRADE },
        { "transaction.success", "transaction", TRADE },
        { "TRANSACTION.SUCCESS", "refund", TRADE },
        { "TRANSACTION.SUCCESS", "transaction", REFUND_OF(MOCK_MERCHANT, "SUCCESS", "2800") },
        { "TRANSACTION.SUCCESS", "transaction", "[]" },
        { "TRANSACTION.SUCCESS", "transaction", "{}" },
        { "TRANSACTION.SUCCESS", "transaction",
          TRADE_OF(MOCK_APP, MOCK_MERCHANT, MOCK_ORDER, "NOTPAY", "12800") },
        { "TRANSACTION.SUCCESS", "transaction",
          TRADE_OF(MOCK_APP, MOCK_MERCHANT, MOCK_ORDER, "REFUND", "12800") },
        { "TRANSACTION.SUCCESS", "transaction",
          TRADE_OF(MOCK_APP, MOCK_MERCHANT, MOCK_ORDER, "NEW", "12800") },
        { "TRANSACTION.SUCCESS", "transaction",
          TRADE_OF("", MOCK_MERCHANT, MOCK_ORDER, "SUCCESS", "12800") },
        { "TRANSACTION.SUCCESS", "transaction",
          TRADE_OF(MOCK_APP, "", MOCK_ORDER, "SUCCESS", "12800") },
        { "TRANSACTION.SUCCESS", "transaction",
          TRADE_OF(MOCK_APP, MOCK_MERCHANT, "", "SUCCESS", "12800") },
        { "TRANSACTION.SUCCESS", "transaction",
          TRADE_OF(MOCK_APP, MOCK_MERCHANT, MOCK_ORDER, "SUCCESS", "0") },
        { "REFUND.SUCCESS", "refund", TRADE },
        { "REFUND.SUCCESS", "refund", REFUND_OF(MOCK_MERCHANT, "CLOSED", "2800") },
        { "REFUND.CLOSED", "refund", REFUND_OF(MOCK_MERCHANT, "SUCCESS", "2800") },
        { "REFUND.ABNORMAL", "refund", REFUND_OF(MOCK_MERCHANT, "PROCESSING", "2800") },
        { "REFUND.SUCCESS", "refund", REFUND_OF(MOCK_MERCHANT, "SUCCESS", "12801") },
        { "REFUND.SUCCESS", "refund", REFUND_OF(MOCK_MERCHANT, "SUCCESS", "0") },
        { "REFUND.SUCCESS", "refund", REFUND_OF("", "SUCCESS", "2800") },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        refuse(mock_signed(0, notice(rows[i][0], rows[i][1], rows[i][2])), ERR_PROVIDER_PROTOCOL);
    }
    refuse(mock_signed(0, "{\"event_type\":\"TRANSACTION.SUCCESS\"}"), ERR_PROVIDER_PROTOCOL);
    refuse(mock_signed(0, "<xml/>"), ERR_PROVIDER_PROTOCOL);
    refuse(mock_signed(0, ""), ERR_PROVIDER_PROTOCOL);
}

/* Another merchant or amount is evidence for the judge to compare, not something to lose here. */
Test(wechatpay_notices, what_differs_from_our_books_is_kept_as_it_was_said)
{
    CHECK_OK(take(mock_signed(
        0, notice("TRANSACTION.SUCCESS", "transaction",
                  TRADE_OF("wxother", "1900000110", "GW20990101000001", "SUCCESS", "1")))));
    const struct evidence_claim *claim = evidence_claim(evidence);
    CHECK_TEXT(claim->application, "wxother");
    CHECK_TEXT(claim->merchant, "1900000110");
    CHECK_TEXT(claim->merchant_order_no, "GW20990101000001");
    cr_expect_eq(claim->amount.minor, 1);
}

Test(wechatpay_notices, a_payment_is_read_with_its_opened_part_in_evidence)
{
    const char *body = notice("TRANSACTION.SUCCESS", "transaction", TRADE);
    CHECK_OK(take(mock_signed(0, body)));
    const struct evidence_claim *claim = evidence_claim(evidence);
    cr_expect_eq(claim->source, EVIDENCE_CALLBACK);
    cr_expect_eq(claim->verdict, EVIDENCE_PAID);
    cr_expect_eq(claim->amount.minor, 12800);
    cr_expect_eq(claim->paid_at.us, mock_time("2024-08-05T09:33:00Z").us);
    cr_expect_eq(claim->stated_at.us, mock_time("2024-08-05T09:33:02Z").us);
    cr_expect_eq(day_cmp(claim->bill_day, (struct day){ 2024, 8, 5 }), 0);
    cr_expect(span_ends(claim->raw, span_of(mock_print("\n\n%s\n%s", body, TRADE))));
}

Test(wechatpay_notices, each_end_of_a_refund_is_told_apart)
{
    static const struct {
        const char *event;
        const char *plain;
        enum evidence_verdict verdict;
        int64_t refunded;
    } rows[] = {
        { "REFUND.SUCCESS", REFUND_OF(MOCK_MERCHANT, "SUCCESS", "2800"), EVIDENCE_REFUNDED, 2800 },
        { "REFUND.CLOSED", REFUND_OF(MOCK_MERCHANT, "CLOSED", "2800"), EVIDENCE_PAID, 0 },
        { "REFUND.ABNORMAL", REFUND_OF(MOCK_MERCHANT, "ABNORMAL", "2800"), EVIDENCE_PAID, 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        CHECK_OK(take(mock_signed(0, notice(rows[i].event, "refund", rows[i].plain))));
        const struct evidence_claim *claim = evidence_claim(evidence);
        cr_expect_eq(claim->verdict, rows[i].verdict, "%s", rows[i].event);
        cr_expect_eq(claim->refunded.minor, rows[i].refunded, "%s", rows[i].event);
        cr_expect_eq(claim->amount.minor, 12800);
        CHECK_TEXT(claim->refund_no, MOCK_REFUND);
        CHECK_TEXT(claim->merchant_order_no, MOCK_ORDER);
    }
}

/* In SM mode, and in RSA mode with a part that is sealed the other way. */
Test(wechatpay_notices, parts_sealed_with_sm4_are_read_too)
{
    const char *body = envelope(
        "TRANSACTION.SUCCESS", mock_seal(CRYPTO_AEAD_SM4_GCM, "transaction", "transaction", TRADE));
    CHECK_OK(take(mock_signed(0, body)));
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_PAID);
    clock_fake_set_wall(mock_time("2023-01-01T00:00:00Z"));
    mock_use_sm();
    CHECK_OK(
        take(mock_signed_at(0, body, "54E7F59ED8DF4570CFB14780EA8152D45A675EE6", "1672531200")));
    cr_expect_eq(evidence_claim(evidence)->verdict, EVIDENCE_PAID);
}

Test(wechatpay_notices, replies_are_those_of_the_document)
{
    const struct adapter *adapter = mock_account.adapter;
    CHECK_TEXT(adapter->callback_ok_body,
               "{\"code\":\"SUCCESS\",\"message\":\"\xE6\x88\x90\xE5\x8A\x9F\"}");
    cr_expect_eq(adapter->callback_ok_status, 200);
    CHECK_TEXT(adapter->callback_fail_body,
               "{\"code\":\"FAIL\",\"message\":\"\xE5\xA4\xB1\xE8\xB4\xA5\"}");
    cr_expect_eq(adapter->callback_fail_status, 400);
    cr_expect_str_eq(adapter->callback_content_type, "application/json");
}
