/* SPDX-License-Identifier: Apache-2.0 */
#include "signature.h"
#include "structured.h"

#define DIGEST_MEMBERS_MAX 4

enum err
signature_digest(struct span body, struct buf *out)
{
    unsigned char digest[SHA256_BYTES];
    TRY(crypto_sha256(body, digest));
    TRY(buf_text(out, "sha-256=:"));
    TRY(crypto_base64_encode(span_make(digest, sizeof(digest)), out));
    return buf_byte(out, ':');
}

/* SIG_DIGEST when it differs; *known tells whether the algorithm is one of ours. */
static enum err
member_check(struct span name, struct span value, struct span body, bool *known)
{
    unsigned char digest[SHA512_BYTES];
    size_t len = 0;
    if (span_eq_cstr(name, "sha-256")) {
        TRY(crypto_sha256(body, digest));
        len = SHA256_BYTES;
    } else if (span_eq_cstr(name, "sha-512")) {
        TRY(crypto_sha512(body, digest));
        len = SHA512_BYTES;
    } else {
        return ERR_OK;
    }
    *known = true;
    return span_eq(value, span_make(digest, len)) ? ERR_OK : ERR_SIG_DIGEST;
}

static enum err
members_check(struct arena *arena, struct span field, struct span body)
{
    bool known = false;
    struct span at = field;
    for (size_t i = 0; i < DIGEST_MEMBERS_MAX; i++) {
        struct span name;
        struct span value;
        if (structured_key(&at, &name) != ERR_OK || !structured_take(&at, '=')
            || structured_bytes(&at, SHA512_BYTES, arena, &value) != ERR_OK) {
            return ERR_SIG_DIGEST;
        }
        TRY(member_check(name, value, body, &known));
        at = span_trim(at, " \t");
        if (span_empty(at)) {
            return known ? ERR_OK : ERR_SIG_DIGEST;
        }
        if (!structured_take(&at, ',')) {
            return ERR_SIG_DIGEST;
        }
        at = span_trim(at, " \t");
    }
    return ERR_SIG_DIGEST;
}

enum err
signature_digest_check(struct span field, struct span body)
{
    struct arena *arena = NULL;
    TRY(arena_new(4096, &arena));
    enum err err = members_check(arena, field, body);
    arena_free(&arena);
    return err;
}
