/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"

#include <stdlib.h>
#include <string.h>

static int
hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum err
decode_once(struct span text, struct arena *arena, struct span *out)
{
    void *storage = NULL;
    TRY(arena_alloc(arena, text.len, &storage));
    unsigned char *at = storage;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        if (c == '%') {
            if (text.len - i < 3 || hex_value(text.at[i + 1]) < 0
                || hex_value(text.at[i + 2]) < 0) {
                return ERR_ENCODING;
            }
            c = (unsigned char)(hex_value(text.at[i + 1]) * 16 + hex_value(text.at[i + 2]));
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        at[len++] = c;
    }
    *out = span_make(at, len);
    return ERR_OK;
}

static bool
has_name(const struct adapter_fields *fields, struct span name)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (span_eq(fields->list[i].name, name)) {
            return true;
        }
    }
    return false;
}

static enum err
decode_pair(struct span pair, struct arena *arena, struct adapter_fields *out)
{
    struct span name;
    struct span value;
    struct span rest = pair;
    (void)span_cut(&rest, '=', &name);
    TRY(decode_once(name, arena, &name));
    TRY(decode_once(rest, arena, &value));
    if (name.len == 0) {
        return ERR_ENCODING;
    }
    if (has_name(out, name)) {
        return ERR_FIELD_REPEATED;
    }
    return adapter_fields_add(out, name, value);
}

enum err
form_decode(struct span body, struct arena *arena, struct adapter_fields *out)
{
    struct adapter_fields fields;
    fields.count = 0;
    bool more = body.len > 0;
    while (more) {
        struct span pair;
        more = span_cut(&body, '&', &pair);
        TRY(decode_pair(pair, arena, &fields));
    }
    *out = fields;
    return ERR_OK;
}

static bool
unreserved(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
           || (c != 0 && strchr("-._~", c) != NULL);
}

enum err
form_escape(struct span text, struct buf *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        if (unreserved(c)) {
            TRY(buf_byte(out, c));
        } else {
            TRY(buf_byte(out, '%'));
            TRY(buf_byte(out, (unsigned char)digits[c >> 4]));
            TRY(buf_byte(out, (unsigned char)digits[c & 15]));
        }
    }
    return ERR_OK;
}

enum err
form_encode(const struct adapter_fields *fields, struct buf *out)
{
    for (size_t i = 0; i < fields->count; i++) {
        if (i > 0) {
            TRY(buf_byte(out, '&'));
        }
        TRY(form_escape(fields->list[i].name, out));
        TRY(buf_byte(out, '='));
        TRY(form_escape(fields->list[i].value, out));
    }
    return ERR_OK;
}

static int
by_name(const void *a, const void *b)
{
    const struct adapter_field *left = a;
    const struct adapter_field *right = b;
    return span_cmp(left->name, right->name);
}

void
form_sort(struct adapter_fields *fields)
{
    qsort(fields->list, fields->count, sizeof(fields->list[0]), by_name);
}
