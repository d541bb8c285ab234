/* SPDX-License-Identifier: Apache-2.0 */
#include "fault.h"

#include <stdio.h>

void
faults_add(struct faults *faults, const char *prefix, const char *field, enum err err)
{
    if (err == ERR_OK || faults->count == FAULTS_MAX) {
        return;
    }
    struct fault *fault = &faults->list[faults->count++];
    fault->err = err;
    const char *point = prefix[0] != 0 && field[0] != 0 ? "." : "";
    (void)snprintf(fault->field, sizeof(fault->field), "%s%s%s", prefix, point, field);
}

enum err
faults_verdict(const struct faults *faults)
{
    return faults->count == 0 ? ERR_OK : ERR_VALIDATION;
}
