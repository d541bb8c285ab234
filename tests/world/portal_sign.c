/* SPDX-License-Identifier: Apache-2.0 */
#include "portal_sign.h"

enum err
portal_signature_base(const struct portal_component *components, size_t count,
                      const char *parameters, struct buf *input, struct buf *base)
{
    TRY(buf_byte(input, '('));
    for (size_t i = 0; i < count; i++) {
        TRY(buf_printf(input, "%s\"%s\"", i == 0 ? "" : " ", components[i].name));
        TRY(buf_printf(base, "\"%s\": ", components[i].name));
        TRY(buf_append(base, components[i].value));
        TRY(buf_byte(base, '\n'));
    }
    TRY(buf_byte(input, ')'));
    TRY(buf_text(input, parameters));
    TRY(buf_text(base, "\"@signature-params\": "));
    return buf_append(base, buf_span(input));
}

enum err
portal_key_sign(const struct portal_key *key, struct span base, struct buf *out)
{
    unsigned char mac[SHA256_BYTES];
    if (key->ed25519 != NULL) {
        return crypto_sign(key->ed25519, CRYPTO_ED25519, base, out);
    }
    TRY(crypto_hmac_sha256(key->shared, base, mac));
    return buf_append(out, span_make(mac, sizeof(mac)));
}

void
portal_key_fini(struct portal_key *key)
{
    secret_free(&key->shared);
    crypto_private_key_free(&key->ed25519);
}

enum err
portal_digest(struct span body, struct buf *out)
{
    unsigned char digest[SHA256_BYTES];
    TRY(crypto_sha256(body, digest));
    TRY(buf_text(out, "sha-256=:"));
    TRY(crypto_base64_encode(span_make(digest, sizeof(digest)), out));
    return buf_byte(out, ':');
}
