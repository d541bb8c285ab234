/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"
#include "clients.h"
#include "crypto.h"
#include "difference.h"
#include "difference_view.h"
#include "flow.h"
#include "handlers.h"
#include "outcome.h"
#include "refund_store.h"
#include "text_rule.h"

/* What people do about a difference. Each call is one statement; what it answers is the difference as it stands then. */

#define NAME_MAX_BYTES    80
#define KIND_MAX_BYTES    24
#define CONTRACT_MAX      120
#define CONTENT_MAX_BYTES ((size_t)40 * 1024)
#define CONTENT_MAX_CHARS ((CONTENT_MAX_BYTES + 2) / 3 * 4)
#define DETAIL_MAX_BYTES  ((size_t)4 * 1024)
#define SUBJECT_MAX_BYTES 160

struct call {
    struct flow flow;
    struct faults faults;
    const struct act *act;
    struct span number;
    struct span note;     /* what is said */
    struct span assignee; /* empty: nobody new */
    struct span kind;     /* of the proposal */
    int64_t amount_fen;   /* 0: none */
    struct span contract; /* empty: none */
    int64_t reverses;     /* number of the posting; 0: none */
    struct span name;     /* of what is attached */
    struct span content;
    struct span detail; /* of the event, a JSON object */
    unsigned char detail_hash[SHA256_BYTES];
    enum err prepared;
};

struct act {
    const char *route;
    const char *event;
    void (*read)(struct call *call, struct body *body);
    enum err (*put)(const struct call *call, struct json_t *detail);
    void (*store)(struct call *call);
};

static const struct outcome outcomes[] = {
    { "moved", ERR_OK },
    { "unknown", ERR_DIFFERENCE_UNKNOWN },
    { "state", ERR_DIFFERENCE_STATE },
    { "same_person", ERR_DIFFERENCE_SAME_PERSON },
    { "changed", ERR_DIFFERENCE_CHANGED },
    { "action", ERR_DIFFERENCE_ACTION },
    { "posted", ERR_DIFFERENCE_POSTED },
    { "posting", ERR_DIFFERENCE_POSTING },
    { "payment_state", ERR_PAYMENT_STATE },
    { "refund_amount", ERR_REFUND_AMOUNT },
    { "refund_limit", ERR_REFUND_LIMIT },
    { "lost_race", ERR_LOST_RACE },
};

static struct call *
call_of(struct flow *flow)
{
    return (struct call *)(void *)flow;
}

