/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto.h"
#include "difference.h"
#include "difference_view.h"
#include "flow.h"
#include "handlers.h"

/* What finance and auditors read of differences. */

#define LISTED_DEFAULT 50
#define LISTED_MOST    200
#define HISTORY_MOST   500 /* the newest; tallygate differences show has all */
#define NAME_MAX       64
#define CONTENT_MAX    ((size_t)64 * 1024)
#define ITEMS_MOST     200 /* likewise */
#define VIEW_MAX       ((size_t)512 * 1024)

struct read_call {
    struct flow flow;
    struct faults faults;
    struct span number;
    struct span text; /* of the difference, while more of it is read */
    struct span state;
    struct span account;
    struct span kind; /* of bill */
    struct span assignee;
    struct span after;
    int64_t severity;
    struct day day; /* year 0: any */
    int64_t age_from;
    int64_t age_to;
    int64_t limit;
};

static struct read_call *
call_of(struct flow *flow)
{
    return (struct read_call *)(void *)flow;
}

static void
common_params(const struct read_call *call, struct db_params *params)
{
    db_params_init(params, call->flow.request->arena);
    db_text(params, call->flow.request->client_owner);
    db_day(params, day_of(clock_wall(), ZONE_CHINA_MIN));
}

static enum err
put_next(const struct read_call *call, const struct db_rows *rows, struct json_t *view)
{
    size_t count = db_rows_count(rows);
    if ((int64_t)count < call->limit) {
        return json_put_null(view, "next");
    }
    DEFER(buf_fini) struct buf id = BUF_MAX(NAME_MAX);
    TRY(difference_id(db_row_text(rows, count - 1, "difference_no"), &id));
    return json_put_string(view, "next", buf_span(&id));
}

static enum err
list_view(const struct read_call *call, const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    struct json_t *list = NULL;
    TRY(json_new_object(&view));
    TRY(json_new_array(&list));
    TRY(json_put(view, "differences", list));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        struct json_t *one = NULL;
        TRY(json_new_object(&one));
        TRY(json_put(list, NULL, one));
        TRY(difference_view_put(one, rows, i, call->flow.request->language));
    }
    TRY(put_next(call, rows, view));
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
listed(void *context, const struct db_answer *answer)
{
    struct read_call *call = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = list_view(call, answer->rows, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

/* One filter: absent leaves its default. */
static void
read_number(struct read_call *call, const char *name, int64_t min, int64_t max, int64_t *out)
{
    struct span text = { 0 };
    enum err err = http_query_get(call->flow.request, name, &text);
    if (err == ERR_OK && !span_empty(text) && span_to_i64(text, min, max, out) != ERR_OK) {
        err = ERR_FIELD_VALUE;
    }
    faults_add(&call->faults, "", name, err);
}

static enum err
check_state(struct span state)
{
    enum difference_state decoded;
    return span_empty(state) || span_eq_cstr(state, "waiting")
               ? ERR_OK
               : difference_state_decode(state, &decoded);
}

static enum err
check_any(struct span value)
{
    return value.len <= NAME_MAX ? ERR_OK : ERR_FIELD_LENGTH;
}

static void
read_text(struct read_call *call, const char *name, enum err (*check)(struct span value),
          struct span *out)
{
    enum err err = http_query_get(call->flow.request, name, out);
    faults_add(&call->faults, "", name, err == ERR_OK ? check(*out) : err);
}

static void
read_rest(struct read_call *call)
{
    struct span day = { 0 };
    struct span age = { 0 };
    struct span after = { 0 };
    enum err err = http_query_get(call->flow.request, "day", &day);
    if (err == ERR_OK && !span_empty(day)) {
        err = day_parse(day, &call->day);
    }
    faults_add(&call->faults, "", "day", err);
    err = http_query_get(call->flow.request, "age", &age);
    if (err == ERR_OK && !span_empty(age)) {
        err = difference_age_decode(age, &call->age_from, &call->age_to);
    }
    faults_add(&call->faults, "", "age", err);
    err = http_query_get(call->flow.request, "after", &after);
    if (err == ERR_OK && !span_empty(after)) {
        err = difference_of_id(after, &call->after);
    }
    faults_add(&call->faults, "", "after", err == ERR_DIFFERENCE_UNKNOWN ? ERR_FIELD_VALUE : err);
}

static void
begin_list(struct flow *flow)
{
    struct read_call *call = call_of(flow);
    struct db_params params;
    call->limit = LISTED_DEFAULT;
    call->age_to = INT32_MAX;
    call->after = SPAN_LIT("");
    read_text(call, "state", check_state, &call->state);
    read_text(call, "account", check_any, &call->account);
    read_text(call, "bill_kind", check_any, &call->kind);
    read_text(call, "assignee", check_any, &call->assignee);
    read_number(call, "severity", 1, 3, &call->severity);
    read_number(call, "limit", 1, LISTED_MOST, &call->limit);
    read_rest(call);
    enum err err = faults_verdict(&call->faults);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &call->faults);
        return;
    }
    common_params(call, &params);
    db_text(&params, call->state);
    db_i64(&params, call->severity);
    db_day(&params, call->day);
    db_text(&params, call->account);
    db_text(&params, call->assignee);
    db_i64(&params, call->age_from);
    db_i64(&params, call->age_to);
    db_text(&params, call->after);
    db_i64(&params, call->limit);
    db_text(&params, call->kind);
    db_run(flow->services->db, STATEMENT_difference_list, &params, listed, call);
}

