/* SPDX-License-Identifier: Apache-2.0 */
#include "run_calls.h"

#include "handlers.h"
#include "run_view.h"

/* The list of runs, and one with its sheet and its files. */

#define LISTED_DEFAULT 50
#define LISTED_MOST    100
#define NAME_MAX_BYTES 64
#define VIEW_MAX       ((size_t)128 * 1024)

static struct run_call *
call_of(struct flow *flow)
{
    return (struct run_call *)(void *)flow;
}

bool
run_calls_has(struct run_call *call, const char *name, struct span *out)
{
    enum err err = http_query_get(call->flow.request, name, out);
    faults_add(&call->faults, "", name, err);
    return err == ERR_OK && !span_empty(*out);
}

void
run_calls_limit(struct run_call *call)
{
    struct span text = { 0 };
    call->limit = LISTED_DEFAULT;
    if (run_calls_has(call, "limit", &text)
        && span_to_i64(text, 1, LISTED_MOST, &call->limit) != ERR_OK) {
        faults_add(&call->faults, "", "limit", ERR_FIELD_VALUE);
    }
}

/* Empty when it is not asked for. */
static void
read_name(struct run_call *call, const char *name, struct span *out)
{
    *out = SPAN_LIT("");
    if (run_calls_has(call, name, out) && out->len > NAME_MAX_BYTES) {
        faults_add(&call->faults, "", name, ERR_FIELD_LENGTH);
    }
}

static void
read_list(struct run_call *call)
{
    struct span text = { 0 };
    read_name(call, "account", &call->account);
    read_name(call, "bill_kind", &call->kind);
    call->state = SPAN_LIT("");
    if (run_calls_has(call, "state", &call->state) && !span_eq_cstr(call->state, "complete")
        && !span_eq_cstr(call->state, "blocked") && !span_eq_cstr(call->state, "counting")) {
        faults_add(&call->faults, "", "state", ERR_FIELD_VALUE);
    }
    if (run_calls_has(call, "day", &text)) {
        faults_add(&call->faults, "", "day", day_parse(text, &call->day));
    }
    if (run_calls_has(call, "after", &text) && run_view_of_id(text, &call->after) != ERR_OK) {
        faults_add(&call->faults, "", "after", ERR_FIELD_VALUE);
    }
    run_calls_limit(call);
}

bool
run_calls_ok(struct run_call *call)
{
    enum err err = faults_verdict(&call->faults);
    if (err != ERR_OK) {
        flow_refuse(&call->flow, err, &call->faults);
    }
    return err == ERR_OK;
}

static enum err
list_view(const struct run_call *call, const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    struct json_t *list = NULL;
    size_t count = db_rows_count(rows);
    TRY(json_new_object(&view));
    TRY(json_new_array(&list));
    TRY(json_put(view, "runs", list));
    for (size_t i = 0; i < count; i++) {
        struct json_t *one = NULL;
        TRY(json_new_object(&one));
        TRY(json_put(list, NULL, one));
        TRY(run_view_put(one, rows, i));
    }
    TRY((int64_t)count < call->limit
            ? json_put_null(view, "next")
            : run_view_id(view, "next", db_row_i64(rows, count - 1, "run_id")));
    *out = view;
    view = NULL;
    return ERR_OK;
}

void
run_calls_answer(struct run_call *call, const struct db_answer *answer, run_calls_view make)
{
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = make(call, answer->rows, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

static void
listed(void *context, const struct db_answer *answer)
{
    run_calls_answer(context, answer, list_view);
}

static void
begin_list(struct flow *flow)
{
    struct run_call *call = call_of(flow);
    struct db_params params;
    read_list(call);
    if (!run_calls_ok(call)) {
        return;
    }
    db_params_init(&params, flow->request->arena);
    db_text(&params, call->account);
    db_text(&params, call->kind);
    db_day(&params, call->day);
    db_day(&params, call->day);
    db_text(&params, call->state);
    db_i64(&params, call->after);
    db_i64(&params, call->limit);
    db_run(flow->services->db, STATEMENT_run_list, &params, listed, call);
}

void
handle_run_list(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct run_call), "account bill_kind day state after limit",
               begin_list);
}

enum err
run_calls_keep(struct run_call *call, struct json_t *made)
{
    DEFER(json_free) struct json_t *view = made;
    DEFER(buf_fini) struct buf text = BUF_MAX(VIEW_MAX);
    TRY(json_encode(view, &text));
    return arena_copy(call->flow.request->arena, buf_span(&text), &call->text);
}

static enum err
whole_view(const struct run_call *call, const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_parse(call->text, &view));
    TRY(run_view_files(view, rows));
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
files_found(void *context, const struct db_answer *answer)
{
    run_calls_answer(context, answer, whole_view);
}

static enum err
take_run(struct run_call *call, const struct db_answer *answer)
{
    struct json_t *view = NULL;
    TRY(answer->err);
    if (db_rows_count(answer->rows) == 0) {
        return ERR_RUN_UNKNOWN;
    }
    TRY(json_new_object(&view));
    enum err err = run_view_whole(view, answer->rows, 0);
    if (err != ERR_OK) {
        json_free(&view);
        return err;
    }
    return run_calls_keep(call, view);
}

static void
run_found(void *context, const struct db_answer *answer)
{
    struct run_call *call = context;
    struct db_params params;
    if (flow_ok(&call->flow, take_run(call, answer))) {
        db_params_init(&params, call->flow.request->arena);
        db_i64(&params, call->run_id);
        db_run(call->flow.services->db, STATEMENT_run_files, &params, files_found, call);
    }
}

bool
run_calls_id(struct run_call *call)
{
    return flow_ok(&call->flow, run_view_of_id(call->flow.request->captures[0], &call->run_id));
}

static void
begin_get(struct flow *flow)
{
    struct run_call *call = call_of(flow);
    struct db_params params;
    if (run_calls_id(call)) {
        db_params_init(&params, flow->request->arena);
        db_i64(&params, call->run_id);
        db_run(flow->services->db, STATEMENT_run_find, &params, run_found, call);
    }
}

void
handle_run_get(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct run_call), NULL, begin_get);
}
