/* SPDX-License-Identifier: Apache-2.0 */
#include "flow.h"
#include "handlers.h"
#include "invoice_body.h"
#include "number.h"

/* The portal reports invoices: asked for, issued, failed or voided; red ones name their blue one. They
 * live in the slot of the order they are for, so reading one names its order too; one of several orders
 * lives with the order it was reported under. */

#define ORDERS_MAX_BYTES ((size_t)8 * 1024) /* of the array of 64 numbers of 64 bytes */

struct invoice_call {
    struct flow flow;
    struct faults faults;
    int slot;
    struct invoice invoice;
    size_t orders; /* that it is for */
};

static struct invoice_call *
call_of(struct flow *flow)
{
    return (struct invoice_call *)(void *)flow;
}

static void
find_invoice(struct invoice_call *call, db_done done)
{
    const struct http_request *request = call->flow.request;
    struct db_params params;
    db_params_init(&params, request->arena);
    db_i64(&params, call->slot);
    db_text(&params, request->client_owner);
    db_text(&params, request->captures[0]);
    db_run(call->flow.services->db, STATEMENT_invoice_find, &params, done, call);
}

static void
show(void *context, const struct db_answer *answer)
{
    struct invoice_call *call = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) == 0) {
        err = ERR_INVOICE_UNKNOWN;
    }
    if (err == ERR_OK) {
        err = invoice_body_view(answer->rows, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

static void
begin_get(struct flow *flow)
{
    struct invoice_call *call = call_of(flow);
    struct span order_no = { 0 };
    enum err err = http_query_get(flow->request, "order_no", &order_no);
    if (err == ERR_OK && span_empty(order_no)) {
        err = ERR_FIELD_MISSING;
    }
    if (err != ERR_OK) {
        faults_add(&call->faults, "", "order_no", err);
        flow_refuse(flow, ERR_VALIDATION, &call->faults);
        return;
    }
    if (flow_ok(flow, number_slot(flow->request->client_owner, order_no, &call->slot))) {
        find_invoice(call, show);
    }
}

void
handle_invoice_get(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct invoice_call), "order_no", begin_get);
}

static void
stored(void *context, const struct db_answer *answer)
{
    struct invoice_call *call = context;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_affected(answer->rows) != call->orders) {
        err = ERR_LOST_RACE;
    }
    if (err == ERR_DB_CONSTRAINT) {
        faults_add(&call->faults, "", "number", ERR_FIELD_VALUE);
        flow_refuse(&call->flow, ERR_VALIDATION, &call->faults);
        return;
    }
    if (flow_ok(&call->flow, err)) {
        find_invoice(call, show);
    }
}

/* Every order lives in a slot of its own. */
static enum err
add_orders(struct invoice_call *call, struct db_params *params)
{
    const struct invoice *invoice = &call->invoice;
    const struct invoice_allocation whole = { invoice->order_no, invoice->total_fen };
    bool merged = invoice->allocation_count > 0;
    size_t count = merged ? invoice->allocation_count : 1;
    const struct invoice_allocation *orders = merged ? invoice->allocations : &whole;
    DEFER(buf_fini) struct buf slots = BUF_MAX(ORDERS_MAX_BYTES);
    DEFER(buf_fini) struct buf numbers = BUF_MAX(ORDERS_MAX_BYTES);
    DEFER(buf_fini) struct buf amounts = BUF_MAX(ORDERS_MAX_BYTES);
    for (size_t i = 0; i < count; i++) {
        int slot = 0;
        const char *before = i == 0 ? "{" : ",";
        TRY(number_slot(call->flow.request->client_owner, orders[i].order_no, &slot));
        TRY(buf_printf(&slots, "%s%d", before, slot));
        TRY(buf_printf(&numbers, "%s%.*s", before, (int)orders[i].order_no.len,
                       (const char *)orders[i].order_no.at));
        TRY(buf_printf(&amounts, "%s%lld", before, (long long)orders[i].amount_fen));
    }
    TRY(buf_byte(&slots, '}'));
    TRY(buf_byte(&numbers, '}'));
    TRY(buf_byte(&amounts, '}'));
    db_text(params, buf_span(&slots));
    db_text(params, buf_span(&numbers));
    db_text(params, buf_span(&amounts));
    call->orders = count;
    return ERR_OK;
}

static void
store(struct invoice_call *call, const char *status_before)
{
    const struct invoice *invoice = &call->invoice;
    struct db_params params;
    db_params_init(&params, call->flow.request->arena);
    db_i64(&params, call->slot);
    db_text(&params, call->flow.request->client_owner);
    db_text(&params, invoice->invoice_id);
    db_text(&params, invoice->order_no);
    db_cstr(&params, invoice_status_code(invoice->status));
    db_bool(&params, invoice->red);
    db_text(&params, invoice->blue_invoice_id);
    db_text(&params, invoice->number);
    db_text(&params, invoice->code);
    db_text(&params, invoice->title);
    db_text(&params, invoice->tax_no);
    db_i64(&params, invoice->net_fen);
    db_i64(&params, invoice->tax_fen);
    db_i64(&params, invoice->total_fen);
    db_time(&params, invoice->asked_at);
    db_time(&params, invoice->issued_at);
    db_time(&params, clock_wall());
    db_cstr(&params, status_before);
    db_cstr(&params, invoice_kind_code(invoice->kind));
    db_cstr(&params, invoice_red_reason_code(invoice->red_reason));
    db_text(&params, invoice->confirmation_no);
    db_cstr(&params, invoice_confirmation_code(invoice->confirmation));
    db_time(&params, invoice->confirmation_asked_at);
    enum err err = add_orders(call, &params);
    if (!flow_ok(&call->flow, err)) {
        return;
    }
    db_run(call->flow.services->db, STATEMENT_invoice_put, &params, stored, call);
}

static void
compare(void *context, const struct db_answer *answer)
{
    struct invoice_call *call = context;
    enum invoice_status from = INVOICE_STATUS_NONE;
    enum err err = answer->err;
    bool known = err == ERR_OK && db_rows_count(answer->rows) == 1;
    if (known) {
        err = invoice_status_decode(db_row_text(answer->rows, 0, "status"), &from);
    }
    if (err == ERR_OK && known) {
        err = invoice_status_next(from, call->invoice.status);
    }
    if (flow_ok(&call->flow, err)) {
        store(call, invoice_status_code(from));
    }
}

static enum err
read_report(struct invoice_call *call)
{
    const struct http_request *request = call->flow.request;
    TRY(invoice_body_read(call->flow.request, &call->invoice, &call->faults));
    return number_slot(request->client_owner, call->invoice.order_no, &call->slot);
}

static void
begin_put(struct flow *flow)
{
    struct invoice_call *call = call_of(flow);
    enum err err = read_report(call);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &call->faults);
        return;
    }
    find_invoice(call, compare);
}

void
handle_invoice_put(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct invoice_call), NULL, begin_put);
}
