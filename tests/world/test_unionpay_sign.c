/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "check.h"
#include "unionpay_sign.h"
#include "vectors.h"

/* The published messages of tests/vectors/unionpay, signed and checked by the world's own functions. */

static void
vector_path(struct buf *path, const char *folder, struct span name, const char **out)
{
    CHECK_OK(buf_printf(path, "unionpay/%s/%.*s", folder, SPAN_ARG(name)));
    CHECK_OK(buf_cstr(path, out));
}

/* Naming one provider takes the default one away unless it is named too. */
struct providers {
    OSSL_PROVIDER *legacy;
    OSSL_PROVIDER *standard;
};

static void
providers_fini(struct providers *providers)
{
    (void)OSSL_PROVIDER_unload(providers->legacy);
    (void)OSSL_PROVIDER_unload(providers->standard);
}

/* The private key of a published PKCS#12 file as PEM; the older ones are RC2-40 encrypted. */
static struct crypto_private_key *
pfx_key(struct span name)
{
    DEFER(buf_fini) struct buf path = BUF_MAX(256);
    DEFER(buf_fini) struct buf file = BUF_MAX(0);
    const char *text;
    vector_path(&path, "certs", name, &text);
    vectors_read(text, &file);
    const unsigned char *at = file.at;
    PKCS12 *pfx = d2i_PKCS12(NULL, &at, (long)file.len);
    EVP_PKEY *key = NULL;
    X509 *cert = NULL;
    cr_assert_eq(PKCS12_parse(pfx, "000000", &key, &cert, NULL), 1);
    BIO *bio = BIO_new(BIO_s_mem());
    cr_assert_eq(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    char *pem;
    long len = BIO_get_mem_data(bio, &pem);
    struct secret *secret;
    struct crypto_private_key *out;
    CHECK_OK(secret_new(span_make(pem, (size_t)len), &secret));
    CHECK_OK(crypto_private_key_new(secret, &out));
    secret_free(&secret);
    BIO_free(bio);
    X509_free(cert);
    EVP_PKEY_free(key);
    PKCS12_free(pfx);
    return out;
}

static void
read_fields(const struct json_t *vector, struct unionpay_fields *fields)
{
    void *at = NULL;
    const char *name;
    struct json_t *value;
    while (json_each(json_member(vector, "fields"), &at, &name, &value)) {
        struct span text;
        CHECK_OK(json_as_string(value, &text));
        CHECK_OK(unionpay_form_add(fields, name, text));
    }
}

static void
expect_text(const struct json_t *vector, const struct unionpay_fields *fields)
{
    DEFER(buf_fini) struct buf path = BUF_MAX(256);
    DEFER(buf_fini) struct buf want = BUF_MAX(0);
    DEFER(buf_fini) struct buf got = BUF_MAX(65536);
    const char *text;
    vector_path(&path, "messages", vectors_text(vector, "tbs_file"), &text);
    vectors_read(text, &want);
    CHECK_OK(unionpay_form_signed_text(fields, &got));
    cr_assert(span_eq(buf_span(&got), buf_span(&want)), "%s", text);
}

static bool
is_510(const struct json_t *vector)
{
    return span_eq_cstr(vectors_text(json_member(vector, "fields"), "version"), "5.1.0");
}

Test(unionpay_sign, published_requests_are_signed_byte_for_byte)
{
    DEFER(providers_fini)
    struct providers providers = {
        .legacy = OSSL_PROVIDER_load(NULL, "legacy"),
        .standard = OSSL_PROVIDER_load(NULL, "default"),
    };
    cr_assert(providers.legacy != NULL && providers.standard != NULL);
    DEFER(json_free) struct json_t *index = vectors_json("unionpay/messages/index.json");
    size_t signed_count = 0;
    for (size_t i = 0; i < json_count(index); i++) {
        const struct json_t *vector = json_element(index, i);
        struct span pfx = vectors_text(vector, "sign_key_from");
        if (span_empty(pfx)) {
            continue;
        }
        DEFER(unionpay_form_fini) struct unionpay_fields fields = { .count = 0 };
        DEFER(buf_fini) struct buf got = BUF_MAX(1024);
        DEFER(crypto_private_key_free) struct crypto_private_key *key = pfx_key(pfx);
        read_fields(vector, &fields);
        expect_text(vector, &fields);
        CHECK_OK(unionpay_sign_rsa(key, &fields, &got));
        cr_assert(span_eq(buf_span(&got), vectors_text(vector, "signature_b64")));
        signed_count++;
    }
    cr_assert_eq(signed_count, 6);
}

Test(unionpay_sign, published_answers_and_notifications_are_genuine_and_altered_ones_are_not)
{
    DEFER(json_free) struct json_t *index = vectors_json("unionpay/messages/index.json");
    size_t checked = 0;
    for (size_t i = 0; i < json_count(index); i++) {
        const struct json_t *vector = json_element(index, i);
        struct span cert = vectors_text(vector, "verify_cert");
        if (!is_510(vector) || !span_starts(cert, SPAN_LIT("acp_test_signer"))) {
            continue;
        }
        DEFER(unionpay_form_fini) struct unionpay_fields fields = { .count = 0 };
        DEFER(buf_fini) struct buf path = BUF_MAX(256);
        const char *text;
        vector_path(&path, "certs", cert, &text);
        DEFER(crypto_public_key_free) struct crypto_public_key *key = vectors_public_key(text);
        read_fields(vector, &fields);
        expect_text(vector, &fields);
        CHECK_OK(unionpay_sign_rsa_check(key, &fields));
        CHECK_OK(unionpay_form_add(&fields, "more", SPAN_LIT("1")));
        CHECK_ERR(unionpay_sign_rsa_check(key, &fields), ERR_SIGNATURE);
        checked++;
    }
    cr_assert_eq(checked, 13);
}

Test(unionpay_sign, published_forms_decode_to_the_text_that_was_signed)
{
    DEFER(json_free) struct json_t *index = vectors_json("unionpay/messages/index.json");
    size_t decoded = 0;
    for (size_t i = 0; i < json_count(index); i++) {
        const struct json_t *vector = json_element(index, i);
        if (!span_eq_cstr(vectors_text(vector, "wire_encoding"), "form")) {
            continue;
        }
        DEFER(unionpay_form_fini) struct unionpay_fields fields = { .count = 0 };
        DEFER(buf_fini) struct buf path = BUF_MAX(256);
        DEFER(buf_fini) struct buf wire = BUF_MAX(0);
        const char *text;
        vector_path(&path, "messages", vectors_text(vector, "wire_file"), &text);
        vectors_read(text, &wire);
        CHECK_OK(unionpay_form_parse(buf_span(&wire), &fields));
        expect_text(vector, &fields);
        decoded++;
    }
    cr_assert_gt(decoded, 6);
}

Test(unionpay_sign, a_published_notification_is_encoded_byte_for_byte)
{
    DEFER(unionpay_form_fini) struct unionpay_fields fields = { .count = 0 };
    DEFER(buf_fini) struct buf wire = BUF_MAX(0);
    DEFER(buf_fini) struct buf got = BUF_MAX(65536);
    vectors_read("unionpay/messages/notify-consume-2022.wire", &wire);
    CHECK_OK(unionpay_form_parse(buf_span(&wire), &fields));
    CHECK_OK(unionpay_form_encode_url(&fields, &got));
    cr_assert(span_eq(buf_span(&got), buf_span(&wire)));
}

Test(unionpay_sign, a_published_answer_is_laid_out_byte_for_byte)
{
    DEFER(json_free) struct json_t *index = vectors_json("unionpay/messages/index.json");
    DEFER(unionpay_form_fini) struct unionpay_fields fields = { .count = 0 };
    DEFER(buf_fini) struct buf wire = BUF_MAX(0);
    DEFER(buf_fini) struct buf got = BUF_MAX(65536);
    vectors_read("unionpay/messages/resp-query-00-2024.wire", &wire);
    for (size_t i = 0; i < json_count(index); i++) {
        const struct json_t *vector = json_element(index, i);
        if (span_eq_cstr(vectors_text(vector, "id"), "resp-query-00-2024")) {
            read_fields(vector, &fields);
        }
    }
    CHECK_OK(unionpay_form_encode_raw(&fields, &got));
    cr_assert(span_eq(buf_span(&got), buf_span(&wire)));
}

Test(unionpay_sign, shared_key_signatures_agree_with_openssl_and_node)
{
    DEFER(json_free) struct json_t *index = vectors_json("unionpay/messages/secret-key-sign.json");
    cr_assert_eq(json_count(index), 2);
    for (size_t i = 0; i < json_count(index); i++) {
        const struct json_t *vector = json_element(index, i);
        DEFER(unionpay_form_fini) struct unionpay_fields fields = { .count = 0 };
        DEFER(buf_fini) struct buf got = BUF_MAX(1024);
        struct span key = vectors_text(vector, "secure_key");
        read_fields(vector, &fields);
        const char *method = unionpay_form_get(&fields, "signMethod");
        CHECK_OK(unionpay_sign_shared(method, key, &fields, &got));
        cr_assert(span_eq(buf_span(&got), vectors_text(vector, "signature")));
        CHECK_OK(unionpay_form_add(&fields, "signature", buf_span(&got)));
        CHECK_OK(unionpay_sign_shared_check(method, key, &fields));
        CHECK_ERR(unionpay_sign_shared_check(method, SPAN_LIT("88888889"), &fields), ERR_SIGNATURE);
    }
}

Test(unionpay_sign, damaged_forms_are_refused)
{
    static const struct {
        const char *text;
        enum err want;
    } rows[] = {
        { "a=1&a=2", ERR_FIELD_REPEATED }, { "a=%2f", ERR_ENCODING }, { "a=%", ERR_ENCODING },
        { "a=%F", ERR_ENCODING },          { "a=%00", ERR_ENCODING }, { "a=%FF", ERR_ENCODING },
        { "a=b&%zz=1", ERR_ENCODING },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(unionpay_form_fini) struct unionpay_fields fields = { .count = 0 };
        CHECK_ERR(unionpay_form_parse(span_of(rows[i].text), &fields), rows[i].want);
    }
}

Test(unionpay_sign, a_certificate_travels_with_crlf_and_no_last_newline)
{
    DEFER(buf_fini) struct buf got = BUF_MAX(256);
    CHECK_OK(unionpay_sign_pem(SPAN_LIT("-----BEGIN\nAAAA\r\n-----END\n"), &got));
    CHECK_TEXT(buf_span(&got), "-----BEGIN\r\nAAAA\r\n-----END");
}
