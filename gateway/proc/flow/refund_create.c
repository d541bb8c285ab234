/* SPDX-License-Identifier: Apache-2.0 */
#include "body.h"
#include "flow.h"
#include "handlers.h"
#include "number.h"
#include "outcome.h"
#include "payment_read.h"
#include "provider_call.h"
#include "refund_subject.h"
#include "refund_view.h"
#include "text_rule.h"

/* POST /v1/payments/{id}/refunds: a refund is asked for. It moves nothing before somebody else has
 * approved it. */

struct create {
    struct flow flow;
    struct faults faults;
    struct span payment_no;
    int slot;
    int64_t amount_fen;
    struct span reason;
    struct span attempt_no; /* empty until chosen */
    struct span request_key;
};

static struct create *
create_of(struct flow *flow)
{
    return (struct create *)(void *)flow;
}

static void
refuse_field(struct create *create, const char *field, enum err err)
{
    faults_add(&create->faults, "", field, err);
    flow_refuse(&create->flow, ERR_VALIDATION, &create->faults);
}

static void
found(void *context, const struct db_answer *answer)
{
    struct create *create = context;
    struct flow *flow = &create->flow;
    struct json_t *view = NULL;
    struct refund refund;
    enum err err = answer->err;
    if (err == ERR_OK && db_rows_count(answer->rows) != 1) {
        err = ERR_DB_ROWS;
    }
    if (err == ERR_OK) {
        err = refund_row(answer->rows, 0, flow->request->arena, &refund);
    }
    if (err == ERR_OK) {
        err = refund_view(&refund, &view);
    }
    if (flow_ok(flow, err)) {
        flow_answer(flow, 201, view);
    }
}

static const struct outcome outcomes[] = {
    { "created", ERR_OK },
    { "attempt_unknown", ERR_PAYMENT_UNKNOWN },
    { "payment_state", ERR_PAYMENT_STATE },
    { "refund_amount", ERR_REFUND_AMOUNT },
    { "refund_limit", ERR_REFUND_LIMIT },
};

static void
created(void *context, const struct db_answer *answer)
{
    struct create *create = context;
    struct flow *flow = &create->flow;
    enum err err = answer->err;
    if (err == ERR_OK) {
        err = OUTCOME_ERR(outcomes, db_row_text(answer->rows, 0, "outcome"));
    }
    if (!flow_ok(flow, err)) {
        return;
    }
    struct db_params params;
    db_params_init(&params, flow->request->arena);
    db_i64(&params, create->slot);
    db_text(&params, db_row_text(answer->rows, 0, "refund_no"));
    db_text(&params, flow->request->client_owner);
    db_run(flow->services->db, STATEMENT_refund_find, &params, found, create);
}

static void
store(struct create *create)
{
    const struct http_request *request = create->flow.request;
    struct db_params params;
    db_params_init(&params, request->arena);
    db_i64(&params, create->slot);
    db_text(&params, create->attempt_no);
    db_text(&params, request->client_owner);
    db_i64(&params, create->amount_fen);
    db_text(&params, create->reason);
    db_text(&params, request->client_keyid);
    db_time(&params, clock_wall());
    db_text(&params, create->request_key);
    db_run(create->flow.services->db, STATEMENT_refund_create, &params, created, create);
}

/* The attempt named, or the only one that money came by. */
static const struct attempt *
choose(const struct create *create, const struct attempt *attempts, size_t count, size_t *paid)
{
    const struct attempt *chosen = NULL;
    *paid = 0;
    for (size_t i = 0; i < count; i++) {
        bool named = span_empty(create->attempt_no)
                         ? attempts[i].refundable_fen > 0
                         : span_eq(create->attempt_no, attempts[i].attempt_no);
        if (named) {
            chosen = &attempts[i];
            (*paid)++;
        }
    }
    return chosen;
}

static void
chosen(struct create *create, const struct attempt *attempt)
{
    const struct services *services = create->flow.services;
    const struct adapter_account *account = accounts_find(services->accounts, attempt->account);
    if (account == NULL || !provider_call_offered(account, ADAPTER_REFUND)) {
        flow_refuse(&create->flow, account == NULL ? ERR_PROVIDER_UNKNOWN : ERR_METHOD_UNKNOWN,
                    NULL);
        return;
    }
    create->attempt_no = attempt->attempt_no;
    store(create);
}

