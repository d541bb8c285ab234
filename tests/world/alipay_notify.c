/* SPDX-License-Identifier: Apache-2.0 */
#include "alipay_notify.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "alipay_fault.h"
#include "alipay_notice.h"
#include "alipay_trade.h"

#define REPLY_TIMEOUT_MS 10000
#define REPLY_MAX        256 /* of the receiver's body, kept for the record */

/* 5.6: minutes between one failed delivery and the next. */
static const int resend_min[] = { 4, 10, 10, 60, 120, 360, 900 };
#define RESENDS (sizeof(resend_min) / sizeof(resend_min[0]))

struct alipay_notice {
    TAILQ_ENTRY(alipay_notice) next;
    struct alipay *alipay;
    char out_trade_no[ALIPAY_NUMBER_MAX + 1];
    char notify_id[40];
    char *url;
    struct buf body;
    bool genuine; /* made by a change of the trade itself */
    bool forged;
    bool held;
    size_t failures;
    struct wall_time due; /* 0: no resend is planned */
    struct event *timer;
};

/* One line of the record. */
struct alipay_delivery {
    TAILQ_ENTRY(alipay_delivery) next;
    char out_trade_no[ALIPAY_NUMBER_MAX + 1];
    char notify_id[40];
    bool forged;
    const char *outcome;
    int status;
    char *reply;
};

/* One POST under way. */
struct alipay_post {
    TAILQ_ENTRY(alipay_post) next;
    struct alipay_notice *notice;
    struct control_call *call; /* NULL: nobody waits for the reply */
    bool alone;                /* out of order: it plans no resend and ends none */
};

struct alipay_waiter {
    TAILQ_ENTRY(alipay_waiter) next;
    struct control_call *call;
};

static enum err
record(struct alipay *alipay, const struct alipay_notice *notice, const char *outcome, int status,
       struct span reply)
{
    struct alipay_delivery *delivery = calloc(1, sizeof(*delivery));
    if (delivery == NULL
        || alipay_copy(span_sub(reply, 0, REPLY_MAX), &delivery->reply) != ERR_OK) {
        free(delivery);
        return ERR_NO_MEMORY;
    }
    memcpy(delivery->out_trade_no, notice->out_trade_no, sizeof(delivery->out_trade_no));
    memcpy(delivery->notify_id, notice->notify_id, sizeof(delivery->notify_id));
    delivery->forged = notice->forged;
    delivery->outcome = outcome;
    delivery->status = status;
    TAILQ_INSERT_TAIL(&alipay->deliveries, delivery, next);
    return ERR_OK;
}

static void
plan_resend(struct alipay_notice *notice)
{
    if (notice->failures >= RESENDS) {
        return;
    }
    int minutes = resend_min[notice->failures++];
    const struct timeval wait = { .tv_sec = minutes * 60, .tv_usec = 0 };
    notice->due = wall_add_ms(world_now(notice->alipay->world), (int64_t)minutes * 60 * 1000);
    (void)event_add(notice->timer, &wait); /* without it, /alipay/release still sends it */
}

static void
forget_resend(struct alipay_notice *notice)
{
    notice->due = (struct wall_time){ 0 };
    (void)event_del(notice->timer);
}

