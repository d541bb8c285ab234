/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#12 files: published ones with old and newer ciphers, and files of the openssl program. */
#include "check.h"
#include "crypto.h"
#include "vectors.h"

struct opened {
    struct crypto_private_key *key;
    struct crypto_certificate *certificate;
};

static void
opened_fini(struct opened *opened)
{
    crypto_private_key_free(&opened->key);
    crypto_certificate_free(&opened->certificate);
}

static enum err
open_bytes(struct span bytes, const char *password, struct opened *out)
{
    DEFER(secret_free) struct secret *file = NULL;
    DEFER(secret_free) struct secret *word = NULL;
    CHECK_OK(secret_new(bytes, &file));
    if (password != NULL) {
        CHECK_OK(secret_new(span_of(password), &word));
    }
    return crypto_pkcs12_open(file, word, &out->key, &out->certificate);
}

static enum err
open_file(const char *path, const char *password, struct opened *out)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(0);
    vectors_read(path, &bytes);
    return open_bytes(buf_span(&bytes), password, out);
}

static void
refuse_bytes(struct span bytes, const char *password, enum err want)
{
    struct opened opened = { 0 };
    CHECK_ERR(open_bytes(bytes, password, &opened), want);
    cr_expect_null(opened.key);
    cr_expect_null(opened.certificate);
}

static void
refuse(const char *path, const char *password, enum err want)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(0);
    vectors_read(path, &bytes);
    refuse_bytes(buf_span(&bytes), password, want);
}

#define NEWER "unionpay/certs/acp_test_sign_2021-2026.pfx"
#define OLDER "unionpay/certs/acp_test_sign_2015-2018_rc2.pfx"

Test(pkcs12, a_wrong_password_is_told_as_such)
{
    static const char *const words[] = { NULL, "000001", "00000", "0000000" };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        refuse(NEWER, words[i], ERR_KEY_PASSWORD);
        refuse(OLDER, words[i], ERR_KEY_PASSWORD);
        refuse("crypto/key.pfx", words[i], ERR_KEY_PASSWORD);
    }
}

Test(pkcs12, files_without_key_certificate_or_code_are_refused)
{
    refuse("crypto/key_missing.pfx", "secret", ERR_KEY_PARSE);
    refuse("crypto/key_alone.pfx", "secret", ERR_CERT_PARSE);
    refuse("crypto/key_no_mac.pfx", "secret", ERR_KEY_PARSE);
    refuse("crypto/leaf.crt", "secret", ERR_KEY_PARSE);
    refuse("crypto/rsa_pkcs8.pem", "secret", ERR_KEY_PARSE);
}

Test(pkcs12, a_file_that_ends_early_or_late_is_refused)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(0);
    vectors_read("crypto/key.pfx", &bytes);
    for (size_t len = 1; len < bytes.len; len++) {
        refuse_bytes(span_sub(buf_span(&bytes), 0, len), "secret", ERR_KEY_PARSE);
    }
    bytes.max++;
    CHECK_OK(buf_byte(&bytes, 0));
    refuse_bytes(buf_span(&bytes), "secret", ERR_KEY_PARSE);
}

/* The bytes between the header and the code over them. */
Test(pkcs12, an_altered_byte_is_noticed)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(0);
    vectors_read(OLDER, &bytes);
    for (size_t i = 0; i < bytes.len - 64; i += 31) {
        struct opened opened = { 0 };
        bytes.at[i] ^= 0x10;
        cr_expect_neq(open_bytes(buf_span(&bytes), "000000", &opened), ERR_OK, "byte %zu", i);
        opened_fini(&opened);
        bytes.at[i] ^= 0x10;
    }
}

/* Serials as `openssl pkcs12 -legacy … | openssl x509 -serial` prints them, in decimal. */
Test(pkcs12, key_and_certificate_belong_together)
{
    static const struct {
        const char *path;
        const char *password;
        const char *serial;
    } rows[] = {
        { NEWER, "000000", "69903319369" },
        { OLDER, "000000", "68759663125" },
        { "unionpay/certs/acp_test_sign_2018-2021_rc2.pfx", "000000", "69629715588" },
        { "unionpay/certs/acp_test_sign_inst_2015-2020_rc2.pfx", "000000", "68759529225" },
        { "crypto/key.pfx", "secret", "147775129457714615655233416" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(opened_fini) struct opened opened = { 0 };
        DEFER(buf_fini) struct buf serial = BUF_MAX(64);
        DEFER(buf_fini) struct buf signature = BUF_MAX(512);
        DEFER(crypto_public_key_free) struct crypto_public_key *key = NULL;
        CHECK_OK(open_file(rows[i].path, rows[i].password, &opened));
        CHECK_OK(crypto_certificate_serial_decimal(opened.certificate, &serial));
        CHECK_TEXT(buf_span(&serial), rows[i].serial);
        CHECK_OK(crypto_certificate_public_key(opened.certificate, &key));
        CHECK_OK(crypto_sign(opened.key, CRYPTO_RSA_SHA256, SPAN_LIT("text"), &signature));
        CHECK_OK(crypto_verify(key, CRYPTO_RSA_SHA256, SPAN_LIT("text"), buf_span(&signature)));
    }
}

/* What was fetched before the old ciphers were loaded goes on working. */
Test(pkcs12, loading_old_ciphers_takes_nothing_away)
{
    unsigned char before[SHA256_BYTES];
    unsigned char after[SHA256_BYTES];
    DEFER(opened_fini) struct opened opened = { 0 };
    CHECK_OK(crypto_sha256(SPAN_LIT("abc"), before));
    CHECK_OK(open_file(OLDER, "000000", &opened));
    CHECK_OK(crypto_sha256(SPAN_LIT("abc"), after));
    cr_expect(span_eq(span_make(before, sizeof(before)), span_make(after, sizeof(after))));
    CHECK_OK(crypto_sm3(SPAN_LIT("abc"), after));
}
