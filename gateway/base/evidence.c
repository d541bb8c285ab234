/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

#include "evidence_seal.h"

struct evidence {
    struct evidence_claim claim;
    unsigned char digest[SHA256_BYTES];
    struct wall_time observed_at;
    unsigned char bytes[]; /* what the spans of the claim point to */
};

/* Every span of a claim, so that copying cannot forget one. */
#define CLAIM_SPANS(X)   \
    X(provider)          \
    X(account)           \
    X(application)       \
    X(merchant)          \
    X(merchant_order_no) \
    X(provider_trade_no) \
    X(provider_status)   \
    X(trace)             \
    X(refund_no)         \
    X(signer)            \
    X(raw)

static void
keep(struct evidence *evidence, size_t *used, struct span from, struct span *to)
{
    if (from.len > 0) {
        memcpy(evidence->bytes + *used, from.at, from.len);
    }
    *to = span_make(evidence->bytes + *used, from.len);
    *used += from.len;
}

enum err
evidence_seal(const struct evidence_claim *claim, struct evidence **out)
{
    size_t size = 0;
#define X(field) size += claim->field.len;
    CLAIM_SPANS(X)
#undef X
    struct evidence *evidence = calloc(1, sizeof(*evidence) + size);
    if (evidence == NULL) {
        return ERR_NO_MEMORY;
    }
    enum err err = crypto_sha256(claim->raw, evidence->digest);
    if (err != ERR_OK) {
        free(evidence);
        return err;
    }
    evidence->claim = *claim;
    evidence->observed_at = clock_wall();
    size_t used = 0;
#define X(field) keep(evidence, &used, claim->field, &evidence->claim.field);
    CLAIM_SPANS(X)
#undef X
    *out = evidence;
    return ERR_OK;
}

const struct evidence_claim *
evidence_claim(const struct evidence *evidence)
{
    return &evidence->claim;
}

struct span
evidence_digest(const struct evidence *evidence)
{
    return span_make(evidence->digest, sizeof(evidence->digest));
}

struct wall_time
evidence_observed_at(const struct evidence *evidence)
{
    return evidence->observed_at;
}

void
evidence_free(struct evidence **evidence)
{
    if (evidence == NULL || *evidence == NULL) {
        return;
    }
    free(*evidence);
    *evidence = NULL;
}

const char *
evidence_source_code(enum evidence_source source)
{
    static const char *const codes[EVIDENCE_SOURCE_COUNT] = {
        [EVIDENCE_NONE] = "none",
        [EVIDENCE_CALLBACK] = "callback",
        [EVIDENCE_QUERY] = "query",
        [EVIDENCE_BILL] = "bill",
    };
    return source < EVIDENCE_SOURCE_COUNT ? codes[source] : codes[EVIDENCE_NONE];
}
