/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay_form.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 64

void
unionpay_form_fini(struct unionpay_fields *fields)
{
    for (size_t i = 0; i < fields->count; i++) {
        free(fields->list[i].name);
        free(fields->list[i].value);
    }
    fields->count = 0;
}

const char *
unionpay_form_get(const struct unionpay_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (strcmp(fields->list[i].name, name) == 0) {
            return fields->list[i].value;
        }
    }
    return NULL;
}

enum err
unionpay_form_add(struct unionpay_fields *fields, const char *name, struct span value)
{
    if (unionpay_form_get(fields, name) != NULL) {
        return ERR_FIELD_REPEATED;
    }
    if (fields->count == UNIONPAY_FIELDS_MAX || value.len > UNIONPAY_VALUE_MAX) {
        return ERR_BUF_FULL;
    }
    struct unionpay_field field = { .name = strdup(name) };
    field.value = strndup(value.len == 0 ? "" : (const char *)value.at, value.len);
    if (field.name == NULL || field.value == NULL) {
        free(field.name);
        free(field.value);
        return ERR_NO_MEMORY;
    }
    fields->list[fields->count++] = field;
    return ERR_OK;
}

enum err
unionpay_form_add_text(struct unionpay_fields *fields, const char *name, const char *value)
{
    return value == NULL || value[0] == '\0' ? ERR_OK
                                             : unionpay_form_add(fields, name, span_of(value));
}

enum err
unionpay_form_echo(struct unionpay_fields *fields, const char *name,
                   const struct unionpay_fields *from)
{
    return unionpay_form_add_text(fields, name, unionpay_form_get(from, name));
}

/* The value of an upper-case hexadecimal digit, 16 for every other byte. */
static unsigned
hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - (unsigned)'0';
    }
    return c >= 'A' && c <= 'F' ? c - (unsigned)'A' + 10 : 16;
}

static enum err
decode_escape(struct span *text, struct buf *out)
{
    if (text->len < 3) {
        return ERR_ENCODING;
    }
    unsigned high = hex_value(text->at[1]);
    unsigned low = hex_value(text->at[2]);
    if (high > 15 || low > 15 || high + low == 0) {
        return ERR_ENCODING;
    }
    *text = span_sub(*text, 3, text->len);
    return buf_byte(out, (unsigned char)(high * 16 + low));
}

static enum err
decode(struct span text, struct buf *out)
{
    while (!span_empty(text)) {
        unsigned char c = text.at[0];
        if (c == '%') {
            TRY(decode_escape(&text, out));
            continue;
        }
        if (c == 0) {
            return ERR_ENCODING;
        }
        TRY(buf_byte(out, c == '+' ? ' ' : c));
        text = span_sub(text, 1, text.len);
    }
    return ERR_OK;
}

static enum err
parse_pair(struct span pair, struct unionpay_fields *fields)
{
    DEFER(buf_fini) struct buf name = BUF_MAX(NAME_MAX_BYTES);
    DEFER(buf_fini) struct buf value = BUF_MAX(UNIONPAY_VALUE_MAX);
    struct span raw_name;
    (void)span_cut(&pair, '=', &raw_name);
    TRY(decode(raw_name, &name));
    TRY(decode(pair, &value));
    if (!span_is_utf8(buf_span(&value))) {
        return ERR_ENCODING;
    }
    const char *text;
    TRY(buf_cstr(&name, &text));
    return unionpay_form_add(fields, text, buf_span(&value));
}

enum err
unionpay_form_parse(struct span text, struct unionpay_fields *fields)
{
    bool more = !span_empty(text);
    while (more) {
        struct span pair;
        more = span_cut(&text, '&', &pair);
        TRY(parse_pair(pair, fields));
    }
    return ERR_OK;
}

static int
by_name(const void *a, const void *b)
{
    const struct unionpay_field *const *left = a;
    const struct unionpay_field *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

static void
sort(const struct unionpay_fields *fields, const struct unionpay_field **sorted)
{
    for (size_t i = 0; i < fields->count; i++) {
        sorted[i] = &fields->list[i];
    }
    qsort(sorted, fields->count, sizeof(sorted[0]), by_name);
}

static enum err
put_raw(const struct unionpay_field *field, bool *first, struct buf *out)
{
    TRY(buf_text(out, *first ? "" : "&"));
    *first = false;
    TRY(buf_text(out, field->name));
    TRY(buf_byte(out, '='));
    return buf_text(out, field->value);
}

enum err
unionpay_form_signed_text(const struct unionpay_fields *fields, struct buf *out)
{
    const struct unionpay_field *sorted[UNIONPAY_FIELDS_MAX];
    bool first = true;
    sort(fields, sorted);
    for (size_t i = 0; i < fields->count; i++) {
        if (strcmp(sorted[i]->name, "signature") != 0) {
            TRY(put_raw(sorted[i], &first, out));
        }
    }
    return ERR_OK;
}

/* 0 for a field in its sorted place, else its place among the last. */
static size_t
rank(const char *name)
{
    static const char *const last[] = { "version", "signPubKeyCert", "signature" };
    for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
        if (strcmp(last[i], name) == 0) {
            return i + 1;
        }
    }
    return 0;
}

enum err
unionpay_form_encode_raw(const struct unionpay_fields *fields, struct buf *out)
{
    const struct unionpay_field *sorted[UNIONPAY_FIELDS_MAX];
    bool first = true;
    sort(fields, sorted);
    for (size_t turn = 0; turn <= 3; turn++) {
        for (size_t i = 0; i < fields->count; i++) {
            if (rank(sorted[i]->name) == turn) {
                TRY(put_raw(sorted[i], &first, out));
            }
        }
    }
    return ERR_OK;
}

static enum err
put_encoded(const char *text, struct buf *out)
{
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == ' ') {
            TRY(buf_byte(out, '+'));
        } else if (span_is_alnum(span_make(at, 1)) || strchr("-_.*", *at) != NULL) {
            TRY(buf_byte(out, c));
        } else {
            TRY(buf_printf(out, "%%%02X", (unsigned)c));
        }
    }
    return ERR_OK;
}

enum err
unionpay_form_encode_url(const struct unionpay_fields *fields, struct buf *out)
{
    const struct unionpay_field *sorted[UNIONPAY_FIELDS_MAX];
    sort(fields, sorted);
    for (size_t i = 0; i < fields->count; i++) {
        TRY(buf_text(out, i == 0 ? "" : "&"));
        TRY(put_encoded(sorted[i]->name, out));
        TRY(buf_byte(out, '='));
        TRY(put_encoded(sorted[i]->value, out));
    }
    return ERR_OK;
}
