/* SPDX-License-Identifier: Apache-2.0 */
/* Every run opens the world anew, and reading its keys and certificates would take as long as the run: they are read once. */
#include <string.h>

#include "crypto.h"
#include "outside.h"
#include "outside_edge.h"

#define KEYS_MAX    64
#define BUNDLES_MAX 64
#define BUNDLE_MAX  8 /* certificates of one file */

static struct {
    unsigned char digest[SHA256_BYTES];
    struct crypto_private_key *key;
} kept[KEYS_MAX];
static size_t count;

static struct {
    unsigned char digest[SHA256_BYTES];
    struct crypto_certificate *list[BUNDLE_MAX];
    size_t count;
} bundles[BUNDLES_MAX];
static size_t bundle_count;

enum err
edge_private_key_new(const struct secret *pem, struct crypto_private_key **out)
{
    unsigned char digest[SHA256_BYTES];
    TRY(crypto_sha256(secret_bytes(pem), digest));
    size_t at = 0;
    while (at < count && memcmp(kept[at].digest, digest, sizeof(digest)) != 0) {
        at++;
    }
    if (at == KEYS_MAX) {
        return ERR_NO_MEMORY;
    }
    if (at == count) {
        TRY(crypto_private_key_new(pem, &kept[at].key));
        memcpy(kept[at].digest, digest, sizeof(digest));
        count++;
    }
    *out = kept[at].key;
    return ERR_OK;
}

void
edge_private_key_free(struct crypto_private_key **key)
{
    *key = NULL;
}

static enum err
read_bundle(struct span pem, const unsigned char digest[SHA256_BYTES])
{
    if (bundle_count == BUNDLES_MAX) {
        return ERR_NO_MEMORY;
    }
    TRY(crypto_certificates_new(pem, BUNDLE_MAX, bundles[bundle_count].list,
                                &bundles[bundle_count].count));
    memcpy(bundles[bundle_count++].digest, digest, SHA256_BYTES);
    return ERR_OK;
}

enum err
edge_certificates_new(struct span pem, size_t max, struct crypto_certificate **out,
                      size_t *certificates)
{
    unsigned char digest[SHA256_BYTES];
    TRY(crypto_sha256(pem, digest));
    size_t at = 0;
    while (at < bundle_count && memcmp(bundles[at].digest, digest, sizeof(digest)) != 0) {
        at++;
    }
    if (at == bundle_count) {
        TRY(read_bundle(pem, digest));
    }
    if (bundles[at].count > max) {
        return ERR_CERT_PARSE;
    }
    memcpy(out, bundles[at].list, bundles[at].count * sizeof(out[0]));
    *certificates = bundles[at].count;
    return ERR_OK;
}

void
edge_certificate_free(struct crypto_certificate **certificate)
{
    *certificate = NULL;
}

void
outside_forget_keys(void)
{
    while (bundle_count > 0) {
        bundle_count--;
        for (size_t i = 0; i < bundles[bundle_count].count; i++) {
            crypto_certificate_free(&bundles[bundle_count].list[i]);
        }
    }
    while (count > 0) {
        crypto_private_key_free(&kept[--count].key);
    }
}
