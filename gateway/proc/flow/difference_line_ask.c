/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"
#include "chores.h"
#include "keyring.h"
#include "log.h"
#include "metrics.h"
#include "provider_call.h"
#include "query_budget.h"

/* A line of a bill whose number our books do not have: the provider is asked about that number, and its signed answer is kept with the
 * difference. There is no attempt that it could move, so none is looked for and no state follows. */

/* Soon while an answer may have got lost, then hours and days; never again once it was answered, until another run shows the line. */
#define WAITS_S       "{60,300,3600,21600,86400}"
#define ASK_ARENA_MAX ((size_t)4 * 1024 * 1024)
#define LINES_MOST \
    1 /* at once: a bill of strangers must not use up the queries that payments wait for */

struct question {
    struct batch *batch;
    struct arena *arena;
    struct span difference_no;
    int64_t run_id;
    const struct adapter_account *account;
    struct provider_call call;
};

static void
end(struct question *question)
{
    struct batch *batch = question->batch;
    struct arena *arena = question->arena;
    evidence_free(&question->call.evidence);
    arena_free(&arena);
    batch_done(batch);
}

static void
kept(void *context, const struct db_answer *answer)
{
    struct question *question = context;
    batch_trouble("difference_line_answer", answer->err);
    if (answer->err == ERR_OK && db_rows_count(answer->rows) == 1
        && !span_empty(db_row_text(answer->rows, 0, "event"))) {
        metrics_add(METRIC_DIFFERENCES_ANSWERED_TOTAL, 1);
        log_event(LOG_DIFFERENCE_ANSWERED, LOG_SPAN("difference", question->difference_no),
                  LOG_SPAN("merchant_order_no", question->call.order.merchant_order_no),
                  LOG_SPAN("outcome", db_row_text(answer->rows, 0, "event")),
                  LOG_TEXT("news", "no"));
    }
    end(question);
}

static void
keep(struct question *question)
{
    struct db_params params;
    const struct evidence_claim *claim = evidence_claim(question->call.evidence);
    db_params_init(&params, question->arena);
    db_text(&params, question->difference_no);
    db_i64(&params, question->run_id);
    db_bytes(&params, evidence_digest(question->call.evidence));
    db_bytes(&params, claim->raw);
    db_text(&params, claim->signer);
    db_text(&params, claim->provider_status);
    db_text(&params, claim->provider_trade_no);
    if (claim->amount.currency == CURRENCY_NONE) {
        db_null(&params);
    } else {
        db_i64(&params, claim->amount.minor);
    }
    db_time(&params, claim->paid_at);
    db_time(&params, claim->stated_at);
    db_time(&params, evidence_observed_at(question->call.evidence));
    db_time(&params, clock_wall());
    db_run(question->batch->services->db, STATEMENT_difference_line_answer, &params, kept,
           question);
}

/* No usable answer is no event: it is due again by the schedule. */
static void
answered(void *context, enum err err)
{
    struct question *question = context;
    keyring_missed(question->batch->services, question->account, question->call.unknown_serial);
    if (err == ERR_OK && question->call.evidence != NULL) {
        keep(question);
        return;
    }
    log_event(LOG_PROVIDER_TROUBLE, LOG_TEXT("account", question->account->name),
              LOG_TEXT("operation", "query"),
              LOG_SPAN("merchant_order_no", question->call.order.merchant_order_no),
              LOG_ERR(err == ERR_OK ? question->call.answer.err : err));
    end(question);
}

static void
budgeted(void *context, enum err err, int64_t wait_ms)
{
    struct question *question = context;
    (void)wait_ms; /* the schedule comes again */
    if (err != ERR_OK) {
        end(question);
        return;
    }
    metrics_add(METRIC_DIFFERENCES_ASKED_TOTAL, 1);
    provider_call_start(&question->call);
}

/* The bill's own time of the trade is the time that some providers know it by. */
static enum err
prepare(struct question *question, const struct db_rows *rows, size_t row)
{
    struct services *services = question->batch->services;
    struct adapter_order order = { .now = clock_wall(),
                                   .made_at = db_row_time(rows, row, "billed_at"),
                                   .method = ADAPTER_PAGE };
    TRY(arena_copy(question->arena, db_row_text(rows, row, "difference_no"),
                   &question->difference_no));
    TRY(arena_copy(question->arena, db_row_text(rows, row, "merchant_order_no"),
                   &order.merchant_order_no));
    TRY(arena_copy(question->arena, db_row_text(rows, row, "provider_trade_no"),
                   &order.provider_trade_no));
    question->account = accounts_find(services->accounts, db_row_text(rows, row, "account"));
    if (question->account == NULL || !provider_call_offered(question->account, ADAPTER_QUERY)) {
        return ERR_PROVIDER_UNKNOWN;
    }
    question->call = (struct provider_call){ .keys_client = services->keys,
                                             .transport = services->transport,
                                             .account = question->account,
                                             .operation = ADAPTER_QUERY,
                                             .order = order,
                                             .arena = question->arena,
                                             .done = answered,
                                             .context = question };
    return ERR_OK;
}

static enum err
take(struct batch *batch, const struct db_rows *rows, size_t row)
{
    struct arena *arena = NULL;
    void *storage = NULL;
    TRY(arena_new(ASK_ARENA_MAX, &arena));
    enum err err = arena_alloc(arena, sizeof(struct question), &storage);
    if (err != ERR_OK) {
        arena_free(&arena);
        return err;
    }
    struct question *question = storage;
    *question = (struct question){ .batch = batch,
                                   .arena = arena,
                                   .run_id = db_row_i64(rows, row, "run_id") };
    err = prepare(question, rows, row);
    if (err != ERR_OK) {
        arena_free(&arena);
        return err;
    }
    batch->open++;
    query_budget_take(batch->services->budget, span_of(question->account->name), QUERY_BY_SCHEDULE,
                      budgeted, question);
    return ERR_OK;
}

static void
claimed(void *context, const struct db_answer *answer)
{
    batch_claimed(context, "difference_line_claim", answer, take);
}

void
chore_difference_lines(struct services *services)
{
    struct batch *batch = batch_new(services, BATCH_ARENA_MAX);
    if (batch == NULL) {
        return;
    }
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_time(&params, clock_wall());
    db_cstr(&params, WAITS_S);
    db_i64(&params, LINES_MOST);
    db_run(services->db, STATEMENT_difference_line_claim, &params, claimed, batch);
}