static enum err
view_of(const struct call *call, const struct db_answer *answer, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(answer->err);
    if (db_rows_count(answer->rows) != 1) {
        return ERR_DB_ROWS;
    }
    TRY(json_new_object(&view));
    TRY(difference_view_put(view, answer->rows, 0, call->flow.request->language));
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
shown(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    struct json_t *view = NULL;
    if (flow_ok(&call->flow, view_of(call, answer, &view))) {
        flow_answer(&call->flow, 200, view);
    }
}

/* A day was signed or opened at the same moment: the database lets one of both through. */
static enum err
outcome_of(const struct db_answer *answer)
{
    if (answer->err == ERR_DB_CONSTRAINT) {
        return ERR_LOST_RACE;
    }
    TRY(answer->err);
    return OUTCOME_ERR(outcomes, db_row_text(answer->rows, 0, "outcome"));
}

static void
stored(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    struct db_params params;
    if (!flow_ok(&call->flow, outcome_of(answer))) {
        return;
    }
    db_params_init(&params, call->flow.request->arena);
    db_text(&params, call->flow.request->client_owner);
    db_day(&params, day_of(clock_wall(), ZONE_CHINA_MIN));
    db_text(&params, call->number);
    db_run(call->flow.services->db, STATEMENT_difference_find, &params, shown, call);
}

static void
begin_params(const struct call *call, struct db_params *params)
{
    db_params_init(params, call->flow.request->arena);
    db_text(params, call->number);
    db_text(params, call->flow.request->client_owner);
}

static void
number_param(int64_t number, struct db_params *params)
{
    if (number == 0) {
        db_null(params);
    } else {
        db_i64(params, number);
    }
}

static void
store_move(struct call *call)
{
    struct db_params params;
    begin_params(call, &params);
    db_cstr(&params, call->act->event);
    db_text(&params, call->flow.request->client_keyid);
    db_text(&params, call->detail);
    db_time(&params, clock_wall());
    if (span_empty(call->assignee)) {
        db_null(&params);
    } else {
        db_text(&params, call->assignee);
    }
    db_run(call->flow.services->db, STATEMENT_difference_move, &params, stored, call);
}

static void
content_kept(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    if (flow_ok(&call->flow, answer->err)) {
        store_move(call);
    }
}

/* The bytes first: an event never names what is not there. */
static void
store_content(struct call *call)
{
    struct db_params params;
    db_params_init(&params, call->flow.request->arena);
    db_bytes(&params, call->content);
    db_run(call->flow.services->db, STATEMENT_attachment_put, &params, content_kept, call);
}

static void
store_proposal(struct call *call)
{
    struct db_params params;
    begin_params(call, &params);
    db_text(&params, call->kind);
    number_param(call->amount_fen, &params);
    db_text(&params, call->note);
    db_text(&params, call->flow.request->client_keyid);
    db_time(&params, clock_wall());
    db_text(&params, call->detail);
    db_text_or_null(&params, call->contract);
    number_param(call->reverses, &params);
    db_run(call->flow.services->db, STATEMENT_action_propose, &params, stored, call);
}

static void
store_decision(struct call *call)
{
    struct db_params params;
    begin_params(call, &params);
    db_cstr(&params, call->act->event);
    db_text(&params, call->kind);
    number_param(call->amount_fen, &params);
    db_text(&params, call->flow.request->client_keyid);
    db_time(&params, clock_wall());
    db_text(&params, call->detail);
    db_text_or_null(&params, call->contract);
    number_param(call->reverses, &params);
    db_run(call->flow.services->db, STATEMENT_action_decide, &params, stored, call);
}

static void
store_execution(struct call *call)
{
    struct db_params params;
    begin_params(call, &params);
    db_text(&params, call->flow.request->client_keyid);
    db_text(&params, call->detail);
    db_time(&params, clock_wall());
    db_run(call->flow.services->db, STATEMENT_action_execute, &params, stored, call);
}

static void
check_line(struct call *call, const char *field, size_t max, struct span value)
{
    const struct text_rule rule = { field, 1, max, TEXT_LINE };
    if (!span_empty(value)) {
        text_check(&rule, value, "", &call->faults);
    }
}

static void
read_optional_note(struct call *call, struct body *body)
{
    body_optional_string(&body->root, "note", 1, REFUND_REASON_MAX_BYTES, &call->note);
    check_line(call, "note", REFUND_REASON_MAX_BYTES, call->note);
}

static void
read_note(struct call *call, struct body *body)
{
    body_string(&body->root, "note", 1, REFUND_REASON_MAX_BYTES, &call->note);
    check_line(call, "note", REFUND_REASON_MAX_BYTES, call->note);
}

static void
read_reason(struct call *call, struct body *body)
{
    body_string(&body->root, "reason", 1, REFUND_REASON_MAX_BYTES, &call->note);
    check_line(call, "reason", REFUND_REASON_MAX_BYTES, call->note);
}

/* Who looks after it belongs to finance, and to the same party as who says so. */
static void
read_assignee(struct call *call, struct body *body)
{
    body_string(&body->root, "assignee", 1, NAME_MAX_BYTES, &call->assignee);
    read_optional_note(call, body);
    if (span_empty(call->assignee)) {
        return;
    }
    const struct signature_key *key = clients_find(call->flow.services->clients, call->assignee);
    bool fits = key != NULL && (HTTP_ROLE_BIT(key->role) & HTTP_ROLES_FINANCE) != 0
                && span_eq_cstr(call->flow.request->client_owner, key->owner);
    body_fault(&body->root, "assignee", fits ? ERR_OK : ERR_DIFFERENCE_ASSIGNEE);
}

/* Kinds that finance knows by name and this gateway has no books to carry out in are refused by name. */
static enum err
check_kind(struct span kind)
{
    static const struct {
        const char *kind;
        enum err err;
    } kinds[] = {
        { "accept", ERR_OK },
        { "refund", ERR_OK },
        { "write_off", ERR_OK },
        { "adjust", ERR_OK },
        { "accept_fee", ERR_OK },
        { "reverse", ERR_OK },
        { "import_payment", ERR_DIFFERENCE_ACTION },
        { "correct_payment", ERR_DIFFERENCE_ACTION },
        { "reopen_period", ERR_DIFFERENCE_ACTION }, /* a day is opened where it was signed */
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (span_eq_cstr(kind, kinds[i].kind)) {
            return kinds[i].err;
        }
    }
    return ERR_FIELD_VALUE;
}

/* By what contract a fee is right; of nothing else. */
static void
read_contract(struct call *call, struct body *body)
{
    bool of_fee = span_eq_cstr(call->kind, "accept_fee");
    body_optional_string(&body->root, "contract", 1, CONTRACT_MAX, &call->contract);
    check_line(call, "contract", CONTRACT_MAX, call->contract);
    if (of_fee != !span_empty(call->contract)) {
        body_fault(&body->root, "contract", of_fee ? ERR_FIELD_MISSING : ERR_FIELD_VALUE);
    }
}

/* The number of the posting that is taken back; of nothing else. */
static void
read_reverses(struct call *call, struct body *body)
{
    bool of_posting = span_eq_cstr(call->kind, "reverse");
    body_optional_i64(&body->root, "reverses", 1, INT32_MAX, &call->reverses);
    if (of_posting != (call->reverses != 0)) {
        body_fault(&body->root, "reverses", of_posting ? ERR_FIELD_MISSING : ERR_FIELD_VALUE);
    }
}

/* Whoever proposes and whoever approves name what it is: approving another thing is noticed. */
static void
read_kind(struct call *call, struct body *body)
{
    struct span currency = { 0 };
    enum currency decoded;
    body_string(&body->root, "kind", 1, KIND_MAX_BYTES, &call->kind);
    body_optional_i64(&body->root, "amount", 1, MONEY_MAX_MINOR, &call->amount_fen);
    body_optional_string(&body->root, "currency", 1, 3, &currency);
    if (span_empty(call->kind)) {
        return;
    }
    body_fault(&body->root, "kind", check_kind(call->kind));
    read_contract(call, body);
    read_reverses(call, body);
    bool of_money = !span_eq_cstr(call->kind, "accept");
    if (of_money && call->amount_fen == 0) {
        body_fault(&body->root, "amount", ERR_FIELD_MISSING);
    } else if (!of_money && call->amount_fen != 0) {
        body_fault(&body->root, "amount", ERR_FIELD_VALUE);
    }
    if (!span_empty(currency)) {
        body_fault(&body->root, "currency", currency_decode(currency, &decoded));
    } else if (of_money) {
        body_fault(&body->root, "currency", ERR_FIELD_MISSING);
    }
}

static void
read_proposal(struct call *call, struct body *body)
{
    read_kind(call, body);
    read_reason(call, body);
}

static enum err
decode_content(struct call *call, struct span text)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(CONTENT_MAX_BYTES);
    TRY(crypto_base64_decode(text, &bytes));
    return arena_copy(call->flow.request->arena, buf_span(&bytes), &call->content);
}

