/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "day_request.h"
#include "log.h"
#include "metrics.h"
#include "night.h"
#include "night_calendar.h"
#include "progress.h"

/* What a process that died was at waits so long for the next one. */
#define LEASE_FETCH_MS  INT64_C(300000)  /* each step towards the bill renews it */
#define LEASE_PORTAL_MS INT64_C(1800000) /* the whole of the portal's view */
#define LEASE_RUN_MS    INT64_C(100000)  /* each step of the run renews it */

#define STUCK_TRIES 5 /* of a day that is to be made again, before somebody is told */
#define ARENA_BYTES ((size_t)64 * 1024)
#define DAY_BYTES   16

struct claim {
    struct night *night;
    struct acquire_target target;
    char day[DAY_BYTES]; /* for the log */
    bool stale;          /* its bill is in the archive */
    bool waiting;        /* no bill came yet: it can be late */
    bool lacking;        /* done, but for the bill of the account's movements */
    bool has_lines;      /* the run that counts has some */
    int64_t tries;
    int64_t lease_no;
    struct arena *arena;
    struct progress progress;
};

/* Work on a day that takes long says how far it is. */
static void
tell_progress(void *context, const struct progress *progress, struct span text)
{
    const struct claim *claim = context;
    (void)text;
    log_event(LOG_DAY_UNDER_WAY, LOG_TEXT("account", claim->target.account->name),
              LOG_TEXT("day", claim->day), LOG_TEXT("at", progress_code(progress)),
              LOG_I64("done", progress->done), LOG_I64("of", progress->total),
              LOG_I64("took_ms", progress_took_ms(progress)),
              LOG_I64("left_ms", progress_left_ms(progress)));
}

static void
key_params(const struct claim *claim, struct db_params *params)
{
    db_params_init(params, claim->arena);
    db_cstr(params, claim->target.account->name);
    db_cstr(params, claim->target.bill->kind);
    if (claim->target.day.year != 0) {
        db_day(params, claim->target.day);
    }
}

static enum err
take(struct claim *claim, bool *taken)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct wall_time now = clock_wall();
    struct db_params params;
    key_params(claim, &params);
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, LEASE_FETCH_MS));
    TRY(db_session_run(claim->night->session, STATEMENT_recon_day_claim, &params, &rows));
    *taken = db_rows_count(rows) == 1;
    if (!*taken) {
        return ERR_OK;
    }
    struct span day = db_row_text(rows, 0, "bill_day");
    TRY(day_parse(day, &claim->target.day));
    memcpy(claim->day, day.at, day.len < DAY_BYTES ? day.len : DAY_BYTES - 1);
    claim->stale = span_eq_cstr(db_row_text(rows, 0, "state"), "stale");
    claim->waiting = span_eq_cstr(db_row_text(rows, 0, "state"), "waiting");
    claim->lacking = span_eq_cstr(db_row_text(rows, 0, "state"), "done");
    claim->has_lines = db_row_bool(rows, 0, "has_lines");
    claim->tries = db_row_i64(rows, 0, "tries");
    claim->lease_no = db_row_i64(rows, 0, "lease_no");
    return ERR_OK;
}

/* LOST_RACE when the day is somebody else's by now. */
static enum err
renew(const struct claim *claim, struct db_session *session, enum statement statement,
      int64_t lease_ms)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    key_params(claim, &params);
    db_i64(&params, claim->lease_no);
    db_time(&params, wall_add_ms(clock_wall(), lease_ms));
    TRY(db_session_run(session, statement, &params, &rows));
    return db_rows_count(rows) == 1 ? ERR_OK : ERR_LOST_RACE;
}

static enum err
before_step(void *context)
{
    struct claim *claim = context;
    return night_stopping(claim->night)
               ? ERR_SHUTTING_DOWN
               : renew(claim, claim->night->session, STATEMENT_recon_day_renew, LEASE_FETCH_MS);
}

/* Told before the calendar knows: who dies in between tells it again, which changes nothing. */
static enum err
tell_late(const struct claim *claim, const char *outcome)
{
    struct day_request request;
    day_request_fill(claim->night->config, claim->target.account, claim->target.day, clock_wall(),
                     &request);
    return recon_missing(claim->night->session, &request.recon, acquire_finding(outcome));
}

