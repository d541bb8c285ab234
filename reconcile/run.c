/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <stdlib.h>

#include "bill_file_parts.h"
#include "bill_store.h"
#include "progress.h"
#include "run_parts.h"

#define TRIES_MAX 5

void
run_day_params(const struct run *run, struct day day, struct db_params *params)
{
    db_params_init(params, run->arena);
    db_cstr(params, run->request->account->name);
    db_text(params, run->request->kind);
    db_day(params, day);
}

static enum err
run_statement(const struct run *run, enum statement statement, struct day day)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    run_day_params(run, day, &params);
    return db_session_run(run->session, statement, &params, &rows);
}

/* No bill is one when the provider says that there is none. */
static enum err
find_none(const struct run *run)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    run_day_params(run, run->request->day, &params);
    TRY(db_session_run(run->session, STATEMENT_bill_last_try, &params, &rows));
    bool none = db_rows_count(rows) == 1 && span_eq_cstr(db_row_text(rows, 0, "outcome"), "none");
    return none ? ERR_OK : ERR_BILL_NOT_READY;
}

/* The newest content of the day counts. */
static enum err
find_bill(struct run *run)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    run_day_params(run, run->request->day, &params);
    TRY(db_session_run(run->session, STATEMENT_bill_file_find, &params, &rows));
    if (db_rows_count(rows) == 0) {
        TRY(find_none(run));
    } else {
        run->file_id = db_row_i64(rows, 0, "file_id");
        run->edited = db_row_bool(rows, 0, "edited");
        TRY(arena_copy(run->arena, db_row_text(rows, 0, "sha256"), &run->sha256));
    }
    return ERR_OK;
}

static enum err
read_bill(struct run *run, struct bill_file *bill)
{
    const struct recon_request *request = run->request;
    const struct adapter_bill *kind = bill_find(request->account->adapter, request->kind);
    DEFER(buf_fini) struct buf bytes = BUF_MAX(BILL_FILE_MAX_BYTES);
    if (kind == NULL) {
        return ERR_FIELD_VALUE;
    }
    if (run->file_id == 0) {
        *bill = (struct bill_file){ .accepted = true };
        return ERR_OK;
    }
    TRY(bill_store_load(request->archive_dir, run->sha256, &bytes));
    const struct bill_wish wish = { .bill = kind,
                                    .account = request->account,
                                    .day = request->day,
                                    .forms = &run->forms,
                                    .progress = request->progress };
    return bill_file_read_by(&wish, buf_span(&bytes), run_keep_line, run, bill);
}

static enum err
before(const struct run *run, enum recon_step step)
{
    static const enum progress_phase phases[RECON_STEP_COUNT] = {
        [RECON_STEP_READ] = PROGRESS_READ_BILL,
        [RECON_STEP_SNAPSHOT] = PROGRESS_READ_BOOKS,
        [RECON_STEP_MATCH] = PROGRESS_MATCH,
        [RECON_STEP_SAVE] = PROGRESS_SAVE,
    };
    const struct recon_request *request = run->request;
    progress_begin(request->progress, phases[step], 0);
    return request->step == NULL ? ERR_OK : request->step(request->step_context, step);
}

static enum err
block(struct run *run, struct recon_outcome *out)
{
    out->blocked = true;
    return run_save_blocked(run, &out->bill, &out->unchanged, &out->version);
}

static bool
is_late(const struct recon_result *result)
{
    bool late = false;
    for (size_t i = 0; i < result->finding_count; i++) {
        late = late || result->findings[i] == FINDING_DAY_CLOSED;
    }
    return late;
}

/* No bill, or one of no lines, is rather that of another account or kind than a day whose every payment was lost. What comes late to
 * a signed day was never expected on this bill. */
static bool
is_suspect(const struct run *run)
{
    int64_t late = 0;
    for (size_t i = 0; i < run->output.count && run->lines.count == 0; i++) {
        late += run->output.results[i].p_fen != 0 && is_late(&run->output.results[i]) ? 1 : 0;
    }
    return run->lines.count == 0 && run->output.sheet.book_only.count > late;
}

/* A day whose account's bill cannot be believed is no more believed than one whose bill of trades cannot. */
static enum err
block_by_flow(struct run *run, struct bill_file *flow, struct recon_outcome *out)
{
    out->bill = *flow;
    return block(run, out);
}

static enum err
settle(struct run *run, struct recon_outcome *out)
{
    TRY(before(run, RECON_STEP_SNAPSHOT));
    TRY(run_settlement_read(run));
    TRY(before(run, RECON_STEP_MATCH));
    TRY(run_settlement_match(run));
    TRY(before(run, RECON_STEP_SAVE));
    return run_settlement_save(run, &out->unchanged, &out->version);
}

