/* SPDX-License-Identifier: Apache-2.0 */
/* Digests, ciphers, keys and signatures, against published vectors and the openssl program. */
#include "crypto.h"

#include <string.h>

#include <openssl/crypto.h>

#include "check.h"
#include "vectors.h"

static void
check_hex(const unsigned char *bytes, size_t len, const char *want)
{
    DEFER(buf_fini) struct buf hex = BUF_MAX(256);
    CHECK_OK(crypto_hex_encode(span_make(bytes, len), &hex));
    CHECK_TEXT(buf_span(&hex), want);
}

static struct secret *
secret_of(struct span bytes)
{
    struct secret *secret = NULL;
    CHECK_OK(secret_new(bytes, &secret));
    return secret;
}

static struct secret *
secret_of_hex(const char *hex)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(256);
    CHECK_OK(crypto_hex_decode(span_of(hex), &bytes));
    return secret_of(buf_span(&bytes));
}

/* RFC 6234 8.5 (= FIPS 180), RFC 1321 A.5. */
Test(crypto, digests_are_the_published_ones)
{
    unsigned char out[SHA512_BYTES];
    CHECK_OK(
        crypto_sha256(SPAN_LIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), out));
    check_hex(out, SHA256_BYTES,
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK_OK(crypto_sha256(span_of(NULL), out));
    check_hex(out, SHA256_BYTES,
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK_OK(crypto_sha512(SPAN_LIT("abc"), out));
    check_hex(out, SHA512_BYTES,
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    CHECK_OK(crypto_sha1(SPAN_LIT("abc"), out));
    check_hex(out, SHA1_BYTES, "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK_OK(crypto_md5(SPAN_LIT("message digest"), out));
    check_hex(out, MD5_BYTES, "f96b697d7cb7938d525a2f31aaf161d0");
}

/* GB/T 32905-2016, annex A.1. */
Test(crypto, sm3_is_that_of_the_standard)
{
    unsigned char out[SM3_BYTES];
    CHECK_OK(crypto_sm3(SPAN_LIT("abc"), out));
    check_hex(out, SM3_BYTES, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
}

/* RFC 4231 4.2, 4.3 and 4.7: a short key, and one longer than the block. */
Test(crypto, hmac_is_that_of_rfc_4231)
{
    unsigned char out[SHA256_BYTES];
    unsigned char long_key[131];
    memset(long_key, 0xaa, sizeof(long_key));
    struct secret *short_key = secret_of_hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
    CHECK_OK(crypto_hmac_sha256(short_key, SPAN_LIT("Hi There"), out));
    check_hex(out, sizeof(out), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    secret_free(&short_key);
    short_key = secret_of(SPAN_LIT("Jefe"));
    CHECK_OK(crypto_hmac_sha256(short_key, SPAN_LIT("what do ya want for nothing?"), out));
    check_hex(out, sizeof(out), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    secret_free(&short_key);
    struct secret *key = secret_of(span_make(long_key, sizeof(long_key)));
    CHECK_OK(crypto_hmac_sha256(
        key, SPAN_LIT("Test Using Larger Than Block-Size Key - Hash Key First"), out));
    check_hex(out, sizeof(out), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    secret_free(&key);
}

Test(crypto, a_stream_digests_as_the_whole)
{
    struct crypto_stream *stream = NULL;
    unsigned char whole[SHA256_BYTES];
    unsigned char parts[SHA256_BYTES];
    struct span text = SPAN("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
    CHECK_OK(crypto_sha256(text, whole));
    CHECK_OK(crypto_sha256_open(&stream));
    CHECK_OK(crypto_stream_update(stream, span_of(NULL)));
    for (size_t i = 0; i < text.len; i += 5) {
        CHECK_OK(crypto_stream_update(stream, span_sub(text, i, 5)));
    }
    CHECK_OK(crypto_stream_close(&stream, parts));
    cr_expect_null(stream);
    cr_expect_arr_eq(whole, parts, SHA256_BYTES);
}

Test(crypto, random_bytes_differ)
{
    unsigned char a[32] = { 0 };
    unsigned char b[32] = { 0 };
    CHECK_OK(crypto_random(a, sizeof(a)));
    CHECK_OK(crypto_random(b, sizeof(b)));
    cr_expect_arr_neq(a, b, sizeof(a));
}

/* NIST SP 800-38A F.2: the first block of each key length, then a whole padding block. */
Test(crypto, aes_cbc_is_that_of_sp_800_38a)
{
    static const struct {
        const char *key;
        const char *first;
    } rows[] = {
        { "2b7e151628aed2a6abf7158809cf4f3c", "7649abac8119b246cee98e9b12e9197d" },
        { "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", "4f021db243bc633d7178183a9fa071e8" },
        { "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
          "f58c4c04d6e5f1ba779eabfb5f7bfbd6" },
    };
    DEFER(buf_fini) struct buf iv = BUF_MAX(16);
    DEFER(buf_fini) struct buf plain = BUF_MAX(16);
    CHECK_OK(crypto_hex_decode(SPAN_LIT("000102030405060708090a0b0c0d0e0f"), &iv));
    CHECK_OK(crypto_hex_decode(SPAN_LIT("6bc1bee22e409f96e93d7e117393172a"), &plain));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(buf_fini) struct buf cipher = BUF_MAX(64);
        DEFER(buf_fini) struct buf back = BUF_MAX(64);
        struct secret *key = secret_of_hex(rows[i].key);
        CHECK_OK(crypto_aes_cbc_encrypt(key, buf_span(&iv), buf_span(&plain), &cipher));
        cr_expect_eq(cipher.len, 32);
        check_hex(cipher.at, 16, rows[i].first);
        CHECK_OK(crypto_aes_cbc_decrypt(key, buf_span(&iv), buf_span(&cipher), &back));
        cr_expect(span_eq(buf_span(&back), buf_span(&plain)));
        secret_free(&key);
    }
}

Test(crypto, aes_refuses_wrong_sizes_and_damaged_text)
{
    static const unsigned char iv[16] = { 0 };
    DEFER(buf_fini) struct buf out = BUF_MAX(256);
    struct secret *short_key = secret_of(SPAN_LIT("123456789012345"));
    struct secret *key = secret_of(SPAN_LIT("1234567890123456"));
    struct span whole = span_make(iv, sizeof(iv));
    CHECK_ERR(crypto_aes_cbc_encrypt(short_key, whole, SPAN_LIT("x"), &out), ERR_CRYPTO);
    CHECK_ERR(crypto_aes_cbc_encrypt(key, span_make(iv, 15), SPAN_LIT("x"), &out), ERR_CRYPTO);
    CHECK_ERR(crypto_aes_cbc_decrypt(key, whole, SPAN_LIT("123456789012345"), &out), ERR_CRYPTO);
    CHECK_ERR(crypto_aes_cbc_decrypt(key, whole, span_of(NULL), &out), ERR_CRYPTO);
    cr_expect_eq(out.len, 0);
    CHECK_OK(crypto_aes_cbc_encrypt(key, whole, span_of(NULL), &out));
    cr_expect_eq(out.len, 16, "nothing becomes one block of padding");
    DEFER(buf_fini) struct buf back = BUF_MAX(64);
    CHECK_OK(crypto_aes_cbc_decrypt(key, whole, buf_span(&out), &back));
    cr_expect_eq(back.len, 0);
    secret_free(&short_key);
    secret_free(&key);
}

/* RFC 8032 7.1, tests 1 to 3, wrapped by hand in PKCS#8 (RFC 8410 7) and SubjectPublicKeyInfo. */
static const struct {
    const char *seed;
    const char *public;
    const char *message;
    const char *signature;
} ed25519[] = {
    { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
      "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
    { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
    { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

static void
wrap(const char *prefix, const char *key, struct buf *base64)
{
    DEFER(buf_fini) struct buf der = BUF_MAX(256);
    CHECK_OK(crypto_hex_decode(span_of(prefix), &der));
    CHECK_OK(crypto_hex_decode(span_of(key), &der));
    CHECK_OK(crypto_base64_encode(buf_span(&der), base64));
}

Test(crypto, ed25519_is_that_of_rfc_8032)
{
    for (size_t i = 0; i < sizeof(ed25519) / sizeof(ed25519[0]); i++) {
        DEFER(buf_fini) struct buf text = BUF_MAX(256);
        DEFER(buf_fini) struct buf message = BUF_MAX(16);
        DEFER(buf_fini) struct buf signature = BUF_MAX(64);
        struct crypto_private_key *key = NULL;
        struct crypto_public_key *public = NULL;
        wrap("302e020100300506032b657004220420", ed25519[i].seed, &text);
        struct secret *secret = secret_of(buf_span(&text));
        CHECK_OK(crypto_private_key_new(secret, &key));
        buf_reset(&text);
        wrap("302a300506032b6570032100", ed25519[i].public, &text);
        CHECK_OK(crypto_public_key_new(buf_span(&text), &public));
        CHECK_OK(crypto_hex_decode(span_of(ed25519[i].message), &message));
        CHECK_OK(crypto_sign(key, CRYPTO_ED25519, buf_span(&message), &signature));
        check_hex(signature.at, signature.len, ed25519[i].signature);
        cr_expect_eq(crypto_public_key_signature_bytes(public), 64);
        CHECK_OK(crypto_verify(public, CRYPTO_ED25519, buf_span(&message), buf_span(&signature)));
        CHECK_ERR(crypto_verify(public, CRYPTO_ED25519, SPAN_LIT("x"), buf_span(&signature)),
                  ERR_SIGNATURE);
        crypto_public_key_free(&public);
        crypto_private_key_free(&key);
        secret_free(&secret);
    }
}

static struct crypto_private_key *
private_key(const char *path)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    struct crypto_private_key *key = NULL;
    vectors_read(path, &text);
    struct secret *secret = secret_of(buf_span(&text));
    CHECK_OK(crypto_private_key_new(secret, &key));
    secret_free(&secret);
    return key;
}

static void
signature_of(const char *path, struct buf *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    vectors_read(path, &text);
    CHECK_OK(crypto_base64_decode(buf_span(&text), out));
}

static const struct span message = SPAN("pay 88.00 to the seller");

/* PKCS#1 v1.5 is deterministic: the same bytes as the openssl program's. */
Test(crypto, every_form_of_one_rsa_key_signs_alike)
{
    static const char *const forms[] = { "crypto/rsa_pkcs8.pem", "crypto/rsa_pkcs1.pem",
                                         "crypto/rsa_pkcs8.b64", "crypto/rsa_pkcs1.b64" };
    DEFER(buf_fini) struct buf want = BUF_MAX(256);
    signature_of("crypto/rsa_sha256.sig.b64", &want);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        DEFER(buf_fini) struct buf got = BUF_MAX(256);
        struct crypto_private_key *key = private_key(forms[i]);
        struct crypto_public_key *public = NULL;
        CHECK_OK(crypto_sign(key, CRYPTO_RSA_SHA256, message, &got));
        cr_expect(span_eq(buf_span(&got), buf_span(&want)), "%s", forms[i]);
        CHECK_OK(crypto_public_key_of(key, &public));
        CHECK_OK(crypto_verify(public, CRYPTO_RSA_SHA256, message, buf_span(&want)));
        crypto_public_key_free(&public);
        crypto_private_key_free(&key);
    }
}

Test(crypto, every_form_of_one_public_key_verifies_alike)
{
    static const char *const forms[] = { "crypto/rsa_public_spki.pem", "crypto/rsa_public_spki.b64",
                                         "crypto/rsa_public_pkcs1.pem" };
    DEFER(buf_fini) struct buf good = BUF_MAX(256);
    DEFER(buf_fini) struct buf old = BUF_MAX(256);
    signature_of("crypto/rsa_sha256.sig.b64", &good);
    signature_of("crypto/rsa_sha1.sig.b64", &old);
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct crypto_public_key *key = vectors_public_key(forms[i]);
        cr_expect_eq(crypto_public_key_signature_bytes(key), 256);
        CHECK_OK(crypto_verify(key, CRYPTO_RSA_SHA256, message, buf_span(&good)));
        CHECK_OK(crypto_verify(key, CRYPTO_RSA_SHA1, message, buf_span(&old)));
        CHECK_ERR(crypto_verify(key, CRYPTO_RSA_SHA256, message, buf_span(&old)), ERR_SIGNATURE);
        CHECK_ERR(crypto_verify(key, CRYPTO_RSA_SHA1, message, buf_span(&good)), ERR_SIGNATURE);
        crypto_public_key_free(&key);
    }
}

Test(crypto, no_changed_bit_and_no_other_length_verifies)
{
    struct crypto_public_key *key = vectors_public_key("crypto/rsa_public_spki.pem");
    DEFER(buf_fini) struct buf s = BUF_MAX(257);
    signature_of("crypto/rsa_sha256.sig.b64", &s);
    for (size_t bit = 0; bit < s.len * 8; bit += 7) {
        s.at[bit / 8] ^= (unsigned char)(1 << bit % 8);
        CHECK_ERR(crypto_verify(key, CRYPTO_RSA_SHA256, message, buf_span(&s)), ERR_SIGNATURE);
        s.at[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    CHECK_ERR(
        crypto_verify(key, CRYPTO_RSA_SHA256, SPAN_LIT("pay 88.01 to the seller"), buf_span(&s)),
        ERR_SIGNATURE);
    CHECK_ERR(crypto_verify(key, CRYPTO_RSA_SHA256, message, span_sub(buf_span(&s), 0, 255)),
              ERR_SIGNATURE);
    CHECK_ERR(crypto_verify(key, CRYPTO_RSA_SHA256, message, span_of(NULL)), ERR_SIGNATURE);
    CHECK_ERR(crypto_verify(key, CRYPTO_RSA_SHA256, span_of(NULL), buf_span(&s)), ERR_SIGNATURE);
    CHECK_OK(crypto_verify(key, CRYPTO_RSA_SHA256, message, buf_span(&s)));
    CHECK_OK(buf_byte(&s, 0));
    CHECK_ERR(crypto_verify(key, CRYPTO_RSA_SHA256, message, buf_span(&s)), ERR_SIGNATURE);
    crypto_public_key_free(&key);
}

Test(crypto, key_and_scheme_must_fit)
{
    DEFER(buf_fini) struct buf out = BUF_MAX(512);
    struct crypto_private_key *rsa = private_key("crypto/rsa_pkcs8.pem");
    struct crypto_private_key *ec = private_key("crypto/ec_sec1.pem");
    struct crypto_public_key *public = vectors_public_key("crypto/rsa_public_spki.pem");
    CHECK_ERR(crypto_sign(rsa, CRYPTO_ED25519, message, &out), ERR_CRYPTO);
    CHECK_ERR(crypto_sign(rsa, CRYPTO_SM2_SM3, message, &out), ERR_CRYPTO);
    CHECK_ERR(crypto_sign(rsa, CRYPTO_RSA_SHA1, message, &out), ERR_CRYPTO);
    CHECK_ERR(crypto_sign(rsa, CRYPTO_SCHEME_NONE, message, &out), ERR_CRYPTO);
    CHECK_ERR(crypto_sign(ec, CRYPTO_RSA_SHA256, message, &out), ERR_CRYPTO);
    CHECK_ERR(crypto_sign(ec, CRYPTO_SM2_SM3, message, &out), ERR_CRYPTO);
    CHECK_ERR(crypto_verify(public, CRYPTO_ED25519, message, message), ERR_CRYPTO);
    CHECK_ERR(crypto_verify(public, CRYPTO_SCHEME_COUNT, message, message), ERR_CRYPTO);
    cr_expect_eq(out.len, 0);
    crypto_public_key_free(&public);
    crypto_private_key_free(&ec);
    crypto_private_key_free(&rsa);
}

Test(crypto, sm2_agrees_with_the_openssl_program)
{
    struct crypto_private_key *key = private_key("crypto/sm2_private.pem");
    struct crypto_public_key *public = vectors_public_key("crypto/sm2_public.pem");
    DEFER(buf_fini) struct buf theirs = BUF_MAX(80);
    DEFER(buf_fini) struct buf ours = BUF_MAX(80);
    signature_of("crypto/sm2_sm3.sig.b64", &theirs);
    CHECK_OK(crypto_verify(public, CRYPTO_SM2_SM3, message, buf_span(&theirs)));
    CHECK_ERR(crypto_verify(public, CRYPTO_SM2_SM3, SPAN_LIT("pay"), buf_span(&theirs)),
              ERR_SIGNATURE);
    CHECK_OK(crypto_sign(key, CRYPTO_SM2_SM3, message, &ours));
    CHECK_OK(crypto_verify(public, CRYPTO_SM2_SM3, message, buf_span(&ours)));
    CHECK_ERR(crypto_verify(public, CRYPTO_SM2_SM3, message, SPAN_LIT("\x30\x00")), ERR_SIGNATURE);
    crypto_public_key_free(&public);
    crypto_private_key_free(&key);
}

Test(crypto, what_is_no_key_is_refused)
{
    static const char *const bad[] = {
        "",
        "-----BEGIN PRIVATE KEY-----",
        "AAAA",
        "not base64!",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct crypto_private_key *private = NULL;
        struct crypto_public_key *public = NULL;
        struct secret *secret = secret_of(span_of(bad[i]));
        CHECK_ERR(crypto_private_key_new(secret, &private), ERR_KEY_PARSE);
        CHECK_ERR(crypto_public_key_new(span_of(bad[i]), &public), ERR_KEY_PARSE);
        cr_expect(private == NULL && public == NULL);
        secret_free(&secret);
    }
}

Test(crypto, a_key_under_a_passphrase_is_refused_without_asking)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    struct crypto_private_key *key = NULL;
    vectors_read("crypto/rsa_encrypted.pem", &text);
    struct secret *secret = secret_of(buf_span(&text));
    CHECK_ERR(crypto_private_key_new(secret, &key), ERR_KEY_PARSE);
    secret_free(&secret);
}

Test(crypto, a_public_key_is_no_private_key)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(0);
    struct crypto_private_key *key = NULL;
    vectors_read("crypto/rsa_public_spki.pem", &text);
    struct secret *secret = secret_of(buf_span(&text));
    CHECK_ERR(crypto_private_key_new(secret, &key), ERR_KEY_PARSE);
    secret_free(&secret);
    crypto_private_key_free(&key);
    crypto_private_key_free(NULL);
    crypto_public_key_free(NULL);
}

Test(crypto, a_private_key_lives_in_locked_memory)
{
    DEFER(buf_fini) struct buf pem = BUF_MAX(0);
    DEFER(buf_fini) struct buf signature = BUF_MAX(1024);
    DEFER(crypto_private_key_free) struct crypto_private_key *key = NULL;
    /* RSA of 2048 bits: d, and p, q, dp, dq, qinv of half the size. */
    const size_t secret_numbers = 256 + 5 * 128;
    CHECK_OK(crypto_lock_keys());
    CHECK_OK(crypto_lock_keys());
    cr_assert_eq(CRYPTO_secure_used(), 0);
    vectors_read("alipay/keys/mock_alipay_private.pem", &pem);
    DEFER(secret_free) struct secret *secret = secret_of(buf_span(&pem));
    CHECK_OK(crypto_private_key_new(secret, &key));
    cr_expect_eq(CRYPTO_secure_used(), secret_numbers);
    CHECK_OK(crypto_sign(key, CRYPTO_RSA_SHA256, SPAN_LIT("text"), &signature));
    size_t before = CRYPTO_secure_used(); /* signing left the state of its random numbers there */
    crypto_private_key_free(&key);
    cr_expect_eq(before - CRYPTO_secure_used(), secret_numbers);
}
