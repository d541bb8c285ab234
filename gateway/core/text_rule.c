/* SPDX-License-Identifier: Apache-2.0 */
#include "text_rule.h"

static bool
is_line(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < ' ' || s.at[i] == 0x7F) {
            return false;
        }
    }
    return span_is_utf8(s) && span_eq(span_trim(s, " "), s);
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
