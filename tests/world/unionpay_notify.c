/* SPDX-License-Identifier: Apache-2.0 */
#include "unionpay_notify.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "unionpay_fault.h"
#include "unionpay_txn.h"

#define REPLY_TIMEOUT_MS 10000
#define REPLY_MAX        256 /* of the receiver's body, kept for the record */

/* 4: five deliveries, by the newer text; minutes between one that failed and the next. */
static const int resend_min[] = { 1, 2, 4, 5 };
#define RESENDS (sizeof(resend_min) / sizeof(resend_min[0]))

struct unionpay_notice {
    TAILQ_ENTRY(unionpay_notice) next;
    struct unionpay *unionpay;
    char order_id[UNIONPAY_ORDER_MAX + 1];
    char query_id[22];
    char *url;
    struct buf body;
    bool genuine; /* made by a result of the transaction itself */
    bool forged;
    bool held;
    size_t failures;
    struct wall_time due; /* 0: no resend is planned */
    struct event *timer;
};

/* One line of the record. */
struct unionpay_delivery {
    TAILQ_ENTRY(unionpay_delivery) next;
    char order_id[UNIONPAY_ORDER_MAX + 1];
    char query_id[22];
    bool forged;
    const char *outcome;
    int status;
    char *reply;
};

/* One POST under way. */
struct unionpay_post {
    TAILQ_ENTRY(unionpay_post) next;
    struct unionpay_notice *notice;
    struct control_call *call; /* NULL: nobody waits for the reply */
    bool alone;                /* out of order: it plans no resend and ends none */
};

struct unionpay_waiter {
    TAILQ_ENTRY(unionpay_waiter) next;
    struct control_call *call;
};

static enum err
record(struct unionpay *unionpay, const struct unionpay_notice *notice, const char *outcome,
       int status, struct span reply)
{
    struct unionpay_delivery *delivery = calloc(1, sizeof(*delivery));
    if (delivery == NULL
        || unionpay_copy(span_sub(reply, 0, REPLY_MAX), &delivery->reply) != ERR_OK) {
        free(delivery);
        return ERR_NO_MEMORY;
    }
    memcpy(delivery->order_id, notice->order_id, sizeof(delivery->order_id));
    memcpy(delivery->query_id, notice->query_id, sizeof(delivery->query_id));
    delivery->forged = notice->forged;
    delivery->outcome = outcome;
    delivery->status = status;
    TAILQ_INSERT_TAIL(&unionpay->deliveries, delivery, next);
    return ERR_OK;
}

static void
plan_resend(struct unionpay_notice *notice)
{
    if (notice->failures >= RESENDS) {
        return;
    }
    int minutes = resend_min[notice->failures++];
    const struct timeval wait = { .tv_sec = minutes * 60, .tv_usec = 0 };
    notice->due = wall_add_ms(world_now(notice->unionpay->world), (int64_t)minutes * 60 * 1000);
    (void)event_add(notice->timer, &wait); /* without it, /unionpay/release still sends it */
}

static void
forget_resend(struct unionpay_notice *notice)
{
    notice->due = (struct wall_time){ 0 };
    (void)event_del(notice->timer);
}

static void
answer_waiters(struct unionpay *unionpay)
{
    while (TAILQ_EMPTY(&unionpay->posts) && !TAILQ_EMPTY(&unionpay->idle)) {
        struct unionpay_waiter *waiter = TAILQ_FIRST(&unionpay->idle);
        TAILQ_REMOVE(&unionpay->idle, waiter, next);
        control_answer(waiter->call, NULL);
        free(waiter);
    }
}

static enum err
encode_reply(int status, struct span reply, struct json_t **out)
{
    DEFER(json_free) struct json_t *object = NULL;
    TRY(json_new_object(&object));
    TRY(json_put_i64(object, "status", status));
    TRY(json_put_string(object, "reply", span_is_utf8(reply) ? reply : SPAN_LIT("")));
    *out = object;
    object = NULL;
    return ERR_OK;
}

static void
answer_call(struct control_call *call, int status, struct span reply)
{
    struct json_t *out = NULL;
    enum err err = encode_reply(status, span_sub(reply, 0, REPLY_MAX), &out);
    if (err != ERR_OK) {
        control_refuse(call, 409, err_name(err), "reply");
        return;
    }
    control_answer(call, out);
}

/* 4: the status alone counts. */
static void
delivered(void *ctx, const struct http_answer *answer)
{
    struct unionpay_post *post = ctx;
    struct unionpay_notice *notice = post->notice;
    struct unionpay *unionpay = notice->unionpay;
    bool accepted = answer->status == 200;
    TAILQ_REMOVE(&unionpay->posts, post, next);
    enum err err = record(unionpay, notice, answer->status == 0 ? "failed" : "answered",
                          answer->status, answer->body);
    if (!post->alone && accepted) {
        forget_resend(notice);
        notice->failures = RESENDS;
    } else if (!post->alone && notice->due.us == 0) {
        plan_resend(notice);
    }
    if (post->call != NULL && err == ERR_OK) {
        answer_call(post->call, answer->status, answer->body);
    } else if (post->call != NULL) {
        control_refuse(post->call, 409, err_name(err), "record");
    }
    free(post);
    answer_waiters(unionpay);
}

