/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt_start.h"

#include "apply.h"
#include "keyring.h"
#include "log.h"
#include "metrics.h"
#include "notify_url.h"
#include "outcome.h"
#include "payment_view.h"
#include "poll_schedule.h"
#include "provider_call.h"

#define SUBJECT_MAX 256
#define URL_MAX     512

struct start {
    struct services *services;
    struct arena *arena;
    const struct payment *payment;
    const struct adapter_account *account;
    struct attempt_choice choice;
    struct provider_call call;
    struct payment_change change;
    struct evidence *evidence;
    struct span prepared; /* what the payer's client is still to be given signed */
    struct attempt_action action;
    enum err outcome; /* of the provider's answer, once the attempt's state is stored */
    attempt_start_done done;
    void *context;
};

static void
end(struct start *start, enum err err)
{
    start->done(start->context, err, err == ERR_OK ? &start->action : NULL);
    evidence_free(&start->evidence);
}

static void
log_trouble(const struct start *start, const char *operation, enum err err)
{
    log_event(LOG_PROVIDER_TROUBLE, LOG_TEXT("account", start->account->name),
              LOG_TEXT("operation", operation), LOG_SPAN("attempt_no", start->action.attempt_no),
              LOG_ERR(err));
}

static void
begin_call(struct start *start, enum adapter_operation operation, const struct adapter_order *order,
           provider_call_done done)
{
    start->call = (struct provider_call){ .keys_client = start->services->keys,
                                          .transport = start->services->transport,
                                          .account = start->account,
                                          .operation = operation,
                                          .order = *order,
                                          .arena = start->arena,
                                          .done = done,
                                          .context = start };
    provider_call_start(&start->call);
}

static void
qr_kept(void *context, const struct db_answer *answer)
{
    struct start *start = context;
    end(start, answer->err);
}

static void
keep_qr(struct start *start)
{
    struct db_params params;
    db_params_init(&params, start->arena);
    db_i64(&params, start->payment->slot);
    db_text(&params, start->action.attempt_no);
    db_text(&params, start->action.qr_text);
    db_run(start->services->db, STATEMENT_attempt_set_qr, &params, qr_kept, start);
}

static void
invoked(void *context, enum err err)
{
    struct start *start = context;
    if (err != ERR_OK) {
        log_trouble(start, "invoke", err);
    }
    start->action.fields = start->call.invoked;
    end(start, err);
}

static void
invoke(struct start *start)
{
    struct adapter_order order = start->call.order;
    order.now = clock_wall();
    order.prepared = start->prepared;
    begin_call(start, ADAPTER_INVOKE, &order, invoked);
}

static void
applied(void *context, enum err err, const struct payment_change_result *result)
{
    struct start *start = context;
    if (err != ERR_OK) {
        end(start, err);
        return;
    }
    /* A callback can be faster than the answer: then the attempt is already further. */
    bool moved = result->outcome == PAYMENT_APPLIED || result->outcome == PAYMENT_REFUSED
                 || result->outcome == PAYMENT_REPEATED;
    if (!moved || start->outcome != ERR_OK) {
        end(start, moved ? start->outcome : ERR_INTERNAL);
    } else if (!attempt_state_payable(result->state)) {
        /* Closed or paid while it was being made: money sent there now would be late or double. */
        end(start, ERR_PAYMENT_STATE);
    } else if (start->action.qr_text.len > 0) {
        keep_qr(start);
    } else if (start->prepared.len > 0) {
        invoke(start);
    } else {
        end(start, ERR_OK);
    }
}

static void
apply(struct start *start, enum attempt_event event, enum err outcome)
{
    start->outcome = outcome;
    start->change = (struct payment_change){
        .slot = start->payment->slot,
        .attempt_no = start->action.attempt_no,
        .event = event,
        .evidence = start->evidence,
        .now = clock_wall(),
    };
    apply_submit(start->services->apply, &start->change, applied, start);
}

