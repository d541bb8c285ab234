/* SPDX-License-Identifier: Apache-2.0 */
/* What is sealed with a shared secret or for the holder of one key: published vectors, and every way of
 * damaging them. */
#include <string.h>

#include "check.h"
#include "crypto.h"
#include "vectors.h"

#define MAX ((size_t)64 * 1024)

static struct secret *
secret_of(struct span bytes)
{
    struct secret *secret = NULL;
    CHECK_OK(secret_new(bytes, &secret));
    return secret;
}

static struct crypto_private_key *
private_key(const char *path)
{
    DEFER(buf_fini) struct buf pem = BUF_MAX(0);
    DEFER(secret_free) struct secret *secret = NULL;
    struct crypto_private_key *key = NULL;
    vectors_read(path, &pem);
    CHECK_OK(secret_new(buf_span(&pem), &secret));
    CHECK_OK(crypto_private_key_new(secret, &key));
    return key;
}

static void
from_hex(const char *hex, struct buf *out)
{
    buf_init(out, MAX);
    CHECK_OK(crypto_hex_decode(span_of(hex), out));
}

static void
expect_hex(struct span bytes, const char *want)
{
    DEFER(buf_fini) struct buf hex = BUF_MAX(MAX);
    CHECK_OK(crypto_hex_encode(bytes, &hex));
    CHECK_TEXT(buf_span(&hex), want);
}

/* RFC 8998 A.1, and test case 16 of the GCM specification (256-bit key, additional data). */
static const struct {
    enum crypto_aead aead;
    const char *key;
    const char *nonce;
    const char *associated;
    const char *plain;
    const char *sealed; /* the tag at its end */
} published[] = {
    { CRYPTO_AEAD_SM4_GCM, "0123456789abcdeffedcba9876543210", "00001234567800000000abcd",
      "feedfacedeadbeeffeedfacedeadbeefabaddad2",
      "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
      "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
      "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
      "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
      "83de3541e4c2b58177e065a9bf7b62ec" },
    { CRYPTO_AEAD_AES_256_GCM, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
      "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
      "76fc6ece0f4e1768cddf8853bb2d551b" },
};

struct sample {
    struct secret *key;
    struct buf nonce;
    struct buf associated;
    struct buf plain;
    struct buf sealed;
};

static void
sample_read(size_t i, struct sample *out)
{
    DEFER(buf_fini) struct buf key = BUF_MAX(0);
    from_hex(published[i].key, &key);
    out->key = secret_of(buf_span(&key));
    from_hex(published[i].nonce, &out->nonce);
    from_hex(published[i].associated, &out->associated);
    from_hex(published[i].plain, &out->plain);
    from_hex(published[i].sealed, &out->sealed);
}

static void
sample_fini(struct sample *sample)
{
    secret_free(&sample->key);
    buf_fini(&sample->nonce);
    buf_fini(&sample->associated);
    buf_fini(&sample->plain);
    buf_fini(&sample->sealed);
}

static enum err
open_sample(size_t i, const struct sample *sample, struct span sealed, struct buf *out)
{
    return crypto_aead_open(published[i].aead, sample->key, buf_span(&sample->nonce),
                            buf_span(&sample->associated), sealed, out);
}

Test(sealed, no_changed_byte_and_no_other_length_opens)
{
    for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
        DEFER(sample_fini) struct sample sample = { 0 };
        DEFER(buf_fini) struct buf out = BUF_MAX(MAX);
        sample_read(i, &sample);
        struct span whole = buf_span(&sample.sealed);
        for (size_t at = 0; at < whole.len; at++) {
            sample.sealed.at[at] ^= 0x01;
            CHECK_ERR(open_sample(i, &sample, whole, &out), ERR_SEALED);
            sample.sealed.at[at] ^= 0x01;
            CHECK_ERR(open_sample(i, &sample, span_sub(whole, 0, at), &out), ERR_SEALED);
        }
        sample.associated.at[0] ^= 0x01;
        CHECK_ERR(open_sample(i, &sample, whole, &out), ERR_SEALED);
        sample.associated.at[0] ^= 0x01;
        sample.nonce.at[0] ^= 0x01;
        CHECK_ERR(open_sample(i, &sample, whole, &out), ERR_SEALED);
        cr_expect_eq(out.len, 0, "nothing was given away");
    }
}

