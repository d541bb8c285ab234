/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_CRYPTO_AEAD_SM4_H
#define TALLYGATE_BASE_CRYPTO_AEAD_SM4_H

/* For crypto_aead.c only, which has checked the lengths of nonce and inputs, and that sealed bytes are
 * at least a tag. Errors: CRYPTO for a key of another length; open: SEALED. */

#include "crypto.h"

#define CRYPTO_SM4_KEY_BYTES 16

MUST_USE enum err crypto_aead_sm4_seal(const struct secret *key, struct span nonce,
                                       struct span associated, struct span plain, struct buf *out);
MUST_USE enum err crypto_aead_sm4_open(const struct secret *key, struct span nonce,
                                       struct span associated, struct span sealed, struct buf *out);

#endif
