/* SPDX-License-Identifier: Apache-2.0 */
#include "payment_create.h"

#include "attempt_start.h"
#include "flow.h"
#include "handlers.h"
#include "number.h"
#include "order_request.h"
#include "payment_read.h"
#include "payment_view.h"

#define TOKEN_RANDOM_BYTES 20
#define TRIES_MAX          5

struct create {
    struct flow flow;
    struct payment_request input;
    struct faults faults;
    enum err readable; /* what reading the body came to */
    int slot;
    int tries;
    bool made;
    struct span content_hash;
    struct span invoice_json;
    struct span payment_no;
    struct payment payment;
    const struct attempt *attempts;
    size_t attempt_count;
    struct attempt_action action;
};

static struct create *
create_of(struct flow *flow)
{
    return (struct create *)(void *)flow;
}

static void
answer(struct create *create)
{
    struct flow *flow = &create->flow;
    struct json_t *view = NULL;
    enum err err = payment_view(flow->services, &create->payment, create->attempts,
                                create->attempt_count, flow->request->arena, &view);
    if (err == ERR_OK && create->action.type != NULL) {
        err = attempt_action_put(view, &create->action);
    }
    if (err != ERR_OK) {
        json_free(&view);
        flow_refuse(flow, err, NULL);
        return;
    }
    flow_answer(flow, create->made ? 201 : 200, view);
}

static void
read_again(void *context, enum err err, const struct payment *payment,
           const struct attempt *attempts, size_t count)
{
    struct create *create = context;
    if (!flow_ok(&create->flow, err)) {
        return;
    }
    create->payment = *payment;
    create->attempts = attempts;
    create->attempt_count = count;
    answer(create);
}

static void
attempt_started(void *context, enum err err, const struct attempt_action *action)
{
    struct create *create = context;
    struct flow *flow = &create->flow;
    if (!flow_ok(flow, err)) {
        return;
    }
    create->action = *action;
    payment_read(flow->services, flow->request->arena, create->slot, create->payment_no, read_again,
                 create);
}

static bool
wants_attempt(const struct create *create)
{
    return create->input.choice.method != ADAPTER_METHOD_NONE
           && span_eq_cstr(create->payment.state, "open");
}

static void
loaded(void *context, enum err err, const struct payment *payment, const struct attempt *attempts,
       size_t count)
{
    struct create *create = context;
    struct flow *flow = &create->flow;
    if (!flow_ok(flow, err)) {
        return;
    }
    create->payment = *payment;
    create->attempts = attempts;
    create->attempt_count = count;
    if (!wants_attempt(create)) {
        answer(create);
        return;
    }
    attempt_start(flow->services, flow->request->arena, &create->payment, &create->input.choice,
                  attempt_started, create);
}

static void next_number(struct create *create);

static void
created(void *context, const struct db_answer *db)
{
    struct create *create = context;
    struct flow *flow = &create->flow;
    if (!flow_ok(flow, db->err)) {
        return;
    }
    struct span outcome = db_row_text(db->rows, 0, "outcome");
    if (span_eq_cstr(outcome, "lost_race") && ++create->tries < TRIES_MAX) {
        next_number(create);
        return;
    }
    create->made = span_eq_cstr(outcome, "created");
    enum err err = create->made || span_eq_cstr(outcome, "existing") ? ERR_OK
                   : span_eq_cstr(outcome, "order_changed")          ? ERR_ORDER_CHANGED
                   : span_eq_cstr(outcome, "order_status")           ? ERR_ORDER_CLOSED
                                                                     : ERR_LOST_RACE;
    if (!flow_ok(flow, err)
        || !flow_ok(flow, arena_copy(flow->request->arena, db_row_text(db->rows, 0, "payment_no"),
                                     &create->payment_no))) {
        return;
    }
    payment_read(flow->services, flow->request->arena, create->slot, create->payment_no, loaded,
                 create);
}

