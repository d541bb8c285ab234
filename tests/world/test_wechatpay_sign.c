/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "vectors.h"
#include "wechatpay_sign.h"

/* Published vectors; their origin is told beside them. */

static void
private_key(const char *folder, struct span file, struct crypto_private_key **out)
{
    DEFER(buf_fini) struct buf path = BUF_MAX(256);
    DEFER(buf_fini) struct buf pem = BUF_MAX(0);
    DEFER(secret_free) struct secret *secret = NULL;
    const char *text;
    CHECK_OK(buf_printf(&path, "%s/%.*s", folder, SPAN_ARG(file)));
    CHECK_OK(buf_cstr(&path, &text));
    vectors_read(text, &pem);
    CHECK_OK(secret_new(buf_span(&pem), &secret));
    CHECK_OK(crypto_private_key_new(secret, out));
}

static struct crypto_public_key *
public_key(struct span file)
{
    DEFER(buf_fini) struct buf path = BUF_MAX(256);
    const char *text;
    CHECK_OK(buf_printf(&path, "wechatpay/keys/%.*s", SPAN_ARG(file)));
    CHECK_OK(buf_cstr(&path, &text));
    return vectors_public_key(text);
}

static void
check_request_text(const struct json_t *vector)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(65536);
    const struct wechatpay_request_text request = {
        .method = vectors_text(vector, "method"),
        .url = vectors_text(vector, "url"),
        .timestamp = vectors_text(vector, "timestamp"),
        .nonce = vectors_text(vector, "nonce"),
        .body = vectors_text(vector, "body"),
    };
    CHECK_OK(wechatpay_sign_request_text(&request, &text));
    cr_assert(span_eq(buf_span(&text), vectors_text(vector, "message")), "%.*s",
              SPAN_ARG(vectors_text(vector, "id")));
}

Test(wechatpay_sign, makes_every_published_signature_again)
{
    DEFER(json_free) struct json_t *root = vectors_json("wechatpay/rsa-signing.json");
    const struct json_t *cases = json_member(root, "cases");
    size_t signed_count = 0;
    size_t texts = 0;
    for (size_t i = 0; i < json_count(cases); i++) {
        const struct json_t *vector = json_element(cases, i);
        DEFER(crypto_private_key_free) struct crypto_private_key *key = NULL;
        DEFER(buf_fini) struct buf signature = BUF_MAX(1024);
        if (!span_empty(vectors_text(vector, "method"))) {
            check_request_text(vector);
            texts++;
        }
        if (span_empty(vectors_text(vector, "private_key"))) {
            continue;
        }
        private_key("wechatpay/keys", vectors_text(vector, "private_key"), &key);
        CHECK_OK(wechatpay_sign_text(key, CRYPTO_RSA_SHA256, vectors_text(vector, "message"),
                                     &signature));
        cr_assert(span_eq(buf_span(&signature), vectors_text(vector, "signature")), "%.*s",
                  SPAN_ARG(vectors_text(vector, "id")));
        signed_count++;
    }
    cr_assert_eq(signed_count, 10);
    cr_assert_eq(texts, 7);
}

Test(wechatpay_sign, writes_the_text_of_an_answer_as_the_provider_does)
{
    DEFER(json_free) struct json_t *root = vectors_json("wechatpay/rsa-response-verification.json");
    const struct json_t *cases = json_member(root, "cases");
    cr_assert_eq(json_count(cases), 4);
    for (size_t i = 0; i < json_count(cases); i++) {
        const struct json_t *vector = json_element(cases, i);
        const struct json_t *headers = json_member(vector, "headers");
        struct span file = vectors_text(vector, "public_key");
        struct crypto_public_key *key =
            public_key(span_empty(file) ? vectors_text(vector, "certificate") : file);
        const struct wechatpay_merchant reader = { .family = WECHATPAY_PUBKEY, .key = key };
        DEFER(buf_fini) struct buf text = BUF_MAX(65536);
        CHECK_OK(wechatpay_sign_answer_text(vectors_text(headers, "Wechatpay-Timestamp"),
                                            vectors_text(headers, "Wechatpay-Nonce"),
                                            vectors_text(vector, "body"), &text));
        cr_assert(span_eq(buf_span(&text), vectors_text(vector, "verify_message")));
        CHECK_ERR(wechatpay_sign_verify(&reader, buf_span(&text),
                                        vectors_text(headers, "Wechatpay-Signature")),
                  span_starts(vectors_text(vector, "expect"), SPAN_LIT("invalid")) ? ERR_SIGNATURE
                                                                                   : ERR_OK);
        crypto_public_key_free(&key);
    }
}

Test(wechatpay_sign, refuses_a_probing_signature)
{
    struct crypto_public_key *key = public_key(SPAN_LIT("java-wechat-pay-public-key.pem"));
    const struct wechatpay_merchant reader = { .family = WECHATPAY_PUBKEY, .key = key };
    CHECK_ERR(wechatpay_sign_verify(&reader, SPAN_LIT("text"),
                                    SPAN_LIT("WECHATPAY/SIGNTEST/2sWfO+6tVVsZonOXBXHOrle0Tug")),
              ERR_SIGNATURE);
    crypto_public_key_free(&key);
}

