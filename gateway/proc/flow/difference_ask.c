/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"
#include "batch.h"
#include "chores.h"
#include "log.h"
#include "metrics.h"
#include "refund_ask.h"

/* The books take an answer in by the path that every query has. Here it is kept with the difference. */

/* Soon while an answer may have got lost or somebody else was asking, then hours and days: a bill does not change meanwhile. */
#define WAITS_S "{15,60,300,3600,21600,86400}"

struct question {
    struct batch *batch;
    struct span difference_no;
    int64_t run_id;
    int64_t slot;
    struct span attempt_no;
    struct span refund_no; /* empty: it is about the attempt */
    struct attempt attempt;
    struct refund refund;
};

static void
kept(void *context, const struct db_answer *answer)
{
    struct question *question = context;
    batch_trouble("difference_answer", answer->err);
    if (answer->err == ERR_OK && db_rows_count(answer->rows) == 1
        && !span_empty(db_row_text(answer->rows, 0, "event"))) {
        metrics_add(METRIC_DIFFERENCES_ANSWERED_TOTAL, 1);
        log_event(LOG_DIFFERENCE_ANSWERED, LOG_SPAN("difference", question->difference_no),
                  LOG_SPAN("attempt_no", question->attempt_no),
                  LOG_SPAN("outcome", db_row_text(answer->rows, 0, "event")),
                  LOG_TEXT("news", db_row_bool(answer->rows, 0, "news") ? "yes" : "no"));
    }
    batch_done(question->batch);
}

static void
keep(struct question *question, bool told, const unsigned char *digest)
{
    struct db_params params;
    if (!told) {
        batch_done(question->batch); /* it is due again by the schedule */
        return;
    }
    db_params_init(&params, question->batch->arena);
    db_text(&params, question->difference_no);
    db_i64(&params, question->run_id);
    db_i64(&params, question->slot);
    db_text(&params, question->attempt_no);
    db_text(&params, question->refund_no);
    db_bytes(&params, span_make(digest, SHA256_BYTES));
    db_time(&params, clock_wall());
    db_run(question->batch->services->db, STATEMENT_difference_answer, &params, kept, question);
}

static void
attempt_asked(void *context, const struct ask_result *result)
{
    keep(context, result->told, result->digest);
}

static void
refund_asked(void *context, const struct refund_ask_result *result)
{
    keep(context, result->told, result->digest);
}

/* No row: there is nothing of that number in our books, or somebody is asking about the refund right now. */
static bool
has_row(struct question *question, const char *statement, const struct db_answer *answer)
{
    batch_trouble(statement, answer->err);
    if (answer->err == ERR_OK && db_rows_count(answer->rows) == 1) {
        return true;
    }
    batch_done(question->batch);
    return false;
}

static void
attempt_found(void *context, const struct db_answer *answer)
{
    struct question *question = context;
    struct batch *batch = question->batch;
    if (!has_row(question, "attempt_find", answer)) {
        return;
    }
    enum err err = attempt_row(answer->rows, 0, batch->arena, &question->attempt);
    if (err != ERR_OK) {
        batch_trouble("attempt_find", err);
        batch_done(batch);
        return;
    }
    ask_provider(batch->services, &question->attempt, ADAPTER_QUERY, QUERY_BY_SCHEDULE,
                 attempt_asked, question);
}

static void
refund_taken(void *context, const struct db_answer *answer)
{
    struct question *question = context;
    struct batch *batch = question->batch;
    if (!has_row(question, "refund_take", answer)) {
        return;
    }
    enum err err = refund_row(answer->rows, 0, batch->arena, &question->refund);
    if (err != ERR_OK) {
        batch_trouble("refund_take", err);
        batch_done(batch);
        return;
    }
    refund_ask(batch->services, &question->refund, db_row_time(answer->rows, 0, "lease_until"),
               refund_asked, question);
}

static void
look_up(struct question *question)
{
    bool refund = !span_empty(question->refund_no);
    struct db *db = question->batch->services->db;
    struct wall_time now = clock_wall();
    struct db_params params;
    db_params_init(&params, question->batch->arena);
    db_i64(&params, question->slot);
    db_text(&params, refund ? question->refund_no : question->attempt_no);
    if (!refund) {
        db_run(db, STATEMENT_attempt_find, &params, attempt_found, question);
        return;
    }
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, REFUND_LEASE_MS));
    db_bool(&params, true);
    db_run(db, STATEMENT_refund_take, &params, refund_taken, question);
}

static enum err
take(struct batch *batch, const struct db_rows *rows, size_t row)
{
    void *storage = NULL;
    struct arena *arena = batch->arena;
    TRY(arena_alloc(arena, sizeof(struct question), &storage));
    struct question *question = storage;
    *question = (struct question){ .batch = batch,
                                   .run_id = db_row_i64(rows, row, "run_id"),
                                   .slot = db_row_i64(rows, row, "slot") };
    TRY(arena_copy(arena, db_row_text(rows, row, "difference_no"), &question->difference_no));
    TRY(arena_copy(arena, db_row_text(rows, row, "attempt_no"), &question->attempt_no));
    TRY(arena_copy(arena, db_row_text(rows, row, "refund_no"), &question->refund_no));
    batch->open++;
    metrics_add(METRIC_DIFFERENCES_ASKED_TOTAL, 1);
    look_up(question);
    return ERR_OK;
}

static void
claimed(void *context, const struct db_answer *answer)
{
    batch_claimed(context, "difference_ask_claim", answer, take);
}

static void
made_stale(void *context, const struct db_answer *answer)
{
    batch_trouble("difference_day_stale", answer->err);
    batch_done(context);
}

void
chore_difference_asks(struct services *services)
{
    struct batch *batch = batch_new(services, BATCH_ARENA_MAX);
    if (batch == NULL) {
        return;
    }
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_time(&params, clock_wall());
    batch->open++;
    db_run(services->db, STATEMENT_difference_day_stale, &params, made_stale, batch);
    db_cstr(&params, WAITS_S);
    db_i64(&params, BATCH_MOST);
    db_run(services->db, STATEMENT_difference_ask_claim, &params, claimed, batch);
}
