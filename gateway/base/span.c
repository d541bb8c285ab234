/* SPDX-License-Identifier: Apache-2.0 */
#include "span.h"

#include <string.h>

struct span
span_of(const char *text)
{
    return (struct span){ .at = (const unsigned char *)text, .len = text ? strlen(text) : 0 };
}

struct span
span_make(const void *at, size_t len)
{
    return (struct span){ .at = at, .len = len };
}

bool
span_empty(struct span s)
{
    return s.len == 0;
}

bool
span_eq(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool
span_eq_cstr(struct span a, const char *b)
{
    return span_eq(a, span_of(b));
}

int
span_cmp(struct span a, struct span b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 ? 0 : memcmp(a.at, b.at, shorter);
    if (order != 0) {
        return order;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

bool
span_starts(struct span s, struct span prefix)
{
    return s.len >= prefix.len && span_eq(span_sub(s, 0, prefix.len), prefix);
}

bool
span_ends(struct span s, struct span suffix)
{
    return s.len >= suffix.len && span_eq(span_sub(s, s.len - suffix.len, suffix.len), suffix);
}

struct span
span_sub(struct span s, size_t from, size_t len)
{
    if (from >= s.len) {
        return (struct span){ .at = s.at, .len = 0 };
    }
    size_t left = s.len - from;
    return (struct span){ .at = s.at + from, .len = len < left ? len : left };
}

size_t
span_index(struct span s, unsigned char c)
{
    const unsigned char *hit = s.len == 0 ? NULL : memchr(s.at, c, s.len);
    return hit == NULL ? s.len : (size_t)(hit - s.at);
}

size_t
span_find(struct span s, struct span needle)
{
    if (needle.len == 0) {
        return 0;
    }
    const unsigned char *hit = s.len == 0 ? NULL : memmem(s.at, s.len, needle.at, needle.len);
    return hit == NULL ? s.len : (size_t)(hit - s.at);
}

bool
span_cut(struct span *rest, unsigned char sep, struct span *head)
{
    struct span whole = *rest;
    size_t at = span_index(whole, sep);
    *head = span_sub(whole, 0, at);
    if (at == whole.len) {
        *rest = (struct span){ .at = whole.at, .len = 0 };
        return false;
    }
    *rest = span_sub(whole, at + 1, whole.len);
    return true;
}

struct span
span_trim(struct span s, const char *set)
{
    while (s.len > 0 && s.at[0] != 0 && strchr(set, s.at[0]) != NULL) {
        s.at++;
        s.len--;
    }
    while (s.len > 0 && s.at[s.len - 1] != 0 && strchr(set, s.at[s.len - 1]) != NULL) {
        s.len--;
    }
    return s;
}

static enum err
digits(struct span s, uint64_t *out)
{
    if (s.len == 0) {
        return ERR_NUMBER;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9' || __builtin_mul_overflow(value, UINT64_C(10), &value)
            || __builtin_add_overflow(value, (uint64_t)(s.at[i] - '0'), &value)) {
            return ERR_NUMBER;
        }
    }
    *out = value;
    return ERR_OK;
}

enum err
span_to_u64(struct span s, uint64_t min, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    TRY(digits(s, &value));
    if (value < min || value > max) {
        return ERR_NUMBER;
    }
    *out = value;
    return ERR_OK;
}

enum err
span_to_i64(struct span s, int64_t min, int64_t max, int64_t *out)
{
    bool negative = s.len > 0 && s.at[0] == '-';
    uint64_t magnitude = 0;
    TRY(digits(negative ? span_sub(s, 1, s.len) : s, &magnitude));
    uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    if (magnitude > limit) {
        return ERR_NUMBER;
    }
    /* -(m - 1) - 1 reaches INT64_MIN without overflow. */
    int64_t value = (int64_t)(negative && magnitude > 0 ? magnitude - 1 : magnitude);
    if (negative && magnitude > 0) {
        value = -value - 1;
    }
    if (value < min || value > max) {
        return ERR_NUMBER;
    }
    *out = value;
    return ERR_OK;
}

bool
span_is_digits(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') {
            return false;
        }
    }
    return s.len > 0;
}

static bool
is_alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool
span_is_alnum(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_alnum(s.at[i])) {
            return false;
        }
    }
    return s.len > 0;
}

/* Length of the well-formed sequence at the front, 0 if there is none (RFC 3629 4). */
static size_t
utf8_sequence(struct span s)
{
    static const struct {
        unsigned char first_min, first_max, second_min, second_max;
        size_t len;
    } forms[] = {
        { 0x01, 0x7F, 0x00, 0x00, 1 }, { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
        { 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 },
        { 0xF0, 0xF0, 0x90, 0xBF, 4 }, { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (s.at[0] < forms[i].first_min || s.at[0] > forms[i].first_max) {
            continue;
        }
        if (s.len < forms[i].len) {
            return 0;
        }
        for (size_t k = 1; k < forms[i].len; k++) {
            unsigned char min = k == 1 ? forms[i].second_min : 0x80;
            unsigned char max = k == 1 ? forms[i].second_max : 0xBF;
            if (s.at[k] < min || s.at[k] > max) {
                return 0;
            }
        }
        return forms[i].len;
    }
    return 0;
}

bool
span_is_utf8(struct span s)
{
    while (s.len > 0) {
        size_t len = utf8_sequence(s);
        if (len == 0) {
            return false;
        }
        s = span_sub(s, len, s.len);
    }
    return true;
}