static enum err
match_and_save(struct run *run, struct bill_file *flow, struct recon_outcome *out)
{
    if (run_is_settlement(run)) {
        return settle(run, out);
    }
    if (!out->bill.accepted) {
        return block(run, out);
    }
    if (!flow->accepted) {
        return block_by_flow(run, flow, out);
    }
    TRY(before(run, RECON_STEP_SNAPSHOT));
    TRY(run_snapshot(run));
    TRY(run_put_flow(run, flow));
    if (!flow->accepted) {
        return block_by_flow(run, flow, out);
    }
    TRY(before(run, RECON_STEP_MATCH));
    run->input.untied = &out->untied;
    TRY(recon_match(&run->input, run->arena, &run->output));
    if (is_suspect(run)) {
        run->output = (struct recon_output){ .count = 0 };
        out->bill.accepted = false;
        bill_file_fault(&out->bill,
                        run->file_id == 0 ? FINDING_FILE_NONE_BUT_PAYMENTS
                                          : FINDING_FILE_EMPTY_SUSPECT,
                        0, "no line, and the books have payments of this day", SPAN_LIT(""));
        return block(run, out);
    }
    out->none = run->file_id == 0;
    int64_t run_id = 0;
    TRY(before(run, RECON_STEP_SAVE));
    progress_expect(run->request->progress,
                    (int64_t)(run->lines.count + run->member_count + run->refund_count
                              + run->flow.count + run->output.count));
    TRY(run_save(run, &out->bill, &out->unchanged, &out->version, &run_id));
    return run_day_done(run, run_id, &out->next_is_stale);
}

static enum err
in_transaction(struct run *run, struct bill_file *flow, struct recon_outcome *out)
{
    TRY(db_session_begin(run->session, true));
    enum err err = match_and_save(run, flow, out);
    if (err == ERR_OK) {
        return db_session_commit(run->session);
    }
    db_session_rollback(run->session);
    if (err == ERR_DAY_CLOSED && !run_is_settlement(run)) {
        TRY(run_day_closed(run));
    }
    return err; /* the first failure is the one to tell: the transaction is gone */
}

static enum err
locked(struct run *run, struct recon_outcome *out)
{
    struct bill_file flow = { .accepted = true };
    TRY(before(run, RECON_STEP_READ));
    if (run_is_settlement(run)) {
        return in_transaction(run, &flow, out);
    }
    TRY(find_bill(run));
    TRY(bill_form_load(run->session, run->request->account->name, run->arena, &run->forms));
    TRY(read_bill(run, &out->bill));
    TRY(run_read_flow(run, &flow));
    out->has_flow = run->flow.there;
    out->edited = run->edited;
    out->by_form = bill_form_any_used(&run->forms);
    return in_transaction(run, &flow, out);
}

/* Only one run of a day at a time, and none of the day after, which reads what this one carries out: locks are taken in the order of
 * days. What became of the run is decided before a lock is given back: one that cannot be given back ends with the session. */
static enum err
alone(struct run *run, struct recon_outcome *out)
{
    struct day day = run->request->day;
    TRY(run_statement(run, STATEMENT_recon_lock, day));
    enum err err = run_statement(run, STATEMENT_recon_lock, day_add(day, 1));
    if (err == ERR_OK) {
        err = locked(run, out);
    }
    enum err unlocked = run_statement(run, STATEMENT_recon_unlock, day);
    (void)unlocked;
    return err;
}

enum err
run_arena(const struct recon_request *request, struct arena **out)
{
    return arena_new(request->memory_max == 0 ? RUN_MEMORY_USUAL : request->memory_max, out);
}

void
run_lists_fini(struct run *run)
{
    free(run->lines.list);
    free(run->lines.raw);
    free(run->flow.list);
    free(run->flow.raw);
    for (int i = 0; i < PACK_LIST_COUNT; i++) {
        free(run->read[i].at);
    }
    for (int i = 0; i < PACK_EVERY_COUNT; i++) {
        buf_fini(&run->files[i]);
    }
}

static enum err
run_once(struct db_session *session, const struct recon_request *request, struct recon_outcome *out)
{
    *out = (struct recon_outcome){ .version = 0 };
    DEFER(arena_free) struct arena *arena = NULL;
    TRY(run_arena(request, &arena));
    DEFER(run_lists_fini)
    struct run run = { .session = session, .request = request, .arena = arena };
    db_session_limit(session, DB_SESSION_LONG_MS);
    enum err err = alone(&run, out);
    db_session_limit(session, DB_SESSION_MS);
    return err == ERR_ARENA_FULL ? ERR_DAY_TOO_LARGE : err;
}

/* A snapshot sees what was; when somebody changed a row since that the run must write (a message that the chores place), all of it is
 * made again on a newer one. */
enum err
recon_run(struct db_session *session, const struct recon_request *request,
          struct recon_outcome *out)
{
    enum err err = ERR_LOST_RACE;
    for (int i = 0; i < TRIES_MAX && err == ERR_LOST_RACE; i++) {
        err = run_once(session, request, out);
    }
    return err;
}

enum err
recon_missing(struct db_session *session, const struct recon_request *request, enum finding finding)
{
    DEFER(arena_free) struct arena *arena = NULL;
    struct bill_file bill = { .accepted = true };
    TRY(run_arena(request, &arena));
    DEFER(run_lists_fini)
    struct run run = { .session = session, .request = request, .arena = arena };
    bill_file_fault(&bill, finding, 0, "the give-up hour has passed", SPAN_LIT(""));
    TRY(db_session_begin(session, false));
    enum err err = run_save_missing(&run, &bill);
    if (err == ERR_OK) {
        return db_session_commit(session);
    }
    db_session_rollback(session);
    return err;
}
