/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto.h"
#include "crypto_internal.h"

const EVP_MD *
crypto_md(const char *name)
{
    static struct {
        const char *name;
        EVP_MD *md;
    } kept[] = {
        { "SHA256", NULL }, { "SHA512", NULL }, { "SHA1", NULL }, { "MD5", NULL }, { "SM3", NULL },
    };
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        if (strcmp(kept[i].name, name) == 0) {
            if (kept[i].md == NULL) {
                kept[i].md = EVP_MD_fetch(NULL, name, NULL);
            }
            return kept[i].md;
        }
    }
    return NULL;
}

enum err
crypto_failure(enum err as)
{
    unsigned long why;
    while ((why = ERR_get_error()) != 0) {
        as = ERR_GET_REASON(why) == ERR_R_MALLOC_FAILURE ? ERR_NO_MEMORY : as;
    }
    return as;
}

static enum err
digest(const char *name, struct span data, unsigned char *out)
{
    const EVP_MD *md = crypto_md(name);
    if (md == NULL || EVP_Digest(data.at, data.len, out, NULL, md, NULL) != 1) {
        return crypto_failure(ERR_CRYPTO);
    }
    return ERR_OK;
}

enum err
crypto_sha256(struct span data, unsigned char out[SHA256_BYTES])
{
    return digest("SHA256", data, out);
}

enum err
crypto_sha512(struct span data, unsigned char out[SHA512_BYTES])
{
    return digest("SHA512", data, out);
}

enum err
crypto_sha1(struct span data, unsigned char out[SHA1_BYTES])
{
    return digest("SHA1", data, out);
}

enum err
crypto_md5(struct span data, unsigned char out[MD5_BYTES])
{
    return digest("MD5", data, out);
}

enum err
crypto_sm3(struct span data, unsigned char out[SM3_BYTES])
{
    return digest("SM3", data, out);
}

enum err
crypto_hmac_sha256(const struct secret *key, struct span data, unsigned char out[SHA256_BYTES])
{
    size_t len = 0;
    struct span bytes = secret_bytes(key);
    if (EVP_Q_mac(NULL, OSSL_MAC_NAME_HMAC, NULL, "SHA256", NULL, bytes.at, bytes.len, data.at,
                  data.len, out, SHA256_BYTES, &len)
            == NULL
        || len != SHA256_BYTES) {
        return ERR_CRYPTO;
    }
    return ERR_OK;
}

struct crypto_stream {
    EVP_MD_CTX *context;
};

void
crypto_stream_free(struct crypto_stream **s)
{
    if (s != NULL && *s != NULL) {
        EVP_MD_CTX_free((*s)->context);
        free(*s);
        *s = NULL;
    }
}

static enum err
stream_open(const char *name, struct crypto_stream **out)
{
    struct crypto_stream *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return ERR_NO_MEMORY;
    }
    s->context = EVP_MD_CTX_new();
    if (s->context == NULL || EVP_DigestInit_ex(s->context, crypto_md(name), NULL) != 1) {
        crypto_stream_free(&s);
        return ERR_CRYPTO;
    }
    *out = s;
    return ERR_OK;
}

enum err
crypto_sha256_open(struct crypto_stream **out)
{
    return stream_open("SHA256", out);
}

enum err
crypto_sha1_open(struct crypto_stream **out)
{
    return stream_open("SHA1", out);
}

enum err
crypto_stream_update(struct crypto_stream *s, struct span data)
{
    return EVP_DigestUpdate(s->context, data.at, data.len) == 1 ? ERR_OK : ERR_CRYPTO;
}

enum err
crypto_stream_next(struct crypto_stream *s, unsigned char *out)
{
    bool done = EVP_DigestFinal_ex(s->context, out, NULL) == 1
                && EVP_DigestInit_ex(s->context, NULL, NULL) == 1;
    return done ? ERR_OK : ERR_CRYPTO;
}

enum err
crypto_stream_close(struct crypto_stream **s, unsigned char *out)
{
    int done = EVP_DigestFinal_ex((*s)->context, out, NULL);
    crypto_stream_free(s);
    return done == 1 ? ERR_OK : ERR_CRYPTO;
}