/* What the answer gives the payer; it may point into bytes that end with the call. */
static enum err
take_action(struct start *start, const struct adapter_answer *answer)
{
    const char *type = answer->qr_text.len > 0    ? "qr"
                       : answer->prepared.len > 0 ? "jsapi"
                                                  : "redirect";
    start->action.type = type;
    TRY(arena_copy(start->arena, answer->qr_text, &start->action.qr_text));
    TRY(arena_copy(start->arena, answer->open_url, &start->action.url));
    return arena_copy(start->arena, answer->prepared, &start->prepared);
}

/* The provider's verified word decides; without one the outcome is unknown. */
static void
answered_well(struct start *start, const struct adapter_answer *answer)
{
    struct judge_verdict verdict = { .event = ATTEMPT_NO_ANSWER };
    const struct judge_books books = {
        .provider = span_of(start->account->adapter->name),
        .account = span_of(start->account->name),
        .application = span_of(start->account->application),
        .merchant = span_of(start->account->merchant),
        .merchant_order_no = start->action.attempt_no,
        .amount = start->payment->amount,
    };
    if (start->evidence == NULL) {
        bool not_executed = answer->handling != ADAPTER_ASK_AGAIN;
        if (not_executed) {
            end(start, answer->err); /* the attempt stays created: nothing exists there */
        } else {
            apply(start, ATTEMPT_NO_ANSWER, answer->err);
        }
        return;
    }
    if (judge(start->evidence, &books, &verdict) != ERR_OK || verdict.event == ATTEMPT_MISMATCH
        || take_action(start, answer) != ERR_OK) {
        evidence_free(&start->evidence);
        apply(start, ATTEMPT_NO_ANSWER, ERR_PROVIDER_PROTOCOL);
        return;
    }
    apply(start, verdict.event, answer->err);
}

static void
answered(void *context, enum err err)
{
    struct start *start = context;
    start->evidence = start->call.evidence;
    keyring_missed(start->services, start->account, start->call.unknown_serial);
    if (err == ERR_OK && start->call.is_form) {
        start->action.type = "form";
        start->action.url = start->call.request.url;
        start->action.fields = start->call.request.fields;
        apply(start, ATTEMPT_SENT, ERR_OK);
        return;
    }
    if (err == ERR_OK) {
        answered_well(start, &start->call.answer);
        return;
    }
    log_trouble(start, "pay", err);
    if (start->call.sent && err_class(err) == ERR_CLASS_UNKNOWN) {
        metrics_add(METRIC_PROVIDER_UNKNOWN_TOTAL, 1);
        apply(start, ATTEMPT_NO_ANSWER, err);
    } else {
        end(start, err);
    }
}

static enum err
return_url(struct start *start, struct span *out)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(URL_MAX);
    struct span page;
    TRY(payment_checkout_url(start->services, start->payment, start->arena, &page));
    TRY(buf_append(&url, page));
    TRY(buf_text(&url, "/return"));
    return arena_copy(start->arena, buf_span(&url), out);
}

static enum err
build(struct start *start, const struct db_rows *row, struct adapter_order *order)
{
    TRY(arena_copy(start->arena, db_row_text(row, 0, "attempt_no"), &start->action.attempt_no));
    *order = (struct adapter_order){ .now = clock_wall(),
                                     .made_at = db_row_time(row, 0, "created_at"),
                                     .method = start->choice.method,
                                     .merchant_order_no = start->action.attempt_no,
                                     .amount = start->payment->amount,
                                     .payer = start->choice.payer,
                                     .payer_address = start->choice.payer_address,
                                     .expires_at = start->payment->expires_at };
    TRY(attempt_subject(start->services, start->payment, start->arena, &order->subject));
    TRY(notify_url(start->services, start->account, start->arena, &order->notify_url));
    return return_url(start, &order->return_url);
}

