/* SPDX-License-Identifier: Apache-2.0 */
#include "flow.h"
#include "handlers.h"
#include "import.h"
#include "invoice_request.h"
#include "invoice_view.h"
#include "number.h"

/* The portal reports invoices: asked for, issued, failed or voided; red ones name their blue one. They
 * live in the slot of the order they are for, so reading one names its order too; one of several orders
 * lives with the order it was reported under. */

struct invoice_call {
    struct flow flow;
    struct faults faults;
    int slot;
    struct import_batch batch;
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
        err = invoice_view(answer->rows, &view);
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
    if (err == ERR_OK) {
        err = import_batch_take(&call->batch, answer->rows);
    }
    if (!flow_ok(&call->flow, err)) {
        return;
    }
    const struct import_line *line = &call->batch.lines[0];
    if (line->err != ERR_OK) {
        for (size_t i = 0; i < line->fault_count; i++) {
            faults_add(&call->faults, "", line->faults[i].field, line->faults[i].err);
        }
        flow_refuse(&call->flow, line->err, &call->faults);
        return;
    }
    find_invoice(call, show);
}

static enum err
read_report(struct invoice_call *call, struct invoice *invoice)
{
    DEFER(body_close) struct body body = { 0 };
    struct http_request *request = call->flow.request;
    TRY(body_open(request, &body, &call->faults));
    invoice->invoice_id = request->captures[0];
    TRY(invoice_request_read(&body.root, request->arena, invoice));
    return number_slot(request->client_owner, invoice->order_no, &call->slot);
}

static enum err
add_report(struct invoice_call *call, const struct invoice *invoice)
{
    DEFER(json_free) struct json_t *row = NULL;
    TRY(json_new_object(&row));
    TRY(invoice_request_row(call->batch.owner, invoice, row));
    return import_batch_row(&call->batch, 1, invoice->invoice_id, &row);
}

/* A batch of one. */
static enum err
prepare(struct invoice_call *call, struct db_params *params)
{
    const struct http_request *request = call->flow.request;
    struct invoice invoice = { 0 };
    TRY(read_report(call, &invoice));
    TRY(import_batch_open(&import_invoices, request->client_owner, clock_wall(), request->arena,
                          &call->batch));
    TRY(add_report(call, &invoice));
    return import_batch_params(&call->batch, params);
}

static void
begin_put(struct flow *flow)
{
    struct invoice_call *call = call_of(flow);
    struct db_params params;
    enum err err = prepare(call, &params);
    import_batch_close(&call->batch);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &call->faults);
        return;
    }
    db_run(flow->services->db, STATEMENT_invoice_import, &params, stored, call);
}

void
handle_invoice_put(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct invoice_call), NULL, begin_put);
}
