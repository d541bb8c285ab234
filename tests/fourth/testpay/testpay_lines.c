/* SPDX-License-Identifier: Apache-2.0 */
#include "testpay.h"

#define SIGN_BYTES_MAX 128

/* testpay(7), messages. */
enum err
testpay_lines_decode(struct span text, struct adapter_fields *out)
{
    struct adapter_fields fields = { .count = 0 };
    struct span rest = text;
    while (rest.len > 0) {
        struct span value;
        struct span name;
        if (!span_cut(&rest, '\n', &value) || !span_is_utf8(value) || !span_cut(&value, '=', &name)
            || span_empty(name)) {
            return ERR_PROVIDER_PROTOCOL;
        }
        for (size_t i = 0; i < fields.count; i++) {
            if (span_eq(fields.list[i].name, name)) {
                return ERR_PROVIDER_PROTOCOL;
            }
        }
        if (adapter_fields_add(&fields, name, value) != ERR_OK) {
            return ERR_PROVIDER_PROTOCOL;
        }
    }
    *out = fields;
    return ERR_OK;
}

/* Where the last line begins. */
static size_t
last_line(struct span body)
{
    size_t at = body.len - 1;
    while (at > 0 && body.at[at - 1] != '\n') {
        at--;
    }
    return at;
}

enum err
testpay_lines_split(struct span body, struct arena *arena, struct adapter_signed *out)
{
    struct span mark = SPAN_LIT("sign=");
    if (span_empty(body) || body.at[body.len - 1] != '\n') {
        return ERR_PROVIDER_PROTOCOL;
    }
    size_t at = last_line(body);
    struct span line = span_sub(body, at, body.len - 1 - at);
    struct adapter_signed cut = { .is_signed = span_starts(line, mark) };
    cut.texts[0] = cut.is_signed ? span_sub(body, 0, at) : body;
    cut.payloads[0] = cut.texts[0];
    cut.text_count = 1;
    if (cut.is_signed) {
        DEFER(buf_fini) struct buf bytes = BUF_MAX(SIGN_BYTES_MAX);
        if (crypto_base64_decode(span_sub(line, mark.len, line.len), &bytes) != ERR_OK) {
            return ERR_PROVIDER_PROTOCOL;
        }
        TRY(arena_copy(arena, buf_span(&bytes), &cut.signature));
    }
    *out = cut;
    return ERR_OK;
}

static bool
is_one_line(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < 0x20 || text.at[i] == 0x7F) {
            return false;
        }
    }
    return true;
}

enum err
testpay_lines_encode(const struct adapter_fields *fields, struct buf *out)
{
    for (size_t i = 0; i < fields->count; i++) {
        const struct adapter_field *field = &fields->list[i];
        if (!is_one_line(field->name) || !is_one_line(field->value)) {
            return ERR_FIELD_CHARACTERS;
        }
        TRY(buf_append(out, field->name));
        TRY(buf_byte(out, '='));
        TRY(buf_append(out, field->value));
        TRY(buf_byte(out, '\n'));
    }
    return ERR_OK;
}

enum err
testpay_time(const struct adapter_fields *fields, const char *name, struct wall_time *out)
{
    struct span text = adapter_fields_get(fields, name);
    if (span_empty(text)) {
        return ERR_OK;
    }
    return wall_parse_civil(text, ZONE_CHINA_MIN, out) == ERR_OK ? ERR_OK : ERR_PROVIDER_PROTOCOL;
}

enum err
testpay_amount(const struct adapter_fields *fields, const char *name, struct money *out)
{
    struct span text = adapter_fields_get(fields, name);
    if (span_empty(text)) {
        return ERR_OK;
    }
    return money_parse(text, CURRENCY_CNY, out) == ERR_OK ? ERR_OK : ERR_PROVIDER_PROTOCOL;
}
