/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto.h"
#include "crypto_internal.h"

#define RSA_MAX_BYTES ((size_t)1024) /* a key of 8192 bits */
#define PADDING_BYTES ((size_t)11)   /* the least that PKCS#1 v1.5 adds */

static void
context_free(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
    *context = NULL;
}

static bool
is_rsa(const EVP_PKEY *pkey)
{
    int size = EVP_PKEY_get_size(pkey);
    return EVP_PKEY_is_a(pkey, "RSA") == 1 && size > (int)PADDING_BYTES
           && (size_t)size <= RSA_MAX_BYTES;
}

enum err
crypto_rsa_encrypt(const struct crypto_public_key *key, struct span plain, struct buf *out)
{
    if (!is_rsa(key->pkey)) {
        return ERR_CRYPTO;
    }
    DEFER(context_free) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    size_t len = (size_t)EVP_PKEY_get_size(key->pkey);
    unsigned char *at = NULL;
    TRY(buf_reserve(out, len, &at));
    bool done = context != NULL && EVP_PKEY_encrypt_init(context) == 1
                && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
                && EVP_PKEY_encrypt(context, at, &len, plain.at, plain.len) == 1;
    ERR_clear_error();
    if (!done) {
        return ERR_CRYPTO;
    }
    buf_grew(out, len);
    return ERR_OK;
}

/* What a text that was not encrypted for the key seems to say: bytes that only the holder of the key
 * could compute, and always the same ones. */
struct substitute {
    unsigned char bytes[RSA_MAX_BYTES];
    size_t len;
};

static bool
mac(const unsigned char key[SHA256_BYTES], struct span data, unsigned char out[SHA256_BYTES])
{
    size_t len = 0;
    return EVP_Q_mac(NULL, OSSL_MAC_NAME_HMAC, NULL, "SHA256", NULL, key, SHA256_BYTES, data.at,
                     data.len, out, SHA256_BYTES, &len)
               != NULL
           && len == SHA256_BYTES;
}

static enum err
derive_secret(EVP_PKEY *pkey, struct span sealed, unsigned char out[SHA256_BYTES])
{
    unsigned char *der = NULL;
    unsigned char key[SHA256_BYTES];
    int len = i2d_PrivateKey(pkey, &der);
    if (len <= 0) {
        return ERR_CRYPTO;
    }
    enum err err = crypto_sha256(span_make(der, (size_t)len), key);
    OPENSSL_clear_free(der, (size_t)len);
    if (err == ERR_OK && !mac(key, sealed, out)) {
        err = ERR_CRYPTO;
    }
    OPENSSL_cleanse(key, sizeof(key));
    return err;
}

static enum err
make_substitute(EVP_PKEY *pkey, struct span sealed, size_t most, struct substitute *out)
{
    unsigned char seed[SHA256_BYTES];
    unsigned char block[SHA256_BYTES];
    TRY(derive_secret(pkey, sealed, seed));
    for (size_t at = 0; at < sizeof(out->bytes); at += sizeof(block)) {
        unsigned char number = (unsigned char)(at / sizeof(block) + 1);
        if (!mac(seed, span_make(&number, 1), block)) {
            return ERR_CRYPTO;
        }
        memcpy(out->bytes + at, block, sizeof(block));
    }
    /* Number 0 is no block's: its bytes are the length's alone. */
    unsigned char none = 0;
    if (!mac(seed, span_make(&none, 1), block)) {
        return ERR_CRYPTO;
    }
    out->len = (((size_t)block[0] << 8) | block[1]) % (most + 1);
    OPENSSL_cleanse(seed, sizeof(seed));
    return ERR_OK;
}

/* Both are always computed, and one is chosen without a branch. */
static void
choose(bool good, const unsigned char *plain, size_t plain_len, struct substitute *either)
{
    unsigned char keep = (unsigned char)(0U - (unsigned)good);
    unsigned char other = (unsigned char)~keep;
    for (size_t i = 0; i < sizeof(either->bytes); i++) {
        either->bytes[i] = (unsigned char)((plain[i] & keep) | (either->bytes[i] & other));
    }
    size_t wide = (size_t)0 - (size_t)good;
    either->len = (plain_len & wide) | (either->len & ~wide);
}

enum err
crypto_rsa_decrypt(const struct crypto_private_key *key, struct span sealed, struct buf *out)
{
    if (!is_rsa(key->pkey) || sealed.len != (size_t)EVP_PKEY_get_size(key->pkey)) {
        return ERR_CRYPTO;
    }
    DEFER(context_free) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (context == NULL || EVP_PKEY_decrypt_init(context) != 1
        || EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) != 1) {
        ERR_clear_error();
        return ERR_CRYPTO;
    }
    struct substitute either = { .len = 0 };
    TRY(make_substitute(key->pkey, sealed, sealed.len - PADDING_BYTES, &either));
    unsigned char plain[RSA_MAX_BYTES] = { 0 };
    size_t len = sizeof(plain);
    bool good = EVP_PKEY_decrypt(context, plain, &len, sealed.at, sealed.len) == 1;
    ERR_clear_error();
    choose(good, plain, len, &either);
    enum err err = buf_append(out, span_make(either.bytes, either.len));
    OPENSSL_cleanse(plain, sizeof(plain));
    OPENSSL_cleanse(&either, sizeof(either));
    return err;
}
