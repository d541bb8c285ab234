/* SPDX-License-Identifier: Apache-2.0 */
#include "text_rule.h"

#include <stdint.h>

/* Characters that print nothing or turn the line around: two names that look alike would differ. */
static bool
is_invisible(uint32_t c)
{
    static const struct {
        uint32_t from;
        uint32_t to;
    } ranges[] = {
        { 0x00, 0x1F },     { 0x7F, 0x9F },       { 0xAD, 0xAD },     { 0x061C, 0x061C },
        { 0x200B, 0x200F }, { 0x2028, 0x202E },   { 0x2060, 0x206F }, { 0xFEFF, 0xFEFF },
        { 0xFFF9, 0xFFFB }, { 0xE0000, 0xE0FFF },
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (c >= ranges[i].from && c <= ranges[i].to) {
            return true;
        }
    }
    return false;
}

static bool
is_blank(uint32_t c)
{
    return c == ' ' || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x3000;
}

/* The character at *at, moving *at past it; the text is UTF-8. */
static uint32_t
next_character(struct span s, size_t *at)
{
    unsigned char first = s.at[(*at)++];
    int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    uint32_t c = more == 0 ? first : first & (0x3Fu >> more);
    for (; more > 0; more--) {
        c = (c << 6) | (s.at[(*at)++] & 0x3Fu);
    }
    return c;
}

/* One line of visible text that neither begins nor ends with a blank of any width. */
static bool
is_line(struct span s)
{
    uint32_t c = ' ';
    if (!span_is_utf8(s)) {
        return false;
    }
    for (size_t at = 0; at < s.len;) {
        bool first = at == 0;
        c = next_character(s, &at);
        if (is_invisible(c) || (first && is_blank(c))) {
            return false;
        }
    }
    return !is_blank(c);
}

static bool
is_number(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        struct span c = span_sub(s, i, 1);
        if (!span_is_alnum(c) && c.at[0] != '-' && c.at[0] != '_') {
            return false;
        }
    }
    return true;
}

static bool
fits(enum text_set set, struct span s)
{
    switch (set) {
    case TEXT_LINE:
        return is_line(s);
    case TEXT_NUMBER:
        return is_number(s);
    case TEXT_ALNUM:
        return span_is_alnum(s);
    case TEXT_DIGITS:
        return span_is_digits(s);
    }
    return false;
}

void
text_check(const struct text_rule *rule, struct span value, const char *prefix,
           struct faults *faults)
{
    if (value.len < rule->min || value.len > rule->max) {
        faults_add(faults, prefix, rule->field, ERR_FIELD_LENGTH);
    } else if (value.len > 0 && !fits(rule->set, value)) {
        faults_add(faults, prefix, rule->field, ERR_FIELD_CHARACTERS);
    }
}
