/* SPDX-License-Identifier: Apache-2.0 */
/* SM4-GCM, which libcrypto 3.0 does not have: the only file that knows libgcrypt. */
#include "crypto_aead_sm4.h"

#include <gcrypt.h>

#define GCRYPT_OLDEST "1.9.0" /* the first with SM4 */

static bool is_ready;

/* Before main: it looks for its configuration files, which a sandbox no longer lets it open. Keys come
 * from our own secret memory, so its pool of such memory is not wanted. */
__attribute__((constructor)) static void
start_library(void)
{
    is_ready = gcry_check_version(GCRYPT_OLDEST) != NULL
               && gcry_control(GCRYCTL_DISABLE_SECMEM, 0) == 0
               && gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0) == 0;
}

static void
cipher_close(gcry_cipher_hd_t *cipher)
{
    gcry_cipher_close(*cipher);
    *cipher = NULL;
}

static enum err
begin(const struct secret *key, struct span nonce, struct span associated, gcry_cipher_hd_t *out)
{
    struct span bytes = secret_bytes(key);
    if (!is_ready || bytes.len != CRYPTO_SM4_KEY_BYTES
        || gcry_cipher_open(out, GCRY_CIPHER_SM4, GCRY_CIPHER_MODE_GCM, 0) != 0) {
        return ERR_CRYPTO;
    }
    bool begun = gcry_cipher_setkey(*out, bytes.at, bytes.len) == 0
                 && gcry_cipher_setiv(*out, nonce.at, nonce.len) == 0
                 && (associated.len == 0
                     || gcry_cipher_authenticate(*out, associated.at, associated.len) == 0);
    return begun ? ERR_OK : ERR_CRYPTO;
}

enum err
crypto_aead_sm4_seal(const struct secret *key, struct span nonce, struct span associated,
                     struct span plain, struct buf *out)
{
    DEFER(cipher_close) gcry_cipher_hd_t cipher = NULL;
    TRY(begin(key, nonce, associated, &cipher));
    unsigned char *at = NULL;
    TRY(buf_reserve(out, plain.len + CRYPTO_AEAD_TAG_BYTES, &at));
    if (gcry_cipher_final(cipher) != 0
        || gcry_cipher_encrypt(cipher, at, plain.len, plain.at, plain.len) != 0
        || gcry_cipher_gettag(cipher, at + plain.len, CRYPTO_AEAD_TAG_BYTES) != 0) {
        return ERR_CRYPTO;
    }
    buf_grew(out, plain.len + CRYPTO_AEAD_TAG_BYTES);
    return ERR_OK;
}

/* The tag is compared in constant time, and before anything is given away. */
enum err
crypto_aead_sm4_open(const struct secret *key, struct span nonce, struct span associated,
                     struct span sealed, struct buf *out)
{
    DEFER(cipher_close) gcry_cipher_hd_t cipher = NULL;
    TRY(begin(key, nonce, associated, &cipher));
    size_t len = sealed.len - CRYPTO_AEAD_TAG_BYTES;
    DEFER(buf_fini) struct buf plain = BUF_MAX(sealed.len);
    unsigned char *at = NULL;
    TRY(buf_reserve(&plain, sealed.len, &at));
    if (gcry_cipher_final(cipher) != 0
        || gcry_cipher_decrypt(cipher, at, len, sealed.at, len) != 0) {
        return ERR_CRYPTO;
    }
    if (gcry_cipher_checktag(cipher, sealed.at + len, CRYPTO_AEAD_TAG_BYTES) != 0) {
        return ERR_SEALED;
    }
    buf_grew(&plain, len);
    return buf_append(out, buf_span(&plain));
}
