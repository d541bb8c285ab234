/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_HTTP_SIGNATURE_H
#define TALLYGATE_HTTP_SIGNATURE_H

/* RFC 9421 HTTP message signatures with RFC 9530 Content-Digest, as the portal uses them. Required
 * components: "@method", "@target-uri" or "@path" and "@query", "content-digest"; required
 * parameters: created, keyid, nonce; alg, if given, must be the key's. */

#include "crypto.h"
#include "err.h"
#include "http.h"
#include "secret.h"

#define SIGNATURE_NONCE_MAX 64
#define SIGNATURE_KEYID_MAX 64

enum signature_algorithm {
    SIGNATURE_ALGORITHM_NONE,
    SIGNATURE_HMAC_SHA256,
    SIGNATURE_ED25519,
    SIGNATURE_ALGORITHM_COUNT
};

struct signature_key {
    const char *keyid;
    enum signature_algorithm algorithm;
    struct secret *shared;                /* hmac-sha256 */
    struct crypto_public_key *public_key; /* ed25519 */
    enum http_role role;
    const char *owner;
};

struct signature_input {
    struct span label;
    struct span keyid;
    struct span nonce;
    struct span algorithm; /* empty if not given */
    struct wall_time created;
    struct span base;      /* the text that is signed, in the request's arena */
    struct span signature; /* raw bytes */
};

/* Reads the headers, checks that every required component is covered and builds the text. `authority` and
 * scheme serve "@target-uri". Errors: SIG_MISSING, SIG_MALFORMED, SIG_COMPONENTS, SIG_DIGEST. */
MUST_USE enum err signature_read(const struct http_request *request, struct span scheme,
                                 struct span authority, struct signature_input *out);

/* Errors: SIG_ALGORITHM, SIG_TIME, SIGNATURE. The nonce is checked by the caller, who stores it. */
MUST_USE enum err signature_check(const struct signature_input *input,
                                  const struct signature_key *key, struct wall_time now,
                                  int64_t age_max_s);

/* "sha-256=:…:" of a body. Errors: CRYPTO. */
MUST_USE enum err signature_digest(struct span body, struct buf *out);

MUST_USE enum err signature_algorithm_decode(struct span s, enum signature_algorithm *out);
MUST_USE enum err http_role_decode(struct span s, enum http_role *out); /* "finance-maker" */

#endif