Test(sealed, both_ciphers_give_the_published_bytes_and_open_them)
{
    for (size_t i = 0; i < sizeof(published) / sizeof(published[0]); i++) {
        DEFER(sample_fini) struct sample sample = { 0 };
        DEFER(buf_fini) struct buf sealed = BUF_MAX(MAX);
        DEFER(buf_fini) struct buf plain = BUF_MAX(MAX);
        sample_read(i, &sample);
        CHECK_OK(crypto_aead_seal(published[i].aead, sample.key, buf_span(&sample.nonce),
                                  buf_span(&sample.associated), buf_span(&sample.plain), &sealed));
        expect_hex(buf_span(&sealed), published[i].sealed);
        CHECK_OK(open_sample(i, &sample, buf_span(&sealed), &plain));
        expect_hex(buf_span(&plain), published[i].plain);
    }
}

Test(sealed, a_key_of_the_wrong_length_and_no_algorithm_are_refused)
{
    DEFER(secret_free) struct secret *short_key = secret_of(SPAN_LIT("0123456789abcdef"));
    DEFER(secret_free)
    struct secret *long_key = secret_of(SPAN_LIT("0123456789abcdef0123456789abcdef"));
    DEFER(buf_fini) struct buf out = BUF_MAX(MAX);
    struct span nonce = SPAN_LIT("0123456789ab");
    struct span none = { .at = NULL, .len = 0 };
    struct span text = SPAN_LIT("sixteen or more bytes");
    CHECK_ERR(crypto_aead_seal(CRYPTO_AEAD_AES_256_GCM, short_key, nonce, none, text, &out),
              ERR_CRYPTO);
    CHECK_ERR(crypto_aead_seal(CRYPTO_AEAD_SM4_GCM, long_key, nonce, none, text, &out), ERR_CRYPTO);
    CHECK_ERR(crypto_aead_seal(CRYPTO_AEAD_NONE, long_key, nonce, none, text, &out), ERR_CRYPTO);
    CHECK_ERR(crypto_aead_seal(CRYPTO_AEAD_SM4_GCM, short_key, none, none, text, &out), ERR_CRYPTO);
    CHECK_ERR(crypto_aead_open(CRYPTO_AEAD_AES_256_GCM, short_key, nonce, none, text, &out),
              ERR_CRYPTO);
    CHECK_ERR(crypto_aead_open(CRYPTO_AEAD_SM4_GCM, long_key, nonce, none, text, &out), ERR_CRYPTO);
    CHECK_ERR(crypto_aead_open(CRYPTO_AEAD_NONE, long_key, nonce, none, text, &out), ERR_CRYPTO);
    CHECK_ERR(crypto_aead_open(CRYPTO_AEAD_SM4_GCM, short_key, none, none, text, &out), ERR_SEALED);
    cr_expect_eq(out.len, 0);
}

Test(sealed, an_empty_text_is_sealed_as_a_tag_alone)
{
    static const enum crypto_aead aeads[] = { CRYPTO_AEAD_AES_256_GCM, CRYPTO_AEAD_SM4_GCM };
    for (size_t i = 0; i < 2; i++) {
        DEFER(secret_free)
        struct secret *key =
            secret_of(span_sub(SPAN_LIT("0123456789abcdef0123456789abcdef"), 0, i == 0 ? 32 : 16));
        DEFER(buf_fini) struct buf sealed = BUF_MAX(MAX);
        DEFER(buf_fini) struct buf plain = BUF_MAX(MAX);
        struct span nonce = SPAN_LIT("0123456789ab");
        struct span none = { .at = NULL, .len = 0 };
        CHECK_OK(crypto_aead_seal(aeads[i], key, nonce, none, none, &sealed));
        cr_expect_eq(sealed.len, CRYPTO_AEAD_TAG_BYTES);
        CHECK_OK(crypto_aead_open(aeads[i], key, nonce, none, buf_span(&sealed), &plain));
        cr_expect_eq(plain.len, 0);
    }
}

