/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"
#include "flow.h"
#include "handlers.h"
#include "webhook.h"
#include "webhook_url.h"
#include "webhook_view.h"

/* A client's endpoints: registering, looking, rotating, enabling, taking away. A secret is told in the answer to
 * the call that made it and is stored nowhere, not even with the idempotency key. */

#define ENDPOINTS_MAX 10
#define KINDS_MAX     WEBHOOK_KIND_COUNT
#define KINDS_BYTES   ((size_t)512)
#define ID_LABEL      "tallygate webhook endpoint\n"
#define ID_HEX_BYTES  (WEBHOOK_ENDPOINT_HEX / 2)
#define US_PER_S      INT64_C(1000000)
#define MS_PER_S      INT64_C(1000)

struct endpoint_call {
    struct flow flow;
    struct faults faults;
    struct span id;
    struct span url;
    struct span kinds; /* with blanks between them; empty: all */
    int64_t generation;
    struct json_t *view; /* waits for its secret */
    int status;
};

static struct endpoint_call *
call_of(struct flow *flow)
{
    return (struct endpoint_call *)(void *)flow;
}

static void
list(struct endpoint_call *call, struct span id, db_done done)
{
    const struct http_request *request = call->flow.request;
    struct db_params params;
    db_params_init(&params, request->arena);
    db_text(&params, request->client_owner);
    db_text(&params, id);
    db_run(call->flow.services->db, STATEMENT_webhook_endpoint_list, &params, done, call);
}

static enum err
only_row(const struct db_answer *answer, struct json_t **out)
{
    TRY(answer->err);
    if (db_rows_count(answer->rows) == 0) {
        return ERR_WEBHOOK_UNKNOWN;
    }
    return webhook_view_endpoint(answer->rows, 0, out);
}

static void
show(void *context, const struct db_answer *answer)
{
    struct endpoint_call *call = context;
    struct json_t *view = NULL;
    if (flow_ok(&call->flow, only_row(answer, &view))) {
        flow_answer(&call->flow, 200, view);
    }
}

static bool
take_id(struct endpoint_call *call)
{
    call->id = call->flow.request->captures[0];
    return flow_ok(&call->flow, webhook_endpoint_id_valid(call->id) ? ERR_OK : ERR_WEBHOOK_UNKNOWN);
}

/* These calls take no field; a body may be absent or an empty object. */
static bool
take_nothing(struct endpoint_call *call)
{
    DEFER(body_close) struct body body = { 0 };
    enum err err = body_open_optional(call->flow.request, &body, &call->faults);
    if (err == ERR_OK) {
        err = body_verdict(&body);
    }
    if (err != ERR_OK) {
        flow_refuse(&call->flow, err, &call->faults);
    }
    return err == ERR_OK;
}

/* The secret goes into the answer alone; what is kept for the key says that there is none. */
static enum err
with_secret(const struct json_t *view, struct span secret, struct json_t **out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(HTTP_API_BODY_MAX);
    DEFER(json_free) struct json_t *copy = NULL;
    TRY(json_encode(view, &text));
    TRY(json_parse(buf_span(&text), &copy));
    if (span_empty(secret)) {
        TRY(json_put_null(copy, "secret"));
    } else {
        TRY(json_put_string(copy, "secret", secret));
    }
    *out = copy;
    copy = NULL;
    return ERR_OK;
}

static void
told(void *context, enum err err, struct span secret)
{
    struct endpoint_call *call = context;
    DEFER(json_free) struct json_t *view = call->view;
    struct json_t *answer = NULL;
    struct json_t *kept = NULL;
    call->view = NULL;
    /* Who comes back for a crashed request after minutes gets no secret: it rotates. */
    if (err == ERR_OK || err == ERR_KEYS_POLICY) {
        err = with_secret(view, err == ERR_OK ? secret : SPAN_LIT(""), &answer);
    }
    if (err == ERR_OK) {
        err = with_secret(view, SPAN_LIT(""), &kept);
    }
    if (err != ERR_OK) {
        json_free(&answer);
        flow_refuse(&call->flow, err, NULL);
        return;
    }
    flow_answer_once(&call->flow, call->status, answer, kept);
}

static void
tell_secret(void *context, const struct db_answer *answer)
{
    struct endpoint_call *call = context;
    enum err err = only_row(answer, &call->view);
    if (!flow_ok(&call->flow, err)) {
        return;
    }
    int64_t generation = db_row_i64(answer->rows, 0, "generation");
    keys_client_tell_webhook(call->flow.services->keys, call->id, generation, told, call);
}

