/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_WECHATPAY_SEAL_H
#define TALLYGATE_WORLD_WECHATPAY_SEAL_H

/* Authenticated encryption under the APIv3 key (3, 5.3) and the hash of bills (4.7). Done with
 * libgcrypt, which has GCM over SM4 where OpenSSL 3.0 has none. */

#include <stdbool.h>

#include "buf.h"
#include "err.h"
#include "span.h"

#define WECHATPAY_SEAL_NONCE_BYTES 12

struct wechatpay_seal_key {
    bool sm4;
    unsigned char bytes[32]; /* 16 of them for SM4 */
};

/* `apiv3_key` is the 32 characters as typed. Errors: KEY_PARSE for any other length, CRYPTO. */
MUST_USE enum err wechatpay_seal_key_make(struct span apiv3_key, bool sm4,
                                          struct wechatpay_seal_key *out);

/* "AEAD_AES_256_GCM" or "AEAD_SM4_GCM". */
const char *wechatpay_seal_name(const struct wechatpay_seal_key *key);

/* Appends base64 of the ciphertext with its tag of 16 bytes. Errors: CRYPTO. */
MUST_USE enum err wechatpay_seal(const struct wechatpay_seal_key *key, struct span nonce,
                                 struct span associated_data, struct span plain, struct buf *out);

/* Lower-case hex. */
MUST_USE enum err wechatpay_sha1(struct span data, struct buf *out);

#endif
