/* SPDX-License-Identifier: Apache-2.0 */
#include "structured.h"

#include <string.h>

#include "crypto.h"

#define INTEGER_DIGITS_MAX 15

void
structured_blank(struct span *at)
{
    while (at->len > 0 && at->at[0] == ' ') {
        *at = span_sub(*at, 1, at->len);
    }
}

bool
structured_take(struct span *at, unsigned char c)
{
    if (at->len == 0 || at->at[0] != c) {
        return false;
    }
    *at = span_sub(*at, 1, at->len);
    return true;
}

static bool
is_key_byte(unsigned char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || c == '*';
    bool digit = c >= '0' && c <= '9';
    return letter || (!first && (digit || c == '_' || c == '-' || c == '.'));
}

enum err
structured_key(struct span *at, struct span *out)
{
    size_t len = 0;
    while (len < at->len && is_key_byte(at->at[len], len == 0)) {
        len++;
    }
    if (len == 0) {
        return ERR_SIG_MALFORMED;
    }
    *out = span_sub(*at, 0, len);
    *at = span_sub(*at, len, at->len);
    return ERR_OK;
}

enum err
structured_string(struct span *at, struct arena *arena, struct span *out)
{
    if (at->len == 0 || at->at[0] != '"') {
        return ERR_SIG_MALFORMED;
    }
    void *room = NULL;
    TRY(arena_alloc(arena, at->len, &room));
    unsigned char *text = room;
    size_t len = 0;
    for (size_t i = 1; i < at->len; i++) {
        unsigned char c = at->at[i];
        if (c == '"') {
            *out = span_make(text, len);
            *at = span_sub(*at, i + 1, at->len);
            return ERR_OK;
        }
        if (c == '\\') {
            i++;
            c = i < at->len ? at->at[i] : 0;
            if (c != '"' && c != '\\') {
                return ERR_SIG_MALFORMED;
            }
        }
        if (c < 0x20 || c >= 0x7F) {
            return ERR_SIG_MALFORMED;
        }
        text[len++] = c;
    }
    return ERR_SIG_MALFORMED;
}

enum err
structured_integer(struct span *at, int64_t *out)
{
    size_t len = 0;
    while (len < at->len && at->at[len] >= '0' && at->at[len] <= '9') {
        len++;
    }
    int64_t value;
    if (len > INTEGER_DIGITS_MAX
        || span_to_i64(span_sub(*at, 0, len), 0, INT64_MAX, &value) != ERR_OK) {
        return ERR_SIG_MALFORMED;
    }
    *out = value;
    *at = span_sub(*at, len, at->len);
    return ERR_OK;
}

enum err
structured_bytes(struct span *at, size_t max_bytes, struct arena *arena, struct span *out)
{
    struct span rest = *at;
    struct span text;
    if (!structured_take(&rest, ':') || !span_cut(&rest, ':', &text)) {
        return ERR_SIG_MALFORMED;
    }
    /* The decoder works in whole groups of three before it drops the padding. */
    DEFER(buf_fini) struct buf bytes = BUF_MAX(max_bytes + 3);
    if (crypto_base64_decode(text, &bytes) != ERR_OK || bytes.len > max_bytes) {
        return ERR_SIG_MALFORMED;
    }
    TRY(arena_copy(arena, buf_span(&bytes), out));
    *at = rest;
    return ERR_OK;
}

enum err
structured_string_encode(struct span s, struct buf *out)
{
    TRY(buf_byte(out, '"'));
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == '"' || s.at[i] == '\\') {
            TRY(buf_byte(out, '\\'));
        }
        TRY(buf_byte(out, s.at[i]));
    }
    return buf_byte(out, '"');
}