static void
rotated(void *context, const struct db_answer *answer)
{
    struct endpoint_call *call = context;
    if (flow_ok(&call->flow, answer->err)) {
        list(call, call->id, tell_secret);
    }
}

/* Not there although nothing went wrong: there are too many. */
static void
created(void *context, const struct db_answer *answer)
{
    struct endpoint_call *call = context;
    if (answer->err == ERR_OK && db_rows_count(answer->rows) == 0) {
        flow_refuse(&call->flow, ERR_WEBHOOK_LIMIT, NULL);
        return;
    }
    tell_secret(context, answer);
}

static void
look_for_created(void *context, const struct db_answer *answer)
{
    struct endpoint_call *call = context;
    if (flow_ok(&call->flow, answer->err)) {
        list(call, call->id, created);
    }
}

static int64_t
second_of(struct wall_time now)
{
    return now.us / US_PER_S;
}

static void
add(struct endpoint_call *call)
{
    const struct http_request *request = call->flow.request;
    struct wall_time now = clock_wall();
    struct db_params params;
    db_params_init(&params, request->arena);
    db_text(&params, call->id);
    db_text(&params, request->client_owner);
    db_text(&params, call->url);
    db_text_or_null(&params, call->kinds);
    db_i64(&params, second_of(now));
    db_time(&params, now);
    db_i64(&params, ENDPOINTS_MAX);
    db_run(call->flow.services->db, STATEMENT_webhook_endpoint_add, &params, look_for_created,
           call);
}

/* From the owner and its idempotency key: a crashed request that is taken up again makes no second endpoint. */
static enum err
make_id(struct endpoint_call *call)
{
    const struct http_request *request = call->flow.request;
    unsigned char digest[SHA256_BYTES];
    DEFER(buf_fini) struct buf text = BUF_MAX(HTTP_TARGET_BYTES);
    TRY(buf_text(&text, ID_LABEL));
    TRY(buf_append(&text, request->client_owner));
    TRY(buf_byte(&text, '\n'));
    TRY(buf_append(&text, call->flow.idempotency_key));
    TRY(crypto_sha256(buf_span(&text), digest));
    buf_reset(&text);
    TRY(buf_text(&text, "we_"));
    TRY(crypto_hex_encode(span_make(digest, ID_HEX_BYTES), &text));
    return arena_copy(request->arena, buf_span(&text), &call->id);
}

static enum err
join_kinds(struct endpoint_call *call, const struct span *kinds, size_t count)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(KINDS_BYTES);
    bool seen[WEBHOOK_KIND_COUNT] = { false };
    for (size_t i = 0; i < count; i++) {
        enum webhook_kind kind;
        TRY(webhook_kind_decode(kinds[i], &kind));
        if (seen[kind]) {
            return ERR_FIELD_REPEATED;
        }
        seen[kind] = true;
        TRY(buf_text(&text, text.len > 0 ? " " : ""));
        TRY(buf_append(&text, kinds[i]));
    }
    return arena_copy(call->flow.request->arena, buf_span(&text), &call->kinds);
}

static enum err
read_endpoint(struct endpoint_call *call)
{
    DEFER(body_close) struct body body = { 0 };
    struct span kinds[KINDS_MAX];
    size_t count = 0;
    TRY(body_open(call->flow.request, &body, &call->faults));
    body_string(&body.root, "url", 1, HTTP_TARGET_BYTES, &call->url);
    if (!span_empty(call->url)) {
        body_fault(&body.root, "url",
                   webhook_url_check(call->url, webhook_url_rules_of(call->flow.services->config)));
    }
    body_optional_strings(&body.root, "kinds", kinds, KINDS_MAX, &count);
    body_fault(&body.root, "kinds", join_kinds(call, kinds, count));
    TRY(body_verdict(&body));
    return make_id(call);
}

/* True when endpoints can have secrets; else the flow is ended. */
static bool
set_up(struct flow *flow)
{
    bool off = config_text(flow->services->config, CONFIG_webhooks_master_secret, 0)[0] == 0;
    return flow_ok(flow, off ? ERR_WEBHOOK_OFF : ERR_OK);
}

/* What the call makes: its id is known before it is there. */
static void
subject_of_create(struct flow *flow, struct flow_subject *out)
{
    struct endpoint_call *call = call_of(flow);
    if (make_id(call) == ERR_OK) {
        out->text = call->id;
    }
}

