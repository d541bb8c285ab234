/* SPDX-License-Identifier: Apache-2.0 */
#include "refund_ask.h"

#include <stdlib.h>
#include <string.h>

#include "keyring.h"
#include "log.h"
#include "metrics.h"
#include "notify_url.h"
#include "provider_call.h"
#include "refund_schedule.h"
#include "refund_verdict.h"

#define ASK_ARENA_MAX ((size_t)4 * 1024 * 1024)
#define ABSENT_MS     10000 /* sooner after sending, "nothing there" says nothing */

struct ask {
    struct services *services;
    struct arena *arena;
    struct refund refund;
    struct wall_time lease_until;
    const struct adapter_account *account;
    struct provider_call call;
    struct evidence *evidence;
    struct refund_change change;
    struct refund_verdict verdict;
    enum err outcome; /* what the caller hears once the change is stored */
    struct refund_ask_result result;
    struct mono_time began;
    refund_ask_done done;
    void *context;
};

static void
end(struct ask *ask, enum err err)
{
    struct refund_ask_result result = ask->result;
    result.err = err;
    result.state = ask->refund.state;
    refund_ask_done done = ask->done;
    void *context = ask->context;
    evidence_free(&ask->evidence);
    arena_free(&ask->arena);
    free(ask);
    done(context, &result);
}

static void
released(void *context, const struct db_answer *answer)
{
    struct ask *ask = context;
    (void)
        answer; /* a lease that could not be given back ends by itself, and the refund is due then */
    end(ask, ask->outcome);
}

/* Not finished, and nobody will ask any more. */
static void
give_up(const struct ask *ask)
{
    metrics_add(METRIC_ALARMS_TOTAL, 1);
    log_event(LOG_REFUND_GAVE_UP, LOG_SPAN("refund_no", ask->refund.refund_no),
              LOG_TEXT("state", refund_state_code(ask->refund.state)));
}

static struct wall_time
next_time(const struct ask *ask)
{
    if (refund_state_final(ask->refund.state)) {
        return (struct wall_time){ .us = 0 };
    }
    int64_t wait_ms = refund_schedule_wait_ms(ask->refund.poll_count);
    if (wait_ms == 0) {
        give_up(ask);
        return (struct wall_time){ .us = 0 };
    }
    return wall_add_ms(clock_wall(), wait_ms);
}

static void
release(struct ask *ask, enum err err)
{
    struct db_params params;
    ask->outcome = err;
    log_event(
        err == ERR_OK ? LOG_PROVIDER_CALL : LOG_PROVIDER_TROUBLE,
        LOG_TEXT("account", ask->account == NULL ? "" : ask->account->name),
        LOG_TEXT("operation", ask->call.operation == ADAPTER_REFUND ? "refund" : "refund_query"),
        LOG_SPAN("refund_no", ask->refund.refund_no),
        LOG_TEXT("state", refund_state_code(ask->refund.state)),
        LOG_I64("ms", clock_mono_ms_since(ask->began)), LOG_ERR(err));
    db_params_init(&params, ask->arena);
    db_i64(&params, ask->refund.slot);
    db_text(&params, ask->refund.refund_no);
    db_time(&params, ask->lease_until);
    db_time(&params, next_time(ask));
    db_run(ask->services->db, STATEMENT_refund_release, &params, released, ask);
}

static void
count_end(enum refund_state state)
{
    if (state == REFUND_SUCCEEDED) {
        metrics_add(METRIC_REFUNDS_SUCCEEDED_TOTAL, 1);
    } else if (state == REFUND_FAILED) {
        metrics_add(METRIC_REFUNDS_FAILED_TOTAL, 1);
    }
}

