/* SPDX-License-Identifier: Apache-2.0 */
#include "apply.h"
#include "ask.h"
#include "flow.h"
#include "handlers.h"
#include "keyring.h"
#include "log.h"
#include "metrics.h"
#include "number.h"
#include "payment_store.h"
#include "poll_schedule.h"
#include "provider_call.h"
#include "refund_notice.h"

/* A provider speaks: verify the raw bytes, store and apply, and only then acknowledge. */

#define SAMPLE_MS        1000
#define NOTICE_ARENA_MAX ((size_t)64 * 1024)

struct callback {
    struct http_request *request;
    struct services *services;
    const struct adapter_account *account;
    struct adapter_message message;
    struct verify *verify;
    struct evidence *evidence;
    struct attempt attempt;
    struct payment_change change;
};

static void
reply(struct callback *callback, int status, struct span body)
{
    http_reply(callback->request, status, callback->account->adapter->callback_content_type, body,
               NULL, 0);
    evidence_free(&callback->evidence);
}

static void
acknowledge(struct callback *callback)
{
    const struct adapter *adapter = callback->account->adapter;
    reply(callback, adapter->callback_ok_status, adapter->callback_ok_body);
}

/* The number the statement names; empty when it could not be read. */
static struct span
number_of(const struct callback *callback)
{
    return callback->evidence == NULL ? SPAN_LIT("")
                                      : evidence_claim(callback->evidence)->merchant_order_no;
}

/* No acknowledgement: the provider comes again. */
static void
not_stored(struct callback *callback, enum err err)
{
    log_event(LOG_CALLBACK_UNSTORED, LOG_TEXT("account", callback->account->name),
              LOG_SPAN("merchant_order_no", number_of(callback)), LOG_ERR(err));
    reply(callback, 503, callback->account->adapter->callback_fail_body);
}

/* Forgeries are counted all, and one a second is shown. */
static void
forged(struct callback *callback, enum err err)
{
    static struct mono_time shown;
    struct mono_time now = clock_mono();
    metrics_add(METRIC_CALLBACKS_FORGED_TOTAL, 1);
    if (shown.ns == 0 || clock_mono_ms_between(shown, now) >= SAMPLE_MS) {
        shown = now;
        log_event(LOG_CALLBACK_REFUSED, LOG_TEXT("account", callback->account->name),
                  LOG_SPAN("peer", callback->request->peer), LOG_ERR(err));
    }
    const struct adapter *adapter = callback->account->adapter;
    reply(callback, adapter->callback_fail_status, adapter->callback_fail_body);
}

static void
orphan_kept(void *context, const struct db_answer *answer)
{
    struct callback *callback = context;
    if (answer->err != ERR_OK) {
        not_stored(callback, answer->err);
        return;
    }
    metrics_add(METRIC_CALLBACKS_ORPHAN_TOTAL, 1);
    log_event(LOG_CALLBACK_ORPHAN, LOG_TEXT("account", callback->account->name),
              LOG_SPAN("merchant_order_no", number_of(callback)));
    acknowledge(callback);
}

/* Genuine, but about a number that is not ours. */
static void
keep_orphan(struct callback *callback, int slot)
{
    const struct evidence_claim *claim = evidence_claim(callback->evidence);
    struct db_params params;
    db_params_init(&params, callback->request->arena);
    db_i64(&params, slot);
    db_text(&params, claim->provider);
    db_text(&params, claim->account);
    db_bytes(&params, evidence_digest(callback->evidence));
    db_text(&params, claim->merchant_order_no);
    db_text(&params, claim->provider_trade_no);
    if (claim->amount.currency == CURRENCY_NONE) {
        db_null(&params);
    } else {
        db_i64(&params, claim->amount.minor);
    }
    db_bytes(&params, claim->raw);
    db_time(&params, evidence_observed_at(callback->evidence));
    db_run(callback->services->db, STATEMENT_orphan_insert, &params, orphan_kept, callback);
}