static enum err
send_notice(struct unionpay_notice *notice, struct control_call *call, bool alone)
{
    static const struct http_header headers[] = {
        { "Content-Type", "application/x-www-form-urlencoded;charset=UTF-8" }
    };
    struct unionpay *unionpay = notice->unionpay;
    struct unionpay_post *post = calloc(1, sizeof(*post));
    if (post == NULL) {
        return ERR_NO_MEMORY;
    }
    *post = (struct unionpay_post){ .notice = notice, .call = call, .alone = alone };
    const struct http_call http = {
        .method = EVHTTP_REQ_POST,
        .url = notice->url,
        .headers = headers,
        .header_count = sizeof(headers) / sizeof(headers[0]),
        .body = buf_span(&notice->body),
        .timeout_ms = REPLY_TIMEOUT_MS,
    };
    TAILQ_INSERT_TAIL(&unionpay->posts, post, next);
    enum err err = http_send(unionpay->world, &http, delivered, post);
    if (err != ERR_OK) {
        TAILQ_REMOVE(&unionpay->posts, post, next);
        free(post);
    }
    return err;
}

/* A notice that cannot be sent at all counts as a failed delivery, as a receiver that is away does. */
static enum err
send_or_plan(struct unionpay_notice *notice)
{
    forget_resend(notice);
    notice->held = false;
    if (send_notice(notice, NULL, false) == ERR_OK) {
        return ERR_OK;
    }
    plan_resend(notice);
    return record(notice->unionpay, notice, "failed", 0, SPAN_LIT(""));
}

static void
resend_by_timer(evutil_socket_t fd, short events, void *ctx)
{
    (void)fd;
    (void)events;
    (void)send_or_plan(ctx); /* what it could not record shows as a missing line */
}

static void
notice_free(struct unionpay_notice *notice)
{
    if (notice->timer != NULL) {
        event_free(notice->timer);
    }
    free(notice->url);
    buf_fini(&notice->body);
    free(notice);
}

static enum err
notice_fill(struct unionpay *unionpay, struct unionpay_notice *notice,
            const struct unionpay_notice_facts *facts, enum unionpay_seal seal)
{
    DEFER(unionpay_form_fini) struct unionpay_fields fields = { .count = 0 };
    notice->timer = evtimer_new(unionpay->world->base, resend_by_timer, notice);
    if (notice->timer == NULL) {
        return ERR_NO_MEMORY;
    }
    memcpy(notice->order_id, facts->txn->order_id, sizeof(notice->order_id));
    memcpy(notice->query_id, facts->txn->query_id, sizeof(notice->query_id));
    TRY(unionpay_copy(span_of(facts->txn->back_url), &notice->url));
    TRY(unionpay_notice_build(unionpay, facts, seal, &fields));
    return unionpay_form_encode_url(&fields, &notice->body);
}

static enum err
notice_new(struct unionpay *unionpay, const struct unionpay_notice_facts *facts,
           enum unionpay_seal seal, struct unionpay_notice **out)
{
    struct unionpay_notice *notice = calloc(1, sizeof(*notice));
    if (notice == NULL) {
        return ERR_NO_MEMORY;
    }
    notice->unionpay = unionpay;
    notice->forged = seal != UNIONPAY_SEAL_TRUE;
    buf_init(&notice->body, UNIONPAY_BODY_MAX);
    enum err err = notice_fill(unionpay, notice, facts, seal);
    if (err != ERR_OK) {
        notice_free(notice);
        return err;
    }
    TAILQ_INSERT_TAIL(&unionpay->notices, notice, next);
    *out = notice;
    return ERR_OK;
}

enum err
unionpay_notify_txn(struct unionpay *unionpay, const struct unionpay_txn *txn)
{
    if (txn->back_url == NULL) {
        return ERR_OK;
    }
    const struct unionpay_notice_facts facts = {
        .txn = txn,
        .resp_code = txn->resp_code,
        .amount = txn->amount,
        .done = txn->done,
    };
    struct unionpay_notice *notice;
    TRY(notice_new(unionpay, &facts, UNIONPAY_SEAL_TRUE, &notice));
    notice->genuine = true;
    if (unionpay_fault_take(unionpay, UNIONPAY_NOTIFY_DROP, txn->order_id)) {
        return record(unionpay, notice, "dropped", 0, SPAN_LIT(""));
    }
    if (unionpay_fault_take(unionpay, UNIONPAY_NOTIFY_HOLD, txn->order_id)) {
        notice->held = true;
        return record(unionpay, notice, "held", 0, SPAN_LIT(""));
    }
    TRY(send_or_plan(notice));
    return unionpay_fault_take(unionpay, UNIONPAY_NOTIFY_TWICE, txn->order_id)
               ? send_notice(notice, NULL, false)
               : ERR_OK;
}

