/* SPDX-License-Identifier: Apache-2.0 */
#include "match.h"

#define WIDE_FIRST 0xFF01u /* the wide form of '!' */
#define WIDE_LAST  0xFF5Eu /* ... and of '~' */
#define WIDE_SHIFT 0xFEE0u

/* The character at the start of `rest` and its bytes; what is no short UTF-8 stands for itself. */
static unsigned
character(struct span rest, size_t *bytes)
{
    const unsigned char *at = rest.at;
    if (rest.len >= 3 && (at[0] & 0xF0u) == 0xE0u) {
        *bytes = 3;
        return (at[0] & 0x0Fu) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
    }
    if (rest.len >= 2 && (at[0] & 0xE0u) == 0xC0u) {
        *bytes = 2;
        return (at[0] & 0x1Fu) << 6 | (at[1] & 0x3Fu);
    }
    *bytes = 1;
    return at[0];
}

/* A blank that a program or a spreadsheet puts beside a number: no-break, zero width, ideographic, a mark. */
static bool
is_blank(unsigned c)
{
    return c <= ' ' || c == 0xA0u || c == 0x200Bu || c == 0x3000u || c == 0xFEFFu;
}

/* The narrow small form; 0 when the character has none and stays as it is. */
static unsigned
narrow(unsigned c)
{
    c = c >= WIDE_FIRST && c <= WIDE_LAST ? c - WIDE_SHIFT : c;
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c <= '~' ? c : 0;
}

enum err
match_tidy(struct arena *arena, struct span number, struct span *out)
{
    void *memory = NULL;
    TRY(arena_array(arena, number.len + 1, 1, &memory));
    unsigned char *made = memory;
    size_t count = 0;
    size_t bytes = 0;
    for (size_t i = 0; i < number.len; i += bytes) {
        struct span rest = span_sub(number, i, number.len);
        unsigned c = character(rest, &bytes);
        unsigned small = is_blank(c) ? ' ' : narrow(c);
        for (size_t k = 0; small == 0 && k < bytes; k++) {
            made[count++] = rest.at[k];
        }
        if (small != 0) {
            made[count++] = (unsigned char)small;
        }
    }
    *out = span_trim(span_make(made, count), " ");
    return ERR_OK;
}