/* Genuine, but no statement about a payment that we can read: kept for a person. */
static void
keep_unread(struct callback *callback)
{
    struct span raw = callback->request->body;
    unsigned char digest[SHA256_BYTES];
    struct db_params params;
    if (crypto_sha256(raw, digest) != ERR_OK) {
        not_stored(callback, ERR_CRYPTO);
        return;
    }
    db_params_init(&params, callback->request->arena);
    db_i64(&params, 0);
    db_cstr(&params, callback->account->adapter->name);
    db_cstr(&params, callback->account->name);
    db_bytes(&params, span_make(digest, sizeof(digest)));
    db_cstr(&params, "");
    db_cstr(&params, "");
    db_null(&params);
    db_bytes(&params, raw);
    db_time(&params, clock_wall());
    db_run(callback->services->db, STATEMENT_orphan_insert, &params, orphan_kept, callback);
}

static void
count(const struct callback *callback, const struct payment_change_result *result)
{
    bool repeated = result->outcome == PAYMENT_REPEATED;
    metrics_add(repeated ? METRIC_CALLBACKS_REPEATED_TOTAL : METRIC_CALLBACKS_APPLIED_TOTAL, 1);
    log_event(LOG_CALLBACK_APPLIED, LOG_TEXT("account", callback->account->name),
              LOG_SPAN("attempt_no", callback->change.attempt_no),
              LOG_TEXT("event_kind", attempt_event_code(callback->change.event)),
              LOG_TEXT("from", attempt_state_code(result->from)),
              LOG_TEXT("to", attempt_state_code(result->state)), LOG_I64("repeated", repeated));
    if (result->effect == ATTEMPT_MOVE) {
        metrics_add(METRIC_TRANSITIONS_TOTAL, 1);
    }
    if (result->effect != ATTEMPT_ALARM) {
        return;
    }
    metrics_add(METRIC_ALARMS_TOTAL, 1);
    bool mismatch = callback->change.event == ATTEMPT_MISMATCH;
    metrics_add(METRIC_CALLBACKS_MISMATCH_TOTAL, mismatch ? 1 : 0);
    log_event(mismatch ? LOG_MISMATCH : LOG_ALARM,
              LOG_SPAN("attempt_no", callback->change.attempt_no),
              LOG_TEXT("differs", callback->change.mismatch));
}

/* A query of its own, which the acknowledgement does not wait for. One that fails is left to the
 * schedule, which is told to hurry. */
struct notice {
    struct services *services;
    struct arena *arena;
    int slot;
    struct span attempt_no;
};

static void
notice_ended(void *context, const struct db_answer *answer)
{
    struct notice *notice = context;
    struct arena *arena = notice->arena;
    (void)answer; /* then the schedule asks at its own time */
    arena_free(&arena);
}

static void
notice_asked(void *context, const struct ask_result *result)
{
    struct notice *notice = context;
    struct db_params params;
    if (result->err == ERR_OK) {
        notice_ended(notice, NULL);
        return;
    }
    db_params_init(&params, notice->arena);
    db_i64(&params, notice->slot);
    db_text(&params, notice->attempt_no);
    db_time(&params, wall_add_ms(clock_wall(), poll_schedule_first_ms(NULL)));
    db_run(notice->services->db, STATEMENT_attempt_poll_next, &params, notice_ended, notice);
}

static enum err
notice_new(const struct callback *callback, struct notice **out)
{
    struct arena *arena = NULL;
    void *storage = NULL;
    TRY(arena_new(NOTICE_ARENA_MAX, &arena));
    enum err err = arena_alloc(arena, sizeof(struct notice), &storage);
    struct notice *notice = storage;
    if (err == ERR_OK) {
        *notice = (struct notice){ .services = callback->services,
                                   .arena = arena,
                                   .slot = callback->attempt.slot };
        err = arena_copy(arena, callback->attempt.attempt_no, &notice->attempt_no);
    }
    if (err != ERR_OK) {
        arena_free(&arena);
        return err;
    }
    *out = notice;
    return ERR_OK;
}