static const struct outcome outcomes[] = {
    { "created", ERR_OK },
    { "payment_state", ERR_PAYMENT_STATE },
    { "expired", ERR_PAYMENT_EXPIRED },
    { "attempt_limit", ERR_ATTEMPT_LIMIT },
    { "payment_unknown", ERR_PAYMENT_UNKNOWN },
};

static void
made(void *context, const struct db_answer *answer)
{
    struct start *start = context;
    struct adapter_order order;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = OUTCOME_ERR(outcomes, db_row_text(answer->rows, 0, "outcome"));
    }
    if (err == ERR_OK) {
        err = build(start, answer->rows, &order);
    }
    if (err != ERR_OK) {
        end(start, err);
        return;
    }
    begin_call(start, ADAPTER_PAY, &order, answered);
}

static void
insert(struct start *start)
{
    struct wall_time now = clock_wall();
    int64_t most = config_int(start->services->config, CONFIG_payment_attempts_max, 0);
    struct db_params params;
    db_params_init(&params, start->arena);
    db_i64(&params, start->payment->slot);
    db_text(&params, start->payment->payment_no);
    db_cstr(&params, start->account->adapter->name);
    db_cstr(&params, start->account->name);
    db_cstr(&params, start->account->application);
    db_cstr(&params, start->account->merchant);
    db_cstr(&params, adapter_method_code(start->choice.method));
    db_time(&params, start->payment->expires_at);
    db_time(&params, wall_add_ms(now, poll_schedule_first_ms(start->account->adapter)));
    db_time(&params, now);
    db_i64(&params, most);
    db_run(start->services->db, STATEMENT_attempt_create, &params, made, start);
}

void
attempt_start(struct services *services, struct arena *arena, const struct payment *payment,
              const struct attempt_choice *choice, attempt_start_done done, void *context)
{
    const struct adapter_account *account =
        accounts_choose(services->accounts, choice->provider, choice->method, payment->amount);
    void *storage = NULL;
    enum err err =
        account == NULL ? ERR_METHOD_UNKNOWN : arena_alloc(arena, sizeof(struct start), &storage);
    if (err != ERR_OK) {
        done(context, err, NULL);
        return;
    }
    struct start *start = storage;
    start->services = services;
    start->arena = arena;
    start->payment = payment;
    start->account = account;
    start->choice = *choice;
    start->done = done;
    start->context = context;
    insert(start);
}

enum err
attempt_subject(const struct services *services, const struct payment *payment, struct arena *arena,
                struct span *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(SUBJECT_MAX);
    TRY(buf_printf(&text, "%s %s x%lld ", config_text(services->config, CONFIG_portal_name, 0),
                   order_kind_text(payment->kind, LANGUAGE_ZH), (long long)payment->quantity));
    TRY(buf_append(&text, payment->order_no));
    return arena_copy(arena, buf_span(&text), out);
}

static enum err
put_fields(struct json_t *parent, const struct adapter_fields *fields)
{
    struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_put(parent, "fields", object));
    for (size_t i = 0; i < fields->count; i++) {
        DEFER(buf_fini) struct buf name = BUF_MAX(64);
        const char *text = NULL;
        TRY(buf_append(&name, fields->list[i].name));
        TRY(buf_cstr(&name, &text));
        TRY(json_put_string(object, text, fields->list[i].value));
    }
    return ERR_OK;
}

enum err
attempt_action_put(struct json_t *view, const struct attempt_action *action)
{
    struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_put(view, "action", object));
    TRY(json_put_text(object, "type", action->type));
    TRY(json_put_string(object, "attempt_no", action->attempt_no));
    if (action->qr_text.len > 0) {
        return json_put_string(object, "qr_text", action->qr_text);
    }
    if (action->url.len > 0) {
        TRY(json_put_string(object, "url", action->url));
    }
    if (action->fields.count == 0) {
        return ERR_OK;
    }
    if (action->url.len > 0) {
        TRY(json_put_text(object, "method", "POST"));
    }
    return put_fields(object, &action->fields);
}
