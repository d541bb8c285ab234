/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts of each scheme, and the download of platform certificates. */
#include <criterion/criterion.h>

#include "wechatpay_mock.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

TestSuite(wechatpay_keys, .init = mock_start, .fini = mock_finish);

static struct adapter_material
whole(void)
{
    return (struct adapter_material){
        .provider_public_key = mock_file("wechatpay/keys/java-wechat-pay-public-key.pem"),
        .provider_public_key_id = SPAN_LIT(MOCK_PUBLIC_KEY),
        .application_certificate = mock_file("wechatpay/keys/java-merchant-certificate.pem"),
        .provider_certificate = mock_file("wechatpay/keys/java-wechat-pay-certificate.pem"),
    };
}

Test(wechatpay_keys, what_is_missing_or_contradicts_itself_does_not_start)
{
    const struct adapter_material good = whole();
    struct adapter_material material = good;
    CHECK_ERR(mock_prepare("certificate", &good, ""), ERR_CONFIG_VALUE);
    material.provider_public_key = (struct span){ .len = 0 };
    CHECK_ERR(mock_prepare("public-key", &material, ""), ERR_CONFIG_MISSING);
    material = good;
    material.provider_public_key_id = (struct span){ .len = 0 };
    CHECK_ERR(mock_prepare("public-key", &material, ""), ERR_CONFIG_MISSING);
    CHECK_ERR(mock_prepare("platform-certificate", &material, ""), ERR_CONFIG_MISSING);
    material.provider_public_key_id = SPAN_LIT("PUB_KEY_ID_12A");
    CHECK_ERR(mock_prepare("public-key", &material, ""), ERR_CONFIG_VALUE);
    material.provider_public_key_id = SPAN_LIT("0114232134912410");
    CHECK_ERR(mock_prepare("public-key", &material, ""), ERR_CONFIG_VALUE);
    material = good;
    material.provider_public_key = SPAN_LIT("no key");
    CHECK_ERR(mock_prepare("public-key", &material, ""), ERR_KEY_PARSE);
    material = good;
    material.provider_certificate = SPAN_LIT("no certificate");
    CHECK_ERR(mock_prepare("public-key", &material, ""), ERR_CERT_PARSE);
    material = good;
    material.application_certificate = (struct span){ .len = 0 };
    CHECK_ERR(mock_prepare("public-key", &material, ""), ERR_CONFIG_MISSING);
    CHECK_ERR(mock_prepare("public-key", &material, "not hex"), ERR_CONFIG_VALUE);
    CHECK_ERR(mock_prepare("public-key", &good, "ABCDEF"), ERR_CONFIG_VALUE);
}

/* An RSA key in SM mode, and the other way round, would refuse every message without a word. */
Test(wechatpay_keys, a_key_of_the_other_mode_does_not_start)
{
    struct adapter_material material = whole();
    CHECK_ERR(mock_prepare("sm", &material, ""), ERR_KEY_PARSE);
    material.provider_public_key = (struct span){ .len = 0 };
    CHECK_ERR(mock_prepare("sm", &material, ""), ERR_CERT_PARSE);
    clock_fake_set_wall(mock_time("2023-01-01T00:00:00Z"));
    material.provider_certificate = mock_file("wechatpay/keys/sm-wechat-pay-certificate.pem");
    CHECK_ERR(mock_prepare("platform-certificate", &material, ""), ERR_CERT_PARSE);
    CHECK_OK(mock_prepare("sm", &material, ""));
    cr_expect_str_eq(mock_account.preferred_serial, "3F1E989910B253E069A11568C91C57CA44568158");
    material.root_certificates = mock_file("wechatpay/keys/java-merchant-certificate.pem");
    CHECK_ERR(mock_prepare("sm", &material, ""), ERR_CONFIG_VALUE);
}

