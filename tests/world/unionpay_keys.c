/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "unionpay_sign.h"
#include "unionpay_world.h"

#define SIGNATURE_MAX 1024

static const char *const identity_names[UNIONPAY_IDENTITY_COUNT] = {
    [UNIONPAY_SIGNER] = "unionpay-signer",          [UNIONPAY_SIGNER_NEXT] = "unionpay-signer-next",
    [UNIONPAY_EXPIRED] = "unionpay-expired",        [UNIONPAY_FOREIGN] = "unionpay-foreign",
    [UNIONPAY_MERCHANT_CERT] = "unionpay-merchant",
};

static void
text_fini(char **text)
{
    free(*text);
}

static enum err
load_key(const struct world *world, const char *name, struct crypto_private_key **out)
{
    DEFER(text_fini) char *pem = NULL;
    DEFER(secret_free) struct secret *secret = NULL;
    TRY(world_read_key_file(world, name, &pem));
    TRY(secret_new(span_of(pem), &secret));
    return crypto_private_key_new(secret, out);
}

static enum err
load_pem(const struct world *world, const char *name, char **out)
{
    DEFER(text_fini) char *file = NULL;
    DEFER(buf_fini) struct buf pem = BUF_MAX(UNIONPAY_BODY_MAX);
    TRY(world_read_key_file(world, name, &file));
    TRY(unionpay_sign_pem(span_of(file), &pem));
    return unionpay_copy(buf_span(&pem), out);
}

static enum err
load_signer(const struct world *world, const char *stem, struct unionpay_signer *out)
{
    DEFER(buf_fini) struct buf name = BUF_MAX(64);
    const char *text;
    TRY(buf_printf(&name, "%s.key", stem));
    TRY(buf_cstr(&name, &text));
    TRY(load_key(world, text, &out->key));
    buf_reset(&name);
    TRY(buf_printf(&name, "%s.crt", stem));
    TRY(buf_cstr(&name, &text));
    return load_pem(world, text, &out->pem);
}

static enum err
read_merchant(const struct crypto_certificate *cert, struct unionpay_keys *keys)
{
    DEFER(buf_fini) struct buf serial = BUF_MAX(64);
    TRY(crypto_certificate_public_key(cert, &keys->merchant_key));
    TRY(crypto_certificate_serial_decimal(cert, &serial));
    return unionpay_copy(buf_span(&serial), &keys->merchant_cert_id);
}

static enum err
load_merchant(struct unionpay_keys *keys)
{
    DEFER(crypto_certificate_free) struct crypto_certificate *cert = NULL;
    size_t count;
    TRY(crypto_certificates_new(span_of(keys->signers[UNIONPAY_MERCHANT_CERT].pem), 1, &cert,
                                &count));
    return read_merchant(cert, keys);
}

enum err
unionpay_keys_load(struct unionpay *unionpay)
{
    struct unionpay_keys *keys = &unionpay->keys;
    DEFER(text_fini) char *shared = NULL;
    for (size_t i = 0; i < UNIONPAY_IDENTITY_COUNT; i++) {
        TRY(load_signer(unionpay->world, identity_names[i], &keys->signers[i]));
    }
    TRY(load_key(unionpay->world, "forger.key", &keys->forger));
    TRY(load_pem(unionpay->world, "unionpay-enc.crt", &keys->encryption_pem));
    TRY(world_read_key_file(unionpay->world, "unionpay-shared.secret", &shared));
    TRY(unionpay_copy(span_trim(span_of(shared), "\r\n"), &keys->shared));
    return load_merchant(keys);
}

void
unionpay_keys_unload(struct unionpay *unionpay)
{
    struct unionpay_keys *keys = &unionpay->keys;
    for (size_t i = 0; i < UNIONPAY_IDENTITY_COUNT; i++) {
        crypto_private_key_free(&keys->signers[i].key);
        free(keys->signers[i].pem);
    }
    crypto_private_key_free(&keys->forger);
    crypto_public_key_free(&keys->merchant_key);
    free(keys->merchant_cert_id);
    free(keys->encryption_pem);
    free(keys->shared);
}

/* Whose certificate a message carries. */
static enum unionpay_identity
shown_identity(const struct unionpay_keys *keys, enum unionpay_seal seal)
{
    switch (seal) {
    case UNIONPAY_SEAL_FOREIGN:
        return UNIONPAY_FOREIGN;
    case UNIONPAY_SEAL_MERCHANT:
        return UNIONPAY_MERCHANT_CERT;
    case UNIONPAY_SEAL_EXPIRED:
        return UNIONPAY_EXPIRED;
    case UNIONPAY_SEAL_TRUE:
    case UNIONPAY_SEAL_KEY:
    case UNIONPAY_SEAL_COUNT:
    default:
        return keys->current;
    }
}

static enum err
seal_rsa(const struct unionpay_keys *keys, enum unionpay_seal seal, struct unionpay_fields *fields,
         struct buf *signature)
{
    const struct unionpay_signer *signer = &keys->signers[shown_identity(keys, seal)];
    TRY(unionpay_form_add_text(fields, "signPubKeyCert", signer->pem));
    return unionpay_sign_rsa(seal == UNIONPAY_SEAL_KEY ? keys->forger : signer->key, fields,
                             signature);
}

enum err
unionpay_keys_seal(const struct unionpay *unionpay, const struct unionpay_merchant *merchant,
                   enum unionpay_seal seal, struct unionpay_fields *fields)
{
    DEFER(buf_fini) struct buf signature = BUF_MAX(SIGNATURE_MAX);
    TRY(unionpay_form_add_text(fields, "signMethod", merchant->sign_method));
    if (strcmp(merchant->sign_method, "01") == 0) {
        TRY(seal_rsa(&unionpay->keys, seal, fields, &signature));
    } else {
        /* A shared key has no certificate: every lie is another key. */
        const char *key = seal == UNIONPAY_SEAL_TRUE ? unionpay->keys.shared : "88888888";
        TRY(unionpay_sign_shared(merchant->sign_method, span_of(key), fields, &signature));
    }
    return unionpay_form_add(fields, "signature", buf_span(&signature));
}

enum err
unionpay_keys_check(const struct unionpay *unionpay, const struct unionpay_merchant *merchant,
                    const struct unionpay_fields *fields)
{
    const struct unionpay_keys *keys = &unionpay->keys;
    if (strcmp(merchant->sign_method, "01") != 0) {
        return unionpay_sign_shared_check(merchant->sign_method, span_of(keys->shared), fields);
    }
    const char *cert_id = unionpay_form_get(fields, "certId");
    if (cert_id == NULL || strcmp(cert_id, keys->merchant_cert_id) != 0) {
        return ERR_SIGNATURE;
    }
    return unionpay_sign_rsa_check(keys->merchant_key, fields);
}
