/* SPDX-License-Identifier: Apache-2.0 */
#include "flow.h"

#include "json.h"
#include "log.h"
#include "metrics.h"
#include "number.h"

#define KEY_MAX      64
#define KEY_LEASE_MS 30000
#define KEY_KEPT_MS  (INT64_C(31) * 24 * 3600 * 1000)
#define ANSWER_MAX   HTTP_ARENA_MAX /* where it is kept */
#define PROBLEM_TYPE "application/problem+json"
#define JSON_TYPE    "application/json"

/* The flow of a key waits for its first step here. */
struct keyed {
    struct flow *flow;
    flow_step first;
};

void
flow_log(const struct http_request *request, int status, enum err err)
{
    metrics_add(METRIC_REQUESTS_TOTAL, 1);
    log_event(LOG_REQUEST, LOG_TEXT("route", request->route->name), LOG_I64("status", status),
              LOG_I64("ms", clock_mono_ms_since(request->began)),
              LOG_TEXT("request_id", request->request_id),
              LOG_SPAN("client", request->client_keyid), LOG_ERR(err));
}

static void
send(struct flow *flow, const struct http_header *headers, size_t header_count)
{
    flow_log(flow->request, flow->status, flow->err);
    http_reply(flow->request, flow->status, flow->status >= 400 ? PROBLEM_TYPE : JSON_TYPE,
               flow->body, headers, header_count);
}

/* Whatever became of the key: the answer stands, and a key that could not be completed is taken over
 * after its lease, when the same work finds what was done. */
static void
key_completed(void *context, const struct db_answer *answer)
{
    struct flow *flow = context;
    if (answer->err != ERR_OK) {
        log_event(LOG_DB_TROUBLE, LOG_TEXT("statement", "idempotency_complete"),
                  LOG_ERR(answer->err));
    }
    send(flow, NULL, 0);
}

static void
key_params(struct db_params *params, const struct flow *flow)
{
    db_params_init(params, flow->request->arena);
    db_i64(params, flow->slot_of_key);
    db_text(params, flow->request->client_owner);
    db_text(params, flow->idempotency_key);
}

/* An owner ends its own lease only; a key that was taken over meanwhile is the other's. */
static void
end_params(struct db_params *params, const struct flow *flow)
{
    key_params(params, flow);
    db_time(params, flow->lease_until);
}

/* Only answers that stay true are kept: a failure that may be retried gives the key back. */
static bool
is_lasting(const struct flow *flow)
{
    enum err_class class = err_class(flow->err);
    return class == ERR_CLASS_NONE || class == ERR_CLASS_INPUT || class == ERR_CLASS_STATE;
}

static void
finish(struct flow *flow)
{
    if (span_empty(flow->idempotency_key)) {
        send(flow, NULL, 0);
        return;
    }
    struct db_params params;
    end_params(&params, flow);
    if (!is_lasting(flow)) {
        db_run(flow->services->db, STATEMENT_idempotency_release, &params, key_completed, flow);
        return;
    }
    db_i64(&params, flow->status);
    db_text(&params, span_empty(flow->kept) ? flow->body : flow->kept);
    db_run(flow->services->db, STATEMENT_idempotency_complete, &params, key_completed, flow);
}

static enum err
encode(struct flow *flow, const struct json_t *body, struct span *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(ANSWER_MAX);
    TRY(json_encode(body, &text));
    return arena_copy(flow->request->arena, buf_span(&text), out);
}

void
flow_answer(struct flow *flow, int status, struct json_t *body)
{
    DEFER(json_free) struct json_t *owned = body;
    enum err err = encode(flow, owned, &flow->body);
    if (err != ERR_OK) {
        flow_refuse(flow, err, NULL);
        return;
    }
    flow->status = status;
    finish(flow);
}

void
flow_answer_once(struct flow *flow, int status, struct json_t *body, struct json_t *kept)
{
    DEFER(json_free) struct json_t *owned = kept;
    enum err err = encode(flow, owned, &flow->kept);
    if (err != ERR_OK) {
        json_free(&body);
        flow_refuse(flow, err, NULL);
        return;
    }
    flow_answer(flow, status, body);
}

void
flow_answer_file(struct flow *flow, const char *content_type, int fd, size_t size,
                 const struct http_header *headers, size_t header_count)
{
    flow->status = 200;
    flow_log(flow->request, flow->status, ERR_OK);
    http_reply_file(flow->request, content_type, fd, size, headers, header_count);
}

void
flow_answer_unchanged(struct flow *flow, const struct http_header *headers, size_t header_count)
{
    flow->status = 304;
    flow_log(flow->request, flow->status, ERR_OK);
    http_reply(flow->request, flow->status, NULL, SPAN_LIT(""), headers, header_count);
}

void
flow_refuse(struct flow *flow, enum err err, const struct faults *faults)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(ANSWER_MAX);
    flow->err = err;
    flow->status = err_http_status(err);
    if (http_problem_encode(flow->request, err, faults, &text) != ERR_OK
        || arena_copy(flow->request->arena, buf_span(&text), &flow->body) != ERR_OK) {
        flow->body = span_of(err_brief(err));
    }
    finish(flow);
}

void
flow_refuse_later(struct flow *flow, enum err err, int retry_after_s)
{
    flow->err = err;
    flow_log(flow->request, err_http_status(err), err);
    http_problem(flow->request, err, NULL, retry_after_s);
}

