/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"
#include "chores.h"
#include "log.h"
#include "metrics.h"
#include "provider_call.h"

/* Money that nobody waited for: the account's policy decides once. */

#define LEASE_MS 60000

struct piece {
    struct batch *batch;
    int64_t slot;
    struct span attempt_no;
    struct span cause;
    struct span account;
};

static const char *
wanted(const struct adapter_account *account, struct span cause)
{
    return span_eq_cstr(cause, "late")        ? account->late_money
           : span_eq_cstr(cause, "duplicate") ? account->duplicate_money
                                              : account->mismatched_money;
}

static void
decided(void *context, const struct db_answer *answer)
{
    struct piece *piece = context;
    batch_trouble("refund_policy", answer->err);
    if (answer->err == ERR_OK && span_eq_cstr(db_row_text(answer->rows, 0, "outcome"), "decided")) {
        metrics_add(METRIC_SURPLUS_TOTAL, 1);
        log_event(LOG_SURPLUS, LOG_SPAN("attempt_no", piece->attempt_no),
                  LOG_SPAN("cause", piece->cause),
                  LOG_SPAN("decision", db_row_text(answer->rows, 0, "decision")),
                  LOG_SPAN("refund_no", db_row_text(answer->rows, 0, "refund_no")));
    }
    batch_done(piece->batch);
}

/* Where the account is gone, or its provider gives nothing back by itself, the money stays and the line in the
 * log is what a person has. */
static void
decide(struct piece *piece)
{
    struct services *services = piece->batch->services;
    const struct adapter_account *account = accounts_find(services->accounts, piece->account);
    bool offered = account != NULL && provider_call_offered(account, ADAPTER_REFUND);
    struct db_params params;
    db_params_init(&params, piece->batch->arena);
    db_i64(&params, piece->slot);
    db_text(&params, piece->attempt_no);
    db_text(&params, piece->cause);
    db_cstr(&params, offered ? wanted(account, piece->cause) : "accept");
    db_i64(&params, offered ? account->refund_auto_max.minor : 0);
    db_time(&params, clock_wall());
    db_run(services->db, STATEMENT_refund_policy, &params, decided, piece);
}

static enum err
take(struct batch *batch, const struct db_rows *rows, size_t row)
{
    void *storage = NULL;
    struct arena *arena = batch->arena;
    TRY(arena_alloc(arena, sizeof(struct piece), &storage));
    struct piece *piece = storage;
    *piece = (struct piece){ .batch = batch, .slot = db_row_i64(rows, row, "slot") };
    TRY(arena_copy(arena, db_row_text(rows, row, "attempt_no"), &piece->attempt_no));
    TRY(arena_copy(arena, db_row_text(rows, row, "cause"), &piece->cause));
    TRY(arena_copy(arena, db_row_text(rows, row, "account"), &piece->account));
    batch->open++;
    decide(piece);
    return ERR_OK;
}

static void
claimed(void *context, const struct db_answer *answer)
{
    batch_claimed(context, "surplus_claim", answer, take);
}

void
chore_surplus(struct services *services)
{
    struct batch *batch = batch_new(services, BATCH_ARENA_MAX);
    if (batch == NULL) {
        return;
    }
    struct wall_time now = clock_wall();
    struct db_params params;
    db_params_init(&params, batch->arena);
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, LEASE_MS));
    db_i64(&params, BATCH_MOST);
    db_run(services->db, STATEMENT_surplus_claim, &params, claimed, batch);
}