static enum err
make_token(int slot, struct arena *arena, struct span *out)
{
    unsigned char random[TOKEN_RANDOM_BYTES];
    DEFER(buf_fini) struct buf token = BUF_MAX(64);
    TRY(crypto_random(random, sizeof(random)));
    TRY(buf_printf(&token, "%03d", slot));
    TRY(crypto_base64url_encode(span_make(random, sizeof(random)), &token));
    return arena_copy(arena, buf_span(&token), out);
}

static void
put_order(const struct create *create, struct db_params *params, struct wall_time now)
{
    const struct order *order = &create->input.order;
    db_i64(params, create->slot);
    db_text(params, create->flow.request->client_owner);
    db_text(params, order->order_no);
    db_cstr(params, order_kind_code(order->kind));
    db_cstr(params, order_applicant_code(order->applicant));
    db_text(params, order->unit_name);
    db_text(params, order->uscc);
    db_i64(params, order->quantity);
    db_i64(params, order->unit_fee.minor);
    db_i64(params, order->amount.minor);
    db_cstr(params, currency_code(order->amount.currency));
    db_text(params, create->invoice_json);
    db_bytes(params, create->content_hash);
    db_time(params, now);
}

static enum err
insert(struct create *create, int64_t sequence)
{
    struct flow *flow = &create->flow;
    const struct services *services = flow->services;
    struct wall_time now = clock_wall();
    struct span token;
    TRY(number_payment(now, create->slot, sequence, flow->request->arena, &create->payment_no));
    TRY(make_token(create->slot, flow->request->arena, &token));
    struct db_params params;
    db_params_init(&params, flow->request->arena);
    put_order(create, &params, now);
    db_text(&params, create->payment_no);
    db_text(&params, create->input.return_url);
    db_text(&params, token);
    db_time(&params, wall_add_ms(now, create->input.expires_in_s * 1000));
    db_cstr(&params, config_text(services->config, CONFIG_payment_unpaid_statuses, 0));
    db_run(services->db, STATEMENT_payment_create, &params, created, create);
    return ERR_OK;
}

static void
numbered(void *context, const struct db_answer *db)
{
    struct create *create = context;
    if (flow_ok(&create->flow, db->err)) {
        (void)flow_ok(&create->flow, insert(create, db_row_i64(db->rows, 0, "sequence")));
    }
}

static void
next_number(struct create *create)
{
    db_run(create->flow.services->db, STATEMENT_payment_sequence, NULL, numbered, create);
}

static enum err
hash_order(struct create *create)
{
    unsigned char digest[SHA256_BYTES];
    TRY(order_request_hash(&create->input.order, digest));
    return arena_copy(create->flow.request->arena, span_make(digest, sizeof(digest)),
                      &create->content_hash);
}

static enum err
prepare(struct create *create)
{
    struct flow *flow = &create->flow;
    struct http_request *request = flow->request;
    TRY(payment_request_read(request, flow->services, &create->input, &create->faults));
    TRY(number_slot(request->client_owner, create->input.order.order_no, &create->slot));
    TRY(order_request_invoice(&create->input.order, request->arena, &create->invoice_json));
    return hash_order(create);
}

/* A first attempt's action is signed for this moment and cannot be made again from what is stored: such a request names
 * nothing, and its key is given back. */
static void
subject_of(struct flow *flow, struct flow_subject *out)
{
    struct create *create = create_of(flow);
    create->readable = prepare(create);
    if (create->readable == ERR_OK && span_empty(create->input.choice.provider)) {
        out->text = create->input.order.order_no;
        out->content_hash = create->content_hash;
    }
}

static void
begin(struct flow *flow)
{
    struct create *create = create_of(flow);
    if (create->readable != ERR_OK) {
        flow_refuse(flow, create->readable, &create->faults);
        return;
    }
    next_number(create);
}

void
handle_payment_create(struct http_request *request, void *context)
{
    flow_start_keyed(request, context, sizeof(struct create), subject_of, begin);
}
