/* SPDX-License-Identifier: Apache-2.0 */
/* Private and public keys as merchants paste them. A key that is taken has a public half that reads, and a signature
 * that it makes keeps to the length it promises. */
#include "crypto.h"
#include "fuzz.h"

#define SIGNATURE_MAX ((size_t)16 * 1024)

static void
check_sign(const struct crypto_private_key *key, const struct crypto_public_key *public_key,
           enum crypto_scheme scheme)
{
    DEFER(buf_fini) struct buf signature = BUF_MAX(SIGNATURE_MAX);
    if (crypto_sign(key, scheme, SPAN_LIT("text"), &signature) != ERR_OK) {
        FUZZ_DEMAND(signature.len == 0);
        return;
    }
    FUZZ_DEMAND(signature.len > 0);
    FUZZ_DEMAND(signature.len <= crypto_public_key_signature_bytes(public_key));
    signature.at[0] ^= 1;
    FUZZ_DEMAND(crypto_verify(public_key, scheme, SPAN_LIT("text"), buf_span(&signature))
                != ERR_OK);
}

static void
check_private(struct span text)
{
    DEFER(secret_free) struct secret *secret = NULL;
    DEFER(crypto_private_key_free) struct crypto_private_key *key = NULL;
    DEFER(crypto_public_key_free) struct crypto_public_key *public_key = NULL;
    FUZZ_DEMAND(secret_new(text, &secret) == ERR_OK);
    if (crypto_private_key_new(secret, &key) != ERR_OK) {
        FUZZ_DEMAND(key == NULL);
        return;
    }
    if (crypto_public_key_of(key, &public_key) != ERR_OK) {
        FUZZ_DEMAND(public_key == NULL);
        return;
    }
    for (int i = CRYPTO_SCHEME_NONE; i < CRYPTO_KEYED_SHA256; i++) {
        check_sign(key, public_key, (enum crypto_scheme)i);
    }
}

static void
check_public(struct span text)
{
    DEFER(crypto_public_key_free) struct crypto_public_key *key = NULL;
    if (crypto_public_key_new(text, &key) != ERR_OK) {
        FUZZ_DEMAND(key == NULL);
        return;
    }
    for (int i = CRYPTO_SCHEME_NONE; i < CRYPTO_KEYED_SHA256; i++) {
        FUZZ_DEMAND(crypto_verify(key, (enum crypto_scheme)i, SPAN_LIT("text"), SPAN_LIT(""))
                    != ERR_OK);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_private(span_make(data, size));
    check_public(span_make(data, size));
    return 0;
}
