/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_TEXT_RULE_H
#define TALLYGATE_CORE_TEXT_RULE_H

/* What a text field may hold, as a row. */

#include <stddef.h>

#include "fault.h"
#include "span.h"

enum text_set {
    TEXT_LINE,   /* UTF-8 without control characters, no blank at either end */
    TEXT_NUMBER, /* letters, digits, "-" and "_" */
    TEXT_ALNUM,  /* letters and digits */
    TEXT_DIGITS
};

struct text_rule {
    const char *field;
    size_t min; /* bytes; 0 lets the field be empty */
    size_t max;
    enum text_set set;
};

/* Adds FIELD_LENGTH or FIELD_CHARACTERS. */
void text_check(const struct text_rule *rule, struct span value, const char *prefix,
                struct faults *faults);

#endif
