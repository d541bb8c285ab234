/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#define SEVERITY_NOTE 4

/* 1 is worse than 4, and 0 is none. */
static int
worse(int a, int b)
{
    if (a == 0 || b == 0) {
        return a == 0 ? b : a;
    }
    return a < b ? a : b;
}

int
report_row_severity(const struct report_row *row)
{
    int severity = finding_severity(row->primary);
    for (size_t i = 0; i < row->finding_count; i++) {
        severity = worse(severity, finding_severity(row->findings[i]));
    }
    return severity;
}

bool
report_row_differs(const struct report_row *row)
{
    int severity = report_row_severity(row);
    return row->delta_fen != 0 || (severity > 0 && severity < SEVERITY_NOTE);
}