void
handle_difference_list(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct read_call),
               "state severity day account bill_kind assignee age after limit", begin_list);
}

static enum err
whole_view(const struct read_call *call, const struct db_answer *answer, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(answer->err);
    TRY(json_parse(call->text, &view));
    TRY(difference_view_history(view, answer->rows));
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
told(void *context, const struct db_answer *answer)
{
    struct read_call *call = context;
    struct json_t *view = NULL;
    if (flow_ok(&call->flow, whole_view(call, answer, &view))) {
        flow_answer(&call->flow, 200, view);
    }
}

/* As text, which the request's memory holds. */
static enum err
keep(struct read_call *call, const struct json_t *view)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(VIEW_MAX);
    TRY(json_encode(view, &text));
    return arena_copy(call->flow.request->arena, buf_span(&text), &call->text);
}

static enum err
take_items(struct read_call *call, const struct db_answer *answer)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(answer->err);
    TRY(json_parse(call->text, &view));
    TRY(difference_view_items(view, answer->rows));
    return keep(call, view);
}

/* The newest of a list that the difference has. */
static void
ask_for(struct read_call *call, enum statement statement, int64_t most, db_done done)
{
    struct db_params params;
    db_params_init(&params, call->flow.request->arena);
    db_text(&params, call->number);
    db_i64(&params, most);
    db_run(call->flow.services->db, statement, &params, done, call);
}

static void
items_told(void *context, const struct db_answer *answer)
{
    struct read_call *call = context;
    if (flow_ok(&call->flow, take_items(call, answer))) {
        ask_for(call, STATEMENT_difference_history, HISTORY_MOST, told);
    }
}

static enum err
take_found(struct read_call *call, const struct db_answer *answer)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(answer->err);
    if (db_rows_count(answer->rows) == 0) {
        return ERR_DIFFERENCE_UNKNOWN;
    }
    TRY(json_new_object(&view));
    TRY(difference_view_put(view, answer->rows, 0, call->flow.request->language));
    return keep(call, view);
}

static void
found(void *context, const struct db_answer *answer)
{
    struct read_call *call = context;
    if (flow_ok(&call->flow, take_found(call, answer))) {
        ask_for(call, STATEMENT_difference_items, ITEMS_MOST, items_told);
    }
}

static void
begin_get(struct flow *flow)
{
    struct read_call *call = call_of(flow);
    struct db_params params;
    if (!flow_ok(flow, difference_of_id(flow->request->captures[0], &call->number))) {
        return;
    }
    common_params(call, &params);
    db_text(&params, call->number);
    db_run(flow->services->db, STATEMENT_difference_find, &params, found, call);
}

void
handle_difference_get(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct read_call), NULL, begin_get);
}

static enum err
attachment_view(const struct read_call *call, const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    DEFER(buf_fini) struct buf content = BUF_MAX(CONTENT_MAX);
    struct span bytes;
    if (db_rows_count(rows) == 0) {
        return ERR_ATTACHMENT_UNKNOWN;
    }
    TRY(db_row_bytes(rows, 0, "bytes", call->flow.request->arena, &bytes));
    TRY(crypto_base64_encode(bytes, &content));
    TRY(json_new_object(&view));
    TRY(json_put_string(view, "digest", call->flow.request->captures[0]));
    TRY(json_put_i64(view, "bytes", (int64_t)bytes.len));
    TRY(json_put_string(view, "content", buf_span(&content)));
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
attachment_found(void *context, const struct db_answer *answer)
{
    struct read_call *call = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = attachment_view(call, answer->rows, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

static void
begin_attachment(struct flow *flow)
{
    DEFER(buf_fini) struct buf digest = BUF_MAX(SHA256_BYTES);
    struct read_call *call = call_of(flow);
    struct db_params params;
    if (crypto_hex_decode(flow->request->captures[0], &digest) != ERR_OK
        || digest.len != SHA256_BYTES) {
        flow_refuse(flow, ERR_ATTACHMENT_UNKNOWN, NULL);
        return;
    }
    db_params_init(&params, flow->request->arena);
    db_text(&params, flow->request->client_owner);
    db_bytes(&params, buf_span(&digest));
    db_run(flow->services->db, STATEMENT_attachment_find, &params, attachment_found, call);
}

void
handle_attachment_get(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct read_call), NULL, begin_attachment);
}
