/* SPDX-License-Identifier: Apache-2.0 */
#include "signature_variations.h"

#include <string.h>

#include "http_internal.h"

#define SCRATCH_MAX    ((size_t)512 * 1024)
#define PARAMETERS_MAX 8
#define KEY_MAX        ((size_t)8192)

/* One text and one key to try; a variation changes exactly one thing of it. What it does not apply to stays as it is. */
struct draft {
    const struct signature_attempt *attempt;
    const struct signature_input *input;
    struct arena *arena;
    struct signature_base base;
    struct signature_style style;
    struct span signature;
    bool hashed;           /* the text's SHA-256 is signed in its place */
    struct secret *shared; /* ours, in place of the key's own */
};

static struct span *
value_of(struct draft *draft, const char *name)
{
    for (size_t i = 0; i < draft->base.count; i++) {
        if (span_eq_cstr(draft->base.lines[i].name, name)) {
            return &draft->base.lines[i].value;
        }
    }
    return NULL;
}

/* Puts the pieces together in the place of a component's value, if it is signed. */
static enum err
set_value(struct draft *draft, const char *name, const struct span *pieces, size_t count)
{
    struct span *value = value_of(draft, name);
    DEFER(buf_fini) struct buf text = BUF_MAX(SIGNATURE_BASE_MAX_BYTES);
    for (size_t i = 0; i < count; i++) {
        TRY(buf_append(&text, pieces[i]));
    }
    return value == NULL ? ERR_OK : arena_copy(draft->arena, buf_span(&text), value);
}

#define SET(draft, name, ...)                                    \
    set_value(draft, name, (const struct span[]){ __VA_ARGS__ }, \
              sizeof((const struct span[]){ __VA_ARGS__ }) / sizeof(struct span))

static struct span
other_scheme(const struct draft *draft)
{
    return span_eq_cstr(draft->attempt->scheme, "https") ? SPAN_LIT("http") : SPAN_LIT("https");
}

/* "[::1]:8080" and "host:8080" without their port. */
static struct span
without_port(struct span authority)
{
    size_t colon = authority.len;
    for (size_t i = 0; i < authority.len; i++) {
        if (authority.at[i] == ':') {
            colon = i;
        } else if (authority.at[i] == ']') {
            colon = authority.len;
        }
    }
    return span_sub(authority, 0, colon);
}

/* The value of "@target-uri" as it stands, in its parts. */
struct target {
    struct span scheme;
    struct span authority;
    struct span path;
    struct span query; /* with its mark, or empty */
};

static struct target
target_of(const struct draft *draft)
{
    const struct http_request *request = draft->attempt->request;
    struct target target = { .scheme = draft->attempt->scheme, .path = request->path };
    target.authority = draft->attempt->authority;
    target.query = span_sub(request->target, request->path.len, request->target.len);
    return target;
}

static enum err
set_target(struct draft *draft, struct target target)
{
    return SET(draft, "@target-uri", target.scheme, SPAN_LIT("://"), target.authority, target.path,
               target.query);
}

static struct span
slash_toggled(struct draft *draft, struct span path, enum err *err)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(HTTP_TARGET_BYTES + 1);
    struct span out = path;
    if (path.len > 1 && path.at[path.len - 1] == '/') {
        return span_sub(path, 0, path.len - 1);
    }
    *err = buf_append(&text, path);
    if (*err == ERR_OK) {
        *err = buf_byte(&text, '/');
    }
    if (*err == ERR_OK) {
        *err = arena_copy(draft->arena, buf_span(&text), &out);
    }
    return out;
}

/* As it stands where it cannot be decoded. */
static struct span
decoded(struct draft *draft, struct span text)
{
    struct span out = text;
    return request_decode(draft->arena, text, false, &out) == ERR_OK ? out : text;
}

/* One function a row of signature_differences.def. */

static enum err
vary_METHOD_LOWER(struct draft *draft)
{
    struct span method = draft->attempt->request->method_text;
    unsigned char lower[16];
    size_t len = method.len < sizeof(lower) ? method.len : sizeof(lower);
    for (size_t i = 0; i < len; i++) {
        lower[i] = method.at[i] >= 'A' && method.at[i] <= 'Z' ? method.at[i] | 0x20 : method.at[i];
    }
    return SET(draft, "@method", span_make(lower, len));
}

static enum err
vary_TARGET_NO_QUERY(struct draft *draft)
{
    struct target target = target_of(draft);
    target.query = SPAN_LIT("");
    return set_target(draft, target);
}

