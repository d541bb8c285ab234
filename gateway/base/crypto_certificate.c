/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "crypto.h"
#include "crypto_internal.h"

#define OID_TEXT_MAX 128
#define US_PER_S     INT64_C(1000000)

static void
bio_free(BIO **bio)
{
    BIO_free(*bio);
    *bio = NULL;
}

enum err
crypto_certificate_wrap(X509 *x509, struct crypto_certificate **out)
{
    struct crypto_certificate *certificate = calloc(1, sizeof(*certificate));
    if (certificate == NULL) {
        X509_free(x509);
        return ERR_NO_MEMORY;
    }
    certificate->x509 = x509;
    *out = certificate;
    return ERR_OK;
}

/* One certificate more than may be is refused: leaving out a member in silence would change what the
 * bundle means. */
static enum err
read_all(BIO *bio, size_t max, struct crypto_certificate **out, size_t *count)
{
    for (;;) {
        X509 *x509 = PEM_read_bio_X509(bio, NULL, crypto_no_passphrase, NULL);
        if (x509 == NULL) {
            /* "No start line" is the end of the file; anything else is a damaged certificate. */
            bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
            enum err failure = crypto_failure(ERR_CERT_PARSE);
            return ended && *count > 0 ? ERR_OK : failure;
        }
        if (*count == max) {
            X509_free(x509);
            return ERR_CERT_PARSE;
        }
        TRY(crypto_certificate_wrap(x509, &out[*count]));
        (*count)++;
    }
}

enum err
crypto_certificates_new(struct span pem, size_t max, struct crypto_certificate **out, size_t *count)
{
    DEFER(bio_free) BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    if (bio == NULL || pem.len == 0) {
        return crypto_failure(ERR_CERT_PARSE);
    }
    size_t got = 0;
    enum err err = read_all(bio, max, out, &got);
    if (err != ERR_OK) {
        for (size_t i = 0; i < got; i++) {
            crypto_certificate_free(&out[i]);
        }
        return err;
    }
    *count = got;
    return ERR_OK;
}

void
crypto_certificate_free(struct crypto_certificate **certificate)
{
    if (certificate == NULL || *certificate == NULL) {
        return;
    }
    X509_free((*certificate)->x509);
    free(*certificate);
    *certificate = NULL;
}

enum err
crypto_certificate_public_key(const struct crypto_certificate *certificate,
                              struct crypto_public_key **out)
{
    EVP_PKEY *pkey = X509_get_pubkey(certificate->x509);
    enum err failure = crypto_failure(ERR_KEY_PARSE);
    return pkey == NULL ? failure : crypto_public_key_wrap(pkey, out);
}

enum err
crypto_certificate_issuer(const struct crypto_certificate *certificate, struct buf *out)
{
    DEFER(bio_free) BIO *bio = BIO_new(BIO_s_mem());
    const X509_NAME *issuer = X509_get_issuer_name(certificate->x509);
    unsigned long flags = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    if (bio == NULL || X509_NAME_print_ex(bio, issuer, 0, flags) < 0) {
        return ERR_CERT_PARSE;
    }
    char *at = NULL;
    long len = BIO_get_mem_data(bio, &at);
    return buf_append(out, span_make(at, len > 0 ? (size_t)len : 0));
}

bool
crypto_certificate_is_authority(const struct crypto_certificate *certificate)
{
    return X509_check_ca(certificate->x509) != 0;
}

enum err
crypto_certificate_common_name(const struct crypto_certificate *certificate, struct buf *out)
{
    const X509_NAME *subject = X509_get_subject_name(certificate->x509);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) {
        return ERR_CERT_PARSE;
    }
    unsigned char *text = NULL;
    int len =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    ERR_clear_error();
    if (len < 0) {
        return ERR_CERT_PARSE;
    }
    struct span name = span_make(text, (size_t)len);
    enum err err = span_is_utf8(name) ? buf_append(out, name) : ERR_CERT_PARSE;
    OPENSSL_free(text);
    return err;
}

static enum err
serial(const struct crypto_certificate *certificate, char *(*print)(const BIGNUM *),
       struct buf *out)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate->x509), NULL);
    char *text = number == NULL ? NULL : print(number);
    BN_free(number);
    if (text == NULL) {
        return ERR_CERT_PARSE;
    }
    enum err err = buf_text(out, text);
    OPENSSL_free(text);
    return err;
}

