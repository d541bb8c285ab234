/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"
#include "flow.h"
#include "handlers.h"
#include "number.h"
#include "refund_ask.h"
#include "refund_subject.h"
#include "refund_view.h"
#include "text_rule.h"

/* What people do with a refund: look at it, make a proposal their own, approve it, reject it, take it back. */

#define WAITING_MOST 200 /* what fits an answer; the next ones show when these are decided */

struct call {
    struct flow flow;
    struct faults faults;
    struct span refund_no;
    int slot;
    struct refund refund;
    enum refund_event event;
    int64_t amount_fen; /* as the checker names it */
    struct span reason; /* why it is taken back */
};

static struct call *
call_of(struct flow *flow)
{
    return (struct call *)(void *)flow;
}

static void
find(struct call *call, db_done done)
{
    struct db_params params;
    db_params_init(&params, call->flow.request->arena);
    db_i64(&params, call->slot);
    db_text(&params, call->refund_no);
    db_text(&params, call->flow.request->client_owner);
    db_run(call->flow.services->db, STATEMENT_refund_find, &params, done, call);
}

static enum err
take_refund(struct call *call, const struct db_answer *answer)
{
    TRY(answer->err);
    return db_rows_count(answer->rows) == 0
               ? ERR_REFUND_UNKNOWN
               : refund_row(answer->rows, 0, call->flow.request->arena, &call->refund);
}

static bool
take_id(struct call *call)
{
    return flow_ok(&call->flow, number_refund_of_id(call->flow.request->captures[0],
                                                    &call->refund_no, &call->slot));
}

static void
show(struct call *call)
{
    struct json_t *view = NULL;
    enum err err = refund_view(&call->refund, &view);
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

static void
show_found(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    if (flow_ok(&call->flow, take_refund(call, answer))) {
        show(call);
    }
}

static void
begin_get(struct flow *flow)
{
    struct call *call = call_of(flow);
    if (take_id(call)) {
        find(call, show_found);
    }
}

void
handle_refund_get(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_get);
}

static void
asked(void *context, const struct refund_ask_result *result)
{
    struct call *call = context;
    /* Trouble at the provider is no failure of ours: the state tells what is known. */
    enum err_class class = err_class(result->err);
    if (class == ERR_CLASS_FATAL || result->err == ERR_DB_AWAY || result->err == ERR_DB_OUTCOME) {
        flow_refuse(&call->flow, result->err, NULL);
        return;
    }
    find(call, show_found);
}

static void
taken(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) == 0) {
        find(call, show_found); /* nothing to ask, or somebody is asking */
        return;
    }
    if (err == ERR_OK) {
        err = refund_row(answer->rows, 0, call->flow.request->arena, &call->refund);
    }
    if (flow_ok(&call->flow, err)) {
        refund_ask(call->flow.services, &call->refund, db_row_time(answer->rows, 0, "lease_until"),
                   asked, call);
    }
}

static void
take(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    if (!flow_ok(&call->flow, take_refund(call, answer))) {
        return;
    }
    struct wall_time now = clock_wall();
    struct db_params params;
    db_params_init(&params, call->flow.request->arena);
    db_i64(&params, call->slot);
    db_text(&params, call->refund_no);
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, REFUND_LEASE_MS));
    db_bool(&params, false);
    db_run(call->flow.services->db, STATEMENT_refund_take, &params, taken, call);
}

static enum err
read_nothing(struct call *call)
{
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open_optional(call->flow.request, &body, &call->faults));
    return body_verdict(&body);
}

static void
begin_refresh(struct flow *flow)
{
    struct call *call = call_of(flow);
    enum err err = read_nothing(call);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &call->faults);
    } else if (take_id(call)) {
        find(call, take);
    }
}

void
handle_refund_refresh(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_refresh);
}

static void
listed(void *context, const struct db_answer *answer)
{
    struct flow *flow = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = refund_view_list(answer->rows, flow->request->arena, &view);
    }
    if (flow_ok(flow, err)) {
        flow_answer(flow, 200, view);
    }
}

static void
begin_list(struct flow *flow)
{
    struct faults faults = { .count = 0 };
    struct span id = { 0 };
    struct span payment_no = { 0 };
    int slot = 0;
    enum err err = http_query_get(flow->request, "payment", &id);
    if (err == ERR_OK) {
        err = span_empty(id) ? ERR_FIELD_MISSING : number_payment_of_id(id, &payment_no, &slot);
    }
    if (err != ERR_OK) {
        faults_add(&faults, "", "payment", err == ERR_PAYMENT_UNKNOWN ? ERR_FIELD_VALUE : err);
        flow_refuse(flow, ERR_VALIDATION, &faults);
        return;
    }
    struct db_params params;
    db_params_init(&params, flow->request->arena);
    db_i64(&params, slot);
    db_text(&params, payment_no);
    db_text(&params, flow->request->client_owner);
    db_run(flow->services->db, STATEMENT_refund_list, &params, listed, flow);
}