static void
say_late(const struct claim *claim, enum log_event event, const char *outcome)
{
    metrics_add(METRIC_ALARMS_TOTAL, 1);
    log_event(event, LOG_TEXT("account", claim->target.account->name), LOG_TEXT("day", claim->day),
              LOG_TEXT("code", finding_name(acquire_finding(outcome))),
              LOG_TEXT("outcome", outcome));
}

/* Gives the day back, to be taken up again; not set: given up. */
static enum err
later(const struct claim *claim, struct wall_time next_at, const char *outcome, bool late)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    if (late && claim->waiting) {
        TRY(tell_late(claim, outcome));
    }
    key_params(claim, &params);
    db_i64(&params, claim->lease_no);
    db_time(&params, clock_wall());
    db_time(&params, next_at);
    db_cstr(&params, outcome);
    db_bool(&params, late);
    TRY(db_session_run(claim->night->session, STATEMENT_recon_day_later, &params, &rows));
    if (db_rows_count(rows) == 1 && db_row_bool(rows, 0, "told")) {
        say_late(claim, claim->lacking ? LOG_BALANCE_MISSED : LOG_DAY_LATE, outcome);
    }
    if (db_rows_count(rows) == 1 && claim->lacking && next_at.us == 0) {
        say_late(claim, LOG_BALANCE_GAVE_UP, outcome);
    }
    return ERR_OK;
}

/* A stale day is never given up: what stands of it rests on what counts no more. */
static struct wall_time
again_at(const struct claim *claim, struct wall_time now, bool late)
{
    if (claim->lacking) {
        return night_calendar_balance_again(claim->target.day, now, claim->tries, late);
    }
    bool last = claim->stale && claim->tries >= NIGHT_CALENDAR_TRIES_MAX;
    return night_calendar_again(now, last ? NIGHT_CALENDAR_TRIES_MAX - 1 : claim->tries, late);
}

static enum err
no_bill(const struct claim *claim, const struct adapter_bill *bill, const struct acquire_word *word)
{
    log_event(LOG_BILL_MISSED, LOG_TEXT("account", claim->target.account->name),
              LOG_TEXT("day", claim->day), LOG_TEXT("kind", bill->kind),
              LOG_TEXT("outcome", word->outcome), LOG_ERR(word->err), LOG_TEXT("code", word->code),
              LOG_I64("tries", claim->tries));
    return later(claim, again_at(claim, clock_wall(), word->late), word->outcome, word->late);
}

/* One bill of the day into the archive. */
static enum err
fetch(struct claim *claim, const struct adapter_bill *bill, struct acquire_word *word)
{
    struct night *night = claim->night;
    const struct acquire acquire = { .session = night->session,
                                     .config = night->config,
                                     .step = before_step,
                                     .context = claim,
                                     .progress = &claim->progress };
    const struct acquire_target target = { claim->target.account, bill, claim->target.day };
    struct acquire_kept kept;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(BILL_FILE_MAX_BYTES);
    TRY(acquire_fetch(&acquire, night->line, &target, word, &bytes));
    if (word->err != ERR_OK) {
        return ERR_OK;
    }
    TRY(acquire_keep(&acquire, &target, buf_span(&bytes), &kept));
    log_event(
        LOG_BILL_FETCHED, LOG_TEXT("account", claim->target.account->name),
        LOG_TEXT("day", claim->day), LOG_TEXT("kind", bill->kind), LOG_TEXT("sha256", kept.sha256),
        LOG_TEXT("new", kept.place == ACQUIRE_SAME ? "no" : "yes"), LOG_TEXT("faults", kept.codes));
    return ERR_OK;
}

/* The bill of the account's movements, from its own hour on: before, the day is given back until then. */
static enum err
ask_balance(struct claim *claim, const struct adapter_bill *balance, struct acquire_word *word,
            bool *asked)
{
    const struct acquire_target target = { claim->target.account, balance, claim->target.day };
    struct wall_time ready_at = acquire_ready_at(claim->night->config, &target);
    *asked = wall_ms_between(ready_at, clock_wall()) >= 0;
    return *asked ? fetch(claim, balance, word) : later(claim, ready_at, "not_ready", false);
}

/* It is waited for as well; after its give-up hour the day is made without it, and says so. */
static enum err
get_balance(struct claim *claim, bool *here)
{
    const struct adapter_bill *balance = bill_of_balance(claim->target.account->adapter);
    struct acquire_word word;
    if (balance == NULL) {
        return ERR_OK;
    }
    TRY(ask_balance(claim, balance, &word, here));
    if (!*here || word.err == ERR_OK || word.late || strcmp(word.outcome, "none") == 0) {
        return ERR_OK;
    }
    *here = false;
    return no_bill(claim, balance, &word);
}

