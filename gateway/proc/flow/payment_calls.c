/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"
#include "close.h"
#include "flow.h"
#include "handlers.h"
#include "number.h"
#include "payment_read.h"
#include "payment_view.h"

/* The portal's plain calls on a payment: what we know, closing, and the timeline. */

struct call {
    struct flow flow;
    struct span payment_no;
    int slot;
};

static struct call *
call_of(struct flow *flow)
{
    return (struct call *)(void *)flow;
}

static bool
take_id(struct call *call)
{
    return flow_ok(&call->flow, number_payment_of_id(call->flow.request->captures[0],
                                                     &call->payment_no, &call->slot));
}

static void
show(void *context, enum err err, const struct payment *payment, const struct attempt *attempts,
     size_t count)
{
    struct flow *flow = context;
    struct json_t *view = NULL;
    if (err == ERR_OK) {
        err = payment_view(flow->services, payment, attempts, count, flow->request->arena, &view);
    }
    if (flow_ok(flow, err)) {
        flow_answer(flow, 200, view);
    }
}

static void
get(struct flow *flow)
{
    struct call *call = call_of(flow);
    if (take_id(call)) {
        payment_read_owned(flow->services, flow->request->arena, call->slot, call->payment_no,
                           flow->request->client_owner, show, flow);
    }
}

void
handle_payment_get(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, get);
}

static void
get_by_order(struct flow *flow)
{
    struct span order_no = { 0 };
    enum err err = http_query_get(flow->request, "order_no", &order_no);
    if (err == ERR_OK && span_empty(order_no)) {
        err = ERR_FIELD_MISSING;
    }
    if (err != ERR_OK) {
        struct faults faults = { .count = 0 };
        faults_add(&faults, "", "order_no", err);
        flow_refuse(flow, ERR_VALIDATION, &faults);
        return;
    }
    payment_read_by_order(flow->services, flow->request->arena, flow->request->client_owner,
                          order_no, show, flow);
}

void
handle_payment_list(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct flow), "order_no", get_by_order);
}

static void
closed(void *context, enum err err)
{
    struct call *call = context;
    struct flow *flow = &call->flow;
    /* Trouble at the provider is no failure of ours: the state tells how far closing came. */
    enum err_class class = err_class(err);
    if (class == ERR_CLASS_FATAL || err == ERR_DB_AWAY || err == ERR_DB_OUTCOME) {
        flow_refuse(flow, err, NULL);
        return;
    }
    payment_read(flow->services, flow->request->arena, call->slot, call->payment_no, show, flow);
}

static void
close_if_open(void *context, enum err err, const struct payment *payment,
              const struct attempt *attempts, size_t count)
{
    struct call *call = context;
    (void)attempts;
    (void)count;
    if (err == ERR_OK && span_eq_cstr(payment->state, "paid")) {
        err = ERR_ORDER_PAID;
    }
    if (flow_ok(&call->flow, err)) {
        close_payment(call->flow.services, call->slot, call->payment_no, QUERY_BY_PERSON, closed,
                      call);
    }
}

/* Closing takes no field; a body may be absent or an empty object. */
static enum err
read_nothing(struct flow *flow, struct faults *faults)
{
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open_optional(flow->request, &body, faults));
    return body_verdict(&body);
}

static void
begin_close(struct flow *flow)
{
    struct call *call = call_of(flow);
    struct faults faults = { .count = 0 };
    enum err err = read_nothing(flow, &faults);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &faults);
    } else if (take_id(call)) {
        payment_read_owned(flow->services, flow->request->arena, call->slot, call->payment_no,
                           flow->request->client_owner, close_if_open, call);
    }
}

static void
subject_of_close(struct flow *flow, struct flow_subject *out)
{
    struct span payment_no = { 0 };
    int slot = 0;
    if (number_payment_of_id(flow->request->captures[0], &payment_no, &slot) == ERR_OK) {
        out->text = payment_no;
    }
}

void
handle_payment_close(struct http_request *request, void *context)
{
    flow_start_keyed(request, context, sizeof(struct call), subject_of_close, begin_close);
}

static enum err
put_event(struct json_t *list, const struct db_rows *rows, size_t row)
{
    static const char *const texts[] = { "attempt_no", "refund_no",       "machine", "from_state",
                                         "event",      "to_state",        "effect",  "actor",
                                         "source",     "provider_status", "mismatch" };
    struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_put(list, NULL, object));
    TRY(json_put_i64(object, "seq", db_row_i64(rows, row, "seq")));
    TRY(payment_view_time(object, "at", db_row_time(rows, row, "at")));
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        TRY(json_put_string_or_null(object, texts[i], db_row_text(rows, row, texts[i])));
    }
    struct span digest = db_row_text(rows, row, "evidence_digest");
    TRY(json_put_string_or_null(object, "evidence_digest", span_sub(digest, 2, digest.len)));
    return payment_view_time(object, "provider_time", db_row_time(rows, row, "stated_at"));
}

static enum err
timeline_view(const struct call *call, const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    struct json_t *list = NULL;
    TRY(json_new_object(&view));
    TRY(payment_view_id(view, "id", call->payment_no));
    TRY(json_new_array(&list));
    TRY(json_put(view, "events", list));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        TRY(put_event(list, rows, i));
    }
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
timeline_read(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = timeline_view(call, answer->rows, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

static void
timeline_of(void *context, enum err err, const struct payment *payment,
            const struct attempt *attempts, size_t count)
{
    struct call *call = context;
    (void)payment;
    (void)attempts;
    (void)count;
    if (!flow_ok(&call->flow, err)) {
        return;
    }
    struct db_params params;
    db_params_init(&params, call->flow.request->arena);
    db_i64(&params, call->slot);
    db_text(&params, call->payment_no);
    db_run(call->flow.services->db, STATEMENT_payment_timeline, &params, timeline_read, call);
}

static void
begin_timeline(struct flow *flow)
{
    struct call *call = call_of(flow);
    if (take_id(call)) {
        payment_read_owned(flow->services, flow->request->arena, call->slot, call->payment_no,
                           flow->request->client_owner, timeline_of, call);
    }
}

void
handle_payment_timeline(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_timeline);
}