static enum err
vary_TARGET_SCHEME(struct draft *draft)
{
    struct target target = target_of(draft);
    target.scheme = other_scheme(draft);
    return set_target(draft, target);
}

static enum err
vary_TARGET_NO_PORT(struct draft *draft)
{
    struct target target = target_of(draft);
    target.authority = without_port(target.authority);
    return set_target(draft, target);
}

static enum err
vary_TARGET_DEFAULT_PORT(struct draft *draft)
{
    struct target target = target_of(draft);
    struct span port = span_eq_cstr(target.scheme, "https") ? SPAN_LIT(":443") : SPAN_LIT(":80");
    struct span host = without_port(target.authority);
    bool own = host.len == target.authority.len || span_ends(target.authority, port);
    return own ? SET(draft, "@target-uri", target.scheme, SPAN_LIT("://"), host, port, target.path,
                     target.query)
               : ERR_OK;
}

static enum err
vary_TARGET_SCHEME_NO_PORT(struct draft *draft)
{
    struct target target = target_of(draft);
    target.scheme = other_scheme(draft);
    target.authority = without_port(target.authority);
    return set_target(draft, target);
}

static enum err
vary_TARGET_PATH_ONLY(struct draft *draft)
{
    return SET(draft, "@target-uri", draft->attempt->request->target);
}

static enum err
vary_TARGET_SLASH(struct draft *draft)
{
    enum err err = ERR_OK;
    struct target target = target_of(draft);
    target.path = slash_toggled(draft, target.path, &err);
    TRY(err);
    return set_target(draft, target);
}

static enum err
vary_TARGET_DECODED(struct draft *draft)
{
    struct target target = target_of(draft);
    target.path = decoded(draft, target.path);
    target.query = decoded(draft, target.query);
    return set_target(draft, target);
}

static enum err
vary_AUTHORITY_NO_PORT(struct draft *draft)
{
    return SET(draft, "@authority", without_port(draft->attempt->authority));
}

static enum err
vary_PATH_WITH_QUERY(struct draft *draft)
{
    return SET(draft, "@path", draft->attempt->request->target);
}

static enum err
vary_PATH_SLASH(struct draft *draft)
{
    enum err err = ERR_OK;
    struct span path = slash_toggled(draft, draft->attempt->request->path, &err);
    TRY(err);
    return SET(draft, "@path", path);
}

static enum err
vary_PATH_DECODED(struct draft *draft)
{
    return SET(draft, "@path", decoded(draft, draft->attempt->request->path));
}

static enum err
vary_QUERY_NO_MARK(struct draft *draft)
{
    return SET(draft, "@query", draft->attempt->request->query);
}

static enum err
set_digest(struct draft *draft, struct span body)
{
    DEFER(buf_fini) struct buf digest = BUF_MAX(128);
    TRY(signature_digest(body, &digest));
    return SET(draft, "content-digest", buf_span(&digest));
}

static enum err
vary_DIGEST_OF_BODY(struct draft *draft)
{
    return set_digest(draft, draft->attempt->request->body);
}

static enum err
vary_DIGEST_EMPTY(struct draft *draft)
{
    return set_digest(draft, SPAN_LIT(""));
}

static enum err
vary_DIGEST_BARE(struct draft *draft)
{
    unsigned char digest[SHA256_BYTES];
    DEFER(buf_fini) struct buf text = BUF_MAX(128);
    TRY(crypto_sha256(draft->attempt->request->body, digest));
    TRY(crypto_base64_encode(span_make(digest, sizeof(digest)), &text));
    return SET(draft, "content-digest", buf_span(&text));
}

static enum err
vary_DIGEST_HEX(struct draft *draft)
{
    unsigned char digest[SHA256_BYTES];
    DEFER(buf_fini) struct buf text = BUF_MAX(128);
    TRY(crypto_sha256(draft->attempt->request->body, digest));
    TRY(crypto_hex_encode(span_make(digest, sizeof(digest)), &text));
    return SET(draft, "content-digest", buf_span(&text));
}

static enum err
vary_NAMES_BARE(struct draft *draft)
{
    draft->style.bare_names = true;
    return ERR_OK;
}

/* "Content-Digest"; derived components have no capitals to be written with. */
static enum err
vary_NAMES_CASE(struct draft *draft)
{
    for (size_t i = 0; i < draft->base.count; i++) {
        struct span name = draft->base.lines[i].name;
        void *room = NULL;
        TRY(arena_alloc(draft->arena, name.len, &room));
        unsigned char *text = room;
        for (size_t c = 0; c < name.len; c++) {
            bool first = c == 0 || name.at[c - 1] == '-';
            bool letter = name.at[c] >= 'a' && name.at[c] <= 'z' && name.at[0] != '@';
            text[c] = first && letter ? (unsigned char)(name.at[c] - 0x20) : name.at[c];
        }
        draft->base.lines[i].name = span_make(text, name.len);
    }
    return ERR_OK;
}