enum err
crypto_certificate_serial_decimal(const struct crypto_certificate *certificate, struct buf *out)
{
    return serial(certificate, BN_bn2dec, out);
}

enum err
crypto_certificate_serial_hex(const struct crypto_certificate *certificate, struct buf *out)
{
    return serial(certificate, BN_bn2hex, out);
}

enum err
crypto_certificate_signature_oid(const struct crypto_certificate *certificate, struct buf *out)
{
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OBJECT *oid = NULL;
    X509_get0_signature(NULL, &algorithm, certificate->x509);
    X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
    char text[OID_TEXT_MAX];
    int len = OBJ_obj2txt(text, sizeof(text), oid, 1);
    if (len <= 0 || (size_t)len >= sizeof(text)) {
        return ERR_CERT_PARSE;
    }
    return buf_append(out, span_make(text, (size_t)len));
}

static struct wall_time
time_of(const ASN1_TIME *at)
{
    struct tm civil;
    if (ASN1_TIME_to_tm(at, &civil) != 1) {
        return (struct wall_time){ .us = 0 };
    }
    return (struct wall_time){ .us = timegm(&civil) * US_PER_S };
}

struct wall_time
crypto_certificate_not_before(const struct crypto_certificate *certificate)
{
    return time_of(X509_get0_notBefore(certificate->x509));
}

struct wall_time
crypto_certificate_not_after(const struct crypto_certificate *certificate)
{
    return time_of(X509_get0_notAfter(certificate->x509));
}

struct judgement {
    X509_STORE *store;
    STACK_OF(X509) * untrusted;
    X509_STORE_CTX *context;
};

static void
judgement_fini(struct judgement *j)
{
    X509_STORE_CTX_free(j->context);
    sk_X509_free(j->untrusted); /* borrows its members */
    X509_STORE_free(j->store);
}

static enum err
load(struct judgement *j, struct crypto_certificate *const *chain, size_t chain_count,
     struct crypto_certificate *const *roots, size_t root_count)
{
    j->store = X509_STORE_new();
    j->untrusted = sk_X509_new_null();
    j->context = X509_STORE_CTX_new();
    if (j->store == NULL || j->untrusted == NULL || j->context == NULL) {
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < root_count; i++) {
        if (X509_STORE_add_cert(j->store, roots[i]->x509) != 1) {
            return ERR_CRYPTO;
        }
    }
    for (size_t i = 1; i < chain_count; i++) {
        if (sk_X509_push(j->untrusted, chain[i]->x509) <= 0) {
            return ERR_NO_MEMORY;
        }
    }
    return ERR_OK;
}

enum err
crypto_chain_verify(struct crypto_certificate *const *chain, size_t chain_count,
                    struct crypto_certificate *const *roots, size_t root_count, struct wall_time at)
{
    if (chain_count == 0 || root_count == 0) {
        return ERR_CERT_UNTRUSTED;
    }
    DEFER(judgement_fini) struct judgement j = { 0 };
    TRY(load(&j, chain, chain_count, roots, root_count));
    if (X509_STORE_CTX_init(j.context, j.store, chain[0]->x509, j.untrusted) != 1) {
        return crypto_failure(ERR_CRYPTO);
    }
    X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(j.context);
    X509_VERIFY_PARAM_set_time(rules, (time_t)(at.us / US_PER_S));
    /* Said aloud, since a library may be built with another default: level 1 refuses SHA-1. No purpose is
     * set, since signers of messages carry whatever key usage their authority likes. */
    X509_VERIFY_PARAM_set_auth_level(rules, 0);
    int verdict = X509_verify_cert(j.context);
    int why = X509_STORE_CTX_get_error(j.context);
    enum err failure = crypto_failure(why == X509_V_ERR_OUT_OF_MEM ? ERR_NO_MEMORY : ERR_OK);
    if (verdict == 1 || failure != ERR_OK) {
        return verdict == 1 ? ERR_OK : failure;
    }
    return why == X509_V_ERR_CERT_HAS_EXPIRED || why == X509_V_ERR_CERT_NOT_YET_VALID
               ? ERR_CERT_EXPIRED
               : ERR_CERT_UNTRUSTED;
}
