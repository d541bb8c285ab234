/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CERTS_CERTIFICATE_CHAIN_H
#define TALLYGATE_CERTS_CERTIFICATE_CHAIN_H

/* The certificates of one PEM file, as providers hand them out: leaves first, then who issued them,
 * or a bundle of roots. */

#include <stdbool.h>
#include <stddef.h>

#include "crypto.h"

#define CERTIFICATE_CHAIN_MAX 8

struct certificate_chain {
    struct crypto_certificate *list[CERTIFICATE_CHAIN_MAX];
    size_t count;
};

/* `out` owns the certificates until certificate_chain_fini. Errors: CERT_PARSE, also for none and
 * for more than CERTIFICATE_CHAIN_MAX. */
MUST_USE enum err certificate_chain_load(struct span pem, struct certificate_chain *out);
void certificate_chain_fini(struct certificate_chain *chain); /* accepts a zeroed chain */

/* True when member `index` is a leaf: the first, or no authority and made by the first one's issuer.
 * During a change of keys a file holds the old leaf and the new one. */
bool certificate_chain_is_leaf(const struct certificate_chain *chain, size_t index);

/* Whether member `leaf` leads to one of the roots at that time; the other members help to get
 * there. Errors: CERT_UNTRUSTED, CERT_EXPIRED. */
MUST_USE enum err certificate_chain_verify(const struct certificate_chain *chain, size_t leaf,
                                           const struct certificate_chain *roots,
                                           struct wall_time at);

#endif