static enum err
vary_COLON_TIGHT(struct draft *draft)
{
    draft->style.tight_colon = true;
    return ERR_OK;
}

static enum err
vary_LINES_CRLF(struct draft *draft)
{
    draft->style.crlf = true;
    return ERR_OK;
}

static enum err
vary_FINAL_NEWLINE(struct draft *draft)
{
    draft->style.final_newline = true;
    return ERR_OK;
}

static enum err
vary_ORDER_SORTED(struct draft *draft)
{
    struct signature_base *base = &draft->base;
    for (size_t i = 1; i < base->count; i++) {
        for (size_t j = i; j > 0 && span_cmp(base->lines[j].name, base->lines[j - 1].name) < 0;
             j--) {
            struct signature_line line = base->lines[j];
            base->lines[j] = base->lines[j - 1];
            base->lines[j - 1] = line;
        }
    }
    return ERR_OK;
}

static enum err
vary_ORDER_REVERSED(struct draft *draft)
{
    struct signature_base *base = &draft->base;
    for (size_t i = 0; i < base->count / 2; i++) {
        struct signature_line line = base->lines[i];
        base->lines[i] = base->lines[base->count - 1 - i];
        base->lines[base->count - 1 - i] = line;
    }
    return ERR_OK;
}

static enum err
vary_PARAMS_ABSENT(struct draft *draft)
{
    draft->style.no_parameters = true;
    return ERR_OK;
}

static enum err
vary_PARAMS_AS_SENT(struct draft *draft)
{
    struct span field = http_header_get(draft->attempt->request, "signature-input");
    draft->base.parameters = span_sub(field, draft->input->label.len + 1, field.len);
    return ERR_OK;
}

static enum err
set_parameters(struct draft *draft, const struct span *pieces, size_t count)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(SIGNATURE_BASE_MAX_BYTES);
    for (size_t i = 0; i < count; i++) {
        TRY(buf_append(&text, pieces[i]));
    }
    return arena_copy(draft->arena, buf_span(&text), &draft->base.parameters);
}

static enum err
vary_PARAMS_LABEL(struct draft *draft)
{
    const struct span pieces[] = { draft->input->label, SPAN("="), draft->base.parameters };
    return set_parameters(draft, pieces, 3);
}

/* Splits at ";" outside of quotation marks: the list of components, then each parameter with its ";". */
static size_t
split(struct span parameters, struct span out[PARAMETERS_MAX])
{
    size_t count = 0;
    size_t from = 0;
    bool quoted = false;
    for (size_t i = 0; i < parameters.len; i++) {
        unsigned char c = parameters.at[i];
        if (quoted && c == '\\') {
            i++;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == ';' && !quoted && count + 1 < PARAMETERS_MAX) {
            out[count++] = span_sub(parameters, from, i - from);
            from = i;
        }
    }
    out[count++] = span_sub(parameters, from, parameters.len);
    return count;
}

static enum err
vary_PARAMS_SORTED(struct draft *draft)
{
    struct span pieces[PARAMETERS_MAX];
    size_t count = split(draft->base.parameters, pieces);
    for (size_t i = 2; i < count; i++) {
        for (size_t j = i; j > 1 && span_cmp(pieces[j], pieces[j - 1]) < 0; j--) {
            struct span piece = pieces[j];
            pieces[j] = pieces[j - 1];
            pieces[j - 1] = piece;
        }
    }
    return set_parameters(draft, pieces, count);
}

static enum err
vary_PARAMS_CREATED_TEXT(struct draft *draft)
{
    struct span pieces[PARAMETERS_MAX];
    DEFER(buf_fini) struct buf created = BUF_MAX(64);
    struct span head = SPAN(";created=");
    size_t count = split(draft->base.parameters, pieces);
    for (size_t i = 1; i < count; i++) {
        if (span_starts(pieces[i], head)) {
            TRY(buf_append(&created, head));
            TRY(buf_byte(&created, '"'));
            TRY(buf_append(&created, span_sub(pieces[i], head.len, pieces[i].len)));
            TRY(buf_byte(&created, '"'));
            pieces[i] = buf_span(&created);
        }
    }
    return set_parameters(draft, pieces, count);
}

