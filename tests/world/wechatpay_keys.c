/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "wechatpay_sign.h"

static const struct {
    const char *mchid;
    const char *appid;
    enum wechatpay_family family;
    const char *certificate;
    const char *apiv3_key;
} merchants[WECHATPAY_MERCHANTS] = {
    { "1900000001", "wx0000000000000001", WECHATPAY_CERTIFICATES, "wechatpay-cert-merchant.crt",
      "wechatpay-cert.apiv3" },
    { "1900000002", "wx0000000000000002", WECHATPAY_PUBKEY, "wechatpay-pub-merchant.crt",
      "wechatpay-pub.apiv3" },
    { "1900000003", "wx0000000000000003", WECHATPAY_SM, "wechatpay-sm-merchant.crt",
      "wechatpay-sm.apiv3" },
};

static const struct {
    const char *key;
    const char *certificate; /* NULL: none */
    enum crypto_scheme scheme;
} signers[WECHATPAY_SIGNER_COUNT] = {
    [WECHATPAY_SIGNER_PLATFORM] = { "wechatpay-platform.key", "wechatpay-platform.crt",
                                    CRYPTO_RSA_SHA256 },
    [WECHATPAY_SIGNER_PLATFORM_NEXT] = { "wechatpay-platform-next.key",
                                         "wechatpay-platform-next.crt", CRYPTO_RSA_SHA256 },
    [WECHATPAY_SIGNER_PUBKEY] = { "wechatpay-pubkey.key", NULL, CRYPTO_RSA_SHA256 },
    [WECHATPAY_SIGNER_SM] = { "wechatpay-sm-platform.key", "wechatpay-sm-platform.crt",
                              CRYPTO_SM2_SM3 },
    [WECHATPAY_SIGNER_FORGER] = { "forger.key", NULL, CRYPTO_RSA_SHA256 },
};

static void
certificate_fini(struct crypto_certificate **certificate)
{
    crypto_certificate_free(certificate);
}

/* 1.3: upper-case hex of the serial number. */
static enum err
read_serial(const char *pem, char out[WECHATPAY_SERIAL_MAX])
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *x509 = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIGNUM *number = x509 == NULL ? NULL : ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
    char *hex = number == NULL ? NULL : BN_bn2hex(number);
    enum err err =
        hex == NULL ? ERR_CERT_PARSE : wechatpay_print(span_of(hex), out, WECHATPAY_SERIAL_MAX);
    OPENSSL_free(hex);
    BN_free(number);
    X509_free(x509);
    BIO_free(bio);
    return err;
}

static enum err
load_merchant(struct wechatpay *wechatpay, size_t index)
{
    struct wechatpay_merchant *merchant = &wechatpay->merchants[index];
    DEFER(wechatpay_text_fini) char *pem = NULL;
    DEFER(wechatpay_text_fini) char *apiv3_key = NULL;
    DEFER(certificate_fini) struct crypto_certificate *certificate = NULL;
    size_t count;
    merchant->mchid = merchants[index].mchid;
    merchant->appid = merchants[index].appid;
    merchant->family = merchants[index].family;
    TRY(world_read_key_file(wechatpay->world, merchants[index].certificate, &pem));
    TRY(read_serial(pem, merchant->serial));
    TRY(crypto_certificates_new(span_of(pem), 1, &certificate, &count));
    TRY(crypto_certificate_public_key(certificate, &merchant->key));
    TRY(world_read_key_file(wechatpay->world, merchants[index].apiv3_key, &apiv3_key));
    return wechatpay_seal_key_make(span_of(apiv3_key), merchant->family == WECHATPAY_SM,
                                   &merchant->seal);
}

static enum err
load_certificate(struct wechatpay *wechatpay, const char *file, struct wechatpay_signer *signer)
{
    DEFER(certificate_fini) struct crypto_certificate *certificate = NULL;
    size_t count;
    TRY(world_read_key_file(wechatpay->world, file, &signer->certificate));
    TRY(read_serial(signer->certificate, signer->serial));
    TRY(crypto_certificates_new(span_of(signer->certificate), 1, &certificate, &count));
    signer->not_before = crypto_certificate_not_before(certificate);
    signer->not_after = crypto_certificate_not_after(certificate);
    return ERR_OK;
}

static enum err
load_signer(struct wechatpay *wechatpay, size_t index)
{
    struct wechatpay_signer *signer = &wechatpay->signers[index];
    DEFER(wechatpay_text_fini) char *text = NULL;
    DEFER(secret_free) struct secret *pem = NULL;
    signer->scheme = signers[index].scheme;
    TRY(world_read_key_file(wechatpay->world, signers[index].key, &text));
    TRY(secret_new(span_of(text), &pem));
    TRY(crypto_private_key_new(pem, &signer->key));
    if (signers[index].certificate != NULL) {
        return load_certificate(wechatpay, signers[index].certificate, signer);
    }
    return wechatpay_print(SPAN_LIT(WECHATPAY_PUBKEY_ID), signer->serial, sizeof(signer->serial));
}

enum err
wechatpay_sign_load(struct wechatpay *wechatpay)
{
    for (size_t i = 0; i < WECHATPAY_MERCHANTS; i++) {
        TRY(load_merchant(wechatpay, i));
    }
    for (size_t i = 0; i < WECHATPAY_SIGNER_COUNT; i++) {
        TRY(load_signer(wechatpay, i));
    }
    return ERR_OK;
}

void
wechatpay_sign_unload(struct wechatpay *wechatpay)
{
    for (size_t i = 0; i < WECHATPAY_MERCHANTS; i++) {
        crypto_public_key_free(&wechatpay->merchants[i].key);
    }
    for (size_t i = 0; i < WECHATPAY_SIGNER_COUNT; i++) {
        crypto_private_key_free(&wechatpay->signers[i].key);
        free(wechatpay->signers[i].certificate);
    }
}
