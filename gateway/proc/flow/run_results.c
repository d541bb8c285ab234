/* SPDX-License-Identifier: Apache-2.0 */
#include "difference.h"
#include "handlers.h"
#include "run_calls.h"
#include "run_view.h"

/* The results of a run, down to the line of the bill and what the order went through. */

#define STORY_MOST    200
#define INVOICES_MOST 200 /* with their items that are off */
#define CODES_MAX     ((size_t)16 * 1024)

static struct run_call *
call_of(struct flow *flow)
{
    return (struct run_call *)(void *)flow;
}

static enum err
results_view(const struct run_call *call, const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    struct json_t *list = NULL;
    size_t count = db_rows_count(rows);
    struct report_row row = { .seq = 0 };
    TRY(json_new_object(&view));
    TRY(json_new_array(&list));
    TRY(json_put(view, "results", list));
    for (size_t i = 0; i < count; i++) {
        struct json_t *one = NULL;
        TRY(report_load_row(rows, i, call->flow.request->arena, &row));
        TRY(json_new_object(&one));
        TRY(json_put(list, NULL, one));
        TRY(run_view_result(one, &row, call->flow.request->language, false));
    }
    TRY((int64_t)count < call->limit ? json_put_null(view, "next")
                                     : json_put_i64(view, "next", row.seq));
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
results_found(void *context, const struct db_answer *answer)
{
    run_calls_answer(context, answer, results_view);
}

static void
read_results(struct run_call *call)
{
    struct span text = { 0 };
    if (run_calls_has(call, "differs", &text)) {
        call->differs = span_eq_cstr(text, "true");
        faults_add(&call->faults, "", "differs",
                   call->differs || span_eq_cstr(text, "false") ? ERR_OK : ERR_FIELD_VALUE);
    }
    if (run_calls_has(call, "after", &text)
        && span_to_i64(text, 1, INT64_MAX, &call->after) != ERR_OK) {
        faults_add(&call->faults, "", "after", ERR_FIELD_VALUE);
    }
    run_calls_limit(call);
}

static void
begin_results(struct flow *flow)
{
    struct run_call *call = call_of(flow);
    struct db_params params;
    DEFER(buf_fini) struct buf codes = BUF_MAX(CODES_MAX);
    read_results(call);
    if (!run_calls_ok(call) || !run_calls_id(call) || !flow_ok(flow, report_load_codes(&codes))) {
        return;
    }
    db_params_init(&params, flow->request->arena);
    db_i64(&params, call->run_id);
    db_text(&params, flow->request->client_owner);
    db_i64(&params, call->after);
    db_bool(&params, call->differs);
    db_text(&params, buf_span(&codes));
    db_i64(&params, call->limit);
    db_run(flow->services->db, STATEMENT_run_results, &params, results_found, call);
}

void
handle_run_results(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct run_call), "differs after limit", begin_results);
}

static enum err
documented_view(const struct run_call *call, const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_parse(call->text, &view));
    TRY(run_view_invoices(view, rows, call->differs));
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
invoices_found(void *context, const struct db_answer *answer)
{
    run_calls_answer(context, answer, documented_view);
}

/* Asks for what the run has of the result's order. */
static void
find_of_order(struct run_call *call, enum statement statement, int64_t most, db_done done)
{
    struct db_params params;
    db_params_init(&params, call->flow.request->arena);
    db_i64(&params, call->run_id);
    db_text(&params, call->owner);
    db_text(&params, call->order_no);
    db_i64(&params, most);
    db_run(call->flow.services->db, statement, &params, done, call);
}

static enum err
take_story(struct run_call *call, const struct db_answer *answer)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(answer->err);
    TRY(json_parse(call->text, &view));
    TRY(run_view_story(view, answer->rows, call->flow.request->arena));
    struct json_t *made = view;
    view = NULL;
    return run_calls_keep(call, made);
}

static void
story_found(void *context, const struct db_answer *answer)
{
    struct run_call *call = context;
    if (flow_ok(&call->flow, take_story(call, answer))) {
        find_of_order(call, STATEMENT_run_invoices, INVOICES_MOST, invoices_found);
    }
}

static enum err
take_result(struct run_call *call, const struct db_answer *answer)
{
    struct json_t *view = NULL;
    struct report_row row;
    TRY(answer->err);
    if (db_rows_count(answer->rows) == 0) {
        return ERR_RUN_UNKNOWN;
    }
    TRY(report_load_row(answer->rows, 0, call->flow.request->arena, &row));
    call->owner = row.owner;
    call->order_no = row.order_no;
    call->differs = span_empty(row.order_no) || report_row_differs(&row);
    TRY(json_new_object(&view));
    enum err err = run_view_id(view, "run", call->run_id);
    if (err == ERR_OK) {
        err = run_view_result(view, &row, call->flow.request->language, true);
    }
    if (err != ERR_OK) {
        json_free(&view);
        return err;
    }
    return run_calls_keep(call, view);
}

static void
result_found(void *context, const struct db_answer *answer)
{
    struct run_call *call = context;
    if (flow_ok(&call->flow, take_result(call, answer))) {
        find_of_order(call, STATEMENT_run_story, STORY_MOST, story_found);
    }
}

static void
find_result(struct run_call *call)
{
    struct db_params params;
    db_params_init(&params, call->flow.request->arena);
    db_i64(&params, call->run_id);
    db_text(&params, call->flow.request->client_owner);
    db_i64(&params, call->seq);
    db_run(call->flow.services->db, STATEMENT_run_result, &params, result_found, call);
}

static void
begin_result(struct flow *flow)
{
    struct run_call *call = call_of(flow);
    if (run_calls_id(call)
        && flow_ok(flow,
                   err_told_as(span_to_i64(flow->request->captures[1], 1, INT64_MAX, &call->seq),
                               ERR_RUN_UNKNOWN))) {
        find_result(call);
    }
}

void
handle_run_result(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct run_call), NULL, begin_result);
}

static void
difference_placed(void *context, const struct db_answer *answer)
{
    struct run_call *call = context;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) == 0) {
        err = ERR_DIFFERENCE_UNKNOWN;
    }
    if (flow_ok(&call->flow, err)) {
        call->run_id = db_row_i64(answer->rows, 0, "run_id");
        call->seq = db_row_i64(answer->rows, 0, "seq");
        find_result(call);
    }
}

static void
begin_of_difference(struct flow *flow)
{
    struct run_call *call = call_of(flow);
    struct db_params params;
    struct span number;
    if (flow_ok(flow, difference_of_id(flow->request->captures[0], &number))) {
        db_params_init(&params, flow->request->arena);
        db_text(&params, number);
        db_text(&params, flow->request->client_owner);
        db_run(flow->services->db, STATEMENT_difference_result, &params, difference_placed, call);
    }
}

void
handle_difference_result(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct run_call), NULL, begin_of_difference);
}
