/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <event2/event.h>

#include "ask.h"
#include "body.h"
#include "flow.h"
#include "handlers.h"
#include "metrics.h"
#include "number.h"
#include "payment_read.h"
#include "query_budget.h"
#include "refresh_view.h"

/* 刷新支付状态: asks the provider about every attempt that can still change and answers within
 * max_wait_ms whatever the provider does. The work outlives the answer: what the provider says later
 * is stored all the same. */

#define WAIT_DEFAULT_MS   3000
#define WAIT_MIN_MS       100
#define WAIT_MAX_MS       10000
#define LOOK_AGAIN_MS     50
#define REFRESH_ARENA_MAX ((size_t)1024 * 1024)
#define ASKED_MAX         100

struct refresh;

/* One attempt that is asked about, by us or by somebody else. */
struct asked {
    struct refresh *refresh;
    struct attempt attempt;
    struct event *look; /* while somebody else asks */
    enum err err;
    bool over;
};

struct refresh {
    struct flow *flow; /* NULL once the request was answered */
    struct services *services;
    struct arena *arena;
    int holders; /* the request, and every call under way */
    struct event *deadline;
    int64_t max_wait_ms;
    struct wall_time began;
    int slot;
    struct span payment_no;
    struct refresh_facts facts;
    struct asked asked[ASKED_MAX];
    size_t asked_count;
    size_t open_count;
};

static void
let_go(struct refresh *refresh)
{
    if (--refresh->holders > 0) {
        return;
    }
    for (size_t i = 0; i < refresh->asked_count; i++) {
        if (refresh->asked[i].look != NULL) {
            event_free(refresh->asked[i].look);
        }
    }
    if (refresh->deadline != NULL) {
        event_free(refresh->deadline);
    }
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
    if (refresh->flow != NULL && db->err != ERR_OK) {
        refuse(refresh, db->err, 0);
    } else if (refresh->flow != NULL) {
        answer(refresh, &final->payment, final->attempts, final->count, db->rows);
    }
    let_go(refresh);
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
        (void)event_del(refresh->deadline);
    }
    refresh->holders++;
    payment_read(refresh->services, refresh->arena, refresh->slot, refresh->payment_no, state_read,
                 refresh);
}

static void
on_deadline(evutil_socket_t fd, short what, void *context)
{
    struct refresh *refresh = context;
    (void)fd;
    (void)what;
    refresh->facts.refreshed = false;
    refresh->facts.reason = "provider_no_answer_in_time";
    conclude(refresh);
}

static void
one_over(struct asked *asked, enum err err)
{
    struct refresh *refresh = asked->refresh;
    asked->over = true;
    asked->err = err;
    if (err != ERR_OK) {
        refresh->facts.refreshed = false;
        refresh->facts.reason = err_code(err);
    }
    if (--refresh->open_count == 0 && refresh->flow != NULL) {
        conclude(refresh);
    }
}

static void look_again(struct asked *asked);

static void
looked(void *context, const struct db_answer *db)
{
    struct asked *asked = context;
    struct refresh *refresh = asked->refresh;
    struct attempt now;
    enum err err = db->err;
    if (err == ERR_OK) {
        err = db_rows_count(db->rows) == 1 ? attempt_row(db->rows, 0, refresh->arena, &now)
                                           : ERR_DB_ROWS;
    }
    if (err != ERR_OK) {
        one_over(asked, err);
    } else if (now.last_answer_at.us >= refresh->began.us || attempt_state_final(now.state)) {
        metrics_add(METRIC_REFRESHES_SHARED_TOTAL, 1);
        one_over(asked, ERR_OK);
    } else if (refresh->flow != NULL) {
        look_again(asked);
    }
    let_go(refresh);
}

static void
on_look(evutil_socket_t fd, short what, void *context)
{
    struct asked *asked = context;
    struct refresh *refresh = asked->refresh;
    struct db_params params;
    (void)fd;
    (void)what;
    if (refresh->flow == NULL) {
        let_go(refresh);
        return;
    }
    db_params_init(&params, refresh->arena);
    db_i64(&params, refresh->slot);
    db_text(&params, asked->attempt.attempt_no);
    db_run(refresh->services->db, STATEMENT_attempt_find, &params, looked, asked);
}

/* The query lease moves to us if its owner died; otherwise its answer shows in the row. */
static void
look_again(struct asked *asked)
{
    static const struct timeval wait = { .tv_sec = 0, .tv_usec = LOOK_AGAIN_MS * 1000 };
    struct refresh *refresh = asked->refresh;
    if (asked->look == NULL) {
        asked->look = event_new(refresh->services->base, -1, 0, on_look, asked);
    }
    if (asked->look == NULL || event_add(asked->look, &wait) != 0) {
        one_over(asked, ERR_NO_MEMORY);
        return;
    }
    refresh->holders++;
}

static void
provider_said(void *context, const struct ask_result *result)
{
    struct asked *asked = context;
    struct refresh *refresh = asked->refresh;
    if (result->err == ERR_LOST_RACE && refresh->flow != NULL) {
        look_again(asked);
    } else {
        one_over(asked, result->err);
    }
    let_go(refresh);
}

static bool
can_change(const struct attempt *attempt)
{
    return attempt->state != ATTEMPT_PAID && attempt->state != ATTEMPT_LATE_PAID
           && attempt->state != ATTEMPT_CREATED && attempt->state != ATTEMPT_CLOSED;
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

static int
take_budget(struct refresh *refresh)
{
    for (size_t i = 0; i < refresh->asked_count; i++) {
        int wait_s = query_budget_take(refresh->services->budget, refresh->asked[i].attempt.account,
                                       clock_mono());
        if (wait_s > 0) {
            return wait_s;
        }
    }
    return 0;
}

static void
ask_all(struct refresh *refresh)
{
    struct timeval wait = { .tv_sec = refresh->max_wait_ms / 1000,
                            .tv_usec = refresh->max_wait_ms % 1000 * 1000 };
    refresh->deadline = event_new(refresh->services->base, -1, 0, on_deadline, refresh);
    if (refresh->deadline == NULL || event_add(refresh->deadline, &wait) != 0) {
        refuse(refresh, ERR_NO_MEMORY, 0);
        return;
    }
    refresh->facts.refreshed = true;
    size_t count = refresh->asked_count;
    refresh->holders++;
    for (size_t i = 0; i < count; i++) {
        refresh->holders++;
        ask_provider(refresh->services, &refresh->asked[i].attempt, ADAPTER_QUERY, provider_said,
                     &refresh->asked[i]);
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
    bool final = !span_eq_cstr(payment->state, "open");
    if (final || refresh->asked_count == 0) {
        refresh->asked_count = 0;
        refresh->facts.reason = final ? "final" : "nothing_to_ask";
        conclude(refresh);
        return;
    }
    int wait_s = take_budget(refresh);
    if (wait_s > 0) {
        refuse(refresh, ERR_REFRESH_BUDGET, wait_s);
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
    refresh->began = clock_wall();
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
