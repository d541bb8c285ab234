/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_UNIONPAY_SIGN_H
#define TALLYGATE_WORLD_UNIONPAY_SIGN_H

/* The three ways a 5.1.0 message is signed (2.2, 2.4). None of them knows whose message it is. */

#include "crypto.h"
#include "unionpay_form.h"

/* Base64 of the RSA signature over the hexadecimal SHA-256 of the signed text. */
MUST_USE enum err unionpay_sign_rsa(const struct crypto_private_key *key,
                                    const struct unionpay_fields *fields, struct buf *out);

/* Errors: SIGNATURE, BASE64. */
MUST_USE enum err unionpay_sign_rsa_check(const struct crypto_public_key *key,
                                          const struct unionpay_fields *fields);

/* Hexadecimal digest with a shared key; `method` is "11" (SHA-256) or "12" (SM3). */
MUST_USE enum err unionpay_sign_shared(const char *method, struct span key,
                                       const struct unionpay_fields *fields, struct buf *out);

/* Errors: SIGNATURE. */
MUST_USE enum err unionpay_sign_shared_check(const char *method, struct span key,
                                             const struct unionpay_fields *fields);

/* A certificate as signPubKeyCert carries it: CRLF line ends and nothing after the last dash. */
MUST_USE enum err unionpay_sign_pem(struct span pem, struct buf *out);

#endif