static void
read_attachment(struct call *call, struct body *body)
{
    struct span content = { 0 };
    body_string(&body->root, "name", 1, NAME_MAX_BYTES, &call->name);
    check_line(call, "name", NAME_MAX_BYTES, call->name);
    body_string(&body->root, "content", 4, CONTENT_MAX_CHARS, &content);
    if (!span_empty(content)) {
        body_fault(&body->root, "content", decode_content(call, content));
    }
}

static void
read_nothing(struct call *call, struct body *body)
{
    (void)call;
    (void)body;
}

static enum err
put_note(const struct call *call, struct json_t *detail)
{
    return span_empty(call->note) ? ERR_OK : json_put_string(detail, "note", call->note);
}

static enum err
put_reason(const struct call *call, struct json_t *detail)
{
    return json_put_string(detail, "reason", call->note);
}

static enum err
put_assignee(const struct call *call, struct json_t *detail)
{
    TRY(json_put_string(detail, "assignee", call->assignee));
    return put_note(call, detail);
}

static enum err
put_kind(const struct call *call, struct json_t *detail)
{
    TRY(json_put_string(detail, "kind", call->kind));
    if (!span_empty(call->contract)) {
        TRY(json_put_string(detail, "contract", call->contract));
    }
    if (call->reverses != 0) {
        TRY(json_put_i64(detail, "reverses", call->reverses));
    }
    return call->amount_fen == 0 ? ERR_OK : json_put_i64(detail, "amount_fen", call->amount_fen);
}