static void
answer_waiters(struct alipay *alipay)
{
    while (TAILQ_EMPTY(&alipay->posts) && !TAILQ_EMPTY(&alipay->idle)) {
        struct alipay_waiter *waiter = TAILQ_FIRST(&alipay->idle);
        TAILQ_REMOVE(&alipay->idle, waiter, next);
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

/* 5.6: only these seven bytes end the resends. */
static void
delivered(void *ctx, const struct http_answer *answer)
{
    struct alipay_post *post = ctx;
    struct alipay_notice *notice = post->notice;
    struct alipay *alipay = notice->alipay;
    bool accepted = answer->status == 200 && span_eq_cstr(answer->body, "success");
    TAILQ_REMOVE(&alipay->posts, post, next);
    enum err err = record(alipay, notice, answer->status == 0 ? "failed" : "answered",
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
    answer_waiters(alipay);
}

static enum err
send_notice(struct alipay_notice *notice, struct control_call *call, bool alone)
{
    static const struct http_header headers[] = {
        { "Content-Type", "application/x-www-form-urlencoded; charset=utf-8" }
    };
    struct alipay *alipay = notice->alipay;
    struct alipay_post *post = calloc(1, sizeof(*post));
    if (post == NULL) {
        return ERR_NO_MEMORY;
    }
    *post = (struct alipay_post){ .notice = notice, .call = call, .alone = alone };
    const struct http_call http = {
        .method = EVHTTP_REQ_POST,
        .url = notice->url,
        .headers = headers,
        .header_count = sizeof(headers) / sizeof(headers[0]),
        .body = buf_span(&notice->body),
        .timeout_ms = REPLY_TIMEOUT_MS,
    };
    TAILQ_INSERT_TAIL(&alipay->posts, post, next);
    enum err err = http_send(alipay->world, &http, delivered, post);
    if (err != ERR_OK) {
        TAILQ_REMOVE(&alipay->posts, post, next);
        free(post);
    }
    return err;
}

/* A notice that cannot be sent at all counts as a failed delivery, as a receiver that is away does. */
static enum err
send_or_plan(struct alipay_notice *notice)
{
    forget_resend(notice);
    notice->held = false;
    if (send_notice(notice, NULL, false) == ERR_OK) {
        return ERR_OK;
    }
    plan_resend(notice);
    return record(notice->alipay, notice, "failed", 0, SPAN_LIT(""));
}

static void
resend_by_timer(evutil_socket_t fd, short events, void *ctx)
{
    (void)fd;
    (void)events;
    (void)send_or_plan(ctx); /* what it could not record shows as a missing line */
}

static void
notice_free(struct alipay_notice *notice)
{
    if (notice->timer != NULL) {
        event_free(notice->timer);
    }
    free(notice->url);
    buf_fini(&notice->body);
    free(notice);
}

static enum err
make_id(struct alipay *alipay, struct alipay_notice *notice)
{
    DEFER(buf_fini) struct buf id = BUF_MAX(sizeof(notice->notify_id) - 1);
    struct day day = day_of(world_now(alipay->world), ZONE_CHINA_MIN);
    TRY(buf_printf(&id, "%04d%02d%02d01222%021llu", day.year, day.month, day.mday,
                   (unsigned long long)++alipay->serial));
    memcpy(notice->notify_id, id.at, id.len);
    return ERR_OK;
}

static enum err
notice_fill(struct alipay *alipay, struct alipay_notice *notice, struct alipay_notice_facts *facts)
{
    notice->timer = evtimer_new(alipay->world->base, resend_by_timer, notice);
    if (notice->timer == NULL) {
        return ERR_NO_MEMORY;
    }
    memcpy(notice->out_trade_no, facts->trade->out_trade_no, sizeof(notice->out_trade_no));
    TRY(alipay_copy(span_of(facts->trade->notify_url), &notice->url));
    TRY(make_id(alipay, notice));
    facts->notify_id = notice->notify_id;
    facts->now = world_now(alipay->world);
    return alipay_notice_encode(facts, &notice->body);
}

static enum err
notice_new(struct alipay *alipay, struct alipay_notice_facts *facts, struct alipay_notice **out)
{
    struct alipay_notice *notice = calloc(1, sizeof(*notice));
    if (notice == NULL) {
        return ERR_NO_MEMORY;
    }
    notice->alipay = alipay;
    notice->forged = facts->key != facts->trade->app->signer->key;
    buf_init(&notice->body, ALIPAY_BODY_MAX);
    enum err err = notice_fill(alipay, notice, facts);
    if (err != ERR_OK) {
        notice_free(notice);
        return err;
    }
    TAILQ_INSERT_TAIL(&alipay->notices, notice, next);
    *out = notice;
    return ERR_OK;
}

/* 5.3: notices with and without the number have been seen. Here the first certificate's do not have it,
 * as in the sandbox, and those of the next one do. */
static const char *
named_certificate(const struct alipay *alipay, const struct alipay_app *app)
{
    return app->signer == &alipay->signers[ALIPAY_SIGNER_NEXT] ? app->signer->sn : NULL;
}

enum err
alipay_notify_trade(struct alipay *alipay, const struct alipay_trade *trade,
                    const struct alipay_refund *refund)
{
    if (trade->notify_url == NULL) {
        return ERR_OK;
    }
    struct alipay_notice_facts facts = {
        .trade = trade,
        .refund = refund,
        .key = trade->app->signer->key,
        .cert_sn = named_certificate(alipay, trade->app),
        .status = alipay_trade_status(trade),
        .total = trade->total,
        .paid = trade->paid,
    };
    struct alipay_notice *notice;
    TRY(notice_new(alipay, &facts, &notice));
    notice->genuine = true;
    if (alipay_fault_take(alipay, ALIPAY_NOTIFY_DROP, trade->out_trade_no)) {
        return record(alipay, notice, "dropped", 0, SPAN_LIT(""));
    }
    if (alipay_fault_take(alipay, ALIPAY_NOTIFY_HOLD, trade->out_trade_no)) {
        notice->held = true;
        return record(alipay, notice, "held", 0, SPAN_LIT(""));
    }
    TRY(send_or_plan(notice));
    return alipay_fault_take(alipay, ALIPAY_NOTIFY_TWICE, trade->out_trade_no)
               ? send_notice(notice, NULL, false)
               : ERR_OK;
}

static struct alipay_notice *
last_genuine(struct alipay *alipay, const struct alipay_trade *trade)
{
    struct alipay_notice *found = NULL;
    struct alipay_notice *notice;
    TAILQ_FOREACH(notice, &alipay->notices, next) {
        if (notice->genuine && strcmp(notice->out_trade_no, trade->out_trade_no) == 0) {
            found = notice;
        }
    }
    return found;
}

/* A lie says that the trade is paid, whatever it is: that is what a liar wants to be believed. */
static enum err
make_wished(struct alipay *alipay, const struct alipay_notice_wish *wish,
            struct alipay_notice **out)
{
    const struct alipay_trade *trade = wish->trade;
    const struct alipay_signer *signer =
        wish->foreign ? &alipay->signers[ALIPAY_SIGNER_FOREIGN] : trade->app->signer;
    bool lie = wish->forged || wish->foreign || wish->total != NULL;
    bool as_paid = lie && trade->paid.us == 0;
    if (!lie && (trade->status == ALIPAY_ABSENT || trade->status == ALIPAY_WAIT)) {
        return ERR_FIELD_VALUE; /* 5.3: WAIT_BUYER_PAY is not sent */
    }
    struct alipay_notice_facts facts = {
        .trade = trade,
        .refund = lie ? NULL : TAILQ_LAST(&trade->refunds, alipay_refund_list),
        .key = wish->forged ? alipay->forger : signer->key,
        .cert_sn = wish->foreign ? signer->sn : named_certificate(alipay, trade->app),
        .status = as_paid ? "TRADE_SUCCESS" : alipay_trade_status(trade),
        .total = wish->total == NULL ? trade->total : *wish->total,
        .paid = as_paid ? world_now(alipay->world) : trade->paid,
    };
    return notice_new(alipay, &facts, out);
}

enum err
alipay_notify_now(struct alipay *alipay, const struct alipay_notice_wish *wish,
                  struct control_call *call)
{
    struct alipay_notice *notice = NULL;
    if (wish->trade->notify_url == NULL) {
        return ERR_FIELD_VALUE;
    }
    if (wish->resend) {
        notice = last_genuine(alipay, wish->trade);
    } else {
        TRY(make_wished(alipay, wish, &notice));
    }
    return notice == NULL ? ERR_FIELD_VALUE : send_notice(notice, call, true);
}

static struct alipay_notice *
first_notice(struct alipay *alipay, bool newest_first)
{
    return newest_first ? TAILQ_LAST(&alipay->notices, alipay_notice_list)
                        : TAILQ_FIRST(&alipay->notices);
}

static struct alipay_notice *
next_notice(struct alipay_notice *notice, bool newest_first)
{
    return newest_first ? TAILQ_PREV(notice, alipay_notice_list, next) : TAILQ_NEXT(notice, next);
}

size_t
alipay_notify_release(struct alipay *alipay, bool newest_first, size_t max)
{
    size_t sent = 0;
    struct wall_time now = world_now(alipay->world);
    struct alipay_notice *notice = first_notice(alipay, newest_first);
    while (notice != NULL && sent < max) {
        bool due = notice->due.us != 0 && notice->due.us <= now.us;
        if ((notice->held || due) && send_or_plan(notice) == ERR_OK) {
            sent++;
        }
        notice = next_notice(notice, newest_first);
    }
    return sent;
}

enum err
alipay_notify_idle(struct alipay *alipay, struct control_call *call)
{
    struct alipay_waiter *waiter = calloc(1, sizeof(*waiter));
    if (waiter == NULL) {
        return ERR_NO_MEMORY;
    }
    waiter->call = call;
    TAILQ_INSERT_TAIL(&alipay->idle, waiter, next);
    answer_waiters(alipay);
    return ERR_OK;
}

static enum err
put_delivery(const struct alipay_delivery *delivery, struct json_t *array)
{
    struct json_t *object;
    struct span reply = span_of(delivery->reply);
    TRY(json_new_object(&object));
    TRY(json_put(array, NULL, object));
    TRY(json_put_text(object, "out_trade_no", delivery->out_trade_no));
    TRY(json_put_text(object, "notify_id", delivery->notify_id));
    TRY(json_put_text(object, "kind", "notice"));
    TRY(json_put_bool(object, "forged", delivery->forged));
    TRY(json_put_text(object, "outcome", delivery->outcome));
    TRY(json_put_i64(object, "status", delivery->status));
    return json_put_string(object, "reply", span_is_utf8(reply) ? reply : SPAN_LIT(""));
}

enum err
alipay_notify_list(const struct alipay *alipay, struct json_t *array)
{
    const struct alipay_delivery *delivery;
    TAILQ_FOREACH(delivery, &alipay->deliveries, next) {
        TRY(put_delivery(delivery, array));
    }
    return ERR_OK;
}

static void
free_posts(struct alipay *alipay)
{
    while (!TAILQ_EMPTY(&alipay->posts)) {
        struct alipay_post *post = TAILQ_FIRST(&alipay->posts);
        TAILQ_REMOVE(&alipay->posts, post, next);
        free(post);
    }
    while (!TAILQ_EMPTY(&alipay->idle)) {
        struct alipay_waiter *waiter = TAILQ_FIRST(&alipay->idle);
        TAILQ_REMOVE(&alipay->idle, waiter, next);
        free(waiter);
    }
}

void
alipay_notify_free_all(struct alipay *alipay)
{
    free_posts(alipay);
    while (!TAILQ_EMPTY(&alipay->notices)) {
        struct alipay_notice *notice = TAILQ_FIRST(&alipay->notices);
        TAILQ_REMOVE(&alipay->notices, notice, next);
        notice_free(notice);
    }
    while (!TAILQ_EMPTY(&alipay->deliveries)) {
        struct alipay_delivery *delivery = TAILQ_FIRST(&alipay->deliveries);
        TAILQ_REMOVE(&alipay->deliveries, delivery, next);
        free(delivery->reply);
        free(delivery);
    }
}
