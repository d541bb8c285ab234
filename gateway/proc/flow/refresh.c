/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "ask_shared.h"
#include "body.h"
#include "flow.h"
#include "handlers.h"
#include "metrics.h"
#include "number.h"
#include "payment_read.h"
#include "refresh_view.h"
#include "timer.h"

/* 刷新支付状态: asks the provider about every attempt that can still change and answers within
 * max_wait_ms whatever the provider does. The work outlives the answer: what the provider says later
 * is stored all the same. */

#define WAIT_DEFAULT_MS   3000
#define WAIT_MIN_MS       100
#define WAIT_MAX_MS       10000
#define MS_PER_S          1000
#define REFRESH_ARENA_MAX ((size_t)1024 * 1024)
#define ASKED_MAX         100

struct refresh;

/* One attempt that is asked about, by us or by somebody else. */
struct asked {
    struct refresh *refresh;
    struct attempt attempt;
};

struct refresh {
    struct flow *flow; /* NULL once the request was answered */
    struct services *services;
    struct arena *arena;
    int holders; /* the request, and every call under way */
    struct timer *deadline;
    int64_t max_wait_ms;
    int slot;
    struct span payment_no;
    struct refresh_facts facts;
    struct asked asked[ASKED_MAX];
    size_t asked_count;
    size_t open_count;
    size_t refused_count; /* for want of budget */
    int64_t wait_ms;      /* until there is some again */
};

static void
let_go(struct refresh *refresh)
{
    if (--refresh->holders > 0) {
        return;
    }
    timer_free(&refresh->deadline);
    arena_free(&refresh->arena);
    free(refresh);
}

/* Ends the request's part; calls under way go on without it. */
static void
refuse(struct refresh *refresh, enum err err, int retry_after_s)
{
    struct flow *flow = refresh->flow;
    refresh->flow = NULL;
    if (flow != NULL && retry_after_s > 0) {
        flow_refuse_later(flow, err, retry_after_s);
    } else if (flow != NULL) {
        flow_refuse(flow, err, NULL);
    }
    if (flow != NULL) {
        let_go(refresh);
    }
}

static void
answer(struct refresh *refresh, const struct payment *payment, const struct attempt *attempts,
       size_t count, const struct db_rows *evidence)
{
    struct flow *flow = refresh->flow;
    struct json_t *view = NULL;
    enum err err = refresh_view(&refresh->facts, payment, attempts, count, evidence, &view);
    if (err != ERR_OK) {
        refuse(refresh, err, 0);
        return;
    }
    refresh->flow = NULL;
    flow_answer(flow, 200, view);
    let_go(refresh);
}

struct final_read {
    struct refresh *refresh;
    struct payment payment;
    const struct attempt *attempts;
    size_t count;
};

static void
evidence_read(void *context, const struct db_answer *db)
{
    struct final_read *final = context;
    struct refresh *refresh = final->refresh;
    if (refresh->flow == NULL) {
        let_go(refresh);
        return;
    }
    refresh->holders--; /* the request holds it still, until it is answered */
    if (db->err != ERR_OK) {
        refuse(refresh, db->err, 0);
    } else {
        answer(refresh, &final->payment, final->attempts, final->count, db->rows);
    }
}

static void
state_read(void *context, enum err err, const struct payment *payment,
           const struct attempt *attempts, size_t count)
{
    struct refresh *refresh = context;
    void *storage = NULL;
    if (err == ERR_OK) {
        err = arena_alloc(refresh->arena, sizeof(struct final_read), &storage);
    }
    if (err != ERR_OK) {
        refuse(refresh, err, 0);
        let_go(refresh);
        return;
    }
    struct final_read *final = storage;
    *final = (struct final_read){ refresh, *payment, attempts, count };
    struct db_params params;
    db_params_init(&params, refresh->arena);
    db_i64(&params, refresh->slot);
    db_text(&params, refresh->payment_no);
    db_run(refresh->services->db, STATEMENT_evidence_latest, &params, evidence_read, final);
}

/* Reads what is so now and answers with it. */
static void
conclude(struct refresh *refresh)
{
    if (refresh->flow == NULL) {
        return;
    }
    if (refresh->deadline != NULL) {
        timer_disarm(refresh->deadline);
    }
    refresh->holders++;
    payment_read(refresh->services, refresh->arena, refresh->slot, refresh->payment_no, state_read,
                 refresh);
}

static void
on_deadline(void *context)
{
    struct refresh *refresh = context;
    refresh->facts.refreshed = false;
    refresh->facts.reason = "provider_no_answer_in_time";
    conclude(refresh);
}

/* Too many queries is a refusal only where nothing at all was asked. */
static void
all_over(struct refresh *refresh)
{
    if (refresh->refused_count == refresh->asked_count) {
        refuse(refresh, ERR_REFRESH_BUDGET, (int)(refresh->wait_ms / MS_PER_S) + 1);
    } else {
        conclude(refresh);
    }
}