static void
made_before(void *context, const struct db_answer *answer)
{
    struct create *create = context;
    if (answer->err == ERR_OK && db_rows_count(answer->rows) == 0) {
        refuse_field(create, "attempt_no", ERR_FIELD_MISSING);
    } else {
        found(create, answer);
    }
}

/* More than one was paid and none is named: a mistake, unless this request made its refund when there was one. */
static void
which_of_them(struct create *create)
{
    const struct http_request *request = create->flow.request;
    struct db_params params;
    db_params_init(&params, request->arena);
    db_i64(&params, create->slot);
    db_text(&params, request->client_owner);
    db_text(&params, create->request_key);
    db_run(create->flow.services->db, STATEMENT_refund_by_request, &params, made_before, create);
}

static void
loaded(void *context, enum err err, const struct payment *payment, const struct attempt *attempts,
       size_t count)
{
    struct create *create = context;
    size_t paid = 0;
    (void)payment;
    if (!flow_ok(&create->flow, err)) {
        return;
    }
    const struct attempt *attempt = choose(create, attempts, count, &paid);
    if (paid > 1) {
        which_of_them(create);
    } else if (attempt != NULL) {
        chosen(create, attempt);
    } else if (span_empty(create->attempt_no)) {
        flow_refuse(&create->flow, ERR_PAYMENT_STATE, NULL);
    } else {
        refuse_field(create, "attempt_no", ERR_FIELD_VALUE);
    }
}

static void
read_money(struct create *create, struct body *body)
{
    struct span currency = { 0 };
    enum currency decoded;
    int64_t most_fen = config_int(create->flow.services->config, CONFIG_keys_refund_max, 0);
    body_i64(&body->root, "amount", 1, MONEY_MAX_MINOR, &create->amount_fen);
    if (create->amount_fen > most_fen) {
        body_fault(&body->root, "amount", ERR_REFUND_MAX);
    }
    body_string(&body->root, "currency", 1, 3, &currency);
    if (!span_empty(currency)) {
        body_fault(&body->root, "currency", currency_decode(currency, &decoded));
    }
}

static enum err
read_body(struct create *create)
{
    static const struct text_rule reason = { "reason", 1, REFUND_REASON_MAX_BYTES, TEXT_LINE };
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open(create->flow.request, &body, &create->faults));
    read_money(create, &body);
    body_string(&body.root, "reason", 1, REFUND_REASON_MAX_BYTES, &create->reason);
    if (!span_empty(create->reason)) {
        text_check(&reason, create->reason, "", &create->faults);
    }
    body_optional_string(&body.root, "attempt_no", NUMBER_ATTEMPT_DIGITS, NUMBER_ATTEMPT_DIGITS,
                         &create->attempt_no);
    return body_verdict(&body);
}

/* What an abandoned key's answer is found by. */
static void
subject_of(struct flow *flow, struct flow_subject *out)
{
    struct create *create = create_of(flow);
    if (number_payment_of_id(flow->request->captures[0], &create->payment_no, &create->slot)
        == ERR_OK) {
        out->text = create->payment_no;
        out->content_hash = span_make(flow->request_hash, sizeof(flow->request_hash));
    }
}

static void
begin(struct flow *flow)
{
    struct create *create = create_of(flow);
    enum err err = read_body(create);
    if (err != ERR_OK) {
        flow_refuse(flow, err, &create->faults);
        return;
    }
    err = number_payment_of_id(flow->request->captures[0], &create->payment_no, &create->slot);
    if (err == ERR_OK) {
        /* The same request again, after whoever took it first has died, is the same refund. */
        err = refund_request_key(flow->idempotency_key,
                                 span_make(flow->request_hash, sizeof(flow->request_hash)),
                                 flow->request->arena, &create->request_key);
    }
    if (flow_ok(flow, err)) {
        payment_read_owned(flow->services, flow->request->arena, create->slot, create->payment_no,
                           flow->request->client_owner, loaded, create);
    }
}

void
handle_refund_create(struct http_request *request, void *context)
{
    flow_start_keyed(request, context, sizeof(struct create), subject_of, begin);
}
