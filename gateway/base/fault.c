/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "span.h"

#define UTF8_BYTES_MAX 4

/* True for the field itself and for every field of it. */
static bool
is_within(const char *field, const char *listed)
{
    size_t len = strlen(listed);
    return len > 0 && strncmp(field, listed, len) == 0 && (field[len] == 0 || field[len] == '.');
}

/* A name that was cut inside a character ends before it: what is answered stays UTF-8. */
static void
end_on_character(char *field)
{
    size_t len = strlen(field);
    for (int back = 0; back < UTF8_BYTES_MAX && !span_is_utf8(span_make(field, len)); back++) {
        field[--len] = 0;
    }
}

void
faults_add(struct faults *faults, const char *prefix, const char *field, enum err err)
{
    if (err == ERR_OK || faults->count == FAULTS_MAX) {
        return;
    }
    struct fault *fault = &faults->list[faults->count];
    const char *point = prefix[0] != 0 && field[0] != 0 ? "." : "";
    (void)snprintf(fault->field, sizeof(fault->field), "%s%s%s", prefix, point, field);
    end_on_character(fault->field);
    for (size_t i = 0; i < faults->count; i++) {
        if (is_within(fault->field, faults->list[i].field)) {
            return;
        }
    }
    fault->err = err;
    faults->count++;
}

enum err
faults_verdict(const struct faults *faults)
{
    return faults->count == 0 ? ERR_OK : ERR_VALIDATION;
}
