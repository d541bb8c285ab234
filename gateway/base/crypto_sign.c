/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto.h"
#include "crypto_internal.h"

static const char sm2_user_id[] = "1234567812345678";

static const struct {
    const char *key_type;
    const char *digest; /* NULL: the scheme hashes by itself */
    bool may_sign;
} schemes[CRYPTO_SCHEME_COUNT] = {
    [CRYPTO_SCHEME_NONE] = { "", NULL, false },
    [CRYPTO_RSA_SHA256] = { "RSA", "SHA256", true },
    [CRYPTO_RSA_SHA1] = { "RSA", "SHA1", false },
    [CRYPTO_ED25519] = { "ED25519", NULL, true },
    [CRYPTO_SM2_SM3] = { "SM2", "SM3", true },
    /* No key of libcrypto's: prepare refuses them. */
    [CRYPTO_KEYED_SHA256] = { "", "SHA256", false },
    [CRYPTO_KEYED_SM3] = { "", "SM3", false },
};

/* A digest context, and the key context that SM2 needs for its user id (NULL otherwise). */
struct work {
    EVP_MD_CTX *context;
    EVP_PKEY_CTX *inner;
};

static void
work_fini(struct work *work)
{
    EVP_MD_CTX_free(work->context);
    EVP_PKEY_CTX_free(work->inner);
}

/* SM2 mixes the signer's user id into the hash; it has to be set before the digest starts. */
static enum err
set_user_id(struct work *work, EVP_PKEY *pkey)
{
    work->inner = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    if (work->inner == NULL
        || EVP_PKEY_CTX_set1_id(work->inner, sm2_user_id, (int)strlen(sm2_user_id)) <= 0) {
        return crypto_failure(ERR_CRYPTO);
    }
    EVP_MD_CTX_set_pkey_ctx(work->context, work->inner);
    return ERR_OK;
}

static enum err
prepare(EVP_PKEY *pkey, enum crypto_scheme scheme, struct work *work)
{
    if (scheme <= CRYPTO_SCHEME_NONE || scheme >= CRYPTO_SCHEME_COUNT
        || EVP_PKEY_is_a(pkey, schemes[scheme].key_type) != 1) {
        return ERR_CRYPTO;
    }
    work->context = EVP_MD_CTX_new();
    if (work->context == NULL) {
        return ERR_NO_MEMORY;
    }
    return scheme == CRYPTO_SM2_SM3 ? set_user_id(work, pkey) : ERR_OK;
}

bool
crypto_public_key_fits(const struct crypto_public_key *key, enum crypto_scheme scheme)
{
    return scheme > CRYPTO_SCHEME_NONE && scheme < CRYPTO_SCHEME_COUNT
           && EVP_PKEY_is_a(key->pkey, schemes[scheme].key_type) == 1;
}

static const EVP_MD *
digest_of(enum crypto_scheme scheme)
{
    return schemes[scheme].digest == NULL ? NULL : crypto_md(schemes[scheme].digest);
}

enum err
crypto_sign(const struct crypto_private_key *key, enum crypto_scheme scheme, struct span data,
            struct buf *signature)
{
    DEFER(work_fini) struct work work = { 0 };
    TRY(prepare(key->pkey, scheme, &work));
    size_t len = 0;
    if (!schemes[scheme].may_sign
        || EVP_DigestSignInit(work.context, NULL, digest_of(scheme), NULL, key->pkey) != 1
        || EVP_DigestSign(work.context, NULL, &len, data.at, data.len) != 1) {
        return crypto_failure(ERR_CRYPTO);
    }
    unsigned char *at = NULL;
    TRY(buf_reserve(signature, len, &at));
    if (EVP_DigestSign(work.context, at, &len, data.at, data.len) != 1) {
        return crypto_failure(ERR_CRYPTO);
    }
    buf_grew(signature, len);
    return ERR_OK;
}

static enum err
append_digest_hex(const EVP_MD *md, struct span data, struct buf *hex)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (md == NULL || EVP_Digest(data.at, data.len, digest, &len, md, NULL) != 1) {
        return crypto_failure(ERR_CRYPTO);
    }
    return crypto_hex_encode(span_make(digest, len), hex);
}

enum err
crypto_keyed_sign(const struct secret *shared, enum crypto_scheme scheme, struct span data,
                  struct buf *hex)
{
    if (scheme != CRYPTO_KEYED_SHA256 && scheme != CRYPTO_KEYED_SM3) {
        return ERR_CRYPTO;
    }
    const EVP_MD *md = digest_of(scheme);
    DEFER(buf_fini) struct buf text = BUF_MAX(data.len + 1 + (size_t)2 * EVP_MAX_MD_SIZE);
    TRY(buf_append(&text, data));
    TRY(buf_byte(&text, '&'));
    TRY(append_digest_hex(md, secret_bytes(shared), &text));
    return append_digest_hex(md, buf_span(&text), hex);
}

enum err
crypto_verify(const struct crypto_public_key *key, enum crypto_scheme scheme, struct span data,
              struct span signature)
{
    DEFER(work_fini) struct work work = { 0 };
    TRY(prepare(key->pkey, scheme, &work));
    if (EVP_DigestVerifyInit(work.context, NULL, digest_of(scheme), NULL, key->pkey) != 1) {
        return crypto_failure(ERR_CRYPTO);
    }
    int verdict = EVP_DigestVerify(work.context, signature.at, signature.len, data.at, data.len);
    enum err failure = crypto_failure(ERR_SIGNATURE);
    return verdict == 1 ? ERR_OK : failure;
}
