/* SPDX-License-Identifier: Apache-2.0 */
#include "certificate_chain.h"

#define ISSUER_MAX 2048

enum err
certificate_chain_load(struct span pem, struct certificate_chain *out)
{
    struct certificate_chain chain = { .count = 0 };
    TRY(crypto_certificates_new(pem, CERTIFICATE_CHAIN_MAX, chain.list, &chain.count));
    *out = chain;
    return ERR_OK;
}

void
certificate_chain_fini(struct certificate_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        crypto_certificate_free(&chain->list[i]);
    }
    chain->count = 0;
}

bool
certificate_chain_is_leaf(const struct certificate_chain *chain, size_t index)
{
    if (index == 0 || index >= chain->count) {
        return index == 0 && chain->count > 0;
    }
    if (crypto_certificate_is_authority(chain->list[index])) {
        return false; /* a root that made the first one has made itself as well */
    }
    DEFER(buf_fini) struct buf first = BUF_MAX(ISSUER_MAX);
    DEFER(buf_fini) struct buf other = BUF_MAX(ISSUER_MAX);
    return crypto_certificate_issuer(chain->list[0], &first) == ERR_OK
           && crypto_certificate_issuer(chain->list[index], &other) == ERR_OK
           && span_eq(buf_span(&first), buf_span(&other));
}

enum err
certificate_chain_verify(const struct certificate_chain *chain, size_t leaf,
                         const struct certificate_chain *roots, struct wall_time at)
{
    struct crypto_certificate *ordered[CERTIFICATE_CHAIN_MAX] = { chain->list[leaf] };
    size_t count = 1;
    for (size_t i = 0; i < chain->count; i++) {
        if (i != leaf) {
            ordered[count++] = chain->list[i];
        }
    }
    return crypto_chain_verify(ordered, count, roots->list, roots->count, at);
}
