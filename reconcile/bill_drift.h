/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_BILL_DRIFT_H
#define TALLYGATE_RECONCILE_BILL_DRIFT_H

/* The header of a bill that has other columns than are known, held against those, position by position. */

#include "bill_file.h"
#include "bill_row.h"

enum bill_drift_what {
    BILL_DRIFT_KNOWN,
    BILL_DRIFT_PASSED_OVER, /* known, and not read */
    BILL_DRIFT_UNKNOWN,
    BILL_DRIFT_REPEATED,
    BILL_DRIFT_MISSING, /* it must be there, and is not */
    BILL_DRIFT_COUNT
};

struct bill_drift_column {
    enum bill_drift_what what;
    size_t position; /* from 1; 0: missing */
    struct span
        came; /* as the header has it, its padding apart; lives as long as the drift; empty: missing */
    const char *known; /* the name it is known by; NULL: unknown */
};

#define BILL_DRIFT_COLUMNS_MAX (2 * (size_t)BILL_ROW_COLUMNS_MAX)

/* What came, in its order, and behind it what is missing. Gives the count; 0 without a drift. Of a header with more
 * columns than any bill has, the first are told. */
size_t bill_drift_columns(const struct bill_drift *drift,
                          struct bill_drift_column out[BILL_DRIFT_COLUMNS_MAX]);

/* "unknown" */
const char *bill_drift_word(enum bill_drift_what what);

#endif
