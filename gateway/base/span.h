/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_SPAN_H
#define TALLYGATE_BASE_SPAN_H

/* Borrowed bytes: a pointer and a length, never owned, never NUL-terminated by promise. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "err.h"

struct span {
    const unsigned char *at;
    size_t len;
};

/* A span over a string literal; usable in static initialisers. */
#define SPAN(literal)                                                         \
    {                                                                         \
        .at = (const unsigned char *)("" literal), .len = sizeof(literal) - 1 \
    }
#define SPAN_LIT(literal) ((struct span)SPAN(literal))

/* "%.*s" arguments for a span. */
#define SPAN_ARG(s) (int)(s).len, (const char *)(s).at

struct span span_of(const char *text);      /* NULL gives the empty span */
int span_cmp(struct span a, struct span b); /* byte order, shorter first on a tie */
bool span_ends(struct span s, struct span suffix);

/* Stand here to be inlined: readers of bills do little else. */
static inline struct span
span_make(const void *at, size_t len)
{
    return (struct span){ .at = at, .len = len };
}

static inline bool
span_empty(struct span s)
{
    return s.len == 0;
}

static inline bool
span_eq(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool
span_eq_cstr(struct span a, const char *b)
{
    return span_eq(a, span_make(b, b == NULL ? 0 : strlen(b)));
}

/* Bytes [from, from+len), clipped to s. */
static inline struct span
span_sub(struct span s, size_t from, size_t len)
{
    if (from >= s.len) {
        return (struct span){ .at = s.at, .len = 0 };
    }
    size_t left = s.len - from;
    return (struct span){ .at = s.at + from, .len = len < left ? len : left };
}

static inline bool
span_starts(struct span s, struct span prefix)
{
    return s.len >= prefix.len && span_eq(span_sub(s, 0, prefix.len), prefix);
}

/* Index of the first byte `c` or of the first `needle`; s.len when absent. */
size_t span_index(struct span s, unsigned char c);
size_t span_find(struct span s, struct span needle);

/* Splits off what stands before the first `sep`; *rest keeps what follows it. Returns false, with
 * *head = *rest and *rest empty, when there is no `sep`. */
bool span_cut(struct span *rest, unsigned char sep, struct span *head);

/* Without leading and trailing bytes that are in `set`. */
struct span span_trim(struct span s, const char *set);

/* Whole input as a decimal in [min, max]; no sign for u64, "-" only for i64, no blanks, no leading
 * "+". Leading zeros are allowed. Errors: NUMBER. */
MUST_USE enum err span_to_u64(struct span s, uint64_t min, uint64_t max, uint64_t *out);
MUST_USE enum err span_to_i64(struct span s, int64_t min, int64_t max, int64_t *out);

/* True when every byte is in [0-9] / [0-9A-Za-z], and s is not empty. */
bool span_is_digits(struct span s);
bool span_is_alnum(struct span s);

/* True when the bytes are well-formed UTF-8 without NUL (RFC 3629). */
bool span_is_utf8(struct span s);

#endif
