/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto.h"
#include "crypto_internal.h"

#define AES_BLOCK_BYTES 16
#define AES_INPUT_MAX   ((size_t)16 * 1024 * 1024) /* libcrypto counts in int */

static const EVP_CIPHER *
cipher_of(size_t key_bytes)
{
    switch (key_bytes) {
    case 16:
        return EVP_aes_128_cbc();
    case 24:
        return EVP_aes_192_cbc();
    case 32:
        return EVP_aes_256_cbc();
    default:
        return NULL;
    }
}

static void
context_free(EVP_CIPHER_CTX **context)
{
    EVP_CIPHER_CTX_free(*context);
    *context = NULL;
}

static enum err
run(const struct secret *key, struct span iv, struct span in, int encrypting, struct buf *out)
{
    const EVP_CIPHER *cipher = cipher_of(secret_bytes(key).len);
    if (cipher == NULL || iv.len != AES_BLOCK_BYTES || in.len > AES_INPUT_MAX) {
        return ERR_CRYPTO;
    }
    unsigned char *at = NULL;
    TRY(buf_reserve(out, in.len + AES_BLOCK_BYTES, &at));
    DEFER(context_free) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int first = 0;
    int last = 0;
    if (context == NULL
        || EVP_CipherInit_ex(context, cipher, NULL, secret_bytes(key).at, iv.at, encrypting) != 1
        || EVP_CipherUpdate(context, at, &first, in.at, (int)in.len) != 1
        || EVP_CipherFinal_ex(context, at + first, &last) != 1) {
        ERR_clear_error();
        return ERR_CRYPTO;
    }
    buf_grew(out, (size_t)first + (size_t)last);
    return ERR_OK;
}

enum err
crypto_aes_cbc_encrypt(const struct secret *key, struct span iv, struct span plain, struct buf *out)
{
    return run(key, iv, plain, 1, out);
}

enum err
crypto_aes_cbc_decrypt(const struct secret *key, struct span iv, struct span cipher,
                       struct buf *out)
{
    return run(key, iv, cipher, 0, out);
}
