/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_BASE_FAULT_H
#define TALLYGATE_BASE_FAULT_H

/* The list of wrong fields that goes back to a client: which field, which error. */

#include <stddef.h>

#include "err.h"

#define FAULTS_MAX      32
#define FAULT_FIELD_MAX 64

struct fault {
    char field[FAULT_FIELD_MAX]; /* dotted path, "order.invoice.tax_no" */
    enum err err;
};

struct faults {
    struct fault list[FAULTS_MAX];
    size_t count; /* further faults are dropped; the client corrects these first */
};

/* Adds one; a name longer than the field is cut after a whole character. ERR_OK adds nothing, and neither does a field
 * that is listed already, itself or the object it is in: that fault is the one to mend first. */
void faults_add(struct faults *faults, const char *prefix, const char *field, enum err err);

/* ERR_OK when empty, else ERR_VALIDATION. */
MUST_USE enum err faults_verdict(const struct faults *faults);

#endif
