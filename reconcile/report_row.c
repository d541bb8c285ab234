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

enum finding
report_row_act_on(const struct report_row *row)
{
    int severity = report_row_severity(row);
    for (size_t i = 0; finding_severity(row->primary) != severity && i < row->finding_count; i++) {
        if (finding_severity(row->findings[i]) == severity) {
            return row->findings[i];
        }
    }
    return row->primary;
}

bool
report_row_says(const struct report_row *row, const char *family)
{
    bool says = span_starts(span_of(finding_name(row->primary)), span_of(family));
    for (size_t i = 0; !says && i < row->finding_count; i++) {
        says = span_starts(span_of(finding_name(row->findings[i])), span_of(family));
    }
    return says;
}

bool
report_row_differs(const struct report_row *row)
{
    int severity = report_row_severity(row);
    return row->delta_fen != 0 || (severity > 0 && severity < SEVERITY_NOTE);
}