static enum err
vary_PARAMS_NO_LIST(struct draft *draft)
{
    struct span pieces[PARAMETERS_MAX];
    size_t count = split(draft->base.parameters, pieces);
    if (count > 1) {
        pieces[1] = span_sub(pieces[1], 1, pieces[1].len); /* without its ";" */
    }
    return set_parameters(draft, pieces + 1, count - 1);
}

static enum err
vary_SIGNED_HASH(struct draft *draft)
{
    draft->hashed = true;
    return ERR_OK;
}

static enum err
vary_SIGNATURE_HEX(struct draft *draft)
{
    DEFER(buf_fini) struct buf raw = BUF_MAX(draft->signature.len);
    return crypto_hex_decode(draft->signature, &raw) == ERR_OK
               ? arena_copy(draft->arena, buf_span(&raw), &draft->signature)
               : ERR_OK;
}

static enum err
vary_SIGNATURE_TWICE(struct draft *draft)
{
    DEFER(buf_fini) struct buf raw = BUF_MAX(draft->signature.len + 3);
    return crypto_base64_decode(draft->signature, &raw) == ERR_OK
               ? arena_copy(draft->arena, buf_span(&raw), &draft->signature)
               : ERR_OK;
}

static enum err
vary_KEY_NEWLINE(struct draft *draft)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(KEY_MAX);
    if (draft->attempt->key->shared == NULL) {
        return ERR_OK;
    }
    TRY(buf_append(&bytes, secret_bytes(draft->attempt->key->shared)));
    TRY(buf_byte(&bytes, '\n'));
    return secret_new(buf_span(&bytes), &draft->shared);
}

static enum err
vary_KEY_BASE64(struct draft *draft)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(KEY_MAX);
    const struct secret *own = draft->attempt->key->shared;
    if (own == NULL || crypto_base64_decode(secret_bytes(own), &bytes) != ERR_OK
        || bytes.len == 0) {
        return ERR_OK;
    }
    return secret_new(buf_span(&bytes), &draft->shared);
}

static enum err
vary_KEY_HEX(struct draft *draft)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(KEY_MAX);
    const struct secret *own = draft->attempt->key->shared;
    if (own == NULL || crypto_hex_decode(secret_bytes(own), &bytes) != ERR_OK || bytes.len == 0) {
        return ERR_OK;
    }
    return secret_new(buf_span(&bytes), &draft->shared);
}

static const struct {
    enum signature_difference what;
    enum err (*vary)(struct draft *draft);
} variations[] = {
#define VARIATION(name, component, code, en, zh) { SIGNATURE_VARIES_##name, vary_##name },
#include "signature_differences.def"
#undef VARIATION
};

static enum err
write_out(const struct draft *draft, struct buf *text)
{
    unsigned char digest[SHA256_BYTES];
    TRY(signature_base_text(&draft->base, draft->style, text));
    if (draft->hashed) {
        TRY(crypto_sha256(buf_span(text), digest));
        buf_reset(text);
        TRY(buf_append(text, span_make(digest, sizeof(digest))));
    }
    return ERR_OK;
}

/* ERR_SIGNATURE when it is not this one. */
static enum err
try_one(struct draft *draft, enum err (*vary)(struct draft *draft))
{
    struct signature_key key = *draft->attempt->key;
    DEFER(buf_fini) struct buf text = BUF_MAX(2 * SIGNATURE_BASE_MAX_BYTES);
    TRY(vary(draft));
    TRY(write_out(draft, &text));
    if (draft->shared != NULL) {
        key.shared = draft->shared;
    }
    return signature_verify(&key, buf_span(&text), draft->signature);
}

static enum err
try_all(const struct draft *plain, bool *any, enum signature_difference *found)
{
    for (size_t i = 0; i < sizeof(variations) / sizeof(variations[0]); i++) {
        struct draft draft = *plain;
        arena_reset(draft.arena);
        enum err err = try_one(&draft, variations[i].vary);
        secret_free(&draft.shared);
        if (err == ERR_OK) {
            *any = true;
            *found = variations[i].what;
            return ERR_OK;
        }
        if (err != ERR_SIGNATURE) {
            return err;
        }
    }
    return ERR_OK;
}

enum err
signature_variations_try(const struct signature_attempt *attempt,
                         const struct signature_input *input, const struct signature_base *base,
                         bool *any, enum signature_difference *found)
{
    struct draft plain = {
        .attempt = attempt,
        .input = input,
        .base = *base,
        .signature = input->signature,
    };
    *any = false;
    TRY(arena_new(SCRATCH_MAX, &plain.arena));
    enum err err = try_all(&plain, any, found);
    arena_free(&plain.arena);
    return err;
}
