/* SPDX-License-Identifier: Apache-2.0 */
#include "night_calendar.h"
#include "run_parts.h"
#include "webhook.h"

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

/* Once for each run, however often it is found to count. */
static enum err
tell(const struct run *run, int64_t run_id, enum webhook_kind kind, struct wall_time now)
{
    struct db_params params;
    db_params_init(&params, run->arena);
    db_i64(&params, run_id);
    db_cstr(&params, webhook_kind_code(kind));
    db_time(&params, now);
    return db_session_run(run->session, STATEMENT_recon_message, &params, NULL);
}

enum err
run_day_blocked(const struct run *run, int64_t run_id, struct span codes)
{
    struct wall_time now = clock_wall();
    TRY(settle(run, codes, now));
    return tell(run, run_id, WEBHOOK_RECON_BLOCKED, now);
}

enum err
run_day_missing(const struct run *run, int64_t run_id)
{
    return tell(run, run_id, WEBHOOK_RECON_BLOCKED, clock_wall());
}

enum err
run_day_told(const struct run *run, int64_t run_id)
{
    return tell(run, run_id, WEBHOOK_RECON_COMPLETED, clock_wall());
}

enum err
run_day_done(const struct run *run, int64_t run_id, bool *next_is_stale)
{
    struct wall_time now = clock_wall();
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    TRY(settle(run, SPAN_LIT("{}"), now));
    TRY(tell(run, run_id, WEBHOOK_RECON_COMPLETED, now));
    run_day_params(run, run->request->day, &params);
    db_time(&params, now);
    TRY(db_session_run(run->session, STATEMENT_recon_day_stale, &params, &rows));
    *next_is_stale = db_rows_count(rows) > 0;
    return ERR_OK;
}

enum err
run_day_closed(const struct run *run)
{
    return settle(run, SPAN_LIT("{}"), clock_wall());
}
