/* SPDX-License-Identifier: Apache-2.0 */
#include "run_parts.h"

/* What a run is told of the days before it that are signed. */

static enum err
read_one(struct run *run, enum statement statement, const char *column, struct span *out)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    run_day_params(run, run->request->day, &params);
    TRY(db_session_run(run->session, statement, &params, &rows));
    return db_rows_count(rows) == 1 ? run_take_text(run, rows, 0, column, out) : ERR_DB_ROWS;
}

enum err
run_read_closed(struct run *run)
{
    TRY(read_one(run, STATEMENT_recon_closed_days, "days", &run->closed_days));
    return read_one(run, STATEMENT_recon_reissued, "bills", &run->late_bills);
}

size_t
run_closed_codes(const struct run *run, enum finding *out)
{
    if (span_empty(run->late_bills)) {
        return 0;
    }
    out[0] = FINDING_DAY_CLOSED;
    out[1] = FINDING_FILE_REISSUED;
    return 2;
}
