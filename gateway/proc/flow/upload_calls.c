/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"
#include "flow.h"
#include "handlers.h"
#include "outcome.h"
#include "payment_view.h"

/* Bills that people brought by `tallygate bills import`: somebody else approves one, naming the hash of the file that was
 * compared, or a person rejects it. Nothing here reads a bill. */

#define SHA256_DIGITS 64
#define NUMBER_MAX    INT64_C(999999999999)

struct call {
    struct flow flow;
    struct faults faults;
    int64_t number; /* of the upload; 0: all of them */
    const char *state;
    struct span sha256;        /* empty: rejected */
    struct span header_sha256; /* empty: no header is accepted with it */
};

static struct call *
call_of(struct flow *flow)
{
    return (struct call *)(void *)flow;
}

static const struct outcome outcomes[] = {
    { "decided", ERR_OK },
    { "unknown", ERR_UPLOAD_UNKNOWN },
    { "over", ERR_UPLOAD_DECIDED },
    { "changed", ERR_UPLOAD_CHANGED },
    { "same_person", ERR_UPLOAD_SAME_PERSON },
    { "lost_race", ERR_LOST_RACE },
};

/* A header that is accepted with the bill, as it came and as it is read. */
static enum err
put_header(struct json_t *view, const struct db_rows *rows, size_t row)
{
    struct json_t *header = NULL;
    if (span_empty(db_row_text(rows, row, "header_came"))) {
        return json_put_null(view, "header");
    }
    TRY(json_new_object(&header));
    TRY(json_put(view, "header", header));
    TRY(json_put_string(header, "sha256", db_row_text(rows, row, "header_sha256")));
    TRY(json_put_string(header, "came", db_row_text(rows, row, "header_came")));
    return json_put_string(header, "read_as", db_row_text(rows, row, "header_read_as"));
}

static enum err
put_one(struct json_t *view, const struct db_rows *rows, size_t row)
{
    static const char *const texts[] = { "account", "kind",  "day",         "sha256",
                                         "reason",  "state", "uploaded_by", "decided_by" };
    static const struct {
        const char *name;
        const char *column;
    } numbers[] = {
        { "number", "number" },
        { "bytes", "bytes" },
        { "pay_count", "pay_count" },
        { "pay_amount", "pay_fen" },
        { "refund_count", "refund_count" },
        { "refund_amount", "refund_fen" },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        TRY(json_put_string_or_null(view, texts[i], db_row_text(rows, row, texts[i])));
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        TRY(json_put_i64(view, numbers[i].name, db_row_i64(rows, row, numbers[i].column)));
    }
    TRY(put_header(view, rows, row));
    TRY(json_put_text(view, "currency", "CNY"));
    TRY(json_put_bool(view, "proved", db_row_bool(rows, row, "proved")));
    TRY(payment_view_time(view, "uploaded_at", db_row_time(rows, row, "uploaded_at")));
    return payment_view_time(view, "decided_at", db_row_time(rows, row, "decided_at"));
}

static enum err
list_view(const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    struct json_t *list = NULL;
    TRY(json_new_object(&view));
    TRY(json_new_array(&list));
    TRY(json_put(view, "uploads", list));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        struct json_t *one = NULL;
        TRY(json_new_object(&one));
        TRY(json_put(list, NULL, one));
        TRY(put_one(one, rows, i));
    }
    *out = view;
    view = NULL;
    return ERR_OK;
}

static enum err
one_view(const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_new_object(&view));
    TRY(put_one(view, rows, 0));
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
shown(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = call->number == 0 ? list_view(answer->rows, &view) : one_view(answer->rows, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

static void
show(struct call *call)
{
    struct db_params params;
    db_params_init(&params, call->flow.request->arena);
    if (call->number == 0) {
        db_null(&params);
    } else {
        db_i64(&params, call->number);
    }
    db_run(call->flow.services->db, STATEMENT_bill_upload_list, &params, shown, call);
}

static void
decided(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = OUTCOME_ERR(outcomes, db_row_text(answer->rows, 0, "outcome"));
    }
    if (flow_ok(&call->flow, err)) {
        show(call);
    }
}

static void
decide(struct call *call)
{
    struct db_params params;
    db_params_init(&params, call->flow.request->arena);
    db_i64(&params, call->number);
    db_cstr(&params, call->state);
    if (span_empty(call->sha256)) {
        db_null(&params);
    } else {
        db_text(&params, call->sha256);
    }
    db_text(&params, call->flow.request->client_keyid);
    db_time(&params, clock_wall());
    if (span_empty(call->header_sha256)) {
        db_null(&params);
    } else {
        db_text(&params, call->header_sha256);
    }
    db_run(call->flow.services->db, STATEMENT_bill_upload_decide, &params, decided, call);
}

/* Whoever approves says which bytes, and which header, were compared. */
static enum err
read_approval(struct call *call)
{
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open(call->flow.request, &body, &call->faults));
    body_string(&body.root, "sha256", SHA256_DIGITS, SHA256_DIGITS, &call->sha256);
    body_optional_string(&body.root, "header_sha256", SHA256_DIGITS, SHA256_DIGITS,
                         &call->header_sha256);
    return body_verdict(&body);
}

static enum err
read_rejection(struct call *call)
{
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open_optional(call->flow.request, &body, &call->faults));
    return body_verdict(&body);
}

static void
begin_decision(struct flow *flow, const char *state, enum err err)
{
    struct call *call = call_of(flow);
    call->state = state;
    if (err != ERR_OK) {
        flow_refuse(flow, err, &call->faults);
        return;
    }
    enum err number = span_to_i64(flow->request->captures[0], 1, NUMBER_MAX, &call->number);
    if (flow_ok(flow, number == ERR_OK ? ERR_OK : ERR_UPLOAD_UNKNOWN)) {
        decide(call);
    }
}

static void
begin_approve(struct flow *flow)
{
    begin_decision(flow, "approved", read_approval(call_of(flow)));
}

static void
begin_reject(struct flow *flow)
{
    begin_decision(flow, "rejected", read_rejection(call_of(flow)));
}

static void
begin_list(struct flow *flow)
{
    show(call_of(flow));
}

void
handle_upload_list(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_list);
}

void
handle_upload_approve(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_approve);
}

void
handle_upload_reject(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_reject);
}
