/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_HTTP_SIGNATURE_H
#define TALLYGATE_HTTP_SIGNATURE_H

/* RFC 9421 HTTP message signatures with RFC 9530 Content-Digest, as the portal uses them. A request
 * carries exactly one signature. Required components: "@method", "@target-uri" or "@path" and
 * "@query", and "content-digest" when there is a body; required parameters: created, keyid, nonce;
 * alg, if given, must be the key's. Component parameters (;sf, ;bs, ;req, …) are refused. */

#include <stdbool.h>

#include "crypto.h"
#include "err.h"
#include "http.h"
#include "secret.h"

#define SIGNATURE_NONCE_MAX      64
#define SIGNATURE_KEYID_MAX      64
#define SIGNATURE_COMPONENTS_MAX 16
#define SIGNATURE_BASE_MAX_BYTES ((size_t)32 * 1024)

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
    struct span algorithm;    /* empty if not given */
    struct wall_time created; /* 0 if not given */
    struct wall_time expires; /* 0 if not given */
    struct span components[SIGNATURE_COMPONENTS_MAX];
    size_t component_count;
    struct span parameters; /* the value of "@signature-params" (RFC 9421 2.3) */
    struct span base;       /* the text that is signed (RFC 9421 2.5), in the request's arena */
    struct span signature;  /* raw bytes */
};

/* Reads Signature-Input and Signature strictly (RFC 8941) and builds the text that is signed;
 * `scheme` and `authority` serve "@target-uri" and "@authority". No rule of ours yet. Errors:
 * SIG_MISSING, SIG_MALFORMED, SIG_COMPONENTS (a component that the request does not have). */
MUST_USE enum err signature_parse(const struct http_request *request, struct span scheme,
                                  struct span authority, struct signature_input *out);

/* signature_parse, then our rules: every required component and parameter is there, and a
 * Content-Digest fits the body. Errors: as above, SIG_DIGEST. */
MUST_USE enum err signature_read(const struct http_request *request, struct span scheme,
                                 struct span authority, struct signature_input *out);

/* Errors: SIG_ALGORITHM, SIG_TIME, SIGNATURE. The nonce is checked by the caller, who stores it. */
MUST_USE enum err signature_check(const struct signature_input *input,
                                  const struct signature_key *key, struct wall_time now,
                                  int64_t age_max_s);

/* "sha-256=:…:" of a body (RFC 9530 2). Errors: CRYPTO. */
MUST_USE enum err signature_digest(struct span body, struct buf *out);

/* Every sha-256 and sha-512 of a Content-Digest must fit, and one must be there. Errors:
 * SIG_DIGEST, CRYPTO. */
MUST_USE enum err signature_digest_check(struct span field, struct span body);

/* Errors: SIG_ALGORITHM. */
MUST_USE enum err signature_algorithm_decode(struct span s, enum signature_algorithm *out);

/* "ed25519"; "" for none. */
const char *signature_algorithm_name(enum signature_algorithm algorithm);

/* "finance-maker". Errors: ROLE. */
MUST_USE enum err http_role_decode(struct span s, enum http_role *out);

#endif