void
handle_refund_list(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct flow), "payment", begin_list);
}

static void
begin_waiting(struct flow *flow)
{
    struct db_params params;
    db_params_init(&params, flow->request->arena);
    db_text(&params, flow->request->client_owner);
    db_i64(&params, WAITING_MOST);
    db_run(flow->services->db, STATEMENT_refund_waiting, &params, listed, flow);
}

void
handle_refund_waiting(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct flow), NULL, begin_waiting);
}

/* The very same decision by the very same client, made before a crash took its answer away. */
static bool
is_done_already(const struct call *call)
{
    struct span by = refund_decided_by(&call->refund, call->event);
    return !span_empty(by) && span_eq(by, call->flow.request->client_keyid);
}

static void
decided(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    struct refund_change_result result = { .outcome = REFUND_OUTCOME_NONE };
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = refund_apply_row(answer->rows, &result);
    }
    if (err == ERR_OK) {
        err = refund_outcome_err(result.outcome);
    }
    if (flow_ok(&call->flow, err)) {
        find(call, show_found);
    }
}

static void
decide(struct call *call)
{
    const struct http_request *request = call->flow.request;
    const struct refund_change change = {
        .slot = call->slot,
        .refund_no = call->refund_no,
        .event = call->event,
        .actor = request->client_keyid,
        .version = call->refund.version,
        .now = clock_wall(),
        .reason = call->reason,
    };
    struct db_params params;
    db_params_init(&params, request->arena);
    refund_apply_params(&params, &change);
    db_run(call->flow.services->db, STATEMENT_refund_apply, &params, decided, call);
}

static void
seen(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    enum err err = take_refund(call, answer);
    if (err == ERR_OK && is_done_already(call)) {
        show(call);
        return;
    }
    if (err == ERR_OK && call->event == REFUND_APPROVE
        && call->amount_fen != call->refund.amount.minor) {
        err = ERR_REFUND_CHANGED;
    }
    if (flow_ok(&call->flow, err)) {
        decide(call);
    }
}

/* Whoever approves says what: approving another amount than was asked for is noticed. */
static enum err
read_amount(struct call *call, struct body *body)
{
    struct span currency = { 0 };
    enum currency decoded;
    body_i64(&body->root, "amount", 1, MONEY_MAX_MINOR, &call->amount_fen);
    body_string(&body->root, "currency", 1, 3, &currency);
    if (!span_empty(currency)) {
        body_fault(&body->root, "currency", currency_decode(currency, &decoded));
    }
    return body_verdict(body);
}

static enum err
read_reason(struct call *call, struct body *body)
{
    static const struct text_rule rule = { "reason", 1, REFUND_REASON_MAX_BYTES, TEXT_LINE };
    body_string(&body->root, "reason", 1, REFUND_REASON_MAX_BYTES, &call->reason);
    if (!span_empty(call->reason)) {
        text_check(&rule, call->reason, "", &call->faults);
    }
    return body_verdict(body);
}

static enum err
read_body(struct call *call)
{
    DEFER(body_close) struct body body = { 0 };
    if (call->event != REFUND_APPROVE && call->event != REFUND_WITHDRAW) {
        return read_nothing(call);
    }
    TRY(body_open(call->flow.request, &body, &call->faults));
    return call->event == REFUND_APPROVE ? read_amount(call, &body) : read_reason(call, &body);
}

/* Which refund is decided about, and by whom. */
static void
subject_of_decision(struct flow *flow, struct flow_subject *out)
{
    struct refund_subject subject = { .client = flow->request->client_keyid };
    int slot = 0;
    enum err err = number_refund_of_id(flow->request->captures[0], &subject.refund_no, &slot);
    if (err == ERR_OK) {
        err = refund_subject_write(&subject, flow->request->arena, &out->text);
    }
    if (err != ERR_OK) {
        out->text = SPAN_LIT("");
    }
}

static void
begin_decision(struct flow *flow)
{
    struct call *call = call_of(flow);
    call->event = refund_event_of_route(span_of(flow->request->route->name));
    enum err err = read_body(call);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &call->faults);
    } else if (take_id(call)) {
        find(call, seen);
    }
}

void
handle_refund_confirm(struct http_request *request, void *context)
{
    flow_start_keyed(request, context, sizeof(struct call), subject_of_decision, begin_decision);
}

void
handle_refund_approve(struct http_request *request, void *context)
{
    flow_start_keyed(request, context, sizeof(struct call), subject_of_decision, begin_decision);
}

void
handle_refund_reject(struct http_request *request, void *context)
{
    flow_start_keyed(request, context, sizeof(struct call), subject_of_decision, begin_decision);
}

void
handle_refund_withdraw(struct http_request *request, void *context)
{
    flow_start_keyed(request, context, sizeof(struct call), subject_of_decision, begin_decision);
}
