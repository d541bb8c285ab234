/* SPDX-License-Identifier: Apache-2.0 */
#include "span.h"

#include <endian.h>
#include <string.h>

struct span
span_of(const char *text)
{
    return (struct span){ .at = (const unsigned char *)text, .len = text ? strlen(text) : 0 };
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
span_ends(struct span s, struct span suffix)
{
    return s.len >= suffix.len && span_eq(span_sub(s, s.len - suffix.len, suffix.len), suffix);
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

#define FITTING_DIGITS 19

static enum err
digits(struct span s, uint64_t *out)
{
    if (s.len == 0) {
        return ERR_NUMBER;
    }
    uint64_t value = 0;
    bool fits = s.len <= FITTING_DIGITS; /* nothing of so few digits can overflow */
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned)s.at[i] - '0';
        if (digit > 9
            || (!fits
                && (__builtin_mul_overflow(value, UINT64_C(10), &value)
                    || __builtin_add_overflow(value, (uint64_t)digit, &value)))) {
            return ERR_NUMBER;
        }
        value = fits ? value * 10 + digit : value;
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

#define WORD_BYTES 8
#define HIGH_BITS  UINT64_C(0x8080808080808080)
#define LOW_BITS   UINT64_C(0x0101010101010101)

/* Of eight bytes, the highest bit of each that is no plain ASCII, or a NUL; behind the first of them, bits may be wrong. */
static uint64_t
not_ascii(const unsigned char *at)
{
    uint64_t word;
    memcpy(&word, at, WORD_BYTES);
    return (le64toh(word) | (le64toh(word) - LOW_BITS)) & HIGH_BITS;
}

/* How many bytes at the front are plain ASCII; a NUL or a longer character ends them. */
static size_t
ascii(struct span s)
{
    size_t i = 0;
    for (; i + WORD_BYTES <= s.len; i += WORD_BYTES) {
        uint64_t other = not_ascii(s.at + i);
        if (other != 0) {
            return i + (size_t)__builtin_ctzll(other) / 8;
        }
    }
    while (i < s.len && s.at[i] > 0 && s.at[i] < 0x80) {
        i++;
    }
    return i;
}

/* How many bytes at the front are Chinese: nearly all characters of three bytes, whose second byte is like any other. */
static size_t
three_bytes(struct span s)
{
    size_t i = 0;
    while (i + 3 <= s.len && s.at[i] > 0xE0 && s.at[i] < 0xED && (s.at[i + 1] & 0xC0u) == 0x80
           && (s.at[i + 2] & 0xC0u) == 0x80) {
        i += 3;
    }
    return i;
}

bool
span_is_utf8(struct span s)
{
    while (s.len > 0) {
        size_t len = ascii(s);
        if (len == 0) {
            len = three_bytes(s);
        }
        if (len == 0) {
            len = utf8_sequence(s);
        }
        if (len == 0) {
            return false;
        }
        s = span_sub(s, len, s.len);
    }
    return true;
}
