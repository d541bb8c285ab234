/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"
#include "flow.h"
#include "handlers.h"
#include "invoice.h"
#include "money.h"
#include "number.h"
#include "payment_view.h"

/* The portal reports invoices: asked for, issued, failed or voided; red ones name their blue one.
 * They live in the slot of the order they are for, so reading one names its order too. */

struct invoice_call {
    struct flow flow;
    struct faults faults;
    int slot;
    struct invoice invoice;
};

static struct invoice_call *
call_of(struct flow *flow)
{
    return (struct invoice_call *)(void *)flow;
}

static enum err
put_amounts(struct json_t *view, const struct db_rows *rows)
{
    TRY(json_put_i64(view, "net", db_row_i64(rows, 0, "net_fen")));
    TRY(json_put_i64(view, "tax", db_row_i64(rows, 0, "tax_fen")));
    TRY(json_put_i64(view, "total", db_row_i64(rows, 0, "total_fen")));
    return json_put_bool(view, "red", db_row_bool(rows, 0, "red"));
}

static enum err
invoice_view(const struct db_rows *rows, struct json_t **out)
{
    static const char *const texts[] = { "invoice_id", "order_no", "status", "blue_invoice_id",
                                         "number",     "code",     "title",  "tax_no" };
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_new_object(&view));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        TRY(json_put_string(view, texts[i], db_row_text(rows, 0, texts[i])));
    }
    TRY(put_amounts(view, rows));
    TRY(payment_view_time(view, "asked_at", db_row_time(rows, 0, "asked_at")));
    TRY(payment_view_time(view, "issued_at", db_row_time(rows, 0, "issued_at")));
    TRY(payment_view_time(view, "updated_at", db_row_time(rows, 0, "updated_at")));
    *out = view;
    view = NULL;
    return ERR_OK;
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
    if (err == ERR_OK && db_rows_affected(answer->rows) != 1) {
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

static void
read_texts(struct body_object *root, struct invoice *invoice)
{
    body_string(root, "order_no", 1, 64, &invoice->order_no);
    body_string(root, "title", 1, 300, &invoice->title);
    body_optional_string(root, "tax_no", 0, 20, &invoice->tax_no);
    body_optional_string(root, "number", 0, 20, &invoice->number);
    body_optional_string(root, "code", 0, 12, &invoice->code);
    body_optional_string(root, "blue_invoice_id", 0, 64, &invoice->blue_invoice_id);
    body_optional_bool(root, "red", &invoice->red);
    body_optional_time(root, "asked_at", &invoice->asked_at);
    body_optional_time(root, "issued_at", &invoice->issued_at);
}

static enum err
read_invoice(struct invoice_call *call)
{
    DEFER(body_close) struct body body = { 0 };
    struct invoice *invoice = &call->invoice;
    struct span status = { 0 };
    TRY(body_open(call->flow.request, &body, &call->faults));
    invoice->invoice_id = call->flow.request->captures[0];
    body_string(&body.root, "status", 1, 20, &status);
    if (status.len > 0) {
        body_fault(&body.root, "status", invoice_status_decode(status, &invoice->status));
    }
    read_texts(&body.root, invoice);
    body_i64(&body.root, "net", -MONEY_MAX_MINOR, MONEY_MAX_MINOR, &invoice->net_fen);
    body_i64(&body.root, "tax", -MONEY_MAX_MINOR, MONEY_MAX_MINOR, &invoice->tax_fen);
    body_i64(&body.root, "total", -MONEY_MAX_MINOR, MONEY_MAX_MINOR, &invoice->total_fen);
    TRY(body_verdict(&body));
    TRY(invoice_check(invoice, &call->faults));
    return number_slot(call->flow.request->client_owner, invoice->order_no, &call->slot);
}

static void
begin_put(struct flow *flow)
{
    struct invoice_call *call = call_of(flow);
    enum err err = read_invoice(call);
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
