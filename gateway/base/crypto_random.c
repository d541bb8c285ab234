/* SPDX-License-Identifier: Apache-2.0 */
/* Stands alone, so that a deterministic test links its own numbers in its place. */
#include <openssl/rand.h>

#include "crypto.h"

enum err
crypto_random(unsigned char *out, size_t len)
{
    return RAND_bytes_ex(NULL, out, len, 0) == 1 ? ERR_OK : ERR_CRYPTO;
}
