/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_WECHATPAY_SIGN_H
#define TALLYGATE_WORLD_WECHATPAY_SIGN_H

/* Keys of both sides, the texts that are signed, and the judgement of a request's Authorization
 * (1.2, 1.3, 2). */

#include "wechatpay_world.h"

/* Reads every key and certificate of the PKI folder. Errors: FILE_OPEN, FILE_READ, KEY_PARSE,
 * CERT_PARSE. */
MUST_USE enum err wechatpay_sign_load(struct wechatpay *wechatpay);
void wechatpay_sign_unload(struct wechatpay *wechatpay);

const char *wechatpay_sign_scheme_name(enum crypto_scheme scheme);
enum crypto_scheme wechatpay_sign_scheme_of(const struct wechatpay_merchant *merchant);

/* Five lines (1.2). */
struct wechatpay_request_text {
    struct span method;
    struct span url; /* path and query as they travel */
    struct span timestamp;
    struct span nonce;
    struct span body;
};
MUST_USE enum err wechatpay_sign_request_text(const struct wechatpay_request_text *request,
                                              struct buf *out);

/* Three lines (2.2). */
MUST_USE enum err wechatpay_sign_answer_text(struct span timestamp, struct span nonce,
                                             struct span body, struct buf *out);

/* Base64 of the signature over `text`. */
MUST_USE enum err wechatpay_sign_text(const struct crypto_private_key *key,
                                      enum crypto_scheme scheme, struct span text, struct buf *out);

/* `signature` is base64. Errors: SIGNATURE. */
MUST_USE enum err wechatpay_sign_verify(const struct wechatpay_merchant *merchant, struct span text,
                                        struct span signature);

/* The key that signs what goes to this merchant (2.5). `wish` is the request's Wechatpay-Serial, or
 * NULL for a callback. */
const struct wechatpay_signer *wechatpay_sign_choose(const struct wechatpay *wechatpay,
                                                     const struct wechatpay_merchant *merchant,
                                                     const char *wish, bool callback);

/* The values of the Wechatpay-* headers over `body`. */
enum wechatpay_sign_lie {
    WECHATPAY_TRUE,
    WECHATPAY_FORGED, /* another key under the genuine serial */
    WECHATPAY_PROBE,  /* 2.4 */
    WECHATPAY_SERIAL, /* a serial that nobody knows */
    WECHATPAY_SKEW,   /* true, but ten minutes old */
};

struct wechatpay_stamp {
    char timestamp[24];
    char nonce[40];
    char serial[WECHATPAY_SERIAL_MAX];
    char signature[512];
    const char *type;
};
MUST_USE enum err wechatpay_sign_stamp(const struct wechatpay *wechatpay,
                                       const struct wechatpay_signer *signer,
                                       enum wechatpay_sign_lie lie, struct span body,
                                       struct wechatpay_stamp *out);

/* Whom the request is from, or why that cannot be told: *why is NULL when it is genuine, else what
 * its SIGN_ERROR says (1.6). */
MUST_USE enum err wechatpay_sign_judge(struct wechatpay *wechatpay, struct evhttp_request *req,
                                       const struct wechatpay_merchant **out, const char **why);

#endif
