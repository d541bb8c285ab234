/* SPDX-License-Identifier: Apache-2.0 */
#include "flow.h"
#include "handlers.h"
#include "import.h"

/* The portal sends its orders and invoices in batches. */

struct import_call {
    struct flow flow;
    struct import_batch batch;
};

static struct import_call *
call_of(struct flow *flow)
{
    return (struct import_call *)(void *)flow;
}

static enum err
put_tallies(const struct import_batch *batch, struct json_t *view)
{
    TRY(json_put_i64(view, "lines", (int64_t)batch->count));
    for (int verdict = 0; verdict < IMPORT_VERDICT_COUNT; verdict++) {
        TRY(json_put_i64(view, import_verdict_code((enum import_verdict)verdict),
                         (int64_t)import_batch_tally(batch, (enum import_verdict)verdict)));
    }
    return ERR_OK;
}

static enum err
batch_view(const struct import_batch *batch, enum language language, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    struct json_t *verdicts = NULL;
    TRY(json_new_object(&view));
    TRY(put_tallies(batch, view));
    TRY(json_new_array(&verdicts));
    TRY(json_put(view, "verdicts", verdicts));
    for (size_t i = 0; i < batch->count; i++) {
        struct json_t *line = NULL;
        TRY(import_line_view(batch, &batch->lines[i], language, &line));
        TRY(json_put(verdicts, NULL, line));
    }
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
answer(struct import_call *call)
{
    struct json_t *view = NULL;
    if (flow_ok(&call->flow, batch_view(&call->batch, call->flow.request->language, &view))) {
        flow_answer(&call->flow, 200, view);
    }
}

static void
stored(void *context, const struct db_answer *db)
{
    struct import_call *call = context;
    enum err err = db->err;
    if (err == ERR_OK) {
        err = import_batch_take(&call->batch, db->rows);
    }
    if (flow_ok(&call->flow, err)) {
        answer(call);
    }
}

static enum err
read_lines(struct import_batch *batch, struct span body)
{
    struct span line;
    bool more = true;
    for (int64_t number = 1; more; number++) {
        more = span_cut(&body, '\n', &line);
        TRY(import_batch_add(batch, number, line));
    }
    return batch->count > 0 ? ERR_OK : ERR_IMPORT_LINES;
}

static enum err
prepare(struct import_call *call, const struct import_kind *kind, struct db_params *params)
{
    const struct http_request *request = call->flow.request;
    TRY(import_batch_open(kind, request->client_owner, clock_wall(), request->arena, &call->batch));
    TRY(read_lines(&call->batch, request->body));
    return import_batch_params(&call->batch, params);
}

static void
begin(struct flow *flow, const struct import_kind *kind)
{
    struct import_call *call = call_of(flow);
    struct db_params params;
    enum err err = prepare(call, kind, &params);
    import_batch_close(&call->batch);
    if (!flow_ok(flow, err)) {
        return;
    }
    if (call->batch.good == 0) {
        answer(call);
        return;
    }
    db_run(flow->services->db, kind->statement, &params, stored, call);
}

static void
begin_orders(struct flow *flow)
{
    begin(flow, &import_orders);
}

void
handle_import_orders(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct import_call), NULL, begin_orders);
}

static void
begin_invoices(struct flow *flow)
{
    begin(flow, &import_invoices);
}

void
handle_import_invoices(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct import_call), NULL, begin_invoices);
}
