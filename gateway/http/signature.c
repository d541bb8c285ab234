/* SPDX-License-Identifier: Apache-2.0 */
#include "signature_base.h"

#define MS_PER_S INT64_C(1000)

static bool
covers(const struct signature_input *input, const char *component)
{
    for (size_t i = 0; i < input->component_count; i++) {
        if (span_eq_cstr(input->components[i], component)) {
            return true;
        }
    }
    return false;
}

static bool
covers_enough(const struct http_request *request, const struct signature_input *input)
{
    bool target =
        covers(input, "@target-uri") || (covers(input, "@path") && covers(input, "@query"));
    bool body = span_empty(request->body) || covers(input, "content-digest");
    bool parameters =
        input->created.us != 0 && !span_empty(input->keyid) && !span_empty(input->nonce);
    return covers(input, "@method") && target && body && parameters;
}

enum err
signature_read(const struct http_request *request, struct span scheme, struct span authority,
               struct signature_input *out)
{
    struct signature_input input;
    TRY(signature_parse(request, scheme, authority, &input));
    if (input.nonce.len > SIGNATURE_NONCE_MAX || input.keyid.len > SIGNATURE_KEYID_MAX) {
        return ERR_SIG_MALFORMED;
    }
    if (!covers_enough(request, &input)) {
        return ERR_SIG_COMPONENTS;
    }
    struct span digest = http_header_get(request, "content-digest");
    if (!span_empty(digest) || !span_empty(request->body)) {
        TRY(signature_digest_check(digest, request->body));
    }
    *out = input;
    return ERR_OK;
}

static const struct {
    const char *name;
    enum signature_algorithm algorithm;
} algorithms[] = {
    { "hmac-sha256", SIGNATURE_HMAC_SHA256 },
    { "ed25519", SIGNATURE_ED25519 },
};

const char *
signature_algorithm_name(enum signature_algorithm algorithm)
{
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        if (algorithms[i].algorithm == algorithm) {
            return algorithms[i].name;
        }
    }
    return "";
}

enum err
signature_algorithm_decode(struct span s, enum signature_algorithm *out)
{
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        if (span_eq_cstr(s, algorithms[i].name)) {
            *out = algorithms[i].algorithm;
            return ERR_OK;
        }
    }
    return ERR_SIG_ALGORITHM;
}

static enum err
check_hmac(const struct signature_key *key, struct span text, struct span signature)
{
    unsigned char expected[SHA256_BYTES];
    TRY(crypto_hmac_sha256(key->shared, text, expected));
    bool genuine = signature.len == sizeof(expected)
                   && secret_eq_bytes(signature, span_make(expected, sizeof(expected)));
    return genuine ? ERR_OK : ERR_SIGNATURE;
}

enum err
signature_verify(const struct signature_key *key, struct span text, struct span signature)
{
    switch (key->algorithm) {
    case SIGNATURE_HMAC_SHA256:
        return check_hmac(key, text, signature);
    case SIGNATURE_ED25519:
        return crypto_verify(key->public_key, CRYPTO_ED25519, text, signature);
    case SIGNATURE_ALGORITHM_NONE:
    case SIGNATURE_ALGORITHM_COUNT:
        break;
    }
    return ERR_SIG_ALGORITHM;
}

static enum err
check_time(const struct signature_input *input, struct wall_time now, int64_t age_max_s)
{
    int64_t age_ms = wall_ms_between(input->created, now);
    bool fresh = age_ms <= age_max_s * MS_PER_S && age_ms >= -age_max_s * MS_PER_S;
    bool expired = input->expires.us != 0 && input->expires.us < now.us;
    return fresh && !expired ? ERR_OK : ERR_SIG_TIME;
}

enum err
signature_check(const struct signature_input *input, const struct signature_key *key,
                struct wall_time now, int64_t age_max_s)
{
    if (!span_empty(input->algorithm)) {
        enum signature_algorithm named;
        TRY(signature_algorithm_decode(input->algorithm, &named));
        if (named != key->algorithm) {
            return ERR_SIG_ALGORITHM;
        }
    }
    TRY(check_time(input, now, age_max_s));
    return signature_verify(key, input->base, input->signature);
}

enum err
http_role_decode(struct span s, enum http_role *out)
{
    static const char *const names[HTTP_ROLE_COUNT] = {
        [HTTP_ROLE_PORTAL] = "portal",
        [HTTP_ROLE_FINANCE_MAKER] = "finance-maker",
        [HTTP_ROLE_FINANCE_CHECKER] = "finance-checker",
        [HTTP_ROLE_AUDITOR] = "auditor",
        [HTTP_ROLE_OPERATOR] = "operator",
    };
    for (enum http_role role = HTTP_ROLE_PORTAL; role < HTTP_ROLE_COUNT; role++) {
        if (span_eq_cstr(s, names[role])) {
            *out = role;
            return ERR_OK;
        }
    }
    return ERR_ROLE;
}
