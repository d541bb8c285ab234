/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "crypto.h"
#include "crypto_internal.h"

#define PASSWORD_MAX_BYTES 1024

/* What a file holds. */
struct bags {
    PKCS12 *file;
    EVP_PKEY *pkey;
    X509 *own; /* the library's guess */
    STACK_OF(X509) * others;
};

static void
bags_fini(struct bags *bags)
{
    PKCS12_free(bags->file);
    EVP_PKEY_free(bags->pkey);
    X509_free(bags->own);
    sk_X509_pop_free(bags->others, X509_free);
}

/* RC2 lives in the legacy provider. Naming one provider takes away the implicit default, so both are
 * named; without a legacy module newer files still open. They stay until the process ends. */
static void
load_old_ciphers(void)
{
    static OSSL_PROVIDER *standard;
    static OSSL_PROVIDER *legacy;
    if (standard == NULL) {
        standard = OSSL_PROVIDER_load(NULL, "default");
    }
    if (legacy == NULL) {
        legacy = OSSL_PROVIDER_load(NULL, "legacy");
    }
}

static enum err
parse(struct span der, struct bags *bags)
{
    const unsigned char *at = der.at;
    bags->file = d2i_PKCS12(NULL, &at, (long)der.len);
    bool whole = bags->file != NULL && at == der.at + der.len;
    /* Without a code over its content a file could be altered, and no password be told from another. */
    return whole && PKCS12_mac_present(bags->file) == 1 ? ERR_OK : ERR_KEY_PARSE;
}

static enum err
unlock(struct bags *bags, const struct secret *password)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(PASSWORD_MAX_BYTES + 1);
    const char *word = NULL;
    if (password != NULL) {
        TRY(buf_append(&text, secret_bytes(password)));
    }
    TRY(buf_cstr(&text, &word));
    if (PKCS12_verify_mac(bags->file, word, -1) != 1) {
        return ERR_KEY_PASSWORD;
    }
    if (PKCS12_parse(bags->file, word, &bags->pkey, &bags->own, &bags->others) != 1) {
        return ERR_CRYPTO;
    }
    return bags->pkey == NULL ? ERR_KEY_PARSE : ERR_OK;
}

/* A file may hold its issuers and unrelated certificates: the one for this key counts. */
static X509 *
find_own(const struct bags *bags)
{
    if (bags->own != NULL && X509_check_private_key(bags->own, bags->pkey) == 1) {
        return bags->own;
    }
    for (int i = 0; i < sk_X509_num(bags->others); i++) {
        X509 *other = sk_X509_value(bags->others, i);
        if (X509_check_private_key(other, bags->pkey) == 1) {
            return other;
        }
    }
    return NULL;
}

static enum err
take(struct bags *bags, struct crypto_private_key **key, struct crypto_certificate **certificate)
{
    DEFER(crypto_certificate_free) struct crypto_certificate *found = NULL;
    X509 *own = find_own(bags);
    if (own == NULL || X509_up_ref(own) != 1) {
        return ERR_CERT_PARSE;
    }
    TRY(crypto_certificate_wrap(own, &found));
    EVP_PKEY *pkey = bags->pkey;
    bags->pkey = NULL;
    TRY(crypto_private_key_wrap(pkey, key));
    *certificate = found;
    found = NULL;
    return ERR_OK;
}

enum err
crypto_pkcs12_open(const struct secret *file, const struct secret *password,
                   struct crypto_private_key **key, struct crypto_certificate **certificate)
{
    DEFER(bags_fini) struct bags bags = { 0 };
    load_old_ciphers();
    enum err err = parse(secret_bytes(file), &bags);
    if (err == ERR_OK) {
        err = unlock(&bags, password);
    }
    if (err == ERR_OK) {
        err = take(&bags, key, certificate);
    }
    ERR_clear_error();
    return err;
}
