/* SPDX-License-Identifier: Apache-2.0 */
#include "night_calendar.h"
#include "run_parts.h"

/* What a run makes of the night's calendar, in the transaction of the run. */

static enum err
settle(const struct run *run, struct span codes, struct wall_time now)
{
    struct db_params params;
    run_day_params(run, run->request->day, &params);
    db_time(&params, now);
    db_text(&params, codes);
    db_time(&params, night_calendar_again(now, 1, true));
    db_i64(&params, NIGHT_CALENDAR_TRIES_MAX);
    return db_session_run(run->session, STATEMENT_recon_day_settle, &params, NULL);
}

enum err
run_day_blocked(const struct run *run, struct span codes)
{
    return settle(run, codes, clock_wall());
}

enum err
run_day_done(const struct run *run, bool *next_is_stale)
{
    struct wall_time now = clock_wall();
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    TRY(settle(run, SPAN_LIT("{}"), now));
    run_day_params(run, run->request->day, &params);
    db_time(&params, now);
    TRY(db_session_run(run->session, STATEMENT_recon_day_stale, &params, &rows));
    *next_is_stale = db_rows_count(rows) > 0;
    return ERR_OK;
}