Test(wechatpay_keys, an_address_with_a_path_does_not_start)
{
    static const struct {
        const char *url;
        enum err want;
    } rows[] = {
        { "https://api.mch.weixin.qq.com", ERR_OK },
        { "https://api.mch.weixin.qq.com/", ERR_OK },
        { "https://127.0.0.1:8443", ERR_OK },
        { "https://api.mch.weixin.qq.com/v3", ERR_CONFIG_VALUE },
        { "https://", ERR_CONFIG_VALUE },
        { "", ERR_CONFIG_VALUE },
    };
    const struct adapter_material material = whole();
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct adapter_account account = { .application = MOCK_APP,
                                           .merchant = MOCK_MERCHANT,
                                           .gateway_url = rows[i].url,
                                           .key_scheme = "public-key",
                                           .application_serial = "" };
        enum err got = wechatpay_account_prepare(&material, clock_wall(), mock_arena, &account);
        cr_expect_eq(got, rows[i].want, "%s gave %s", rows[i].url, err_name(got));
        for (size_t k = 0; k < account.key_count; k++) {
            crypto_public_key_free(&account.keys[k].key);
        }
    }
}

Test(wechatpay_keys, our_serial_comes_from_the_certificate_or_from_the_setting)
{
    struct adapter_material material = whole();
    CHECK_OK(mock_prepare("public-key", &material, ""));
    cr_expect_str_eq(mock_account.application_serial, MOCK_OUR_SERIAL);
    CHECK_OK(mock_prepare("public-key", &material, "005f1c72e2a8931b72a2e13af8dee92471eb397115"));
    cr_expect_str_eq(mock_account.application_serial, MOCK_OUR_SERIAL);
    material.application_certificate = (struct span){ .len = 0 };
    CHECK_OK(mock_prepare("public-key", &material, "5f1c72e2a8931b72a2e13af8dee92471eb397115"));
    cr_expect_str_eq(mock_account.application_serial, MOCK_OUR_SERIAL);
}

Test(wechatpay_keys, both_families_are_held_side_by_side)
{
    static const char *const rows[][2] = { { "public-key", MOCK_PUBLIC_KEY },
                                           { "platform-certificate", MOCK_SERIAL } };
    for (size_t i = 0; i < COUNT(rows); i++) {
        mock_use(rows[i][0]);
        cr_assert_eq(mock_account.key_count, 2);
        cr_expect(mock_account.serial_required);
        CHECK_TEXT(mock_account.keys[0].serial, MOCK_PUBLIC_KEY);
        CHECK_TEXT(mock_account.keys[1].serial, MOCK_SERIAL);
        cr_expect_str_eq(mock_account.preferred_serial, rows[i][1]);
    }
}

/* A file that was good once must not keep the service from starting: the download replaces it. */
Test(wechatpay_keys, a_configured_certificate_that_has_ended_is_left_out)
{
    struct adapter_material material = whole();
    material.provider_public_key = (struct span){ .len = 0 };
    clock_fake_set_wall(mock_time("2025-05-09T02:04:31Z"));
    CHECK_OK(mock_prepare("platform-certificate", &material, ""));
    cr_expect_eq(mock_account.key_count, 0);
    cr_expect_str_eq(mock_account.preferred_serial, "");
    clock_fake_set_wall(mock_time("2025-05-09T02:04:30Z"));
    CHECK_OK(mock_prepare("platform-certificate", &material, ""));
    cr_expect_eq(mock_account.key_count, 1);
}

/* The test certificates are signed by themselves, so each is its own root and nobody else's. */
Test(wechatpay_keys, configured_roots_must_be_led_to)
{
    struct adapter_material material = whole();
    material.root_certificates = mock_file("wechatpay/keys/go-certificate.pem");
    CHECK_ERR(mock_prepare("platform-certificate", &material, ""), ERR_CERT_UNTRUSTED);
    struct adapter_key key = { .key = NULL };
    CHECK_ERR(wechatpay_key_accept(&mock_account, material.provider_certificate, clock_wall(),
                                   mock_arena, &key),
              ERR_CERT_UNTRUSTED);
    cr_expect_null(key.key);
}

