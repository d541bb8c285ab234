/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "crypto.h"
#include "crypto_internal.h"

#define KEY_NAME_BYTES    8
#define KEY_DER_MAX_BYTES 8192
#define KEY_HEAP_BYTES    ((size_t)1024 * 1024)
#define KEY_PIECE_BYTES   32

enum err
crypto_lock_keys(void)
{
    int made = CRYPTO_secure_malloc_init(KEY_HEAP_BYTES, KEY_PIECE_BYTES);
    return made == 0 && CRYPTO_secure_malloc_initialized() == 0 ? ERR_CRYPTO : ERR_OK;
}

static void
bio_free(BIO **bio)
{
    BIO_free(*bio);
    *bio = NULL;
}

static bool
is_pem(struct span text)
{
    return span_find(text, SPAN_LIT("-----BEGIN ")) < text.len;
}

int
crypto_no_passphrase(char *out, int size, int writing, void *context)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static EVP_PKEY *
private_of_pem(struct span pem)
{
    DEFER(bio_free) BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    return bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, crypto_no_passphrase, NULL);
}

static EVP_PKEY *
private_of_base64(struct span text)
{
    DEFER(buf_fini) struct buf der = BUF_MAX(KEY_DER_MAX_BYTES);
    if (crypto_base64_loose(text, &der) != ERR_OK) {
        return NULL;
    }
    const unsigned char *at = der.at;
    return d2i_AutoPrivateKey(NULL, &at, (long)der.len);
}

enum err
crypto_private_key_wrap(EVP_PKEY *pkey, struct crypto_private_key **out)
{
    struct crypto_private_key *key = calloc(1, sizeof(*key));
    if (key == NULL) {
        EVP_PKEY_free(pkey);
        return ERR_NO_MEMORY;
    }
    key->pkey = pkey;
    *out = key;
    return ERR_OK;
}

enum err
crypto_private_key_new(const struct secret *pem, struct crypto_private_key **out)
{
    struct span text = secret_bytes(pem);
    EVP_PKEY *pkey = is_pem(text) ? private_of_pem(text) : private_of_base64(text);
    ERR_clear_error();
    return pkey == NULL ? ERR_KEY_PARSE : crypto_private_key_wrap(pkey, out);
}

void
crypto_private_key_free(struct crypto_private_key **key)
{
    if (key == NULL || *key == NULL) {
        return;
    }
    EVP_PKEY_free((*key)->pkey);
    free(*key);
    *key = NULL;
}

enum err
crypto_public_key_wrap(EVP_PKEY *pkey, struct crypto_public_key **out)
{
    struct crypto_public_key *key = calloc(1, sizeof(*key));
    if (key == NULL) {
        EVP_PKEY_free(pkey);
        return ERR_NO_MEMORY;
    }
    key->pkey = pkey;
    *out = key;
    return ERR_OK;
}

static EVP_PKEY *
public_of_pem(struct span pem)
{
    DEFER(bio_free) BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    return bio == NULL ? NULL : PEM_read_bio_PUBKEY(bio, NULL, crypto_no_passphrase, NULL);
}

static EVP_PKEY *
public_of_base64(struct span text)
{
    DEFER(buf_fini) struct buf der = BUF_MAX(KEY_DER_MAX_BYTES);
    if (crypto_base64_loose(text, &der) != ERR_OK) {
        return NULL;
    }
    const unsigned char *at = der.at;
    return d2i_PUBKEY(NULL, &at, (long)der.len);
}

enum err
crypto_public_key_new(struct span pem, struct crypto_public_key **out)
{
    EVP_PKEY *pkey = is_pem(pem) ? public_of_pem(pem) : public_of_base64(pem);
    ERR_clear_error();
    return pkey == NULL ? ERR_KEY_PARSE : crypto_public_key_wrap(pkey, out);
}

enum err
crypto_public_key_of(const struct crypto_private_key *key, struct crypto_public_key **out)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(key->pkey, &der);
    if (len <= 0) {
        return ERR_CRYPTO;
    }
    const unsigned char *at = der;
    EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, len);
    OPENSSL_free(der);
    return pkey == NULL ? ERR_CRYPTO : crypto_public_key_wrap(pkey, out);
}

void
crypto_public_key_free(struct crypto_public_key **key)
{
    if (key == NULL || *key == NULL) {
        return;
    }
    EVP_PKEY_free((*key)->pkey);
    free(*key);
    *key = NULL;
}

enum err
crypto_public_key_name(const struct crypto_public_key *key, struct buf *out)
{
    unsigned char digest[SHA256_BYTES];
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(key->pkey, &der);
    if (len <= 0) {
        return ERR_CRYPTO;
    }
    enum err err = crypto_sha256(span_make(der, (size_t)len), digest);
    OPENSSL_free(der);
    TRY(err);
    return crypto_hex_encode(span_make(digest, KEY_NAME_BYTES), out);
}

size_t
crypto_public_key_signature_bytes(const struct crypto_public_key *key)
{
    return (size_t)EVP_PKEY_get_size(key->pkey);
}
