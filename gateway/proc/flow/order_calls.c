/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"
#include "flow.h"
#include "handlers.h"
#include "number.h"
#include "order.h"
#include "payment_view.h"

/* The portal reports how its orders go on, and asks what we know of them. */

struct order_call {
    struct flow flow;
    struct faults faults;
    int slot;
    enum order_status to;
    int64_t issued_quantity;
    bool has_issued;
    struct terms {
        enum order_kind kind; /* NONE: not reported */
        int64_t quantity;
        int64_t unit_fee_fen;
        int64_t amount_fen;
    } terms;
    int64_t refunded_fen; /* -1: not reported */
};

static struct order_call *
call_of(struct flow *flow)
{
    return (struct order_call *)(void *)flow;
}

static enum err
put_money(struct json_t *view, const struct db_rows *rows)
{
    TRY(json_put_i64(view, "quantity", db_row_i64(rows, 0, "quantity")));
    TRY(json_put_i64(view, "unit_fee", db_row_i64(rows, 0, "unit_fee_fen")));
    TRY(json_put_i64(view, "amount", db_row_i64(rows, 0, "amount_fen")));
    TRY(json_put_i64(view, "issued_quantity", db_row_i64(rows, 0, "issued_quantity")));
    return json_put_i64(view, "successful_payments", db_row_i64(rows, 0, "success_count"));
}

/* What the portal says of the order now, beside what was paid for. */
static enum err
put_said(struct json_t *view, const struct db_rows *rows)
{
    struct json_t *terms = NULL;
    TRY(json_put_i64(view, "refunded_amount", db_row_i64(rows, 0, "said_refunded_fen")));
    if (span_empty(db_row_text(rows, 0, "said_kind"))) {
        return json_put_null(view, "terms");
    }
    TRY(json_new_object(&terms));
    TRY(json_put(view, "terms", terms));
    TRY(json_put_string(terms, "kind", db_row_text(rows, 0, "said_kind")));
    TRY(json_put_i64(terms, "quantity", db_row_i64(rows, 0, "said_quantity")));
    TRY(json_put_i64(terms, "unit_fee", db_row_i64(rows, 0, "said_unit_fee_fen")));
    return json_put_i64(terms, "amount", db_row_i64(rows, 0, "said_amount_fen"));
}

static enum err
order_view(const struct db_rows *rows, struct json_t **out)
{
    static const char *const texts[] = { "order_no", "kind",     "applicant", "unit_name",
                                         "uscc",     "currency", "status" };
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_new_object(&view));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        TRY(json_put_string(view, texts[i], db_row_text(rows, 0, texts[i])));
    }
    TRY(put_money(view, rows));
    TRY(put_said(view, rows));
    TRY(payment_view_time(view, "status_at", db_row_time(rows, 0, "status_at")));
    TRY(payment_view_time(view, "created_at", db_row_time(rows, 0, "created_at")));
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
find_order(struct order_call *call, db_done done)
{
    const struct http_request *request = call->flow.request;
    struct db_params params;
    db_params_init(&params, request->arena);
    db_i64(&params, call->slot);
    db_text(&params, request->client_owner);
    db_text(&params, request->captures[0]);
    db_run(call->flow.services->db, STATEMENT_order_find, &params, done, call);
}

static void
show(void *context, const struct db_answer *answer)
{
    struct order_call *call = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) == 0) {
        err = ERR_ORDER_UNKNOWN;
    }
    if (err == ERR_OK) {
        err = order_view(answer->rows, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

static enum err
take_slot(struct order_call *call)
{
    const struct http_request *request = call->flow.request;
    return number_slot(request->client_owner, request->captures[0], &call->slot);
}

static void
begin_get(struct flow *flow)
{
    struct order_call *call = call_of(flow);
    if (flow_ok(flow, take_slot(call))) {
        find_order(call, show);
    }
}

void
handle_order_get(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct order_call), NULL, begin_get);
}

static void
stored(void *context, const struct db_answer *answer)
{
    struct order_call *call = context;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) != 1) {
        err = ERR_LOST_RACE;
    }
    if (flow_ok(&call->flow, err)) {
        find_order(call, show);
    }
}

static void
store(struct order_call *call, const char *from, int64_t issued_before)
{
    const struct http_request *request = call->flow.request;
    struct db_params params;
    db_params_init(&params, request->arena);
    db_i64(&params, call->slot);
    db_text(&params, request->client_owner);
    db_text(&params, request->captures[0]);
    db_cstr(&params, from);
    db_cstr(&params, order_status_code(call->to));
    db_i64(&params, call->has_issued ? call->issued_quantity : issued_before);
    db_time(&params, clock_wall());
    db_cstr(&params, order_kind_code(call->terms.kind));
    db_i64(&params, call->terms.quantity);
    db_i64(&params, call->terms.unit_fee_fen);
    db_i64(&params, call->terms.amount_fen);
    db_i64(&params, call->refunded_fen);
    db_run(call->flow.services->db, STATEMENT_order_set_status, &params, stored, call);
}

static void
compare(void *context, const struct db_answer *answer)
{
    struct order_call *call = context;
    enum order_status from = ORDER_STATUS_NONE;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) == 0) {
        err = ERR_ORDER_UNKNOWN;
    }
    if (err == ERR_OK) {
        err = order_status_decode(db_row_text(answer->rows, 0, "status"), &from);
    }
    if (err == ERR_OK) {
        err = order_status_next(from, call->to);
    }
    if (flow_ok(&call->flow, err)) {
        store(call, order_status_code(from), db_row_i64(answer->rows, 0, "issued_quantity"));
    }
}

static void
read_terms(struct body_object *root, struct terms *terms)
{
    struct body_object *from = body_optional_object(root, "terms");
    struct span kind = { 0 };
    body_string(from, "kind", 1, 20, &kind);
    body_i64(from, "quantity", 0, ORDER_QUANTITY_MAX, &terms->quantity);
    body_i64(from, "unit_fee", 0, MONEY_MAX_MINOR, &terms->unit_fee_fen);
    body_i64(from, "amount", 0, MONEY_MAX_MINOR, &terms->amount_fen);
    if (kind.len > 0) {
        body_fault(from, "kind", order_kind_decode(kind, &terms->kind));
    }
}

static enum err
read_status(struct order_call *call)
{
    DEFER(body_close) struct body body = { 0 };
    struct span status = { 0 };
    call->issued_quantity = -1;
    call->refunded_fen = -1;
    TRY(body_open(call->flow.request, &body, &call->faults));
    body_string(&body.root, "status", 1, 20, &status);
    body_optional_i64(&body.root, "issued_quantity", 0, ORDER_QUANTITY_MAX, &call->issued_quantity);
    body_optional_i64(&body.root, "refunded_amount", 0, MONEY_MAX_MINOR, &call->refunded_fen);
    read_terms(&body.root, &call->terms);
    call->has_issued = call->issued_quantity >= 0;
    if (status.len > 0) {
        body_fault(&body.root, "status", order_status_decode(status, &call->to));
    }
    TRY(body_verdict(&body));
    return take_slot(call);
}

static void
begin_put(struct flow *flow)
{
    struct order_call *call = call_of(flow);
    enum err err = read_status(call);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &call->faults);
        return;
    }
    find_order(call, compare);
}

void
handle_order_put(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct order_call), NULL, begin_put);
}
