/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_notice.h"

#include "log.h"
#include "metrics.h"
#include "refund_ask.h"
#include "refund_verdict.h"

#define QUESTION_ARENA_MAX ((size_t)256 * 1024)

struct notice {
    struct services *services;
    struct arena *arena;
    int slot;
    const struct evidence *evidence;
    const char *mismatch; /* NULL: it fits our books */
    refund_notice_done done;
    void *context;
};

/* The question that follows, with memory of its own. */
struct question {
    struct services *services;
    struct arena *arena;
    struct refund refund;
};

static void
question_end(struct question *question)
{
    struct arena *arena = question->arena;
    arena_free(&arena);
}

static void
asked(void *context, const struct refund_ask_result *result)
{
    (void)result; /* what did not work the schedule does */
    question_end(context);
}

static void
taken(void *context, const struct db_answer *answer)
{
    struct question *question = context;
    bool ours = answer->err == ERR_OK && db_rows_count(answer->rows) == 1
                && refund_row(answer->rows, 0, question->arena, &question->refund) == ERR_OK;
    if (!ours) {
        question_end(question); /* somebody is asking, or nothing is left to ask */
        return;
    }
    refund_ask(question->services, &question->refund, db_row_time(answer->rows, 0, "lease_until"),
               asked, question);
}

static enum err
ask_now(const struct notice *notice)
{
    struct arena *arena = NULL;
    void *storage = NULL;
    TRY(arena_new(QUESTION_ARENA_MAX, &arena));
    if (arena_alloc(arena, sizeof(struct question), &storage) != ERR_OK) {
        arena_free(&arena);
        return ERR_NO_MEMORY;
    }
    struct question *question = storage;
    *question = (struct question){ .services = notice->services, .arena = arena };
    struct wall_time now = clock_wall();
    struct db_params params;
    db_params_init(&params, arena);
    db_i64(&params, notice->slot);
    db_text(&params, evidence_claim(notice->evidence)->refund_no);
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, REFUND_LEASE_MS));
    db_bool(&params, false);
    db_run(notice->services->db, STATEMENT_refund_take, &params, taken, question);
    return ERR_OK;
}

static void
report(const struct notice *notice, bool repeated)
{
    const struct evidence_claim *claim = evidence_claim(notice->evidence);
    metrics_add(repeated ? METRIC_CALLBACKS_REPEATED_TOTAL : METRIC_CALLBACKS_APPLIED_TOTAL, 1);
    log_event(LOG_CALLBACK_APPLIED, LOG_SPAN("account", claim->account),
              LOG_SPAN("refund_no", claim->refund_no), LOG_I64("repeated", repeated));
    if (notice->mismatch != NULL && !repeated) {
        metrics_add(METRIC_ALARMS_TOTAL, 1);
        metrics_add(METRIC_CALLBACKS_MISMATCH_TOTAL, 1);
        log_event(LOG_MISMATCH, LOG_SPAN("refund_no", claim->refund_no),
                  LOG_TEXT("differs", notice->mismatch));
    }
}

static void
stored(void *context, const struct db_answer *answer)
{
    struct notice *notice = context;
    if (answer->err != ERR_OK) {
        notice->done(notice->context, answer->err, false);
        return;
    }
    bool repeated = span_eq_cstr(db_row_text(answer->rows, 0, "outcome"), "repeated");
    report(notice, repeated);
    if (!repeated && ask_now(notice) != ERR_OK) {
        log_event(LOG_DB_TROUBLE, LOG_TEXT("statement", "refund_take"), LOG_ERR(ERR_NO_MEMORY));
    }
    notice->done(notice->context, ERR_OK, true);
}

static void
found(void *context, const struct db_answer *answer)
{
    struct notice *notice = context;
    struct refund refund;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) == 0) {
        notice->done(notice->context, ERR_OK, false);
        return;
    }
    if (err == ERR_OK) {
        err = refund_row(answer->rows, 0, notice->arena, &refund);
    }
    if (err != ERR_OK) {
        notice->done(notice->context, err, false);
        return;
    }
    const struct judge_books books = refund_books(&refund);
    enum judge_difference difference =
        judge_refund(notice->evidence, &books, refund.refund_no, refund.amount);
    notice->mismatch = difference == JUDGE_SAME ? NULL : judge_difference_code(difference);
    struct db_params params;
    db_params_init(&params, notice->arena);
    refund_notice_params(&params, notice->slot, notice->evidence, notice->mismatch);
    db_run(notice->services->db, STATEMENT_refund_notice, &params, stored, notice);
}

void
refund_notice(struct services *services, struct arena *arena, int slot,
              const struct evidence *evidence, refund_notice_done done, void *context)
{
    void *storage = NULL;
    enum err err = arena_alloc(arena, sizeof(struct notice), &storage);
    if (err != ERR_OK) {
        done(context, err, false);
        return;
    }
    struct notice *notice = storage;
    *notice = (struct notice){ .services = services,
                               .arena = arena,
                               .slot = slot,
                               .evidence = evidence,
                               .done = done,
                               .context = context };
    struct db_params params;
    db_params_init(&params, arena);
    db_i64(&params, slot);
    db_text(&params, evidence_claim(evidence)->refund_no);
    db_cstr(&params, "");
    db_run(services->db, STATEMENT_refund_find, &params, found, notice);
}