static void
ask_now(const struct callback *callback)
{
    struct notice *notice = NULL;
    if (notice_new(callback, &notice) == ERR_OK) { /* without memory the schedule asks */
        ask_provider(callback->services, &callback->attempt, ADAPTER_QUERY, QUERY_BY_PERSON,
                     notice_asked, notice);
    }
}

static void
settled(void *context, const struct db_answer *answer)
{
    struct callback *callback = context;
    if (answer->err != ERR_OK) { /* the chore that expires payments makes up for it */
        log_event(LOG_DB_TROUBLE, LOG_TEXT("statement", "payment_close_settle"),
                  LOG_ERR(answer->err));
    }
    acknowledge(callback);
}

/* An attempt that closed may have been the last one its payment waited for. */
static void
settle(struct callback *callback)
{
    struct db_params params;
    db_params_init(&params, callback->request->arena);
    db_i64(&params, callback->attempt.slot);
    db_text(&params, callback->attempt.payment_no);
    db_time(&params, clock_wall());
    db_run(callback->services->db, STATEMENT_payment_close_settle, &params, settled, callback);
}

static void
applied(void *context, enum err err, const struct payment_change_result *result)
{
    struct callback *callback = context;
    if (err != ERR_OK) {
        not_stored(callback, err);
        return;
    }
    if (result->outcome == PAYMENT_UNKNOWN_ATTEMPT) {
        keep_orphan(callback, callback->change.slot);
        return;
    }
    count(callback, result);
    if (callback->change.event == ATTEMPT_NOTICED && !attempt_state_settled(result->state)) {
        ask_now(callback);
    }
    if (result->state == ATTEMPT_CLOSED) {
        settle(callback);
    } else {
        acknowledge(callback);
    }
}

/* Where the provider's document wants a query before a callback counts, the callback moves nothing. */
static enum attempt_event
event_of(const struct callback *callback, enum attempt_event judged)
{
    bool asks = callback->account->adapter->callback_asks && judged != ATTEMPT_MISMATCH;
    return asks ? ATTEMPT_NOTICED : judged;
}

static void
found(void *context, const struct db_answer *answer)
{
    struct callback *callback = context;
    struct judge_verdict verdict;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) == 0) {
        keep_orphan(callback, callback->change.slot);
        return;
    }
    if (err == ERR_OK) {
        err = attempt_row(answer->rows, 0, callback->request->arena, &callback->attempt);
    }
    if (err != ERR_OK) {
        not_stored(callback, err);
        return;
    }
    struct judge_books books = attempt_books(&callback->attempt);
    err = judge(callback->evidence, &books, &verdict);
    if (err != ERR_OK) {
        not_stored(callback, err);
        return;
    }
    callback->change.event = event_of(callback, verdict.event);
    callback->change.evidence = callback->evidence;
    callback->change.now = clock_wall();
    callback->change.mismatch =
        verdict.event == ATTEMPT_MISMATCH ? judge_difference_code(verdict.difference) : NULL;
    apply_submit(callback->services->apply, &callback->change, applied, callback);
}

static void find_attempt(struct callback *callback);

static void
refund_noticed(void *context, enum err err, bool ours)
{
    struct callback *callback = context;
    if (err != ERR_OK) {
        not_stored(callback, err);
    } else if (ours) {
        acknowledge(callback);
    } else {
        find_attempt(callback);
    }
}

/* What is about a refund of ours is kept with it, and makes us ask; the rest is about an attempt. */
static void
find_subject(struct callback *callback)
{
    int slot = 0;
    struct span refund_no = evidence_claim(callback->evidence)->refund_no;
    if (number_refund_check(refund_no, &slot) == ERR_OK) {
        refund_notice(callback->services, callback->request->arena, slot, callback->evidence,
                      refund_noticed, callback);
    } else {
        find_attempt(callback);
    }
}

