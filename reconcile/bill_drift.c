/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_drift.h"

const char *
bill_drift_word(enum bill_drift_what what)
{
    static const char *const words[BILL_DRIFT_COUNT] = {
        [BILL_DRIFT_KNOWN] = "known",     [BILL_DRIFT_PASSED_OVER] = "passed_over",
        [BILL_DRIFT_UNKNOWN] = "unknown", [BILL_DRIFT_REPEATED] = "repeated",
        [BILL_DRIFT_MISSING] = "missing",
    };
    return words[what];
}

static struct bill_drift_column
judge(const struct bill_row_table *table, struct span came, bool seen[BILL_ROW_COLUMNS_MAX])
{
    size_t column = BILL_ROW_NO_PLACE;
    struct bill_drift_column one = { .what = BILL_DRIFT_UNKNOWN, .came = came };
    one.known = bill_row_known(table, came, &column);
    if (one.known == NULL) {
        return one;
    }
    if (column == BILL_ROW_NO_PLACE) {
        one.what = BILL_DRIFT_PASSED_OVER;
        return one;
    }
    one.what = seen[column] ? BILL_DRIFT_REPEATED : BILL_DRIFT_KNOWN;
    seen[column] = true;
    return one;
}

size_t
bill_drift_columns(const struct bill_drift *drift,
                   struct bill_drift_column out[BILL_DRIFT_COLUMNS_MAX])
{
    bool seen[BILL_ROW_COLUMNS_MAX] = { false };
    size_t count = 0;
    if (drift->known == NULL) {
        return 0;
    }
    struct span mark = SPAN_LIT("\xEF\xBB\xBF");
    struct span rest = span_make(drift->text, drift->len);
    struct span field;
    if (span_starts(rest, mark)) {
        rest = span_sub(rest, mark.len, rest.len);
    }
    for (bool more = true; more && count < BILL_ROW_COLUMNS_MAX; count++) {
        more = span_cut(&rest, ',', &field);
        out[count] = judge(drift->known, span_trim(field, " \t`"), seen);
        out[count].position = count + 1;
    }
    for (size_t i = 0; i < drift->known->required; i++) {
        if (!seen[i]) {
            out[count++] = (struct bill_drift_column){ .what = BILL_DRIFT_MISSING,
                                                       .known = bill_row_name_of(drift->known, i) };
        }
    }
    return count;
}
