/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"
#include "flow.h"
#include "handlers.h"
#include "webhook_store.h"
#include "webhook_view.h"

/* What was sent and what was not, sending it again, and the feed for those who rather ask than be told. */

#define DELIVERIES_MAX  100
#define EVENTS_DEFAULT  50
#define EVENTS_MAX      100
#define ENDPOINT_ID_MAX 48

struct delivery_call {
    struct flow flow;
    struct faults faults;
    struct span endpoint_id;
    struct span state;
    struct span after; /* place of the feed */
    struct webhook_key key;
    int slot;
    int64_t limit;
};

static struct delivery_call *
call_of(struct flow *flow)
{
    return (struct delivery_call *)(void *)flow;
}

static bool
take_endpoint(struct delivery_call *call)
{
    call->endpoint_id = call->flow.request->captures[0];
    return flow_ok(&call->flow,
                   webhook_endpoint_id_valid(call->endpoint_id) ? ERR_OK : ERR_WEBHOOK_UNKNOWN);
}

static enum err
deliveries_view(const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    struct json_t *list = NULL;
    TRY(json_new_object(&view));
    TRY(json_new_array(&list));
    TRY(json_put(view, "deliveries", list));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        TRY(webhook_view_delivery(rows, i, list));
    }
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
listed(void *context, const struct db_answer *answer)
{
    struct delivery_call *call = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = deliveries_view(answer->rows, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

static enum err
read_state(struct delivery_call *call)
{
    static const char *const states[] = { "waiting", "delivered", "dead" };
    TRY(http_query_get(call->flow.request, "state", &call->state));
    bool known = span_empty(call->state);
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        known = known || span_eq_cstr(call->state, states[i]);
    }
    return known ? ERR_OK : ERR_FIELD_VALUE;
}

/* Ends the flow by naming one field. */
static void
refuse_field(struct delivery_call *call, const char *field, enum err err)
{
    faults_add(&call->faults, "", field, err);
    flow_refuse(&call->flow, ERR_VALIDATION, &call->faults);
}

static void
begin_list(struct flow *flow)
{
    struct delivery_call *call = call_of(flow);
    enum err err = read_state(call);
    if (err != ERR_OK) {
        refuse_field(call, "state", err);
        return;
    }
    if (!take_endpoint(call)) {
        return;
    }
    struct db_params params;
    db_params_init(&params, flow->request->arena);
    db_text(&params, flow->request->client_owner);
    db_text(&params, call->endpoint_id);
    db_text(&params, call->state);
    db_i64(&params, DELIVERIES_MAX);
    db_run(flow->services->db, STATEMENT_webhook_delivery_list, &params, listed, call);
}

void
handle_webhook_delivery_list(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct delivery_call), "state", begin_list);
}

static enum err
count_view(const char *name, int64_t count, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_new_object(&view));
    TRY(json_put_i64(view, name, count));
    *out = view;
    view = NULL;
    return ERR_OK;
}

/* What is asked for goes out by itself: 202. */
static void
answer_count(struct delivery_call *call, enum err err, const char *name, int64_t count)
{
    struct json_t *view = NULL;
    if (err == ERR_OK) {
        err = count_view(name, count, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 202, view);
    }
}

static void
resent(void *context, const struct db_answer *answer)
{
    struct delivery_call *call = context;
    enum err err = answer->err;
    int64_t sent = 0;
    if (err == ERR_OK) {
        sent = db_row_i64(answer->rows, 0, "sent");
        err = db_row_i64(answer->rows, 0, "found") == 0 ? ERR_WEBHOOK_UNKNOWN
              : sent == 0                               ? ERR_WEBHOOK_DISABLED
                                                        : ERR_OK;
    }
    answer_count(call, err, "resent", sent);
}

/* A body may be absent or an empty object. */
static enum err
read_nothing(struct delivery_call *call)
{
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open_optional(call->flow.request, &body, &call->faults));
    return body_verdict(&body);
}

static enum err
read_delivery(struct delivery_call *call)
{
    struct span hex;
    DEFER(buf_fini) struct buf id = BUF_MAX(ENDPOINT_ID_MAX);
    TRY(webhook_delivery_id_read(call->flow.request->captures[0], &call->key, &call->slot, &hex));
    TRY(buf_text(&id, "we_"));
    TRY(buf_append(&id, hex));
    return arena_copy(call->flow.request->arena, buf_span(&id), &call->endpoint_id);
}

