/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_PORTAL_SIGN_H
#define TALLYGATE_WORLD_PORTAL_SIGN_H

/* HTTP message signatures as a portal makes them (RFC 9421), with Content-Digest (RFC 9530). */

#include <stddef.h>

#include "buf.h"
#include "crypto.h"
#include "err.h"
#include "secret.h"

struct portal_component {
    const char *name; /* "@method", "content-digest" */
    struct span value;
};

/* The signature base of RFC 9421 2.5; `parameters` is what stands behind the component list, from
 * the first ";". `input` becomes the value of @signature-params, `base` the text to sign. */
MUST_USE enum err portal_signature_base(const struct portal_component *components, size_t count,
                                        const char *parameters, struct buf *input,
                                        struct buf *base);

/* One of them is set. */
struct portal_key {
    struct secret *shared; /* hmac-sha256 */
    struct crypto_private_key *ed25519;
};

/* Raw signature bytes (RFC 9421 3.3.3 and 3.3.6). Errors: CRYPTO. */
MUST_USE enum err portal_key_sign(const struct portal_key *key, struct span base, struct buf *out);
void portal_key_fini(struct portal_key *key);

/* "sha-256=:…:" of a body, also of an empty one. */
MUST_USE enum err portal_digest(struct span body, struct buf *out);

#endif