static void
one_over(struct asked *asked, const struct ask_shared_result *result)
{
    struct refresh *refresh = asked->refresh;
    if (result->err == ERR_REFRESH_BUDGET) {
        refresh->refused_count++;
        refresh->wait_ms = result->wait_ms > refresh->wait_ms ? result->wait_ms : refresh->wait_ms;
    }
    if (result->shared) {
        metrics_add(METRIC_REFRESHES_SHARED_TOTAL, 1);
    }
    if (result->err != ERR_OK && refresh->flow != NULL) {
        refresh->facts.refreshed = false;
        refresh->facts.reason = err_code(result->err);
    }
    if (--refresh->open_count == 0 && refresh->flow != NULL) {
        all_over(refresh);
    }
}

static void
provider_said(void *context, const struct ask_shared_result *result)
{
    struct asked *asked = context;
    one_over(asked, result);
    let_go(asked->refresh);
}

static bool
can_change(const struct attempt *attempt)
{
    return attempt->state == ATTEMPT_CLOSED
               ? attempt->noticed /* money may have come all the same */
               : !attempt_state_settled(attempt->state) && attempt->state != ATTEMPT_CREATED;
}

static void
collect(struct refresh *refresh, const struct attempt *attempts, size_t count)
{
    for (size_t i = 0; i < count && refresh->asked_count < ASKED_MAX; i++) {
        if (can_change(&attempts[i])) {
            struct asked *asked = &refresh->asked[refresh->asked_count++];
            *asked = (struct asked){ .refresh = refresh, .attempt = attempts[i] };
        }
    }
    refresh->open_count = refresh->asked_count;
}

static void
ask_all(struct refresh *refresh)
{
    enum err err = timer_new(refresh->services->base, on_deadline, refresh, &refresh->deadline);
    if (err == ERR_OK) {
        err = timer_arm(refresh->deadline, refresh->max_wait_ms);
    }
    if (err != ERR_OK) {
        refuse(refresh, err, 0);
        return;
    }
    refresh->facts.refreshed = true;
    size_t count = refresh->asked_count;
    refresh->holders++;
    for (size_t i = 0; i < count; i++) {
        refresh->holders++;
        ask_shared(refresh->services, &refresh->asked[i].attempt, QUERY_BY_PERSON,
                   refresh->max_wait_ms, provider_said, &refresh->asked[i]);
    }
    let_go(refresh);
}

static void
loaded(void *context, enum err err, const struct payment *payment, const struct attempt *attempts,
       size_t count)
{
    struct refresh *refresh = context;
    if (err != ERR_OK) {
        refuse(refresh, err, 0);
        return;
    }
    refresh->slot = payment->slot;
    refresh->payment_no = payment->payment_no;
    collect(refresh, attempts, count);
    bool final = span_eq_cstr(payment->state, "paid")
                 || (!span_eq_cstr(payment->state, "open") && refresh->asked_count == 0);
    if (final || refresh->asked_count == 0) {
        refresh->asked_count = 0;
        refresh->facts.reason = final ? "final" : "nothing_to_ask";
        conclude(refresh);
        return;
    }
    ask_all(refresh);
}

static enum err
read_body(struct http_request *request, int64_t *max_wait_ms, struct faults *faults)
{
    DEFER(body_close) struct body body = { 0 };
    TRY(body_open_optional(request, &body, faults));
    body_optional_i64(&body.root, "max_wait_ms", WAIT_MIN_MS, WAIT_MAX_MS, max_wait_ms);
    return body_verdict(&body);
}

static struct refresh *
start(struct flow *flow)
{
    struct faults faults = { .count = 0 };
    int64_t max_wait_ms = WAIT_DEFAULT_MS;
    enum err err = read_body(flow->request, &max_wait_ms, &faults);
    struct refresh *refresh = err == ERR_OK ? calloc(1, sizeof(*refresh)) : NULL;
    if (err == ERR_OK && refresh == NULL) {
        err = ERR_NO_MEMORY;
    }
    if (err == ERR_OK) {
        err = arena_new(REFRESH_ARENA_MAX, &refresh->arena);
    }
    if (err != ERR_OK) {
        free(refresh);
        flow_refuse(flow, err, &faults);
        return NULL;
    }
    metrics_add(METRIC_REFRESHES_TOTAL, 1);
    refresh->flow = flow;
    refresh->services = flow->services;
    refresh->holders = 1;
    refresh->max_wait_ms = max_wait_ms;
    return refresh;
}

static void
begin_by_id(struct flow *flow)
{
    struct span payment_no;
    int slot = 0;
    if (!flow_ok(flow, number_payment_of_id(flow->request->captures[0], &payment_no, &slot))) {
        return;
    }
    struct refresh *refresh = start(flow);
    if (refresh != NULL) {
        payment_read_owned(flow->services, refresh->arena, slot, payment_no,
                           flow->request->client_owner, loaded, refresh);
    }
}

static void
begin_by_order(struct flow *flow)
{
    struct refresh *refresh = start(flow);
    if (refresh != NULL) {
        payment_read_by_order(flow->services, refresh->arena, flow->request->client_owner,
                              flow->request->captures[0], loaded, refresh);
    }
}

void
handle_payment_refresh(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct flow), NULL, begin_by_id);
}

void
handle_order_refresh(struct http_request *request, void *context)
{
    flow_start(request, context, sizeof(struct flow), NULL, begin_by_order);
}
