/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_HTTP_SIGNATURE_EXPLAIN_H
#define TALLYGATE_HTTP_SIGNATURE_EXPLAIN_H

/* Why a signature was refused, told to the party whose key it names: the text as we have it, and what differs. We cannot see
 * the other side's text; but a signature that is right over ours with one known mistake in it tells which mistake was made.
 * Nothing is made here but verifications, a bounded number of them; neither a secret nor a signature is in what is told. */

#include "signature.h"

#define SIGNATURE_FINDINGS_MAX 8

enum signature_difference {
#define VARIATION(name, component, code, en, zh) SIGNATURE_VARIES_##name,
#define BODY(name, component, code, en, zh)      SIGNATURE_BODY_##name,
#define RULE(name, component, code, en, zh)      SIGNATURE_RULE_##name,
#include "signature_differences.def"
#undef VARIATION
#undef BODY
#undef RULE
    SIGNATURE_DIFFERENCE_COUNT
};

/* A request that was refused, or that is looked at beforehand. Everything is borrowed. */
struct signature_attempt {
    const struct http_request *request;
    struct span scheme;
    struct span authority;
    const struct signature_key *key;
    struct wall_time now;
    int64_t age_max_s;
    enum err refusal; /* what signature_read or signature_check said; ERR_OK: nothing is wrong */
};

struct signature_finding {
    enum signature_difference what;
    struct span component;
};

struct signature_explanation {
    struct signature_input input; /* as it was read */
    struct span base;             /* empty when a component is absent */
    struct span digest;           /* of the body that we received: "sha-256=:…:" */
    struct signature_finding findings[SIGNATURE_FINDINGS_MAX];
    size_t count;
};

/* Texts live in the request's arena. Errors: SIG_MISSING, SIG_MALFORMED (nothing can be explained), ARENA_FULL, CRYPTO. */
MUST_USE enum err signature_explain(const struct signature_attempt *attempt,
                                    struct signature_explanation *out);

const char *signature_difference_code(enum signature_difference what);
const char *signature_difference_text(enum signature_difference what, enum language language);

/* {signature_base, keyid, algorithm, created, server_time, allowed_difference_s, content_digest, body_bytes,
 * differences: [{component, code, detail}]}. */
MUST_USE enum err signature_explanation_view(const struct signature_attempt *attempt,
                                             const struct signature_explanation *explanation,
                                             enum language language, struct json_t **out);

#endif