static void
alarm(const struct ask *ask)
{
    const struct refund_change *change = &ask->change;
    metrics_add(METRIC_ALARMS_TOTAL, 1);
    log_event(change->event == REFUND_MISMATCH ? LOG_MISMATCH : LOG_ALARM,
              LOG_SPAN("refund_no", change->refund_no),
              LOG_TEXT("event_kind", refund_event_code(change->event)),
              LOG_TEXT("differs", change->mismatch == NULL ? "" : change->mismatch),
              LOG_SPAN("code", change->provider_code));
}

static void
report(const struct ask *ask, const struct refund_change_result *result)
{
    if (ask->change.event == REFUND_SEND) {
        metrics_add(METRIC_REFUNDS_SENT_TOTAL, 1);
        return;
    }
    bool moved = result->outcome == REFUND_APPLIED && result->effect == ATTEMPT_MOVE;
    if (moved) {
        metrics_add(METRIC_TRANSITIONS_TOTAL, 1);
        count_end(result->state);
        log_event(LOG_TRANSITION, LOG_SPAN("refund_no", ask->refund.refund_no),
                  LOG_TEXT("from", refund_state_code(result->from)),
                  LOG_TEXT("to", refund_state_code(result->state)));
    }
    if (ask->verdict.alarm || result->effect == ATTEMPT_ALARM
        || (moved && result->state == REFUND_ABNORMAL)) {
        alarm(ask);
    }
}

static enum err
take_result(struct ask *ask, const struct db_answer *answer)
{
    struct refund_change_result result = { .outcome = REFUND_OUTCOME_NONE };
    TRY(answer->err);
    TRY(refund_apply_row(answer->rows, &result));
    TRY(refund_outcome_err(result.outcome));
    report(ask, &result);
    ask->refund.state = result.state;
    return ERR_OK;
}

static void
apply(struct ask *ask, enum refund_event event, int64_t version, db_done done)
{
    struct db_params params;
    ask->change = (struct refund_change){
        .slot = ask->refund.slot,
        .refund_no = ask->refund.refund_no,
        .event = event,
        .version = version,
        .evidence = event == REFUND_SEND ? NULL : ask->evidence,
        .mismatch = event == REFUND_MISMATCH ? ask->verdict.mismatch : NULL,
        .provider_code = event == REFUND_SEND ? SPAN_LIT("") : ask->call.answer.code,
        .now = event == REFUND_SEND ? ask->call.order.now : clock_wall(),
    };
    db_params_init(&params, ask->arena);
    refund_apply_params(&params, &ask->change);
    db_run(ask->services->db, STATEMENT_refund_apply, &params, done, ask);
}

static void begin_send(struct ask *ask);

static bool
may_be_sent_again(const struct ask *ask)
{
    bool state = ask->refund.state == REFUND_UNKNOWN || ask->refund.state == REFUND_ABNORMAL;
    return state && ask->verdict.absent
           && wall_ms_between(ask->refund.last_sent_at, clock_wall()) >= ABSENT_MS;
}

static void
note_told(struct ask *ask)
{
    ask->result.told = ask->evidence != NULL && (ask->outcome == ERR_OK || ask->verdict.absent);
    if (ask->result.told) {
        memcpy(ask->result.digest, evidence_digest(ask->evidence).at, SHA256_BYTES);
    }
}

static void
applied(void *context, const struct db_answer *answer)
{
    struct ask *ask = context;
    enum err err = take_result(ask, answer);
    if (err == ERR_OK) {
        note_told(ask);
    }
    if (err == ERR_OK && may_be_sent_again(ask)) {
        ask->refund.version = REFUND_ANY_VERSION; /* the lease is ours, and nobody else sends */
        begin_send(ask);
    } else {
        release(ask, err != ERR_OK ? err : ask->outcome);
    }
}