static struct unionpay_notice *
last_genuine(struct unionpay *unionpay, const struct unionpay_txn *txn)
{
    struct unionpay_notice *found = NULL;
    struct unionpay_notice *notice;
    TAILQ_FOREACH(notice, &unionpay->notices, next) {
        if (notice->genuine && strcmp(notice->order_id, txn->order_id) == 0) {
            found = notice;
        }
    }
    return found;
}

/* A lie says that the money moved, whatever happened: that is what a liar wants to be believed. */
static enum err
make_wished(struct unionpay *unionpay, const struct unionpay_notice_wish *wish,
            struct unionpay_notice **out)
{
    const struct unionpay_txn *txn = wish->txn;
    bool lie = wish->seal != UNIONPAY_SEAL_TRUE || wish->amount != NULL;
    bool as_done = lie && txn->status != UNIONPAY_DONE;
    if (!lie && (txn->status == UNIONPAY_WAIT || txn->status == UNIONPAY_LATE)) {
        return ERR_FIELD_VALUE; /* 4: what has no result, or front money that came late, is not told */
    }
    const struct unionpay_notice_facts facts = {
        .txn = txn,
        .resp_code = as_done ? "00" : txn->resp_code,
        .amount = wish->amount == NULL ? txn->amount : *wish->amount,
        .done = as_done ? world_now(unionpay->world) : txn->done,
    };
    return notice_new(unionpay, &facts, wish->seal, out);
}

enum err
unionpay_notify_now(struct unionpay *unionpay, const struct unionpay_notice_wish *wish,
                    struct control_call *call)
{
    struct unionpay_notice *notice = NULL;
    if (wish->txn->back_url == NULL) {
        return ERR_FIELD_VALUE;
    }
    if (wish->resend) {
        notice = last_genuine(unionpay, wish->txn);
    } else {
        TRY(make_wished(unionpay, wish, &notice));
    }
    return notice == NULL ? ERR_FIELD_VALUE : send_notice(notice, call, true);
}

size_t
unionpay_notify_release(struct unionpay *unionpay)
{
    size_t sent = 0;
    struct wall_time now = world_now(unionpay->world);
    struct unionpay_notice *notice;
    TAILQ_FOREACH(notice, &unionpay->notices, next) {
        bool due = notice->due.us != 0 && notice->due.us <= now.us;
        if ((notice->held || due) && send_or_plan(notice) == ERR_OK) {
            sent++;
        }
    }
    return sent;
}

enum err
unionpay_notify_idle(struct unionpay *unionpay, struct control_call *call)
{
    struct unionpay_waiter *waiter = calloc(1, sizeof(*waiter));
    if (waiter == NULL) {
        return ERR_NO_MEMORY;
    }
    waiter->call = call;
    TAILQ_INSERT_TAIL(&unionpay->idle, waiter, next);
    answer_waiters(unionpay);
    return ERR_OK;
}

static enum err
put_delivery(const struct unionpay_delivery *delivery, struct json_t *array)
{
    struct json_t *object;
    struct span reply = span_of(delivery->reply);
    TRY(json_new_object(&object));
    TRY(json_put(array, NULL, object));
    TRY(json_put_text(object, "out_trade_no", delivery->order_id));
    TRY(json_put_text(object, "query_id", delivery->query_id));
    TRY(json_put_text(object, "kind", "notice"));
    TRY(json_put_bool(object, "forged", delivery->forged));
    TRY(json_put_text(object, "outcome", delivery->outcome));
    TRY(json_put_i64(object, "status", delivery->status));
    return json_put_string(object, "reply", span_is_utf8(reply) ? reply : SPAN_LIT(""));
}

enum err
unionpay_notify_list(const struct unionpay *unionpay, struct json_t *array)
{
    const struct unionpay_delivery *delivery;
    TAILQ_FOREACH(delivery, &unionpay->deliveries, next) {
        TRY(put_delivery(delivery, array));
    }
    return ERR_OK;
}

static void
free_posts(struct unionpay *unionpay)
{
    while (!TAILQ_EMPTY(&unionpay->posts)) {
        struct unionpay_post *post = TAILQ_FIRST(&unionpay->posts);
        TAILQ_REMOVE(&unionpay->posts, post, next);
        free(post);
    }
    while (!TAILQ_EMPTY(&unionpay->idle)) {
        struct unionpay_waiter *waiter = TAILQ_FIRST(&unionpay->idle);
        TAILQ_REMOVE(&unionpay->idle, waiter, next);
        free(waiter);
    }
}

void
unionpay_notify_free_all(struct unionpay *unionpay)
{
    free_posts(unionpay);
    while (!TAILQ_EMPTY(&unionpay->notices)) {
        struct unionpay_notice *notice = TAILQ_FIRST(&unionpay->notices);
        TAILQ_REMOVE(&unionpay->notices, notice, next);
        notice_free(notice);
    }
    while (!TAILQ_EMPTY(&unionpay->deliveries)) {
        struct unionpay_delivery *delivery = TAILQ_FIRST(&unionpay->deliveries);
        TAILQ_REMOVE(&unionpay->deliveries, delivery, next);
        free(delivery->reply);
        free(delivery);
    }
}
