/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_MARKS_H
#define TALLYGATE_BASE_MARKS_H

/* The places of up to four different bytes in a text, one after the other. Sixteen bytes are compared at once where the
 * processor can (every x86-64); elsewhere one by one. For readers of files that are mostly cells and separators. */

#include <stdint.h>
#include <string.h>

#include "span.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define MARKS_BLOCK 64 /* bytes, a bit of `found` for each */

struct marks {
    struct span text;
    unsigned char wanted[4]; /* fewer than four: one of them twice */
    size_t block;            /* begins here, */
    uint64_t found;          /* and these of its bytes were not given yet */
};

static inline uint64_t
marks_slowly(const struct marks *marks, size_t from, size_t len)
{
    uint64_t found = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = marks->text.at[from + i];
        bool hit = c == marks->wanted[0] || c == marks->wanted[1] || c == marks->wanted[2]
                   || c == marks->wanted[3];
        found |= (uint64_t)hit << i;
    }
    return found;
}

static inline uint64_t
marks_in_block(const struct marks *marks, size_t from)
{
#if defined(__SSE2__)
    uint64_t found = 0;
    const __m128i a = _mm_set1_epi8((char)marks->wanted[0]);
    const __m128i b = _mm_set1_epi8((char)marks->wanted[1]);
    const __m128i c = _mm_set1_epi8((char)marks->wanted[2]);
    const __m128i d = _mm_set1_epi8((char)marks->wanted[3]);
    for (int i = 0; i < MARKS_BLOCK; i += 16) {
        __m128i bytes;
        memcpy(&bytes, marks->text.at + from + i, sizeof(bytes));
        __m128i hit =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, a), _mm_cmpeq_epi8(bytes, b)),
                         _mm_or_si128(_mm_cmpeq_epi8(bytes, c), _mm_cmpeq_epi8(bytes, d)));
        found |= (uint64_t)(unsigned)_mm_movemask_epi8(hit) << i;
    }
    return found;
#else
    return marks_slowly(marks, from, MARKS_BLOCK);
#endif
}

static inline void
marks_look(struct marks *marks)
{
    size_t left = marks->text.len - marks->block;
    marks->found = left >= MARKS_BLOCK ? marks_in_block(marks, marks->block)
                                       : marks_slowly(marks, marks->block, left);
}

/* Of `text`, from its place `from` on. */
static inline struct marks
marks_of(struct span text, size_t from, const unsigned char wanted[4])
{
    struct marks marks = { .text = text, .block = from < text.len ? from : text.len };
    memcpy(marks.wanted, wanted, sizeof(marks.wanted));
    marks_look(&marks);
    return marks;
}

/* The next place; the length of the text after the last. */
static inline size_t
marks_next(struct marks *marks)
{
    while (marks->found == 0) {
        if (marks->text.len - marks->block <= MARKS_BLOCK) {
            return marks->text.len;
        }
        marks->block += MARKS_BLOCK;
        marks_look(marks);
    }
    size_t at = marks->block + (size_t)__builtin_ctzll(marks->found);
    marks->found &= marks->found - 1;
    return at;
}

/* The first place of one of two bytes from `from` on; the length of the text where there is none. For places that are near. */
static inline size_t
marks_first(struct span text, size_t from, unsigned char one, unsigned char other)
{
#if defined(__SSE2__)
    const __m128i a = _mm_set1_epi8((char)one);
    const __m128i b = _mm_set1_epi8((char)other);
    for (; from + sizeof(__m128i) <= text.len; from += sizeof(__m128i)) {
        __m128i bytes;
        memcpy(&bytes, text.at + from, sizeof(bytes));
        int found =
            _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, a), _mm_cmpeq_epi8(bytes, b)));
        if (found != 0) {
            return from + (size_t)__builtin_ctz((unsigned)found);
        }
    }
#endif
    while (from < text.len && text.at[from] != one && text.at[from] != other) {
        from++;
    }
    return from;
}

#endif
