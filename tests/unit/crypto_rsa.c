/* SPDX-License-Identifier: Apache-2.0 */
/* RSA with PKCS#1 v1.5 padding, against published cipher texts. */
#include "check.h"
#include "crypto.h"
#include "vectors.h"

static struct crypto_private_key *private_key;
static struct crypto_public_key *public_key;

static void
start(void)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(0);
    DEFER(secret_free) struct secret *file = NULL;
    DEFER(secret_free) struct secret *word = NULL;
    DEFER(crypto_certificate_free) struct crypto_certificate *certificate = NULL;
    vectors_read("unionpay/certs/acp_test_sign_2021-2026.pfx", &bytes);
    CHECK_OK(secret_new(buf_span(&bytes), &file));
    CHECK_OK(secret_new(SPAN_LIT("000000"), &word));
    CHECK_OK(crypto_pkcs12_open(file, word, &private_key, &certificate));
    CHECK_OK(crypto_certificate_public_key(certificate, &public_key));
}

static void
stop(void)
{
    crypto_private_key_free(&private_key);
    crypto_public_key_free(&public_key);
}

TestSuite(rsa, .init = start, .fini = stop);

static void
expect_plain(struct span sealed, struct span want)
{
    DEFER(buf_fini) struct buf plain = BUF_MAX(1024);
    CHECK_OK(crypto_rsa_decrypt(private_key, sealed, &plain));
    cr_expect(span_eq(buf_span(&plain), want), "got %.*s", SPAN_ARG(buf_span(&plain)));
}

Test(rsa, published_cipher_texts_are_read)
{
    struct json_t *vectors = vectors_json("unionpay/messages/decrypt.json");
    cr_assert_eq(json_count(vectors), 3);
    for (size_t i = 0; i < json_count(vectors); i++) {
        DEFER(buf_fini) struct buf sealed = BUF_MAX(0);
        vectors_bytes(json_element(vectors, i), "ciphertext_b64", &sealed);
        expect_plain(buf_span(&sealed), vectors_text(json_element(vectors, i), "plaintext"));
    }
    json_free(&vectors);
}

Test(rsa, what_is_encrypted_is_read_and_never_the_same_twice)
{
    DEFER(buf_fini) struct buf one = BUF_MAX(1024);
    DEFER(buf_fini) struct buf two = BUF_MAX(1024);
    CHECK_OK(crypto_rsa_encrypt(public_key, SPAN_LIT("6216261000000000018"), &one));
    CHECK_OK(crypto_rsa_encrypt(public_key, SPAN_LIT("6216261000000000018"), &two));
    cr_expect_eq(one.len, 256);
    cr_expect(!span_eq(buf_span(&one), buf_span(&two)));
    expect_plain(buf_span(&one), SPAN_LIT("6216261000000000018"));
    expect_plain(buf_span(&two), SPAN_LIT("6216261000000000018"));
}

Test(rsa, the_longest_and_the_empty_text_are_read)
{
    static const unsigned char zeros[246];
    for (size_t len = 0; len <= 245; len += 245) {
        DEFER(buf_fini) struct buf sealed = BUF_MAX(1024);
        CHECK_OK(crypto_rsa_encrypt(public_key, span_make(zeros, len), &sealed));
        expect_plain(buf_span(&sealed), span_make(zeros, len));
    }
    DEFER(buf_fini) struct buf sealed = BUF_MAX(1024);
    CHECK_ERR(crypto_rsa_encrypt(public_key, span_make(zeros, 246), &sealed), ERR_CRYPTO);
    cr_expect_eq(sealed.len, 0);
}

/* Success and failure look alike: a text of some length comes out, the same one every time. */
Test(rsa, a_wrong_padding_is_not_told)
{
    DEFER(buf_fini) struct buf sealed = BUF_MAX(1024);
    size_t lengths[2] = { 0, 0 };
    CHECK_OK(crypto_rsa_encrypt(public_key, SPAN_LIT("secret"), &sealed));
    for (size_t i = 1; i < sealed.len; i += 5) {
        DEFER(buf_fini) struct buf one = BUF_MAX(1024);
        DEFER(buf_fini) struct buf two = BUF_MAX(1024);
        sealed.at[i] ^= 1;
        CHECK_OK(crypto_rsa_decrypt(private_key, buf_span(&sealed), &one));
        CHECK_OK(crypto_rsa_decrypt(private_key, buf_span(&sealed), &two));
        sealed.at[i] ^= 1;
        cr_expect(span_eq(buf_span(&one), buf_span(&two)));
        cr_expect(!span_eq(buf_span(&one), SPAN_LIT("secret")));
        cr_expect_leq(one.len, 245);
        lengths[one.len > 122]++;
    }
    cr_expect_gt(lengths[0], 0);
    cr_expect_gt(lengths[1], 0);
}

Test(rsa, what_cannot_be_a_cipher_text_is_refused)
{
    static const unsigned char bytes[257];
    DEFER(buf_fini) struct buf plain = BUF_MAX(1024);
    DEFER(buf_fini) struct buf pem = BUF_MAX(0);
    DEFER(secret_free) struct secret *secret = NULL;
    DEFER(crypto_private_key_free) struct crypto_private_key *other = NULL;
    CHECK_ERR(crypto_rsa_decrypt(private_key, span_make(bytes, 255), &plain), ERR_CRYPTO);
    CHECK_ERR(crypto_rsa_decrypt(private_key, span_make(bytes, 257), &plain), ERR_CRYPTO);
    vectors_read("crypto/ec_sec1.pem", &pem);
    CHECK_OK(secret_new(buf_span(&pem), &secret));
    CHECK_OK(crypto_private_key_new(secret, &other));
    CHECK_ERR(crypto_rsa_decrypt(other, span_make(bytes, 256), &plain), ERR_CRYPTO);
    cr_expect_eq(plain.len, 0);
}