Test(wechatpay_keys, serials_are_compared_as_numbers_and_key_ids_as_they_are)
{
    static const char *const rows[][2] = {
        { "00d7ce59d1f522d701", "D7CE59D1F522D701" },
        { "D7CE59D1F522D701", "D7CE59D1F522D701" },
        { "000", "0" },
        { "PUB_KEY_ID_00abc", "PUB_KEY_ID_00abc" },
        { "00xyz", "00xyz" },
        { "", "" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct span out;
        CHECK_OK(wechatpay_serial(span_of(rows[i][0]), mock_arena, &out));
        CHECK_TEXT(out, rows[i][1]);
    }
}

/* One entry of "data": a certificate file of the vectors, sealed, under a name. */
static const char *
entry(const char *serial, const char *file)
{
    const char *pem = mock_print("%.*s", SPAN_ARG(mock_file(file)));
    return mock_print("{\"serial_no\":\"%s\",\"effective_time\":\"2022-05-10T10:04:30+08:00\","
                      "\"expire_time\":\"2027-05-09T10:04:30+08:00\",\"encrypt_certificate\":%s}",
                      serial, mock_seal(CRYPTO_AEAD_AES_256_GCM, "", "certificate", pem));
}

#define JAVA entry(MOCK_SERIAL, "wechatpay/keys/java-wechat-pay-certificate.pem")
#define GO   entry("D7CE59D1F522D701", "wechatpay/keys/go-certificate.pem")

static enum err
download(struct mock_message m, struct verify_keys *keys)
{
    static const struct adapter_order order = { .nonce = SPAN(MOCK_NONCE) };
    struct verify *v = NULL;
    TRY(verify_answer_begin(&mock_account, ADAPTER_KEYS, &order, mock_message(&m), mock_arena, &v));
    TRY(mock_do_tasks(v));
    return verify_keys_end(v, keys);
}

static void
refuse(struct mock_message m, enum err want)
{
    struct verify_keys keys = { .count = 0 };
    enum err got = download(m, &keys);
    cr_expect_eq(got, want, "got %s", err_name(got));
    cr_expect_eq(keys.count, 0);
    verify_keys_fini(&keys);
}

static void
know_nothing_yet(void)
{
    const struct adapter_material material = {
        .application_certificate = mock_file("wechatpay/keys/java-merchant-certificate.pem"),
    };
    CHECK_OK(mock_prepare("platform-certificate", &material, ""));
}

static struct mock_message
offered(const char *entries)
{
    return mock_signed_at(200, mock_print("{\"data\":[%s]}", entries), MOCK_SERIAL, MOCK_NOW_S);
}

/* 2.5: nothing verifies it but what comes inside, and that came sealed with our secret. */
Test(wechatpay_keys, the_first_download_is_verified_by_what_it_brings)
{
    struct verify_keys keys = { .count = 0 };
    know_nothing_yet();
    CHECK_OK(download(offered(mock_print("%s,%s", GO, JAVA)), &keys));
    cr_assert_eq(keys.count, 2);
    CHECK_TEXT(keys.list[0].serial, "D7CE59D1F522D701");
    CHECK_TEXT(keys.list[1].serial, MOCK_SERIAL);
    cr_expect_eq(keys.list[1].not_after.us, mock_time("2025-05-09T02:04:30Z").us,
                 "the certificate's own end counts");
    verify_keys_fini(&keys);
}

Test(wechatpay_keys, a_download_that_its_own_keys_did_not_sign_brings_nothing)
{
    know_nothing_yet();
    refuse(offered(GO), ERR_PROVIDER_UNVERIFIED);
    struct mock_message m = offered(JAVA);
    mock_replace(&m, "wechatpay-nonce", "other");
    refuse(m, ERR_PROVIDER_UNVERIFIED);
    m = mock_signed_at(200, mock_print("{\"data\":[%s]}", JAVA), MOCK_SERIAL, "1722850000");
    refuse(m, ERR_PROVIDER_UNVERIFIED);
    m = offered(JAVA);
    mock_replace(&m, "wechatpay-signature", "WECHATPAY/SIGNTEST/AAAA");
    refuse(m, ERR_PROVIDER_UNVERIFIED);
    refuse(mock_unsigned(200, mock_print("{\"data\":[%s]}", JAVA)), ERR_PROVIDER_UNVERIFIED);
}

Test(wechatpay_keys, a_certificate_that_was_not_sealed_with_our_secret_is_not_ours)
{
    know_nothing_yet();
    struct mock_message m = offered(mock_print(
        "{\"serial_no\":\"%s\",\"encrypt_certificate\":{\"algorithm\":\"AEAD_AES_256_GCM\","
        "\"nonce\":\"fdasflkja484\",\"associated_data\":\"certificate\",\"ciphertext\":"
        "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}",
        MOCK_SERIAL));
    refuse(m, ERR_SEALED);
}

Test(wechatpay_keys, a_download_that_is_not_as_documented_brings_nothing)
{
    mock_use("platform-certificate");
    refuse(offered(""), ERR_PROVIDER_PROTOCOL);
    refuse(offered(entry("ABC", "wechatpay/keys/java-wechat-pay-certificate.pem")),
           ERR_PROVIDER_PROTOCOL);
    refuse(offered(entry(MOCK_SERIAL, "wechatpay/keys/java-wechat-pay-public-key.pem")),
           ERR_PROVIDER_PROTOCOL);
    refuse(offered("{\"serial_no\":\"" MOCK_SERIAL "\"}"), ERR_PROVIDER_PROTOCOL);
    refuse(mock_signed_at(200, "{}", MOCK_SERIAL, MOCK_NOW_S), ERR_PROVIDER_PROTOCOL);
    refuse(offered(mock_print("%s,%s,%s,%s,%s,%s,%s,%s,%s", GO, GO, GO, GO, GO, GO, GO, GO, GO)),
           ERR_PROVIDER_PROTOCOL);
}

/* Both were valid at first; then the provider's own has ended, and the other is still offered. */
Test(wechatpay_keys, one_that_has_expired_does_not_keep_the_others_away)
{
    struct verify_keys keys = { .count = 0 };
    mock_use("public-key");
    clock_fake_set_wall(mock_time("2026-03-10T04:00:00Z"));
    struct mock_message m = mock_signed_at(200, mock_print("{\"data\":[%s,%s]}", JAVA, GO),
                                           MOCK_PUBLIC_KEY, "1773115200");
    CHECK_OK(download(m, &keys));
    cr_assert_eq(keys.count, 1);
    CHECK_TEXT(keys.list[0].serial, "D7CE59D1F522D701");
    verify_keys_fini(&keys);
    refuse(mock_signed_at(200, mock_print("{\"data\":[%s]}", JAVA), MOCK_PUBLIC_KEY, "1773115200"),
           ERR_CERT_EXPIRED);
}

/* It is held beside the present one from before its first day. */
Test(wechatpay_keys, one_that_is_not_valid_yet_is_taken)
{
    struct adapter_key key = { .key = NULL };
    struct span pem = mock_file("wechatpay/keys/java-wechat-pay-certificate.pem");
    CHECK_OK(wechatpay_key_accept(&mock_account, pem, mock_time("2022-05-01T00:00:00Z"), mock_arena,
                                  &key));
    cr_expect_eq(key.not_before.us, mock_time("2022-05-10T02:04:30Z").us);
    crypto_public_key_free(&key.key);
}

/* A merchant that has only a public key. */
Test(wechatpay_keys, no_certificates_is_a_hint_and_no_trouble)
{
    static const struct adapter_order order = { .nonce = SPAN(MOCK_NONCE) };
    struct adapter_answer answer = { .handling = ADAPTER_HANDLING_NONE };
    struct evidence *evidence = NULL;
    struct mock_message m = mock_unsigned(404, "{\"code\":\"RESOURCE_NOT_EXISTS\"}");
    CHECK_OK(verify_answer(&mock_account, ADAPTER_KEYS, &order, mock_message(&m), mock_arena,
                           &answer, &evidence));
    cr_expect_eq(answer.handling, ADAPTER_RETRY);
    CHECK_TEXT(answer.code, "RESOURCE_NOT_EXISTS");
    cr_expect_null(evidence);
}
