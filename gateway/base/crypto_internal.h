/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_CRYPTO_INTERNAL_H
#define TALLYGATE_BASE_CRYPTO_INTERNAL_H

/* Shared by the crypto_*.c files only. */

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto.h"

struct crypto_private_key {
    EVP_PKEY *pkey;
};

struct crypto_public_key {
    EVP_PKEY *pkey;
};

struct crypto_certificate {
    X509 *x509;
};

/* Fetched once and kept: fetching costs more than the digest of a short text. */
const EVP_MD *crypto_md(const char *name);

/* What libcrypto's last calls failed of: NO_MEMORY where it says so, else `as`. Its queue is empty afterwards. */
MUST_USE enum err crypto_failure(enum err as);

/* For PEM readers: without it they ask on the terminal when a text claims to be encrypted. */
int crypto_no_passphrase(char *out, int size, int writing, void *context);

/* These take what they wrap. */
MUST_USE enum err crypto_certificate_wrap(X509 *x509, struct crypto_certificate **out);
MUST_USE enum err crypto_private_key_wrap(EVP_PKEY *pkey, struct crypto_private_key **out);
MUST_USE enum err crypto_public_key_wrap(EVP_PKEY *pkey, struct crypto_public_key **out);

/* Standard base64 with white space removed, for keys that merchants pass around without PEM lines. */
MUST_USE enum err crypto_base64_loose(struct span text, struct buf *out);

#endif
