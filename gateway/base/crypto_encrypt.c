/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "crypto.h"
#include "crypto_internal.h"

static void
context_free(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
    *context = NULL;
}

/* RSA needs its padding named, and both digests of it so that no library's default decides. SM2 has one
 * form only. */
static bool
set_padding(EVP_PKEY_CTX *context, EVP_PKEY *pkey)
{
    if (EVP_PKEY_is_a(pkey, "RSA") == 1) {
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
               && EVP_PKEY_CTX_set_rsa_oaep_md(context, crypto_md("SHA1")) == 1
               && EVP_PKEY_CTX_set_rsa_mgf1_md(context, crypto_md("SHA1")) == 1;
    }
    return EVP_PKEY_is_a(pkey, "SM2") == 1;
}

static enum err
run(EVP_PKEY *pkey, int (*init)(EVP_PKEY_CTX *),
    int (*step)(EVP_PKEY_CTX *, unsigned char *, size_t *, const unsigned char *, size_t),
    struct span in, struct buf *out)
{
    DEFER(context_free) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    size_t len = 0;
    if (context == NULL || in.len == 0 || init(context) != 1 || !set_padding(context, pkey)
        || step(context, NULL, &len, in.at, in.len) != 1) {
        ERR_clear_error();
        return ERR_CRYPTO;
    }
    unsigned char *at = NULL;
    TRY(buf_reserve(out, len, &at));
    if (step(context, at, &len, in.at, in.len) != 1) {
        ERR_clear_error();
        return ERR_CRYPTO;
    }
    buf_grew(out, len);
    return ERR_OK;
}

enum err
crypto_encrypt(const struct crypto_public_key *key, struct span plain, struct buf *out)
{
    return run(key->pkey, EVP_PKEY_encrypt_init, EVP_PKEY_encrypt, plain, out);
}

enum err
crypto_decrypt(const struct crypto_private_key *key, struct span sealed, struct buf *out)
{
    enum err err = run(key->pkey, EVP_PKEY_decrypt_init, EVP_PKEY_decrypt, sealed, out);
    return err == ERR_CRYPTO ? ERR_SEALED : err;
}
