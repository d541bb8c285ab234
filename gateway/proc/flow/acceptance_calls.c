/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"
#include "flow.h"
#include "handlers.h"
#include "number.h"
#include "outcome.h"
#include "payment_view.h"
#include "refund_store.h"
#include "text_rule.h"

/* A genuine statement that differs from our books is taken as it is by two people: one proposes, another decides. No
 * state of money moves by it; order_clearance.sql reads what they decided. */

#define LISTED_MOST 200

struct call {
    struct flow flow;
    struct faults faults;
    struct span payment_no;
    int slot;
    struct span attempt_no; /* empty until it is known which */
    int64_t amount_fen;     /* that the statement names; 0: it names none */
    struct span reason;
    const char *event; /* NULL: propose */
};

static struct call *
call_of(struct flow *flow)
{
    return (struct call *)(void *)flow;
}

static const struct outcome outcomes[] = {
    { "proposed", ERR_OK },
    { "decided", ERR_OK },
    { "payment_unknown", ERR_PAYMENT_UNKNOWN },
    { "nothing", ERR_MISMATCH_NONE },
    { "changed", ERR_MISMATCH_CHANGED },
    { "waiting", ERR_MISMATCH_WAITING },
    { "same_person", ERR_MISMATCH_SAME_PERSON },
    { "lost_race", ERR_LOST_RACE },
};

static enum err
put_texts(struct json_t *view, const struct db_rows *rows, size_t row)
{
    static const char *const columns[] = { "attempt_no",      "state",  "difference",
                                           "evidence_digest", "reason", "proposed_by",
                                           "decided_by" };
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        TRY(json_put_string_or_null(view, columns[i], db_row_text(rows, row, columns[i])));
    }
    return ERR_OK;
}

static enum err
put_acceptance(struct json_t *view, const struct db_rows *rows, size_t row)
{
    TRY(payment_view_id(view, "payment_id", db_row_text(rows, row, "payment_no")));
    TRY(put_texts(view, rows, row));
    if (db_row_null(rows, row, "amount_fen")) {
        TRY(json_put_null(view, "amount"));
    } else {
        TRY(json_put_i64(view, "amount", db_row_i64(rows, row, "amount_fen")));
    }
    TRY(payment_view_time(view, "proposed_at", db_row_time(rows, row, "proposed_at")));
    return payment_view_time(view, "decided_at", db_row_time(rows, row, "decided_at"));
}

static enum err
list_view(const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    struct json_t *list = NULL;
    TRY(json_new_object(&view));
    TRY(json_new_array(&list));
    TRY(json_put(view, "acceptances", list));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        struct json_t *one = NULL;
        TRY(json_new_object(&one));
        TRY(json_put(list, NULL, one));
        TRY(put_acceptance(one, rows, i));
    }
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
read_list(struct call *call, db_done done)
{
    struct db_params params;
    db_params_init(&params, call->flow.request->arena);
    db_i64(&params, call->slot);
    db_text(&params, call->payment_no);
    db_text(&params, call->flow.request->client_owner);
    db_text(&params, call->attempt_no);
    db_i64(&params, LISTED_MOST);
    db_run(call->flow.services->db, STATEMENT_acceptance_list, &params, done, call);
}

static void
listed(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = list_view(answer->rows, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

static void
stored(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    enum err err = answer->err;
    if (err == ERR_OK && span_eq_cstr(db_row_text(answer->rows, 0, "outcome"), "which")) {
        faults_add(&call->faults, "", "attempt_no", ERR_FIELD_MISSING);
        flow_refuse(&call->flow, ERR_VALIDATION, &call->faults);
        return;
    }
    if (err == ERR_OK) {
        err = OUTCOME_ERR(outcomes, db_row_text(answer->rows, 0, "outcome"));
    }
    if (err == ERR_OK) {
        err = arena_copy(call->flow.request->arena, db_row_text(answer->rows, 0, "attempt_no"),
                         &call->attempt_no);
    }
    if (flow_ok(&call->flow, err)) {
        read_list(call, listed);
    }
}

static void
store(struct call *call)
{
    const struct http_request *request = call->flow.request;
    struct db_params params;
    db_params_init(&params, request->arena);
    db_i64(&params, call->slot);
    db_text(&params, call->payment_no);
    db_text(&params, request->client_owner);
    db_text(&params, call->attempt_no);
    if (call->event != NULL) {
        db_cstr(&params, call->event);
    }
    if (call->amount_fen == 0) {
        db_null(&params);
    } else {
        db_i64(&params, call->amount_fen);
    }
    if (call->event == NULL) {
        db_text(&params, call->reason);
    }
    db_text(&params, request->client_keyid);
    db_time(&params, clock_wall());
    db_run(call->flow.services->db,
           call->event == NULL ? STATEMENT_acceptance_propose : STATEMENT_acceptance_decide,
           &params, stored, call);
}

/* Whoever proposes and whoever approves name what the statement says: a decision about another one is noticed. */
static void
read_money(struct call *call, struct body *body)
{
    struct span currency = { 0 };
    enum currency decoded;
    body_optional_i64(&body->root, "amount", 1, MONEY_MAX_MINOR, &call->amount_fen);
    body_optional_string(&body->root, "currency", 1, 3, &currency);
    if (!span_empty(currency)) {
        body_fault(&body->root, "currency", currency_decode(currency, &decoded));
    } else if (call->amount_fen != 0) {
        body_fault(&body->root, "currency", ERR_FIELD_MISSING);
    }
}

static enum err
read_body(struct call *call, bool money)
{
    static const struct text_rule rule = { "reason", 1, REFUND_REASON_MAX_BYTES, TEXT_LINE };
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open_optional(call->flow.request, &body, &call->faults));
    body_optional_string(&body.root, "attempt_no", NUMBER_ATTEMPT_DIGITS, NUMBER_ATTEMPT_DIGITS,
                         &call->attempt_no);
    if (money) {
        read_money(call, &body);
    }
    if (call->event == NULL) {
        body_string(&body.root, "reason", 1, REFUND_REASON_MAX_BYTES, &call->reason);
    }
    if (!span_empty(call->reason)) {
        text_check(&rule, call->reason, "", &call->faults);
    }
    return body_verdict(&body);
}

static bool
take_id(struct call *call)
{
    return flow_ok(&call->flow, number_payment_of_id(call->flow.request->captures[0],
                                                     &call->payment_no, &call->slot));
}

static void
begin(struct flow *flow, const char *event, bool money)
{
    struct call *call = call_of(flow);
    call->event = event;
    enum err err = read_body(call, money);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &call->faults);
    } else if (take_id(call)) {
        store(call);
    }
}

static void
begin_propose(struct flow *flow)
{
    begin(flow, NULL, true);
}

static void
begin_approve(struct flow *flow)
{
    begin(flow, "approve", true);
}

static void
begin_reject(struct flow *flow)
{
    begin(flow, "reject", false);
}

static void
begin_list(struct flow *flow)
{
    struct call *call = call_of(flow);
    if (take_id(call)) {
        read_list(call, listed);
    }
}

void
handle_acceptance_propose(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_propose);
}

void
handle_acceptance_approve(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_approve);
}

void
handle_acceptance_reject(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_reject);
}

void
handle_acceptance_list(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_list);
}