/* GM/T 0004-2012 annex A. */
Test(sealed, sm3_is_that_of_the_standard)
{
    unsigned char out[SM3_BYTES];
    CHECK_OK(crypto_sm3(SPAN_LIT("abc"), out));
    expect_hex(span_make(out, sizeof(out)),
               "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
}

static const struct {
    const char *private_key;
    const char *public_key;
} pairs[] = {
    { "wechatpay/keys/java-merchant-private-key.pem",
      "wechatpay/keys/java-merchant-certificate.pem" },
    { "wechatpay/keys/sm-merchant-private-key.pem", "wechatpay/keys/sm-merchant-certificate.pem" },
};

Test(sealed, a_field_is_read_by_the_holder_of_the_key_and_by_nobody_else)
{
    for (size_t i = 0; i < 2; i++) {
        DEFER(buf_fini) struct buf sealed = BUF_MAX(MAX);
        DEFER(buf_fini) struct buf plain = BUF_MAX(MAX);
        DEFER(crypto_public_key_free)
        struct crypto_public_key *to = vectors_public_key(pairs[i].public_key);
        DEFER(crypto_private_key_free)
        struct crypto_private_key *holder = private_key(pairs[i].private_key);
        DEFER(crypto_private_key_free)
        struct crypto_private_key *other = private_key("wechatpay/keys/go-private-key.pem");
        CHECK_OK(crypto_encrypt(to, SPAN_LIT("6222 0000 1111 2222"), &sealed));
        CHECK_ERR(crypto_decrypt(other, buf_span(&sealed), &plain), ERR_SEALED);
        sealed.at[sealed.len - 1] ^= 0x01;
        CHECK_ERR(crypto_decrypt(holder, buf_span(&sealed), &plain), ERR_SEALED);
        sealed.at[sealed.len - 1] ^= 0x01;
        cr_expect_eq(plain.len, 0);
        CHECK_OK(crypto_decrypt(holder, buf_span(&sealed), &plain));
        CHECK_TEXT(buf_span(&plain), "6222 0000 1111 2222");
    }
}

/* OAEP with SHA-1 takes 256 - 2 * 20 - 2 bytes under a key of 2048 bits. */
Test(sealed, a_field_longer_than_the_key_takes_is_refused)
{
    unsigned char text[215];
    memset(text, 'a', sizeof(text));
    DEFER(buf_fini) struct buf sealed = BUF_MAX(MAX);
    DEFER(crypto_public_key_free)
    struct crypto_public_key *to = vectors_public_key(pairs[0].public_key);
    CHECK_ERR(crypto_encrypt(to, span_make(text, 215), &sealed), ERR_CRYPTO);
    CHECK_ERR(crypto_encrypt(to, span_make(text, 0), &sealed), ERR_CRYPTO);
    CHECK_OK(crypto_encrypt(to, span_make(text, 214), &sealed));
    cr_expect_eq(sealed.len, 256);
}

Test(sealed, a_key_that_only_signs_encrypts_nothing)
{
    DEFER(buf_fini) struct buf sealed = BUF_MAX(MAX);
    DEFER(crypto_public_key_free) struct crypto_public_key *signer = NULL;
    CHECK_OK(crypto_public_key_new(
        SPAN_LIT("-----BEGIN PUBLIC KEY-----\n"
                 "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
                 "-----END PUBLIC KEY-----\n"),
        &signer));
    CHECK_ERR(crypto_encrypt(signer, SPAN_LIT("text"), &sealed), ERR_CRYPTO);
    cr_expect(crypto_public_key_fits(signer, CRYPTO_ED25519));
    cr_expect(!crypto_public_key_fits(signer, CRYPTO_RSA_SHA256));
    cr_expect(!crypto_public_key_fits(signer, CRYPTO_SM2_SM3));
    cr_expect(!crypto_public_key_fits(signer, CRYPTO_KEYED_SM3));
    cr_expect(!crypto_public_key_fits(signer, CRYPTO_SCHEME_NONE));
}

/* `openssl x509 -serial` of the same files. */
Test(sealed, a_serial_is_printed_as_the_openssl_program_does)
{
    static const char *const rows[][2] = {
        { "wechatpay/keys/go-certificate.pem", "D7CE59D1F522D701" },
        { "wechatpay/keys/java-merchant-certificate.pem",
          "5F1C72E2A8931B72A2E13AF8DEE92471EB397115" },
        { "wechatpay/keys/sm-wechat-pay-certificate.pem",
          "3F1E989910B253E069A11568C91C57CA44568158" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(buf_fini) struct buf pem = BUF_MAX(0);
        DEFER(buf_fini) struct buf serial = BUF_MAX(64);
        DEFER(crypto_certificate_free) struct crypto_certificate *certificate = NULL;
        size_t count = 0;
        vectors_read(rows[i][0], &pem);
        CHECK_OK(crypto_certificates_new(buf_span(&pem), 1, &certificate, &count));
        CHECK_OK(crypto_certificate_serial_hex(certificate, &serial));
        CHECK_TEXT(buf_span(&serial), rows[i][1]);
    }
}