/* From here on the day is one that is to be made again, also when this process dies. */
static enum err
take_balance(struct claim *claim)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    key_params(claim, &params);
    db_i64(&params, claim->lease_no);
    db_time(&params, clock_wall());
    TRY(db_session_run(claim->night->session, STATEMENT_recon_day_came, &params, &rows));
    if (db_rows_count(rows) != 1) {
        return ERR_LOST_RACE;
    }
    claim->stale = true;
    claim->lacking = false;
    claim->tries = 1;
    return ERR_OK;
}

/* Of a day that was made without it. Where the provider says that there is none, a run without lines is made again to lack it no more. */
static enum err
get_lacking(struct claim *claim, bool *here)
{
    const struct adapter_bill *balance = bill_of_balance(claim->target.account->adapter);
    struct acquire_word word;
    *here = balance == NULL; /* the account is another provider's now */
    if (*here) {
        return take_balance(claim);
    }
    TRY(ask_balance(claim, balance, &word, here));
    if (!*here) {
        return ERR_OK;
    }
    *here = word.err == ERR_OK || (strcmp(word.outcome, "none") == 0 && !claim->has_lines);
    return *here ? take_balance(claim) : no_bill(claim, balance, &word);
}

/* *here: the bills are in the archive, or known to be none. */
static enum err
get_bills(struct claim *claim, bool *here)
{
    struct acquire_word word;
    TRY(fetch(claim, claim->target.bill, &word));
    *here = word.err == ERR_OK || strcmp(word.outcome, "none") == 0;
    if (!*here) {
        return no_bill(claim, claim->target.bill, &word);
    }
    return word.err == ERR_OK ? get_balance(claim, here) : ERR_OK;
}

/* A blocked run that is not new was told before. */
static void
tell_blocked(const struct claim *claim, const struct recon_outcome *outcome)
{
    if (outcome->unchanged) {
        return;
    }
    const struct bill_fault *first = &outcome->bill.faults[0];
    metrics_add(METRIC_ALARMS_TOTAL, 1);
    log_event(LOG_DAY_BLOCKED, LOG_TEXT("account", claim->target.account->name),
              LOG_TEXT("day", claim->day), LOG_TEXT("code", finding_name(first->finding)),
              LOG_TEXT("detail", first->detail),
              LOG_I64("faults", (int64_t)outcome->bill.faults_seen));
}

/* Two people signed the day as it was. */
static void
tell_closed(const struct claim *claim)
{
    metrics_add(METRIC_ALARMS_TOTAL, 1);
    log_event(LOG_DAY_CLOSED, LOG_TEXT("account", claim->target.account->name),
              LOG_TEXT("day", claim->day));
}

static void
tell_untied(const struct claim *claim, const struct recon_untied *untied)
{
    metrics_add(METRIC_ALARMS_TOTAL, 1);
    log_event(LOG_SHEET_UNTIED, LOG_TEXT("account", claim->target.account->name),
              LOG_TEXT("day", claim->day), LOG_TEXT("equation", untied->equation),
              LOG_TEXT("client", untied->owner), LOG_TEXT("order", untied->order_no),
              LOG_I64("fen", untied->fen));
}

/* By a session of its own: the run's is in the middle of its transaction. A lease that cannot be renewed ends no run: whoever takes the
 * day over waits at its lock, and finds it done. */
static void
renew_beside(const struct claim *claim)
{
    struct night *night = claim->night;
    enum err err = night->lease == NULL
                       ? db_session_open(night_conninfo(night->config), &night->lease)
                       : ERR_OK;
    if (err == ERR_OK) {
        err = renew(claim, night->lease, STATEMENT_recon_day_beat, LEASE_RUN_MS);
    }
    if (err != ERR_OK && err != ERR_LOST_RACE) {
        log_event(LOG_NIGHT_TROUBLE, LOG_TEXT("account", claim->target.account->name),
                  LOG_TEXT("day", claim->day), LOG_ERR(err));
        db_session_close(&night->lease);
    }
}

static enum err
before_run_step(void *context, enum recon_step step)
{
    const struct claim *claim = context;
    (void)step;
    if (night_stopping(claim->night)) {
        return ERR_SHUTTING_DOWN;
    }
    renew_beside(claim);
    return ERR_OK;
}

