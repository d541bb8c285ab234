/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto.h"
#include "crypto_aead_sm4.h"
#include "crypto_internal.h"

#define NONCE_MAX_BYTES 16
#define INPUT_MAX       ((size_t)16 * 1024 * 1024) /* libcrypto counts in int */

static void
context_free(EVP_CIPHER_CTX **context)
{
    EVP_CIPHER_CTX_free(*context);
    *context = NULL;
}

/* NULL when key and algorithm do not fit. */
static const EVP_CIPHER *
cipher_of(enum crypto_aead aead, const struct secret *key)
{
    return aead == CRYPTO_AEAD_AES_256_GCM && secret_bytes(key).len == 32 ? EVP_aes_256_gcm()
                                                                          : NULL;
}

static bool
begin(EVP_CIPHER_CTX *context, const EVP_CIPHER *cipher, const struct secret *key,
      struct span nonce, struct span associated, int encrypting)
{
    int len = 0;
    return EVP_CipherInit_ex(context, cipher, NULL, NULL, NULL, encrypting) == 1
           && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, (int)nonce.len, NULL) == 1
           && EVP_CipherInit_ex(context, NULL, NULL, secret_bytes(key).at, nonce.at, encrypting)
                  == 1
           && (associated.len == 0
               || EVP_CipherUpdate(context, NULL, &len, associated.at, (int)associated.len) == 1);
}

static bool
fits(struct span nonce, struct span associated, struct span in)
{
    return nonce.len > 0 && nonce.len <= NONCE_MAX_BYTES && associated.len <= INPUT_MAX
           && in.len <= INPUT_MAX;
}

enum err
crypto_aead_seal(enum crypto_aead aead, const struct secret *key, struct span nonce,
                 struct span associated, struct span plain, struct buf *out)
{
    if (!fits(nonce, associated, plain)) {
        return ERR_CRYPTO;
    }
    if (aead == CRYPTO_AEAD_SM4_GCM) {
        return crypto_aead_sm4_seal(key, nonce, associated, plain, out);
    }
    const EVP_CIPHER *cipher = cipher_of(aead, key);
    if (cipher == NULL) {
        return ERR_CRYPTO;
    }
    unsigned char *at = NULL;
    TRY(buf_reserve(out, plain.len + CRYPTO_AEAD_TAG_BYTES, &at));
    DEFER(context_free) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int first = 0;
    int last = 0;
    if (context == NULL || !begin(context, cipher, key, nonce, associated, 1)
        || EVP_CipherUpdate(context, at, &first, plain.at, (int)plain.len) != 1
        || EVP_CipherFinal_ex(context, at + first, &last) != 1
        || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, CRYPTO_AEAD_TAG_BYTES,
                               at + first + last)
               != 1) {
        ERR_clear_error();
        return ERR_CRYPTO;
    }
    buf_grew(out, (size_t)first + (size_t)last + CRYPTO_AEAD_TAG_BYTES);
    return ERR_OK;
}

/* Nothing of the plain text is given away before the tag was found right. */
static enum err
open_into(EVP_CIPHER_CTX *context, struct span text, struct span tag, struct buf *plain)
{
    unsigned char wanted[CRYPTO_AEAD_TAG_BYTES];
    unsigned char *at = NULL;
    int first = 0;
    int last = 0;
    memcpy(wanted, tag.at, sizeof(wanted));
    TRY(buf_reserve(plain, text.len + CRYPTO_AEAD_TAG_BYTES, &at));
    if (EVP_CipherUpdate(context, at, &first, text.at, (int)text.len) != 1
        || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof(wanted), wanted) != 1
        || EVP_CipherFinal_ex(context, at + first, &last) != 1) {
        ERR_clear_error();
        return ERR_SEALED;
    }
    buf_grew(plain, (size_t)first + (size_t)last);
    return ERR_OK;
}

enum err
crypto_aead_open(enum crypto_aead aead, const struct secret *key, struct span nonce,
                 struct span associated, struct span sealed, struct buf *out)
{
    const EVP_CIPHER *cipher = cipher_of(aead, key);
    if (cipher == NULL && aead != CRYPTO_AEAD_SM4_GCM) {
        return ERR_CRYPTO;
    }
    if (!fits(nonce, associated, sealed) || sealed.len < CRYPTO_AEAD_TAG_BYTES) {
        return ERR_SEALED;
    }
    if (aead == CRYPTO_AEAD_SM4_GCM) {
        return crypto_aead_sm4_open(key, nonce, associated, sealed, out);
    }
    size_t len = sealed.len - CRYPTO_AEAD_TAG_BYTES;
    DEFER(context_free) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context == NULL || !begin(context, cipher, key, nonce, associated, 0)) {
        ERR_clear_error();
        return ERR_CRYPTO;
    }
    DEFER(buf_fini) struct buf plain = BUF_MAX(sealed.len + CRYPTO_AEAD_TAG_BYTES);
    TRY(open_into(context, span_sub(sealed, 0, len), span_sub(sealed, len, sealed.len), &plain));
    return buf_append(out, buf_span(&plain));
}
