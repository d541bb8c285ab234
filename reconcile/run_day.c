/* SPDX-License-Identifier: Apache-2.0 */
#include "night_calendar.h"
#include "run_parts.h"
#include "webhook.h"

#define NO_CODES "{}"

/* What a run makes of the night's calendar, in the transaction of the run. */

/* Whether the provider said last that it has no such bill of the day. */
static enum err
is_none(const struct run *run, const struct adapter_bill *bill, bool *none)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, run->arena);
    db_cstr(&params, run->request->account->name);
    db_cstr(&params, bill->kind);
    db_day(&params, run->request->day);
    TRY(db_session_run(run->session, STATEMENT_bill_last_try, &params, &rows));
    *none = db_rows_count(rows) == 1 && span_eq_cstr(db_row_text(rows, 0, "outcome"), "none");
    return ERR_OK;
}

/* The kind of the bill of the account's movements, where the run has a bill of trades and not that one; else NULL. That there is none is not
 * believed of a day with trades, which moved the account. */
static enum err
find_lack(const struct run *run, const char **kind)
{
    const struct adapter_bill *balance = bill_of_balance(run->request->account->adapter);
    bool none = false;
    *kind = NULL;
    if (balance == NULL || run->flow.there || run->file_id == 0) {
        return ERR_OK;
    }
    if (run->lines.count == 0) {
        TRY(is_none(run, balance, &none));
    }
    *kind = none ? NULL : balance->kind;
    return ERR_OK;
}

/* `counts`: the run does from now on. */
static enum err
settle(const struct run *run, struct span codes, bool counts, struct wall_time now)
{
    struct db_params params;
    const char *lacks = NULL;
    bool blocked = !span_eq_cstr(codes, NO_CODES);
    TRY(find_lack(run, &lacks));
    run_day_params(run, run->request->day, &params);
    db_time(&params, now);
    db_text(&params, codes);
    db_time(&params, night_calendar_again(now, 1, blocked));
    db_i64(&params, NIGHT_CALENDAR_TRIES_MAX);
    db_cstr(&params, lacks);
    db_bool(&params, counts);
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
    TRY(settle(run, codes, false, now));
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
    TRY(settle(run, SPAN_LIT(NO_CODES), true, now));
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
    return settle(run, SPAN_LIT(NO_CODES), false, clock_wall());
}
