/* SPDX-License-Identifier: Apache-2.0 */
#include "signature_variations.h"

#define BODY_MAX (2 * HTTP_API_BODY_MAX + 2)

/* One function a row of signature_differences.def: the body as the other side may have digested it. */

static enum err
body_EMPTY(struct span body, struct buf *out)
{
    (void)body;
    (void)out;
    return ERR_OK;
}

static enum err
body_NO_NEWLINE(struct span body, struct buf *out)
{
    size_t len = body.len;
    len -= len > 0 && body.at[len - 1] == '\n' ? 1 : 0;
    len -= len > 0 && len < body.len && body.at[len - 1] == '\r' ? 1 : 0;
    return buf_append(out, span_sub(body, 0, len));
}

static enum err
body_NEWLINE(struct span body, struct buf *out)
{
    TRY(buf_append(out, body));
    return buf_byte(out, '\n');
}

static enum err
body_CRLF(struct span body, struct buf *out)
{
    for (size_t i = 0; i < body.len; i++) {
        if (body.at[i] == '\n') {
            TRY(buf_byte(out, '\r'));
        }
        TRY(buf_byte(out, body.at[i]));
    }
    return ERR_OK;
}

static enum err
body_LF(struct span body, struct buf *out)
{
    for (size_t i = 0; i < body.len; i++) {
        bool end = body.at[i] == '\r' && i + 1 < body.len && body.at[i + 1] == '\n';
        if (!end) {
            TRY(buf_byte(out, body.at[i]));
        }
    }
    return ERR_OK;
}

static enum err
body_HEX_TEXT(struct span body, struct buf *out)
{
    return buf_append(out, body);
}

static const struct {
    enum signature_difference what;
    enum err (*make)(struct span body, struct buf *out);
} bodies[] = {
#define BODY(name, component, code, en, zh) { SIGNATURE_BODY_##name, body_##name },
#include "signature_differences.def"
#undef BODY
};

/* Does the field hold this digest: "sha-256=:…:" with the bytes, or with their hexadecimal text? */
static enum err
holds_text(struct span field, struct span body, bool hex, bool *out)
{
    unsigned char digest[SHA256_BYTES];
    DEFER(buf_fini) struct buf text = BUF_MAX(256);
    DEFER(buf_fini) struct buf want = BUF_MAX(256);
    TRY(crypto_sha256(body, digest));
    if (hex) {
        TRY(crypto_hex_encode(span_make(digest, sizeof(digest)), &text));
    } else {
        TRY(buf_append(&text, span_make(digest, sizeof(digest))));
    }
    TRY(buf_text(&want, "sha-256=:"));
    TRY(crypto_base64_encode(buf_span(&text), &want));
    TRY(buf_byte(&want, ':'));
    *out = span_find(field, buf_span(&want)) < field.len;
    return ERR_OK;
}

/* A digest that names another algorithm, or is not written as one. */
static bool
has_form(struct span field)
{
    bool named = span_find(field, SPAN_LIT("sha-256=:")) < field.len
                 || span_find(field, SPAN_LIT("sha-512=:")) < field.len;
    return named && span_ends(field, SPAN_LIT(":"));
}

enum err
signature_bodies_try(struct span field, struct span body, enum signature_difference *found)
{
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        DEFER(buf_fini) struct buf text = BUF_MAX(BODY_MAX);
        bool holds = false;
        TRY(bodies[i].make(body, &text));
        TRY(holds_text(field, buf_span(&text), bodies[i].what == SIGNATURE_BODY_HEX_TEXT, &holds));
        if (holds) {
            *found = bodies[i].what;
            return ERR_OK;
        }
    }
    *found = has_form(field) ? SIGNATURE_RULE_DIGEST_OTHER : SIGNATURE_RULE_DIGEST_FORM;
    return ERR_OK;
}
