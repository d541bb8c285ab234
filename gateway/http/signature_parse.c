/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "signature_base.h"
#include "structured.h"

#define SIGNATURE_BYTES_MAX  512
#define PARAMETERS_MAX_BYTES 2048
#define TIME_MAX_S           INT64_C(253402300799) /* the end of the year 9999 */
#define US_PER_S             INT64_C(1000000)

/* The parameters of a signature that RFC 9421 2.3 names. */
enum parameter { CREATED, EXPIRES, NONCE, ALG, KEYID, TAG, PARAMETER_COUNT };

static const char *const parameter_names[PARAMETER_COUNT] = {
    [CREATED] = "created", [EXPIRES] = "expires", [NONCE] = "nonce",
    [ALG] = "alg",         [KEYID] = "keyid",     [TAG] = "tag",
};

struct reading {
    struct arena *arena;
    struct buf *canonical; /* the parameters as RFC 9421 2.3 serialises them */
    struct signature_input *input;
    bool seen[PARAMETER_COUNT];
};

static enum err
read_component(struct reading *reading, struct span *at)
{
    struct signature_input *input = reading->input;
    struct span name;
    TRY(structured_string(at, reading->arena, &name));
    if (input->component_count == SIGNATURE_COMPONENTS_MAX || span_empty(name)) {
        return ERR_SIG_MALFORMED;
    }
    for (size_t i = 0; i < input->component_count; i++) {
        if (span_eq(input->components[i], name)) {
            return ERR_SIG_MALFORMED; /* 2.5: each component once */
        }
    }
    if (input->component_count > 0) {
        TRY(buf_byte(reading->canonical, ' '));
    }
    input->components[input->component_count++] = name;
    return structured_string_encode(name, reading->canonical);
}

static enum err
read_components(struct reading *reading, struct span *at)
{
    if (!structured_take(at, '(')) {
        return ERR_SIG_MALFORMED;
    }
    TRY(buf_byte(reading->canonical, '('));
    structured_blank(at);
    while (!structured_take(at, ')')) {
        TRY(read_component(reading, at));
        bool more = at->len > 0 && at->at[0] == ' ';
        structured_blank(at);
        if (!more && (at->len == 0 || at->at[0] != ')')) {
            return ERR_SIG_MALFORMED; /* also a component with parameters */
        }
    }
    return buf_byte(reading->canonical, ')');
}

static enum err
read_time(struct reading *reading, struct span *at, struct wall_time *out)
{
    int64_t seconds = 0;
    TRY(structured_integer(at, &seconds));
    if (seconds == 0 || seconds > TIME_MAX_S) {
        return ERR_SIG_MALFORMED;
    }
    *out = (struct wall_time){ .us = seconds * US_PER_S };
    return buf_i64(reading->canonical, seconds);
}

static enum err
read_text(struct reading *reading, struct span *at, struct span *out)
{
    TRY(structured_string(at, reading->arena, out));
    return structured_string_encode(*out, reading->canonical);
}

static enum err
read_value(struct reading *reading, enum parameter parameter, struct span *at)
{
    struct signature_input *input = reading->input;
    struct span tag;
    switch (parameter) {
    case CREATED:
        return read_time(reading, at, &input->created);
    case EXPIRES:
        return read_time(reading, at, &input->expires);
    case NONCE:
        return read_text(reading, at, &input->nonce);
    case ALG:
        return read_text(reading, at, &input->algorithm);
    case KEYID:
        return read_text(reading, at, &input->keyid);
    case TAG:
        return read_text(reading, at, &tag);
    case PARAMETER_COUNT:
        break;
    }
    return ERR_SIG_MALFORMED;
}

static enum err
read_parameter(struct reading *reading, struct span *at)
{
    structured_blank(at);
    struct span name;
    TRY(structured_key(at, &name));
    enum parameter parameter = CREATED;
    while (parameter < PARAMETER_COUNT && !span_eq_cstr(name, parameter_names[parameter])) {
        parameter++;
    }
    if (parameter == PARAMETER_COUNT || reading->seen[parameter] || !structured_take(at, '=')) {
        return ERR_SIG_MALFORMED;
    }
    reading->seen[parameter] = true;
    TRY(buf_printf(reading->canonical, ";%s=", parameter_names[parameter]));
    return read_value(reading, parameter, at);
}

/* One member "label=(…);…" and nothing else. */
static enum err
read_input(struct reading *reading, struct span field)
{
    struct span at = field;
    TRY(structured_key(&at, &reading->input->label));
    if (!structured_take(&at, '=')) {
        return ERR_SIG_MALFORMED;
    }
    TRY(read_components(reading, &at));
    while (structured_take(&at, ';')) {
        TRY(read_parameter(reading, &at));
    }
    return span_empty(at) ? ERR_OK : ERR_SIG_MALFORMED;
}

static enum err
read_signature(struct arena *arena, struct span field, struct signature_input *input)
{
    struct span at = field;
    struct span label;
    TRY(structured_key(&at, &label));
    if (!span_eq(label, input->label) || !structured_take(&at, '=')) {
        return ERR_SIG_MALFORMED;
    }
    TRY(structured_bytes(&at, SIGNATURE_BYTES_MAX, arena, &input->signature));
    return span_empty(at) ? ERR_OK : ERR_SIG_MALFORMED;
}

/* The text is built as of now; a component that the request does not have is SIG_COMPONENTS. */
static enum err
build_base(const struct http_request *request, struct span scheme, struct span authority,
           struct signature_input *input)
{
    struct signature_base base;
    struct span missing;
    DEFER(buf_fini) struct buf text = BUF_MAX(SIGNATURE_BASE_MAX_BYTES);
    TRY(signature_base_lines(request, scheme, authority, input, &base, &missing));
    TRY(signature_base_text(&base, (struct signature_style){ 0 }, &text));
    return arena_copy(request->arena, buf_span(&text), &input->base);
}

enum err
signature_fields(const struct http_request *request, struct signature_input *out)
{
    struct span input_field = http_header_get(request, "signature-input");
    struct span signature_field = http_header_get(request, "signature");
    if (span_empty(input_field) || span_empty(signature_field)) {
        return ERR_SIG_MISSING;
    }
    struct signature_input input = { .component_count = 0 };
    DEFER(buf_fini) struct buf canonical = BUF_MAX(PARAMETERS_MAX_BYTES);
    struct reading reading = {
        .arena = request->arena,
        .canonical = &canonical,
        .input = &input,
    };
    enum err err = read_input(&reading, input_field);
    if (err != ERR_OK) {
        return err == ERR_BUF_FULL ? ERR_SIG_MALFORMED : err;
    }
    TRY(arena_copy(request->arena, buf_span(&canonical), &input.parameters));
    TRY(read_signature(request->arena, signature_field, &input));
    *out = input;
    return ERR_OK;
}

enum err
signature_parse(const struct http_request *request, struct span scheme, struct span authority,
                struct signature_input *out)
{
    struct signature_input input;
    TRY(signature_fields(request, &input));
    TRY(build_base(request, scheme, authority, &input));
    *out = input;
    return ERR_OK;
}