/* Whatever the answer was, it is written down; only what never left this house is not. */
static void
answered(void *context, enum err err)
{
    struct ask *ask = context;
    evidence_free(&ask->evidence);
    ask->evidence = ask->call.evidence;
    ask->call.evidence = NULL;
    keyring_missed(ask->services, ask->account, ask->call.unknown_serial);
    if (err != ERR_OK && !ask->call.sent) {
        release(ask, err);
        return;
    }
    ask->verdict = (struct refund_verdict){ .event = REFUND_NO_ANSWER };
    ask->outcome = err;
    if (err == ERR_OK) {
        ask->verdict =
            refund_verdict(&ask->refund, ask->call.operation, &ask->call.answer, ask->evidence);
        ask->outcome = ask->verdict.event == REFUND_NO_ANSWER ? ask->call.answer.err : ERR_OK;
    }
    if (ask->verdict.event == REFUND_NO_ANSWER) {
        metrics_add(METRIC_PROVIDER_UNKNOWN_TOTAL, 1);
    }
    apply(ask, ask->verdict.event, REFUND_ANY_VERSION, applied);
}

/* Written down: now it may leave. */
static void
sending(void *context, const struct db_answer *answer)
{
    struct ask *ask = context;
    /* Another refund of the payment is under way: its turn comes. */
    enum err err = answer->err == ERR_DB_CONSTRAINT ? ERR_LOST_RACE : take_result(ask, answer);
    if (err != ERR_OK) {
        release(ask, err);
        return;
    }
    ask->refund.send_count++;
    ask->refund.last_sent_at = ask->change.now;
    provider_call_send(&ask->call);
}

static void
signed_and_ready(void *context)
{
    struct ask *ask = context;
    apply(ask, REFUND_SEND, ask->refund.version, sending);
}

static enum err
prepare(struct ask *ask, enum adapter_operation operation)
{
    const struct refund *refund = &ask->refund;
    struct wall_time now = clock_wall();
    struct adapter_order order = {
        .now = now,
        .made_at = refund->first_sent_at.us == 0 ? now : refund->first_sent_at,
        .merchant_order_no = refund->attempt_no,
        .provider_trade_no = refund->provider_trade_no,
        .refund_no = refund->refund_no,
        .amount = refund->amount,
        .total = refund->total,
    };
    TRY(adapter_method_decode(refund->method, &order.method));
    TRY(notify_url(ask->services, ask->account, ask->arena, &order.notify_url));
    ask->call = (struct provider_call){ .keys_client = ask->services->keys,
                                        .transport = ask->services->transport,
                                        .account = ask->account,
                                        .operation = operation,
                                        .order = order,
                                        .arena = ask->arena,
                                        .done = answered,
                                        .context = ask };
    return ERR_OK;
}

static void
begin_send(struct ask *ask)
{
    enum err err = prepare(ask, ADAPTER_REFUND);
    if (err != ERR_OK) {
        release(ask, err);
        return;
    }
    ask->call.ready = signed_and_ready;
    provider_call_start(&ask->call);
}

static void
begin_query(struct ask *ask)
{
    enum err err = prepare(ask, ADAPTER_REFUND_QUERY);
    if (err != ERR_OK) {
        release(ask, err);
        return;
    }
    provider_call_start(&ask->call);
}

void
refund_ask(struct services *services, const struct refund *refund, struct wall_time lease_until,
           refund_ask_done done, void *context)
{
    const struct refund_ask_result failed = { .err = ERR_NO_MEMORY, .state = refund->state };
    struct ask *ask = calloc(1, sizeof(*ask));
    if (ask == NULL) {
        done(context, &failed);
        return;
    }
    *ask = (struct ask){ .services = services,
                         .refund = *refund,
                         .lease_until = lease_until,
                         .account = accounts_find(services->accounts, refund->account),
                         .done = done,
                         .context = context,
                         .began = clock_mono() };
    enum err err = arena_new(ASK_ARENA_MAX, &ask->arena);
    if (err != ERR_OK) {
        end(ask, err);
    } else if (ask->account == NULL) {
        release(ask, ERR_PROVIDER_UNKNOWN);
    } else if (refund->state == REFUND_APPROVED) {
        begin_send(ask);
    } else {
        begin_query(ask);
    }
}
