/* SPDX-License-Identifier: Apache-2.0 */
#include "signature_base.h"

#include "structured.h"

static unsigned char
lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/* 2.2.3: lower case, without the scheme's own port. */
static enum err
put_authority(struct span scheme, struct span authority, struct buf *out)
{
    struct span port = span_eq_cstr(scheme, "https") ? SPAN_LIT(":443") : SPAN_LIT(":80");
    size_t len = span_ends(authority, port) ? authority.len - port.len : authority.len;
    for (size_t i = 0; i < len; i++) {
        TRY(buf_byte(out, lower(authority.at[i])));
    }
    return ERR_OK;
}

/* 2.1: values of one name are joined by a comma and a blank. */
static enum err
put_field(const struct http_request *request, struct span name, struct buf *out)
{
    size_t count = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        if (span_eq(request->headers[i].name, name)) {
            TRY(buf_text(out, count++ > 0 ? ", " : ""));
            TRY(buf_append(out, request->headers[i].value));
        }
    }
    return count > 0 ? ERR_OK : ERR_SIG_COMPONENTS;
}

struct place {
    struct span scheme;
    struct span authority;
};

/* 2.2: derived components. */
static enum err
put_value(const struct http_request *request, const struct place *place, struct span name,
          struct buf *out)
{
    if (span_eq_cstr(name, "@method")) {
        return buf_append(out, request->method_text);
    }
    if (span_eq_cstr(name, "@authority")) {
        return put_authority(place->scheme, place->authority, out);
    }
    if (span_eq_cstr(name, "@target-uri")) {
        TRY(buf_append(out, place->scheme));
        TRY(buf_text(out, "://"));
        TRY(put_authority(place->scheme, place->authority, out));
        return buf_append(out, request->target);
    }
    if (span_eq_cstr(name, "@path")) {
        return buf_append(out, request->path);
    }
    if (span_eq_cstr(name, "@query")) {
        TRY(buf_byte(out, '?'));
        return buf_append(out, request->query);
    }
    return name.at[0] == '@' ? ERR_SIG_COMPONENTS : put_field(request, name, out);
}

enum err
signature_base_lines(const struct http_request *request, struct span scheme, struct span authority,
                     const struct signature_input *input, struct signature_base *out,
                     struct span *missing)
{
    const struct place place = { .scheme = scheme, .authority = authority };
    out->count = input->component_count;
    out->parameters = input->parameters;
    for (size_t i = 0; i < input->component_count; i++) {
        DEFER(buf_fini) struct buf value = BUF_MAX(SIGNATURE_BASE_MAX_BYTES);
        enum err err = put_value(request, &place, input->components[i], &value);
        if (err == ERR_SIG_COMPONENTS) {
            *missing = input->components[i];
        }
        TRY(err);
        out->lines[i].name = input->components[i];
        TRY(arena_copy(request->arena, buf_span(&value), &out->lines[i].value));
    }
    return ERR_OK;
}

static enum err
put_line(const struct signature_line *line, struct signature_style style, struct buf *out)
{
    if (style.bare_names) {
        TRY(buf_append(out, line->name));
    } else {
        TRY(structured_string_encode(line->name, out));
    }
    TRY(buf_text(out, style.tight_colon ? ":" : ": "));
    return buf_append(out, line->value);
}

enum err
signature_base_text(const struct signature_base *base, struct signature_style style,
                    struct buf *out)
{
    const struct signature_line last = { SPAN("@signature-params"), base->parameters };
    const char *newline = style.crlf ? "\r\n" : "\n";
    for (size_t i = 0; i < base->count; i++) {
        TRY(buf_text(out, i > 0 ? newline : ""));
        TRY(put_line(&base->lines[i], style, out));
    }
    if (!style.no_parameters) {
        TRY(buf_text(out, base->count > 0 ? newline : ""));
        TRY(put_line(&last, style, out));
    }
    return style.final_newline ? buf_text(out, newline) : ERR_OK;
}