static enum err
put_proposal(const struct call *call, struct json_t *detail)
{
    TRY(put_kind(call, detail));
    return put_reason(call, detail);
}

static enum err
put_attachment(const struct call *call, struct json_t *detail)
{
    unsigned char digest[SHA256_BYTES];
    DEFER(buf_fini) struct buf hex = BUF_MAX(2 * SHA256_BYTES);
    TRY(crypto_sha256(call->content, digest));
    TRY(crypto_hex_encode(span_make(digest, sizeof(digest)), &hex));
    TRY(json_put_string(detail, "name", call->name));
    TRY(json_put_string(detail, "digest", buf_span(&hex)));
    return json_put_i64(detail, "bytes", (int64_t)call->content.len);
}

static const struct act acts[] = {
    /* clang-format off */
    { "difference_assign",  "assign",  read_assignee,      put_assignee,   store_move },
    { "difference_comment", "comment", read_note,          put_note,       store_move },
    { "difference_attach",  "attach",  read_attachment,    put_attachment, store_content },
    { "difference_propose", "propose", read_proposal,      put_proposal,   store_proposal },
    { "difference_approve", "approve", read_kind,          put_kind,       store_decision },
    { "difference_reject",  "reject",  read_reason,        put_reason,     store_decision },
    { "difference_execute", "execute", read_nothing,       put_note,       store_execution },
    { "difference_close",   "close",   read_optional_note, put_note,       store_move },
    { "difference_reopen",  "reopen",  read_reason,        put_reason,     store_move },
    /* clang-format on */
};

static enum err
write_detail(struct call *call)
{
    DEFER(json_free) struct json_t *detail = NULL;
    DEFER(buf_fini) struct buf text = BUF_MAX(DETAIL_MAX_BYTES);
    TRY(json_new_object(&detail));
    TRY(call->act->put(call, detail));
    TRY(json_encode(detail, &text));
    return arena_copy(call->flow.request->arena, buf_span(&text), &call->detail);
}

static enum err
read_body(struct call *call)
{
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open_optional(call->flow.request, &body, &call->faults));
    call->act->read(call, &body);
    return body_verdict(&body);
}

static enum err
prepare(struct call *call)
{
    const struct http_request *request = call->flow.request;
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        if (span_eq_cstr(span_of(request->route->name), acts[i].route)) {
            call->act = &acts[i];
        }
    }
    if (call->act == NULL) {
        return ERR_INTERNAL;
    }
    TRY(read_body(call));
    TRY(difference_of_id(request->captures[0], &call->number));
    TRY(write_detail(call));
    return crypto_sha256(call->detail, call->detail_hash);
}

static enum err
write_subject(const struct call *call, struct span *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(SUBJECT_MAX_BYTES);
    TRY(buf_append(&text, call->number));
    TRY(buf_byte(&text, ' '));
    TRY(buf_append(&text, call->flow.request->client_keyid));
    return arena_copy(call->flow.request->arena, buf_span(&text), out);
}

/* The difference and whose words: with their hash an event is known again. */
static void
subject_of(struct flow *flow, struct flow_subject *out)
{
    struct call *call = call_of(flow);
    call->prepared = prepare(call);
    if (call->prepared == ERR_OK) {
        call->prepared = write_subject(call, &out->text);
        out->content_hash = span_make(call->detail_hash, SHA256_BYTES);
    }
}

static void
begin(struct flow *flow)
{
    struct call *call = call_of(flow);
    if (call->prepared != ERR_OK) {
        flow_refuse(flow, call->prepared, &call->faults);
        return;
    }
    call->act->store(call);
}

#define HANDLER(name)                                                               \
    void handle_difference_##name(struct http_request *request, void *context)      \
    {                                                                               \
        flow_start_keyed(request, context, sizeof(struct call), subject_of, begin); \
    }

HANDLER(assign)
HANDLER(comment)
HANDLER(attach)
HANDLER(propose)
HANDLER(approve)
HANDLER(reject)
HANDLER(execute)
HANDLER(close)
HANDLER(reopen)
