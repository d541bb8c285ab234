/* SPDX-License-Identifier: Apache-2.0 */
#include "bill.h"
#include "body.h"
#include "flow.h"
#include "handlers.h"
#include "payment_view.h"
#include "period_view.h"
#include "text_rule.h"

/* The sign-off of one account's day: finance-maker prepares what both are shown, finance-checker signs it, and the run that counts
 * stands from then on (decision 0027). Likewise one asks that a signed day be opened again, and the other opens it (decision 0039). Whoever
 * decides names the hash of the text, so that what is signed or opened is what was shown. */

#define HASH_CHARS ((size_t)SHA256_BYTES * 2)
#define REASON_MAX 240

struct call {
    struct flow flow;
    struct faults faults;
    struct span account;
    struct span kind;
    struct day day;
    struct span content_hash; /* raw; of all but withdraw */
    struct span reason;       /* of withdraw and reopen */
    enum statement statement;
    bool whole; /* the answer holds the text */
};

static struct call *
call_of(struct flow *flow)
{
    return (struct call *)(void *)flow;
}

static void
put_day(struct call *call, struct db_params *params)
{
    db_params_init(params, call->flow.request->arena);
    db_text(params, call->account);
    db_text(params, call->kind);
    db_day(params, call->day);
}

static void
found(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    struct json_t *view = NULL;
    const struct period_subject subject = { .account = call->account,
                                            .day = call->day,
                                            .language = call->flow.request->language,
                                            .whole = call->whole };
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = period_view(&subject, answer->rows, &view);
    }
    if (flow_ok(&call->flow, err)) {
        flow_answer(&call->flow, 200, view);
    }
}

static void
find(struct call *call)
{
    struct db_params params;
    put_day(call, &params);
    db_run(call->flow.services->db, STATEMENT_period_find, &params, found, call);
}

static void
refuse(struct call *call, enum err err, const struct db_answer *answer)
{
    if (err == ERR_SIGNOFF_HINDERED) {
        period_hindrances(db_row_text(answer->rows, 0, "hindrances"), &call->faults);
        flow_refuse(&call->flow, err, &call->faults);
        return;
    }
    flow_refuse(&call->flow, err, NULL);
}

/* The run that counted moved while it was signed: the row refers to a pointer that is no more. */
static void
decided(void *context, const struct db_answer *answer)
{
    struct call *call = context;
    enum err err = answer->err == ERR_DB_CONSTRAINT ? ERR_LOST_RACE : answer->err;
    if (err == ERR_OK) {
        err = period_outcome(db_row_text(answer->rows, 0, "outcome"),
                             call->statement == STATEMENT_period_sign);
    }
    if (err != ERR_OK) {
        refuse(call, err, answer);
        return;
    }
    find(call);
}

static void
decide(struct call *call)
{
    struct db_params params;
    bool withdraw = call->statement == STATEMENT_period_withdraw;
    put_day(call, &params);
    if (withdraw) {
        db_text(&params, call->reason);
    } else {
        db_bytes(&params, call->content_hash);
    }
    db_text(&params, call->flow.request->client_keyid);
    db_time(&params, clock_wall());
    if (call->statement == STATEMENT_period_reopen) {
        db_text(&params, call->reason);
    }
    db_run(call->flow.services->db, call->statement, &params, decided, call);
}

static enum err
take_hash(struct call *call, struct body *body)
{
    struct span hex = SPAN_LIT("");
    DEFER(buf_fini) struct buf bytes = BUF_MAX(SHA256_BYTES);
    body_string(&body->root, "content_hash", HASH_CHARS, HASH_CHARS, &hex);
    if (span_empty(hex)) {
        return ERR_OK; /* told already */
    }
    enum err err = crypto_hex_decode(hex, &bytes);
    body_fault(&body->root, "content_hash", err);
    return err == ERR_OK
               ? arena_copy(call->flow.request->arena, buf_span(&bytes), &call->content_hash)
               : ERR_OK;
}

static void
take_reason(struct call *call, struct body *body)
{
    static const struct text_rule rule = { "reason", 1, REASON_MAX, TEXT_LINE };
    body_string(&body->root, "reason", 1, REASON_MAX, &call->reason);
    if (!span_empty(call->reason)) {
        text_check(&rule, call->reason, "", &call->faults);
    }
}

static enum err
read_body(struct call *call)
{
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open(call->flow.request, &body, &call->faults));
    if (call->statement == STATEMENT_period_withdraw
        || call->statement == STATEMENT_period_reopen) {
        take_reason(call, &body);
    }
    if (call->statement != STATEMENT_period_withdraw) {
        TRY(take_hash(call, &body));
    }
    return body_verdict(&body);
}

/* The account's bill that is reconciled. */
static enum err
take_period(struct call *call)
{
    const struct http_request *request = call->flow.request;
    const struct adapter_account *account =
        accounts_find(call->flow.services->accounts, request->captures[0]);
    const struct adapter_bill *bill = account == NULL ? NULL : bill_of_trades(account->adapter);
    if (bill == NULL) {
        return ERR_RUN_UNKNOWN;
    }
    call->account = span_of(account->name);
    call->kind = span_of(bill->kind);
    return err_told_as(day_parse(request->captures[1], &call->day), ERR_RUN_UNKNOWN);
}

static void
begin(struct flow *flow, enum statement statement)
{
    struct call *call = call_of(flow);
    call->statement = statement;
    enum err err = read_body(call);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &call->faults);
    } else if (flow_ok(flow, take_period(call))) {
        decide(call);
    }
}

static void
begin_get(struct flow *flow)
{
    struct call *call = call_of(flow);
    call->whole = true;
    if (flow_ok(flow, take_period(call))) {
        find(call);
    }
}

static void
begin_prepare(struct flow *flow)
{
    begin(flow, STATEMENT_period_prepare);
}

static void
begin_sign(struct flow *flow)
{
    begin(flow, STATEMENT_period_sign);
}

static void
begin_reopen(struct flow *flow)
{
    begin(flow, STATEMENT_period_reopen);
}

static void
begin_open(struct flow *flow)
{
    begin(flow, STATEMENT_period_open);
}

static void
begin_withdraw(struct flow *flow)
{
    begin(flow, STATEMENT_period_withdraw);
}

void
handle_period_get(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_get);
}

void
handle_period_prepare(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_prepare);
}

void
handle_period_sign(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_sign);
}

void
handle_period_reopen(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_reopen);
}

void
handle_period_open(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_open);
}

void
handle_period_withdraw(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct call), NULL, begin_withdraw);
}
