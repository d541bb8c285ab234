/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"
#include "flow.h"
#include "handlers.h"
#include "number.h"
#include "outcome.h"
#include "payment_view.h"
#include "text_rule.h"

/* Money that came by bank transfer, past every provider: finance records it with its voucher, and somebody else
 * confirms it by what our own bank's statement has of it. Two people and a deposit, never one hand. */

#define VOUCHER_MAX    64
#define PAYER_NAME_MAX 300
#define REASON_MAX     500
#define SHA256_DIGITS  64
#define DAY_CHARACTERS 10
#define NUMBER_MAX     999999

struct call {
    struct flow flow;
    struct faults faults;
    int slot;
    bool out; /* money that was given back */
    int64_t amount_fen;
    struct day day; /* it came or went; for who confirms, on the bank's statement */
    struct span voucher;
    struct span attachment_sha256;
    struct span payer_name;
    struct span reason;
    int64_t number;
    const char *state; /* after the decision */
    int64_t deposit_fen;
};

static struct call *
call_of(struct flow *flow)
{
    return (struct call *)(void *)flow;
}

static const struct outcome outcomes[] = {
    { "recorded", ERR_OK },
    { "decided", ERR_OK },
    { "order_unknown", ERR_ORDER_UNKNOWN },
    { "unknown", ERR_MANUAL_UNKNOWN },
    { "known", ERR_MANUAL_KNOWN },
    { "over", ERR_MANUAL_DECIDED },
    { "changed", ERR_MANUAL_CHANGED },
    { "same_person", ERR_MANUAL_SAME_PERSON },
    { "lost_race", ERR_LOST_RACE },
};

static enum err
put_one(struct json_t *view, const struct db_rows *rows, size_t row)
{
    static const char *const columns[] = { "direction",   "state",      "received_on",
                                           "voucher",     "payer_name", "attachment_sha256",
                                           "reason",      "decided_by", "recorded_by",
                                           "deposited_on" };
    TRY(json_put_i64(view, "number", db_row_i64(rows, row, "number")));
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        TRY(json_put_string_or_null(view, columns[i], db_row_text(rows, row, columns[i])));
    }
    TRY(json_put_i64(view, "amount", db_row_i64(rows, row, "amount_fen")));
    TRY(json_put_text(view, "currency", "CNY"));
    if (db_row_null(rows, row, "deposit_fen")) {
        TRY(json_put_null(view, "deposit_amount"));
    } else {
        TRY(json_put_i64(view, "deposit_amount", db_row_i64(rows, row, "deposit_fen")));
    }
    TRY(payment_view_time(view, "recorded_at", db_row_time(rows, row, "recorded_at")));
    return payment_view_time(view, "decided_at", db_row_time(rows, row, "decided_at"));
}

static enum err
list_view(const struct db_rows *rows, struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    struct json_t *list = NULL;
    TRY(json_new_object(&view));
    TRY(json_put_string(view, "order_no", db_row_text(rows, 0, "order_no")));
    TRY(json_new_array(&list));
    TRY(json_put(view, "manual_payments", list));
    for (size_t i = 0; i < db_rows_count(rows) && !db_row_null(rows, i, "number"); i++) {
        struct json_t *one = NULL;
        TRY(json_new_object(&one));
        TRY(json_put(list, NULL, one));
        TRY(put_one(one, rows, i));
    }
    *out = view;
    view = NULL;
    return ERR_OK;
}

static void
listed(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    struct json_t *view = NULL;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) == 0) {
        err = ERR_ORDER_UNKNOWN;
    }
    if (err == ERR_OK) {
        err = list_view(answer->rows, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

/* Owner and order number, which every statement begins with. */
static void
begin_params(const struct call *call, struct db_params *params)
{
    const struct http_request *request = call->flow.request;
    db_params_init(params, request->arena);
    db_i64(params, call->slot);
    db_text(params, request->client_owner);
    db_text(params, request->captures[0]);
}

static void
read_list(struct call *call)
{
    struct db_params params;
    begin_params(call, &params);
    db_run(call->flow.services->db, STATEMENT_manual_list, &params, listed, call);
}

static void
stored(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = OUTCOME_ERR(outcomes, db_row_text(answer->rows, 0, "outcome"));
    }
    if (flow_ok(&call->flow, err)) {
        read_list(call);
    }
}

static void
record(struct call *call)
{
    struct db_params params;
    begin_params(call, &params);
    db_cstr(&params, call->out ? "out" : "in");
    db_i64(&params, call->amount_fen);
    db_day(&params, call->day);
    db_text(&params, call->voucher);
    db_text(&params, call->attachment_sha256);
    db_text(&params, call->payer_name);
    db_text(&params, call->reason);
    db_text(&params, call->flow.request->client_keyid);
    db_time(&params, clock_wall());
    db_run(call->flow.services->db, STATEMENT_manual_record, &params, stored, call);
}

static void
decide(struct call *call)
{
    struct db_params params;
    begin_params(call, &params);
    db_i64(&params, call->number);
    db_cstr(&params, call->state);
    if (call->deposit_fen == 0) {
        db_null(&params);
        db_null(&params);
        db_null(&params);
    } else {
        db_i64(&params, call->amount_fen);
        db_i64(&params, call->deposit_fen);
        db_day(&params, call->day);
    }
    db_text(&params, call->flow.request->client_keyid);
    db_time(&params, clock_wall());
    db_run(call->flow.services->db, STATEMENT_manual_decide, &params, stored, call);
}

/* A day that is over or today, in China. */
static void
read_day(struct body_object *root, const char *name, struct day *out)
{
    struct span text = { 0 };
    body_string(root, name, DAY_CHARACTERS, DAY_CHARACTERS, &text);
    if (span_empty(text)) {
        return;
    }
    enum err err = day_parse(text, out) == ERR_OK ? ERR_OK : ERR_FIELD_VALUE;
    if (err == ERR_OK && day_cmp(*out, day_of(clock_wall(), ZONE_CHINA_MIN)) > 0) {
        err = ERR_FIELD_VALUE;
    }
    body_fault(root, name, err);
}

static void
read_money(struct body_object *root, struct call *call)
{
    struct span currency = { 0 };
    enum currency decoded;
    body_i64(root, "amount", 1, MONEY_MAX_MINOR, &call->amount_fen);
    body_string(root, "currency", 1, 3, &currency);
    if (!span_empty(currency)) {
        body_fault(root, "currency", currency_decode(currency, &decoded));
    }
}

static bool
is_sha256(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = text.at[i];
        if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
            return false;
        }
    }
    return text.len == SHA256_DIGITS;
}

