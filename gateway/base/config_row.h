/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_CONFIG_ROW_H
#define TALLYGATE_BASE_CONFIG_ROW_H

/* The rows of config.def as data: what one setting is, and whether a value fits it. The parser, the
 * manual and the tests read the same rows. */

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "err.h"
#include "span.h"

struct config_row {
    enum config_section section;
    const char *name;
    enum config_type type;
    const char *fallback; /* NULL: required; "": absent */
    int64_t min;
    int64_t max;
    const char *unit;
    const char *meaning;
};

const struct config_row *config_row(enum config_setting setting);
bool config_row_find(enum config_section section, struct span name, enum config_setting *out);

const char *config_section_name(enum config_section section);
bool config_section_find(struct span name, enum config_section *out);
bool config_section_repeats(enum config_section section);

/* Whether a value may stand there; *why then says what is expected. Errors: CONFIG_VALUE. */
MUST_USE enum err config_row_check(const struct config_row *row, struct span value,
                                   const char **why);

/* INT and AMOUNT as numbers. Errors: CONFIG_VALUE for other types or values. */
MUST_USE enum err config_row_number(const struct config_row *row, struct span value, int64_t *out);

#endif