static void
begin_create(struct flow *flow)
{
    struct endpoint_call *call = call_of(flow);
    if (!set_up(flow)) {
        return;
    }
    enum err err = read_endpoint(call);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &call->faults);
        return;
    }
    call->status = 201;
    add(call);
}

void
handle_webhook_endpoint_create(struct http_request *request, void *context)
{
    flow_start_keyed(request, context, sizeof(struct endpoint_call), subject_of_create,
                     begin_create);
}

static enum err
list_view(const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    struct json_t *endpoints = NULL;
    TRY(json_new_object(&view));
    TRY(json_new_array(&endpoints));
    TRY(json_put(view, "endpoints", endpoints));
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        struct json_t *one = NULL;
        TRY(webhook_view_endpoint(rows, i, &one));
        TRY(json_put(endpoints, NULL, one));
    }
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
show_all(void *context, const struct db_answer *answer)
{
    struct endpoint_call *call = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = list_view(answer->rows, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

static void
begin_list(struct flow *flow)
{
    list(call_of(flow), SPAN_LIT(""), show_all);
}

void
handle_webhook_endpoint_list(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct endpoint_call), NULL, begin_list);
}

static void
begin_get(struct flow *flow)
{
    struct endpoint_call *call = call_of(flow);
    if (take_id(call)) {
        list(call, call->id, show);
    }
}

void
handle_webhook_endpoint_get(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct endpoint_call), NULL, begin_get);
}

/* The first two parameters of every change. */
static void
change_params(const struct endpoint_call *call, struct db_params *params)
{
    db_params_init(params, call->flow.request->arena);
    db_text(params, call->id);
    db_text(params, call->flow.request->client_owner);
}

static enum err
deleted_view(struct span id, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_new_object(&view));
    TRY(json_put_string(view, "id", id));
    TRY(json_put_bool(view, "deleted", true));
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
deleted(void *context, const struct db_answer *answer)
{
    struct endpoint_call *call = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) == 0) {
        err = ERR_WEBHOOK_UNKNOWN;
    }
    if (err == ERR_OK) {
        err = deleted_view(call->id, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

static void
begin_delete(struct flow *flow)
{
    struct endpoint_call *call = call_of(flow);
    struct db_params params;
    if (take_id(call)) {
        change_params(call, &params);
        db_time(&params, clock_wall());
        db_run(flow->services->db, STATEMENT_webhook_endpoint_delete, &params, deleted, call);
    }
}

void
handle_webhook_endpoint_delete(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct endpoint_call), NULL, begin_delete);
}

static void
subject_of_rotate(struct flow *flow, struct flow_subject *out)
{
    struct span id = flow->request->captures[0];
    if (webhook_endpoint_id_valid(id)) {
        out->text = id;
    }
}

static void
begin_rotate(struct flow *flow)
{
    struct endpoint_call *call = call_of(flow);
    int64_t overlap_s = config_int(flow->services->config, CONFIG_webhooks_overlap_s, 0);
    struct wall_time now = clock_wall();
    struct db_params params;
    if (!set_up(flow) || !take_nothing(call) || !take_id(call)) {
        return;
    }
    call->status = 200;
    change_params(call, &params);
    db_i64(&params, second_of(now));
    db_time(&params, now);
    db_time(&params, wall_add_ms(now, overlap_s * MS_PER_S));
    db_text(&params, flow->idempotency_key);
    db_run(flow->services->db, STATEMENT_webhook_endpoint_rotate, &params, rotated, call);
}

void
handle_webhook_endpoint_rotate(struct http_request *request, void *context)
{
    flow_start_keyed(request, context, sizeof(struct endpoint_call), subject_of_rotate,
                     begin_rotate);
}

static void
enabled(void *context, const struct db_answer *answer)
{
    struct endpoint_call *call = context;
    if (flow_ok(&call->flow, answer->err)) {
        list(call, call->id, show);
    }
}

static void
begin_enable(struct flow *flow)
{
    struct endpoint_call *call = call_of(flow);
    struct db_params params;
    if (take_nothing(call) && take_id(call)) {
        change_params(call, &params);
        db_run(flow->services->db, STATEMENT_webhook_endpoint_enable, &params, enabled, call);
    }
}

void
handle_webhook_endpoint_enable(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct endpoint_call), NULL, begin_enable);
}
