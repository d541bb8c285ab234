/* SPDX-License-Identifier: Apache-2.0 */
/* Every run opens the world anew, and reading its keys would take longer than the run: they are read once. */
#include <string.h>

#include "crypto.h"
#include "outside.h"
#include "outside_edge.h"

#define KEYS_MAX 64

static struct {
    unsigned char digest[SHA256_BYTES];
    struct crypto_private_key *key;
} kept[KEYS_MAX];
static size_t count;

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

void
outside_forget_keys(void)
{
    while (count > 0) {
        crypto_private_key_free(&kept[--count].key);
    }
}