static void
find_attempt(struct callback *callback)
{
    struct span number = evidence_claim(callback->evidence)->merchant_order_no;
    int slot = 0;
    if (number_attempt_check(number, &slot) != ERR_OK) {
        keep_orphan(callback, 0);
        return;
    }
    callback->change.slot = slot;
    callback->change.attempt_no = number;
    struct db_params params;
    db_params_init(&params, callback->request->arena);
    db_i64(&params, slot);
    db_text(&params, number);
    db_run(callback->services->db, STATEMENT_attempt_find, &params, found, callback);
}

static enum err
open_callback(struct http_request *request, struct services *services, struct callback **out)
{
    const struct adapter_account *account = accounts_find(services->accounts, request->captures[1]);
    if (account == NULL || !span_eq_cstr(request->captures[0], account->adapter->name)) {
        return ERR_HTTP_NOT_FOUND;
    }
    void *storage = NULL;
    TRY(arena_alloc(request->arena, sizeof(struct callback), &storage));
    struct callback *callback = storage;
    callback->request = request;
    callback->services = services;
    callback->account = account;
    *out = callback;
    return ERR_OK;
}

static void
verified(struct callback *callback, enum err err)
{
    if (err == ERR_OK) {
        find_subject(callback);
    } else if (err == ERR_PROVIDER_PROTOCOL) { /* said only of what has verified */
        keep_unread(callback);
    } else if (err_class(err) == ERR_CLASS_AUTH || err_class(err) == ERR_CLASS_INPUT) {
        forged(callback, err);
    } else {
        not_stored(callback, err); /* undecided: the provider comes again */
    }
}

static void proceed(struct callback *callback);

static void
task_done(void *context, enum err err, struct span bytes)
{
    struct callback *callback = context;
    err = verify_task_done(callback->verify, err, bytes);
    if (err == ERR_OK) {
        proceed(callback);
    } else {
        verified(callback, err);
    }
}

static void
proceed(struct callback *callback)
{
    struct verify_task task = verify_task(callback->verify);
    if (task.kind == VERIFY_TASK_NONE) {
        verified(callback, verify_callback_end(callback->verify, &callback->evidence));
    } else {
        keys_client_verify(callback->services->keys, span_of(callback->account->name), &task,
                           task_done, callback);
    }
}

static enum err
take_message(struct callback *callback)
{
    const struct http_request *request = callback->request;
    void *storage = NULL;
    TRY(arena_array(request->arena, request->header_count, sizeof(struct adapter_field), &storage));
    struct adapter_field *headers = storage;
    for (size_t i = 0; i < request->header_count; i++) {
        headers[i].name = request->headers[i].name;
        headers[i].value = request->headers[i].value;
    }
    callback->message =
        (struct adapter_message){ .content_type = http_header_get(request, "content-type"),
                                  .headers = headers,
                                  .header_count = request->header_count,
                                  .body = request->body };
    return ERR_OK;
}

void
handle_callback_receive(struct http_request *request, void *context)
{
    struct callback *callback = NULL;
    enum err err = open_callback(request, context, &callback);
    if (err == ERR_OK) {
        err = take_message(callback);
    }
    if (err != ERR_OK) {
        http_problem(request, err, NULL, 0);
        return;
    }
    err = verify_callback_begin(callback->account, &callback->message, request->arena,
                                &callback->verify);
    if (err == ERR_OK) {
        proceed(callback);
        return;
    }
    if (verify_is_probe(callback->account, &callback->message, request->arena)) {
        metrics_add(METRIC_PROBES_TOTAL, 1);
    }
    keyring_missed(callback->services, callback->account,
                   verify_unknown_serial(callback->account, &callback->message, request->arena));
    verified(callback, err);
}