static enum err
reconcile(struct claim *claim)
{
    struct day_request request;
    struct recon_outcome outcome = { .version = 0 };
    const struct night *night = claim->night;
    TRY(renew(claim, night->session, STATEMENT_recon_day_renew, LEASE_PORTAL_MS));
    night_portal(claim->night);
    day_request_fill(night->config, claim->target.account, claim->target.day, clock_wall(),
                     &request);
    request.recon.step = before_run_step;
    request.recon.step_context = claim;
    request.recon.progress = &claim->progress;
    TRY(renew(claim, night->session, STATEMENT_recon_day_renew, LEASE_RUN_MS));
    enum err err = recon_run(night->session, &request.recon, &outcome);
    if (err == ERR_DAY_CLOSED) {
        tell_closed(claim);
        return ERR_OK;
    }
    if (err == ERR_SHEET_UNTIED) {
        tell_untied(claim, &outcome.untied);
    }
    if (err != ERR_OK) {
        return err;
    }
    if (outcome.blocked) {
        tell_blocked(claim, &outcome);
        return ERR_OK;
    }
    log_event(LOG_RECONCILED, LOG_TEXT("account", claim->target.account->name),
              LOG_TEXT("day", claim->day), LOG_I64("version", outcome.version),
              LOG_TEXT("new", outcome.unchanged ? "no" : "yes"),
              LOG_TEXT("bill", outcome.none ? "none" : "yes"),
              LOG_TEXT("next_day", outcome.next_is_stale ? "stale" : "stands"));
    const struct night_printed printed = { .account = claim->target.account,
                                           .day = claim->target.day,
                                           .version = outcome.version,
                                           .progress = &claim->progress };
    night_print(night, &printed);
    return ERR_OK;
}

static enum err
make(struct claim *claim)
{
    bool here = claim->stale;
    if (claim->lacking) {
        TRY(get_lacking(claim, &here));
    } else if (!here) {
        TRY(get_bills(claim, &here));
    }
    return here ? reconcile(claim) : ERR_OK;
}

/* A day that waits for its bill becomes late and is told then. One that is to be made again is not late: what stands of it is the run
 * of before, which somebody may be reading. */
static void
tell_stuck(const struct claim *claim, enum err err)
{
    metrics_add(METRIC_ALARMS_TOTAL, 1);
    log_event(LOG_DAY_STUCK, LOG_TEXT("account", claim->target.account->name),
              LOG_TEXT("day", claim->day), LOG_ERR(err), LOG_I64("tries", claim->tries));
}

/* Ours, not the provider's: the archive cannot be written, the bill's rows cannot be kept. The day is not lost: it is
 * taken up again, and is late like any other. */
static enum err
give_back(const struct claim *claim, enum err err)
{
    struct acquire_target target = claim->target;
    struct wall_time now = clock_wall();
    if (claim->lacking) {
        target.bill = bill_of_balance(target.account->adapter);
    }
    bool late = wall_ms_between(acquire_give_up_at(claim->night->config, &target), now) >= 0;
    if (err == ERR_SHUTTING_DOWN) {
        return later(claim, now, "", false);
    }
    log_event(LOG_NIGHT_TROUBLE, LOG_TEXT("account", claim->target.account->name),
              LOG_TEXT("day", claim->day), LOG_ERR(err));
    if (!claim->waiting && claim->tries == STUCK_TRIES) {
        tell_stuck(claim, err);
    }
    return later(claim, again_at(claim, now, late), err_name(err), late);
}

enum err
night_day(struct night *night, const struct adapter_account *account, bool *worked)
{
    DEFER(arena_free) struct arena *arena = NULL;
    TRY(arena_new(ARENA_BYTES, &arena));
    struct claim claim = { .night = night,
                           .target = { .account = account,
                                       .bill = bill_of_trades(account->adapter) },
                           .arena = arena };
    TRY(take(&claim, worked));
    if (!*worked) {
        return ERR_OK;
    }
    progress_open(&claim.progress, -1, LANGUAGE_EN, tell_progress, &claim);
    night->progress = &claim.progress;
    enum err err = make(&claim);
    night->progress = NULL;
    if (err == ERR_OK || err == ERR_LOST_RACE || err == ERR_DB_AWAY || err == ERR_DB_OUTCOME) {
        return err == ERR_LOST_RACE ? ERR_OK : err; /* without a database the lease lapses */
    }
    TRY(give_back(&claim, err));
    return err == ERR_SHUTTING_DOWN ? err : ERR_OK;
}