static void
begin_resend(struct flow *flow)
{
    struct delivery_call *call = call_of(flow);
    struct db_params params;
    enum err err = read_nothing(call);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &call->faults);
        return;
    }
    if (!flow_ok(flow, read_delivery(call))) {
        return;
    }
    db_params_init(&params, flow->request->arena);
    webhook_key_params(&params, call->slot, &call->key, call->endpoint_id);
    db_text(&params, flow->request->client_owner);
    db_time(&params, clock_wall());
    db_run(flow->services->db, STATEMENT_webhook_resend, &params, resent, call);
}

void
handle_webhook_delivery_resend(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct delivery_call), NULL, begin_resend);
}

static void
replayed(void *context, const struct db_answer *answer)
{
    struct delivery_call *call = context;
    enum err err = answer->err;
    int64_t count = 0;
    if (err == ERR_OK) {
        count = db_row_i64(answer->rows, 0, "replayed");
        err = db_row_i64(answer->rows, 0, "found") == 0  ? ERR_WEBHOOK_UNKNOWN
              : !db_row_bool(answer->rows, 0, "enabled") ? ERR_WEBHOOK_DISABLED
                                                         : ERR_OK;
    }
    answer_count(call, err, "replayed", count);
}

static enum err
read_range(struct delivery_call *call, struct wall_time *from, struct wall_time *to)
{
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open(call->flow.request, &body, &call->faults));
    body_time(&body.root, "from", from);
    body_time(&body.root, "to", to);
    if (from->us != 0 && to->us != 0 && from->us >= to->us) {
        body_fault(&body.root, "to", ERR_FIELD_VALUE);
    }
    return body_verdict(&body);
}

static void
begin_replay(struct flow *flow)
{
    struct delivery_call *call = call_of(flow);
    struct wall_time from = { .us = 0 };
    struct wall_time to = { .us = 0 };
    struct db_params params;
    enum err err = read_range(call, &from, &to);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &call->faults);
        return;
    }
    if (!take_endpoint(call)) {
        return;
    }
    db_params_init(&params, flow->request->arena);
    db_text(&params, call->endpoint_id);
    db_text(&params, flow->request->client_owner);
    db_time(&params, from);
    db_time(&params, to);
    db_time(&params, clock_wall());
    db_i64(&params, WEBHOOK_REPLAY_MAX);
    db_run(flow->services->db, STATEMENT_webhook_replay, &params, replayed, call);
}

void
handle_webhook_endpoint_replay(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct delivery_call), NULL, begin_replay);
}

static enum err
events_view(const struct delivery_call *call, const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    DEFER(buf_fini) struct buf next = BUF_MAX(ENDPOINT_ID_MAX);
    struct json_t *list = NULL;
    size_t count = db_rows_count(rows);
    TRY(json_new_object(&view));
    TRY(json_new_array(&list));
    TRY(json_put(view, "events", list));
    TRY(webhook_view_events(rows, call->flow.request->arena, list));
    TRY(count > 0 ? buf_i64(&next, db_row_i64(rows, count - 1, "place"))
                  : buf_append(&next, call->after));
    TRY(json_put_string(view, "next", buf_span(&next)));
    TRY(json_put_bool(view, "more", (int64_t)count == call->limit));
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
pulled(void *context, const struct db_answer *answer)
{
    struct delivery_call *call = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = events_view(call, answer->rows, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

/* The cursor is a place of the feed as text; none reads from the beginning. */
static enum err
read_number(const struct delivery_call *call, const char *name, int64_t min, int64_t max,
            struct span *text, int64_t *out)
{
    TRY(http_query_get(call->flow.request, name, text));
    return span_empty(*text) || span_to_i64(*text, min, max, out) == ERR_OK ? ERR_OK
                                                                            : ERR_FIELD_VALUE;
}

static void
begin_events(struct flow *flow)
{
    struct delivery_call *call = call_of(flow);
    struct span limit_text;
    int64_t after = 0;
    call->limit = EVENTS_DEFAULT;
    enum err err = read_number(call, "after", 0, INT64_MAX, &call->after, &after);
    if (err != ERR_OK) {
        refuse_field(call, "after", err);
        return;
    }
    err = read_number(call, "limit", 1, EVENTS_MAX, &limit_text, &call->limit);
    if (err != ERR_OK) {
        refuse_field(call, "limit", err);
        return;
    }
    if (span_empty(call->after)) {
        call->after = SPAN_LIT("0");
    }
    struct db_params params;
    db_params_init(&params, flow->request->arena);
    db_text(&params, flow->request->client_owner);
    db_i64(&params, after);
    db_i64(&params, call->limit);
    db_run(flow->services->db, STATEMENT_event_feed, &params, pulled, call);
}

void
handle_event_list(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct delivery_call), "after limit", begin_events);
}
