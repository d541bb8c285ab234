/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"

#include <stdlib.h>
#include <string.h>

#include "apply.h"
#include "keyring.h"
#include "log.h"
#include "metrics.h"
#include "notify_url.h"
#include "provider_call.h"

#define ASK_ARENA_MAX ((size_t)4 * 1024 * 1024)
#define CLOSABLE_MS   600000 /* providers want some minutes ahead */

struct ask {
    struct services *services;
    struct arena *arena;
    struct attempt attempt;
    enum adapter_operation operation;
    enum query_by by;
    const struct adapter_account *account;
    struct provider_call call;
    struct evidence *evidence;
    struct payment_change change;
    struct ask_result result;
    struct mono_time began;
    struct wall_time lease_until; /* names the lease as ours */
    struct wall_time answered_at; /* 0: nothing genuine was said */
    bool tried;                   /* the provider was asked, or could not be */
    ask_done done;
    void *context;
};

static void
end(struct ask *ask)
{
    struct ask_result result = ask->result;
    ask_done done = ask->done;
    void *context = ask->context;
    evidence_free(&ask->evidence);
    arena_free(&ask->arena);
    free(ask);
    done(context, &result);
}

static void
released(void *context, const struct db_answer *answer)
{
    /* A lease that could not be given back ends by itself, or has ended and is not ours any more. */
    (void)answer;
    end(context);
}

static const char *
operation_name(enum adapter_operation operation)
{
    return operation == ADAPTER_CLOSE ? "close" : operation == ADAPTER_PAY ? "pay" : "query";
}

static void
report_call(const struct ask *ask, enum err err)
{
    if (err == ERR_REFRESH_BUDGET) {
        metrics_add(METRIC_QUERIES_OVER_BUDGET_TOTAL, 1);
        return; /* nobody was asked, and a busy schedule would say so many times a second */
    }
    log_event(err == ERR_OK ? LOG_PROVIDER_CALL : LOG_PROVIDER_TROUBLE,
              LOG_TEXT("account", ask->account == NULL ? "" : ask->account->name),
              LOG_TEXT("operation", operation_name(ask->operation)),
              LOG_SPAN("attempt_no", ask->attempt.attempt_no),
              LOG_TEXT("state", attempt_state_code(ask->result.state)),
              LOG_I64("ms", clock_mono_ms_since(ask->began)), LOG_ERR(err));
}

/* Gives the lease back and tells whoever waits for the same answer what came of it. */
static void
release(struct ask *ask, enum err err)
{
    ask->result.err = err;
    report_call(ask, err);
    struct db_params params;
    db_params_init(&params, ask->arena);
    db_i64(&params, ask->attempt.slot);
    db_text(&params, ask->attempt.attempt_no);
    db_time(&params, ask->lease_until);
    db_time(&params, ask->answered_at);
    db_bool(&params, ask->tried);
    db_cstr(&params, err == ERR_OK ? NULL : err_code(err));
    db_run(ask->services->db, STATEMENT_attempt_release_query, &params, released, ask);
}

static void
report(const struct ask *ask, const struct payment_change_result *result)
{
    if (result->outcome != PAYMENT_APPLIED) {
        return;
    }
    if (result->effect == ATTEMPT_MOVE) {
        metrics_add(METRIC_TRANSITIONS_TOTAL, 1);
        log_event(LOG_TRANSITION, LOG_SPAN("attempt_no", ask->attempt.attempt_no),
                  LOG_TEXT("from", attempt_state_code(result->from)),
                  LOG_TEXT("to", attempt_state_code(result->state)));
    } else if (result->effect == ATTEMPT_ALARM) {
        metrics_add(METRIC_ALARMS_TOTAL, 1);
        log_event(ask->change.event == ATTEMPT_MISMATCH ? LOG_MISMATCH : LOG_ALARM,
                  LOG_SPAN("attempt_no", ask->attempt.attempt_no),
                  LOG_TEXT("event_kind", attempt_event_code(ask->change.event)),
                  LOG_TEXT("differs", ask->change.mismatch));
    }
}

