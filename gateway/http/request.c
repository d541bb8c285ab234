/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <strings.h>

#include "http_internal.h"

#define QUALITY_FULL 1000

struct span
http_header_get(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (span_eq_cstr(request->headers[i].name, name)) {
            return request->headers[i].value;
        }
    }
    return SPAN_LIT("");
}

static int
hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    unsigned char lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* One byte of the text at *i, moving *i past it; -1 for a broken escape. */
static int
decode_one(struct span text, bool form, size_t *i)
{
    unsigned char c = text.at[(*i)++];
    if (c == '+' && form) {
        return ' ';
    }
    if (c != '%') {
        return c;
    }
    if (text.len - *i < 2) {
        return -1;
    }
    int high = hex_value(text.at[*i]);
    int low = hex_value(text.at[*i + 1]);
    *i += 2;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

enum err
request_decode(struct arena *arena, struct span text, bool form, struct span *out)
{
    void *room = NULL;
    TRY(arena_alloc(arena, text.len + 1, &room));
    unsigned char *bytes = room;
    size_t len = 0;
    for (size_t i = 0; i < text.len;) {
        int c = decode_one(text, form, &i);
        if (c < 0x20 || c == 0x7F) {
            return ERR_ENCODING;
        }
        bytes[len++] = (unsigned char)c;
    }
    struct span decoded = span_make(bytes, len);
    if (!span_is_utf8(decoded)) {
        return ERR_ENCODING;
    }
    *out = decoded;
    return ERR_OK;
}

static enum err
pairs_get(const struct http_request *request, struct span pairs, const char *name, struct span *out)
{
    bool found = false;
    struct span value = SPAN("");
    while (!span_empty(pairs)) {
        struct span pair;
        struct span key;
        (void)span_cut(&pairs, '&', &pair);
        (void)span_cut(&pair, '=', &key);
        TRY(request_decode(request->arena, key, true, &key));
        if (!span_eq_cstr(key, name)) {
            continue;
        }
        if (found) {
            return ERR_FIELD_REPEATED;
        }
        found = true;
        TRY(request_decode(request->arena, pair, true, &value));
    }
    *out = value;
    return ERR_OK;
}

enum err
http_query_get(const struct http_request *request, const char *name, struct span *out)
{
    return pairs_get(request, request->query, name, out);
}

/* Whether `word` is one of the words of a text with single blanks between them. */
static bool
has_word(const char *words, struct span word)
{
    struct span rest = span_of(words);
    struct span one;
    bool more = rest.len > 0;
    while (more) {
        more = span_cut(&rest, ' ', &one);
        if (span_eq(one, word)) {
            return true;
        }
    }
    return false;
}

enum err
http_query_only(const struct http_request *request, const char *names, struct faults *faults)
{
    struct span pairs = request->query;
    while (!span_empty(pairs)) {
        struct span pair;
        struct span key;
        const char *text;
        (void)span_cut(&pairs, '&', &pair);
        (void)span_cut(&pair, '=', &key);
        TRY(request_decode(request->arena, key, true, &key));
        if (!has_word(names, key)) {
            TRY(arena_cstr(request->arena, key, &text));
            faults_add(faults, "", text, ERR_FIELD_UNKNOWN);
        }
    }
    return faults_verdict(faults);
}

bool
request_same_word(struct span word, const char *wanted)
{
    struct span other = span_of(wanted);
    return word.len == other.len && strncasecmp((const char *)word.at, wanted, other.len) == 0;
}

bool
request_media_is(const struct http_request *request, const char *media, struct span *parameters)
{
    struct span rest = http_header_get(request, "content-type");
    struct span type;
    (void)span_cut(&rest, ';', &type);
    *parameters = span_trim(rest, " \t");
    return request_same_word(span_trim(type, " \t"), media);
}

enum err
http_form_get(const struct http_request *request, const char *name, struct span *out)
{
    struct span parameters;
    if (!request_media_is(request, "application/x-www-form-urlencoded", &parameters)) {
        return ERR_HTTP_MEDIA_TYPE;
    }
    return pairs_get(request, request->body, name, out);
}

/* "q=0.8" in thousandths; whatever is not understood counts as refused. */
static int
quality(struct span parameters)
{
    struct span q = span_trim(parameters, " \t");
    if (span_empty(q)) {
        return QUALITY_FULL;
    }
    if (!span_starts(q, SPAN_LIT("q=0.")) || q.len > 7) {
        return span_starts(q, SPAN_LIT("q=1")) ? QUALITY_FULL : 0;
    }
    int value = 0;
    for (size_t i = 4; i < 7; i++) {
        int digit = i < q.len ? q.at[i] - '0' : 0;
        value = value * 10 + (digit < 0 || digit > 9 ? 0 : digit);
    }
    return value;
}

static bool
tag_is(struct span tag, const char *language)
{
    return tag.len >= 2 && strncasecmp((const char *)tag.at, language, 2) == 0
           && (tag.len == 2 || tag.at[2] == '-');
}

enum language
request_language(struct span accept)
{
    int best = 0;
    enum language language = LANGUAGE_ZH;
    while (!span_empty(accept)) {
        struct span range;
        struct span tag;
        (void)span_cut(&accept, ',', &range);
        (void)span_cut(&range, ';', &tag);
        tag = span_trim(tag, " \t");
        bool english = tag_is(tag, "en");
        int q = quality(range);
        if ((english || tag_is(tag, "zh")) && q > best) {
            best = q;
            language = english ? LANGUAGE_EN : LANGUAGE_ZH;
        }
    }
    return language;
}