Test(wechatpay_sign, takes_sm2_signatures_under_the_standard_user_id_and_no_other_text)
{
    DEFER(json_free) struct json_t *root = vectors_json("wechatpay/sm.json");
    const struct json_t *cases = json_member(root, "cases");
    size_t count = 0;
    for (size_t i = 0; i < json_count(cases); i++) {
        const struct json_t *vector = json_element(cases, i);
        if (!span_eq_cstr(vectors_text(vector, "kind"), "sm2-verify")) {
            continue;
        }
        struct crypto_public_key *key = public_key(vectors_text(vector, "certificate"));
        const struct wechatpay_merchant merchant = { .family = WECHATPAY_SM, .key = key };
        struct span signature = vectors_text(vector, "signature");
        CHECK_OK(wechatpay_sign_verify(&merchant, vectors_text(vector, "message"), signature));
        CHECK_ERR(wechatpay_sign_verify(&merchant, SPAN_LIT("false-message"), signature),
                  ERR_SIGNATURE);
        crypto_public_key_free(&key);
        count++;
    }
    cr_assert_eq(count, 2);
}

Test(wechatpay_sign, makes_sm2_signatures_that_fit_the_certificate)
{
    DEFER(crypto_private_key_free) struct crypto_private_key *key = NULL;
    DEFER(buf_fini) struct buf signature = BUF_MAX(1024);
    struct crypto_public_key *fit = public_key(SPAN_LIT("sm-merchant-certificate.pem"));
    const struct wechatpay_merchant merchant = { .family = WECHATPAY_SM, .key = fit };
    private_key("wechatpay/keys", SPAN_LIT("sm-merchant-private-key.pem"), &key);
    CHECK_OK(wechatpay_sign_text(key, CRYPTO_SM2_SM3, SPAN_LIT("text"), &signature));
    CHECK_OK(wechatpay_sign_verify(&merchant, SPAN_LIT("text"), buf_span(&signature)));
    CHECK_ERR(wechatpay_sign_verify(&merchant, SPAN_LIT("test"), buf_span(&signature)),
              ERR_SIGNATURE);
    crypto_public_key_free(&fit);
}

static void
check_sealed(const struct json_t *vector, const struct wechatpay_seal_key *key)
{
    DEFER(buf_fini) struct buf sealed = BUF_MAX(65536);
    CHECK_OK(wechatpay_seal(key, vectors_text(vector, "nonce"),
                            vectors_text(vector, "associated_data"),
                            vectors_text(vector, "plaintext"), &sealed));
    cr_assert(span_eq(buf_span(&sealed), vectors_text(vector, "ciphertext")), "%.*s",
              SPAN_ARG(vectors_text(vector, "id")));
}

Test(wechatpay_seal, aes_agrees_with_the_published_ciphertexts)
{
    DEFER(json_free) struct json_t *root = vectors_json("wechatpay/aead-aes-256-gcm.json");
    const struct json_t *cases = json_member(root, "cases");
    size_t count = 0;
    for (size_t i = 0; i < json_count(cases); i++) {
        const struct json_t *vector = json_element(cases, i);
        struct wechatpay_seal_key key;
        if (vectors_text(vector, "key").len != 32) {
            CHECK_ERR(wechatpay_seal_key_make(vectors_text(vector, "key"), false, &key),
                      ERR_KEY_PARSE);
        } else if (span_empty(vectors_text(vector, "expect"))) {
            CHECK_OK(wechatpay_seal_key_make(vectors_text(vector, "key"), false, &key));
            check_sealed(vector, &key);
            count++;
        }
    }
    cr_assert_eq(count, 4);
}

Test(wechatpay_seal, sm4_agrees_with_the_published_ciphertexts)
{
    DEFER(json_free) struct json_t *root = vectors_json("wechatpay/sm.json");
    const struct json_t *cases = json_member(root, "cases");
    size_t count = 0;
    for (size_t i = 0; i < json_count(cases); i++) {
        const struct json_t *vector = json_element(cases, i);
        struct wechatpay_seal_key key;
        if (span_eq_cstr(vectors_text(vector, "kind"), "sm4-gcm-decrypt")
            && span_empty(vectors_text(vector, "expect"))) {
            CHECK_OK(wechatpay_seal_key_make(vectors_text(vector, "apiv3_key"), true, &key));
            check_sealed(vector, &key);
            count++;
        }
    }
    cr_assert_eq(count, 3);
}

Test(wechatpay_seal, the_sm4_key_is_the_first_half_of_the_digest)
{
    struct wechatpay_seal_key key;
    DEFER(buf_fini) struct buf hex = BUF_MAX(64);
    CHECK_OK(wechatpay_seal_key_make(SPAN_LIT("a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"), true, &key));
    CHECK_OK(crypto_hex_encode(span_make(key.bytes, 16), &hex));
    /* printf a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb | openssl dgst -sm3 */
    CHECK_TEXT(buf_span(&hex), "fa2028801e86d45f5638cadafb5db2e9");
}

Test(wechatpay_seal, the_hash_of_a_bill_covers_every_byte_of_it)
{
    DEFER(buf_fini) struct buf bill = BUF_MAX(0);
    DEFER(buf_fini) struct buf hash = BUF_MAX(64);
    vectors_read("wechatpay/bills/upstream-all-2021-01-28.csv", &bill);
    CHECK_OK(wechatpay_sha1(buf_span(&bill), &hash));
    CHECK_TEXT(buf_span(&hash), "dcd7ceb3d382a1181798368bb15d8437de46c00f");
}