static void
settled(void *context, const struct db_answer *answer)
{
    struct ask *ask = context;
    if (answer->err != ERR_OK) { /* the chore that expires payments makes up for it */
        log_event(LOG_DB_TROUBLE, LOG_TEXT("statement", "payment_close_settle"),
                  LOG_ERR(answer->err));
    }
    release(ask, ask->result.err);
}

/* Whoever asked, an attempt that closed may have been the last one its payment waited for. */
static void
settle(struct ask *ask)
{
    struct db_params params;
    db_params_init(&params, ask->arena);
    db_i64(&params, ask->attempt.slot);
    db_text(&params, ask->attempt.payment_no);
    db_time(&params, clock_wall());
    db_run(ask->services->db, STATEMENT_payment_close_settle, &params, settled, ask);
}

static void
applied(void *context, enum err err, const struct payment_change_result *result)
{
    struct ask *ask = context;
    if (err != ERR_OK) {
        release(ask, err);
        return;
    }
    report(ask, result);
    if (ask->evidence != NULL) {
        /* Also when it was said before, word for word: whoever shares this query waits for it. */
        ask->answered_at = clock_wall();
        ask->result.told = ask->result.err == ERR_OK;
        memcpy(ask->result.digest, evidence_digest(ask->evidence).at, SHA256_BYTES);
    }
    ask->result.state = result->state;
    /* Who closes asks once more before the payment is closed, and settles it then. */
    if (result->state == ATTEMPT_CLOSED && ask->operation != ADAPTER_CLOSE) {
        settle(ask);
    } else {
        release(ask, ask->result.err);
    }
}

/* `outcome` is what the caller hears once the change is stored. */
static void
apply(struct ask *ask, enum attempt_event event, const char *mismatch, enum err outcome)
{
    ask->result.err = outcome;
    ask->change = (struct payment_change){
        .slot = ask->attempt.slot,
        .attempt_no = ask->attempt.attempt_no,
        .event = event,
        .evidence = ask->evidence,
        .mismatch = mismatch,
        .now = clock_wall(),
    };
    apply_submit(ask->services->apply, &ask->change, applied, ask);
}

/* Only silence makes an attempt unknown. A refusal before anything was done leaves it as it is. */
static void
no_verdict(struct ask *ask, enum err err)
{
    if (err_class(err) == ERR_CLASS_UNKNOWN) {
        metrics_add(METRIC_PROVIDER_UNKNOWN_TOTAL, 1);
        apply(ask, ATTEMPT_NO_ANSWER, NULL, err);
    } else {
        release(ask, err);
    }
}

static void
judge_answer(struct ask *ask, const struct adapter_answer *answer)
{
    struct judge_verdict verdict;
    struct judge_books books = attempt_books(&ask->attempt);
    if (ask->evidence == NULL) {
        no_verdict(ask, answer->err == ERR_OK ? ERR_PROVIDER_PROTOCOL : answer->err);
        return;
    }
    enum err err = judge(ask->evidence, &books, &verdict);
    if (err != ERR_OK) {
        evidence_free(&ask->evidence);
        no_verdict(ask, err);
        return;
    }
    bool mismatch = verdict.event == ATTEMPT_MISMATCH;
    apply(ask, verdict.event, mismatch ? judge_difference_code(verdict.difference) : NULL, ERR_OK);
}

static void
answered(void *context, enum err err)
{
    struct ask *ask = context;
    ask->evidence = ask->call.evidence;
    keyring_missed(ask->services, ask->account, ask->call.unknown_serial);
    if (err == ERR_OK) {
        judge_answer(ask, &ask->call.answer);
    } else if (ask->call.sent) {
        no_verdict(ask, err);
    } else {
        release(ask, err); /* nothing left this house, so nothing has become unknown */
    }
}

/* A trade that nobody can pay: its code is given to no one. Any method would do, and a code needs nothing of the payer. */
static enum err
make_closable(struct ask *ask, struct adapter_order *order)
{
    order->method = ADAPTER_QR;
    order->subject = span_of(config_text(ask->services->config, CONFIG_portal_name, 0));
    order->expires_at = wall_add_ms(order->now, CLOSABLE_MS);
    return notify_url(ask->services, ask->account, ask->arena, &order->notify_url);
}