bool
flow_ok(struct flow *flow, enum err err)
{
    if (err != ERR_OK) {
        flow_refuse(flow, err, NULL);
    }
    return err == ERR_OK;
}

static void
replay(struct flow *flow, const struct db_rows *rows)
{
    static const struct http_header mark = { SPAN("idempotent-replayed"), SPAN("true") };
    flow->status = (int)db_row_i64(rows, 0, "status");
    enum err err = arena_copy(flow->request->arena, db_row_text(rows, 0, "body"), &flow->body);
    flow->idempotency_key = (struct span){ .at = NULL, .len = 0 };
    if (flow_ok(flow, err)) {
        send(flow, &mark, 1);
    }
}

/* From here on a refusal is not the key owner's to complete. */
static void
refuse_key(struct flow *flow, enum err err)
{
    flow->idempotency_key = (struct span){ .at = NULL, .len = 0 };
    flow_refuse(flow, err, NULL);
}

static void
key_claimed(void *context, const struct db_answer *answer)
{
    struct keyed *keyed = context;
    struct flow *flow = keyed->flow;
    if (answer->err != ERR_OK) {
        refuse_key(flow, answer->err);
        return;
    }
    struct span outcome = db_row_text(answer->rows, 0, "outcome");
    if (span_eq_cstr(outcome, "claimed")) {
        keyed->first(flow);
    } else if (span_eq_cstr(outcome, "done")) {
        replay(flow, answer->rows);
    } else if (span_eq_cstr(outcome, "other_request")) {
        refuse_key(flow, ERR_IDEMPOTENCY_REUSED);
    } else {
        refuse_key(flow, ERR_IDEMPOTENCY_BUSY);
    }
}

static enum err
check_key(struct span key)
{
    if (span_empty(key)) {
        return ERR_IDEMPOTENCY_MISSING;
    }
    for (size_t i = 0; i < key.len; i++) {
        if (key.at[i] <= ' ' || key.at[i] >= 0x7F) {
            return ERR_IDEMPOTENCY_INVALID;
        }
    }
    return key.len <= KEY_MAX ? ERR_OK : ERR_IDEMPOTENCY_INVALID;
}

static enum err
hash_request(const struct http_request *request, unsigned char out[SHA256_BYTES])
{
    DEFER(buf_fini)
    struct buf text =
        BUF_MAX(request->body.len + request->target.len + request->method_text.len + 2);
    TRY(buf_append(&text, request->method_text));
    TRY(buf_byte(&text, '\n'));
    TRY(buf_append(&text, request->target));
    TRY(buf_byte(&text, '\n'));
    TRY(buf_append(&text, request->body));
    return crypto_sha256(buf_span(&text), out);
}

static void
claim_params(struct db_params *params, struct flow *flow, flow_subject_of subject_of)
{
    struct wall_time now = clock_wall();
    struct flow_subject subject = { .text = SPAN_LIT("") };
    if (subject_of != NULL) {
        subject_of(flow, &subject);
    }
    flow->lease_until = wall_add_ms(now, KEY_LEASE_MS);
    key_params(params, flow);
    db_bytes(params, span_make(flow->request_hash, sizeof(flow->request_hash)));
    db_time(params, now);
    db_time(params, flow->lease_until);
    db_time(params, wall_add_ms(now, KEY_KEPT_MS));
    db_cstr(params, flow->request->route->name);
    db_text(params, subject.text);
    if (span_empty(subject.content_hash)) {
        db_null(params);
    } else {
        db_bytes(params, subject.content_hash);
    }
}

static enum err
claim_key(struct flow *flow, flow_subject_of subject_of, flow_step first)
{
    struct http_request *request = flow->request;
    struct span key = http_header_get(request, "idempotency-key");
    void *storage = NULL;
    TRY(check_key(key));
    TRY(hash_request(request, flow->request_hash));
    TRY(number_slot(request->client_owner, key, &flow->slot_of_key));
    TRY(arena_alloc(request->arena, sizeof(struct keyed), &storage));
    struct keyed *keyed = storage;
    *keyed = (struct keyed){ .flow = flow, .first = first };
    flow->idempotency_key = key;
    struct db_params params;
    claim_params(&params, flow, subject_of);
    db_run(flow->services->db, STATEMENT_idempotency_claim, &params, key_claimed, keyed);
    return ERR_OK;
}

static void
start(struct http_request *request, void *services, size_t size, const char *query,
      flow_subject_of subject_of, flow_step first)
{
    void *storage = NULL;
    enum err err = arena_alloc(request->arena, size, &storage);
    if (err != ERR_OK) {
        http_problem(request, err, NULL, 0);
        return;
    }
    struct flow *flow = storage;
    flow->request = request;
    flow->services = services;
    struct faults faults = { .count = 0 };
    err = http_query_only(request, query, &faults);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &faults);
        return;
    }
    if (!request->route->needs_idempotency) {
        first(flow);
        return;
    }
    err = claim_key(flow, subject_of, first);
    if (err != ERR_OK) {
        refuse_key(flow, err);
    }
}

void
flow_start(struct http_request *request, void *services, size_t size, const char *query,
           flow_step first)
{
    start(request, services, size, query, NULL, first);
}

void
flow_start_keyed(struct http_request *request, void *services, size_t size,
                 flow_subject_of subject_of, flow_step first)
{
    start(request, services, size, NULL, subject_of, first);
}