static void
check_texts(struct call *call)
{
    const struct {
        struct text_rule rule;
        struct span value;
    } fields[] = {
        { { "voucher", 1, VOUCHER_MAX, TEXT_NUMBER }, call->voucher },
        { { "payer_name", 1, PAYER_NAME_MAX, TEXT_LINE }, call->payer_name },
        { { "reason", 1, REASON_MAX, TEXT_LINE }, call->reason },
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (!span_empty(fields[i].value)) {
            text_check(&fields[i].rule, fields[i].value, "", &call->faults);
        }
    }
    if (!span_empty(call->attachment_sha256) && !is_sha256(call->attachment_sha256)) {
        faults_add(&call->faults, "", "attachment_sha256", ERR_FIELD_VALUE);
    }
}

static enum err
read_record(struct call *call)
{
    DEFER(body_close) struct body body = { 0 };
    struct span direction = SPAN("in");
    TRY(body_open(call->flow.request, &body, &call->faults));
    body_optional_string(&body.root, "direction", 1, 3, &direction);
    call->out = span_eq_cstr(direction, "out");
    if (!call->out && !span_eq_cstr(direction, "in")) {
        body_fault(&body.root, "direction", ERR_FIELD_VALUE);
    }
    read_money(&body.root, call);
    read_day(&body.root, "received_on", &call->day);
    body_string(&body.root, "voucher", 1, VOUCHER_MAX, &call->voucher);
    body_optional_string(&body.root, "attachment_sha256", SHA256_DIGITS, SHA256_DIGITS,
                         &call->attachment_sha256);
    body_string(&body.root, "payer_name", 1, PAYER_NAME_MAX, &call->payer_name);
    body_string(&body.root, "reason", 1, REASON_MAX, &call->reason);
    check_texts(call);
    return body_verdict(&body);
}

/* Who confirms says again what was recorded, and what the bank's statement has of it. */
static enum err
read_confirm(struct call *call)
{
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open(call->flow.request, &body, &call->faults));
    read_money(&body.root, call);
    body_i64(&body.root, "deposit_amount", 1, MONEY_MAX_MINOR, &call->deposit_fen);
    read_day(&body.root, "deposited_on", &call->day);
    return body_verdict(&body);
}

static enum err
read_reject(struct call *call)
{
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open_optional(call->flow.request, &body, &call->faults));
    return body_verdict(&body);
}

static bool
take_order(struct call *call)
{
    const struct http_request *request = call->flow.request;
    return flow_ok(&call->flow,
                   number_slot(request->client_owner, request->captures[0], &call->slot));
}

static void
begin_record(struct flow *flow)
{
    struct call *call = call_of(flow);
    enum err err = read_record(call);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &call->faults);
    } else if (take_order(call)) {
        record(call);
    }
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
    enum err number = span_to_i64(flow->request->captures[1], 1, NUMBER_MAX, &call->number);
    if (flow_ok(flow, number == ERR_OK ? ERR_OK : ERR_MANUAL_UNKNOWN) && take_order(call)) {
        decide(call);
    }
}

static void
begin_confirm(struct flow *flow)
{
    begin_decision(flow, "confirmed", read_confirm(call_of(flow)));
}

static void
begin_reject(struct flow *flow)
{
    begin_decision(flow, "rejected", read_reject(call_of(flow)));
}

static void
begin_list(struct flow *flow)
{
    struct call *call = call_of(flow);
    if (take_order(call)) {
        read_list(call);
    }
}

void
handle_manual_record(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_record);
}

void
handle_manual_confirm(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_confirm);
}

void
handle_manual_reject(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_reject);
}

void
handle_manual_list(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_list);
}