static enum err
prepare(struct ask *ask)
{
    struct adapter_order order = {
        .now = clock_wall(),
        .made_at = ask->attempt.created_at,
        .merchant_order_no = ask->attempt.attempt_no,
        .provider_trade_no = ask->attempt.provider_trade_no,
        .amount = ask->attempt.amount,
        .expires_at = ask->attempt.expires_at,
    };
    TRY(adapter_method_decode(ask->attempt.method, &order.method));
    if (ask->operation == ADAPTER_PAY) {
        TRY(make_closable(ask, &order));
    }
    ask->call = (struct provider_call){ .keys_client = ask->services->keys,
                                        .transport = ask->services->transport,
                                        .account = ask->account,
                                        .operation = ask->operation,
                                        .order = order,
                                        .arena = ask->arena,
                                        .done = answered,
                                        .context = ask };
    return ERR_OK;
}

static void
budgeted(void *context, enum err err, int64_t wait_ms)
{
    struct ask *ask = context;
    ask->result.wait_ms = wait_ms;
    ask->tried = err == ERR_OK;
    if (err == ERR_OK) {
        err = prepare(ask);
    }
    if (err != ERR_OK) {
        release(ask, err);
        return;
    }
    provider_call_start(&ask->call);
}

/* Only who really asks takes from the budget, so that any number of callers cost one query. */
static void
claimed(void *context, const struct db_answer *answer)
{
    struct ask *ask = context;
    if (answer->err != ERR_OK || db_rows_affected(answer->rows) != 1) {
        ask->result.err = answer->err != ERR_OK ? answer->err : ERR_LOST_RACE;
        end(ask);
        return;
    }
    query_budget_take(ask->services->budget, ask->attempt.account, ask->by, budgeted, ask);
}

static void
claim(struct ask *ask)
{
    struct wall_time now = clock_wall();
    struct db_params params;
    ask->lease_until = wall_add_ms(now, ASK_LEASE_MS);
    db_params_init(&params, ask->arena);
    db_i64(&params, ask->attempt.slot);
    db_text(&params, ask->attempt.attempt_no);
    db_time(&params, now);
    db_time(&params, ask->lease_until);
    db_bool(&params, ask->operation == ADAPTER_QUERY);
    db_run(ask->services->db, STATEMENT_attempt_claim_query, &params, claimed, ask);
}

enum err
ask_copy_attempt(const struct attempt *from, struct arena *arena, struct attempt *to)
{
    *to = *from;
    TRY(arena_copy(arena, from->attempt_no, &to->attempt_no));
    TRY(arena_copy(arena, from->payment_no, &to->payment_no));
    TRY(arena_copy(arena, from->provider, &to->provider));
    TRY(arena_copy(arena, from->account, &to->account));
    TRY(arena_copy(arena, from->application, &to->application));
    TRY(arena_copy(arena, from->merchant, &to->merchant));
    TRY(arena_copy(arena, from->method, &to->method));
    TRY(arena_copy(arena, from->provider_trade_no, &to->provider_trade_no));
    to->qr_text = (struct span){ .at = NULL, .len = 0 };
    to->query_trouble = (struct span){ .at = NULL, .len = 0 };
    return ERR_OK;
}

void
ask_provider(struct services *services, const struct attempt *attempt,
             enum adapter_operation operation, enum query_by by, ask_done done, void *context)
{
    struct ask_result failed = { .err = ERR_NO_MEMORY, .state = attempt->state };
    struct ask *ask = calloc(1, sizeof(*ask));
    if (ask == NULL) {
        done(context, &failed);
        return;
    }
    *ask = (struct ask){ .services = services,
                         .operation = operation,
                         .by = by,
                         .done = done,
                         .context = context,
                         .began = clock_mono(),
                         .result = failed };
    enum err err = arena_new(ASK_ARENA_MAX, &ask->arena);
    if (err == ERR_OK) {
        err = ask_copy_attempt(attempt, ask->arena, &ask->attempt);
    }
    ask->account = accounts_find(services->accounts, attempt->account);
    if (err == ERR_OK && ask->account == NULL) {
        err = ERR_PROVIDER_UNKNOWN;
    }
    /* Not every provider closes: then nothing is asked, and nothing has changed. */
    if (err != ERR_OK || !provider_call_offered(ask->account, operation)) {
        ask->result.err = err;
        end(ask);
        return;
    }
    claim(ask);
}
