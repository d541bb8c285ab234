/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#12 files, opened with the password of the test vectors. What opens has a certificate that belongs to its key:
 * what the one signs the other verifies. */
#include "crypto.h"
#include "fuzz.h"

#define SIGNATURE_MAX ((size_t)16 * 1024)

static void
check_pair(const struct crypto_private_key *key, const struct crypto_certificate *certificate)
{
    DEFER(crypto_public_key_free) struct crypto_public_key *of_key = NULL;
    DEFER(crypto_public_key_free) struct crypto_public_key *of_certificate = NULL;
    DEFER(buf_fini) struct buf signature = BUF_MAX(SIGNATURE_MAX);
    FUZZ_DEMAND(crypto_public_key_of(key, &of_key) == ERR_OK);
    FUZZ_DEMAND(crypto_certificate_public_key(certificate, &of_certificate) == ERR_OK);
    FUZZ_DEMAND(crypto_public_key_signature_bytes(of_key)
                == crypto_public_key_signature_bytes(of_certificate));
    if (crypto_sign(key, CRYPTO_RSA_SHA256, SPAN_LIT("text"), &signature) == ERR_OK) {
        FUZZ_DEMAND(
            crypto_verify(of_certificate, CRYPTO_RSA_SHA256, SPAN_LIT("text"), buf_span(&signature))
            == ERR_OK);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const passwords[] = { "secret", "000000", "" };
    for (size_t i = 0; i < sizeof(passwords) / sizeof(passwords[0]); i++) {
        DEFER(secret_free) struct secret *file = NULL;
        DEFER(secret_free) struct secret *password = NULL;
        DEFER(crypto_private_key_free) struct crypto_private_key *key = NULL;
        DEFER(crypto_certificate_free) struct crypto_certificate *certificate = NULL;
        FUZZ_DEMAND(secret_new(span_make(data, size), &file) == ERR_OK);
        FUZZ_DEMAND(secret_new(span_of(passwords[i]), &password) == ERR_OK);
        if (crypto_pkcs12_open(file, password, &key, &certificate) == ERR_OK) {
            check_pair(key, certificate);
        } else {
            FUZZ_DEMAND(key == NULL && certificate == NULL);
        }
    }
    return 0;
}
