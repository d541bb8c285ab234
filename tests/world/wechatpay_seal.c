/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay_seal.h"

#include <gcrypt.h>
#include <string.h>

#include "crypto.h"

#define APIV3_KEY_BYTES 32
#define SM3_BYTES       32
#define SM4_KEY_BYTES   16
#define SHA1_BYTES      20
#define TAG_BYTES       16
#define SEALED_MAX      (size_t)(1024 * 1024)

/* libgcrypt is to be started once, before its first use. */
static enum err
start(void)
{
    if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P) != 0) {
        return ERR_OK;
    }
    if (gcry_check_version(NULL) == NULL) {
        return ERR_CRYPTO;
    }
    return gcry_control(GCRYCTL_DISABLE_SECMEM, 0) == 0
                   && gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0) == 0
               ? ERR_OK
               : ERR_CRYPTO;
}

enum err
wechatpay_seal_key_make(struct span apiv3_key, bool sm4, struct wechatpay_seal_key *out)
{
    TRY(start());
    if (apiv3_key.len != APIV3_KEY_BYTES) {
        return ERR_KEY_PARSE;
    }
    struct wechatpay_seal_key key = { .sm4 = sm4 };
    if (!sm4) {
        memcpy(key.bytes, apiv3_key.at, APIV3_KEY_BYTES);
    } else {
        unsigned char digest[SM3_BYTES];
        gcry_md_hash_buffer(GCRY_MD_SM3, digest, apiv3_key.at, apiv3_key.len);
        memcpy(key.bytes, digest, SM4_KEY_BYTES);
    }
    *out = key;
    return ERR_OK;
}

const char *
wechatpay_seal_name(const struct wechatpay_seal_key *key)
{
    return key->sm4 ? "AEAD_SM4_GCM" : "AEAD_AES_256_GCM";
}

static enum err
encrypt(gcry_cipher_hd_t cipher, const struct wechatpay_seal_key *key, struct span nonce,
        struct span associated_data, struct span plain, struct buf *out)
{
    unsigned char *room;
    TRY(buf_reserve(out, plain.len + TAG_BYTES, &room));
    bool good =
        gcry_cipher_setkey(cipher, key->bytes, key->sm4 ? SM4_KEY_BYTES : APIV3_KEY_BYTES) == 0
        && gcry_cipher_setiv(cipher, nonce.at, nonce.len) == 0
        && (span_empty(associated_data)
            || gcry_cipher_authenticate(cipher, associated_data.at, associated_data.len) == 0)
        && gcry_cipher_encrypt(cipher, room, plain.len, plain.at, plain.len) == 0
        && gcry_cipher_gettag(cipher, room + plain.len, TAG_BYTES) == 0;
    if (!good) {
        return ERR_CRYPTO;
    }
    buf_grew(out, plain.len + TAG_BYTES);
    return ERR_OK;
}

enum err
wechatpay_seal(const struct wechatpay_seal_key *key, struct span nonce, struct span associated_data,
               struct span plain, struct buf *out)
{
    DEFER(buf_fini) struct buf sealed = BUF_MAX(SEALED_MAX);
    gcry_cipher_hd_t cipher;
    TRY(start());
    if (gcry_cipher_open(&cipher, key->sm4 ? GCRY_CIPHER_SM4 : GCRY_CIPHER_AES256,
                         GCRY_CIPHER_MODE_GCM, 0)
        != 0) {
        return ERR_CRYPTO;
    }
    enum err err = encrypt(cipher, key, nonce, associated_data, plain, &sealed);
    gcry_cipher_close(cipher);
    TRY(err);
    return crypto_base64_encode(buf_span(&sealed), out);
}

enum err
wechatpay_sha1(struct span data, struct buf *out)
{
    unsigned char digest[SHA1_BYTES];
    TRY(start());
    gcry_md_hash_buffer(GCRY_MD_SHA1, digest, data.at, data.len);
    return crypto_hex_encode(span_make(digest, sizeof(digest)), out);
}
