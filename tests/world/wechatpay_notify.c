/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay_notify.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "wechatpay_fault.h"
#include "wechatpay_notice.h"
#include "wechatpay_refund.h"
#include "wechatpay_sign.h"

#define REPLY_TIMEOUT_MS 5000 /* 5.5 */
#define REPLY_MAX        256  /* of the receiver's body, kept for the record */

/* 5.5: seconds between one failed delivery and the next. */
static const int resend_s[] = { 15,   15,   30,    180,   600,   1200,  1800, 1800,
                                1800, 3600, 10800, 10800, 10800, 21600, 21600 };
#define RESENDS (sizeof(resend_s) / sizeof(resend_s[0]))

struct wechatpay_notice {
    TAILQ_ENTRY(wechatpay_notice) next;
    struct wechatpay *wechatpay;
    const struct wechatpay_merchant *merchant;
    char out_trade_no[WECHATPAY_NUMBER_MAX + 1];
    char out_refund_no[WECHATPAY_NUMBER_MAX + 1]; /* "": about the payment */
    char id[40];
    char *url;
    struct buf body;
    struct wechatpay_stamp stamp; /* of the last sending */
    enum wechatpay_sign_lie lie;
    bool genuine; /* made by a change of the order itself */
    bool held;
    size_t failures;
    struct wall_time due; /* 0: no resend is planned */
    struct event *timer;
};

/* One line of the record. */
struct wechatpay_delivery {
    TAILQ_ENTRY(wechatpay_delivery) next;
    char out_trade_no[WECHATPAY_NUMBER_MAX + 1];
    char out_refund_no[WECHATPAY_NUMBER_MAX + 1];
    char id[40];
    enum wechatpay_sign_lie lie;
    const char *outcome;
    int status;
    char *reply;
};

/* One POST under way. */
struct wechatpay_post {
    TAILQ_ENTRY(wechatpay_post) next;
    struct wechatpay_notice *notice;
    struct control_call *call; /* NULL: nobody waits for the reply */
    enum wechatpay_sign_lie lie;
    bool alone; /* out of order: it plans no resend and ends none */
};

struct wechatpay_waiter {
    TAILQ_ENTRY(wechatpay_waiter) next;
    struct control_call *call;
};

/* How one notice is to be sent. */
struct sending_mode {
    struct control_call *call;
    enum wechatpay_sign_lie lie;
    bool alone;
    bool as_before; /* with the signature of the last sending */
};

static enum err
record(struct wechatpay *wechatpay, const struct wechatpay_notice *notice,
       enum wechatpay_sign_lie lie, const char *outcome, const struct http_answer *answer)
{
    struct wechatpay_delivery *delivery = calloc(1, sizeof(*delivery));
    if (delivery == NULL
        || wechatpay_copy(span_sub(answer->body, 0, REPLY_MAX), &delivery->reply) != ERR_OK) {
        free(delivery);
        return ERR_NO_MEMORY;
    }
    memcpy(delivery->out_trade_no, notice->out_trade_no, sizeof(delivery->out_trade_no));
    memcpy(delivery->out_refund_no, notice->out_refund_no, sizeof(delivery->out_refund_no));
    memcpy(delivery->id, notice->id, sizeof(delivery->id));
    delivery->lie = lie;
    delivery->outcome = outcome;
    delivery->status = answer->status;
    TAILQ_INSERT_TAIL(&wechatpay->deliveries, delivery, next);
    return ERR_OK;
}

static enum err
record_silence(struct wechatpay_notice *notice, const char *outcome)
{
    const struct http_answer nothing = { .status = 0 };
    return record(notice->wechatpay, notice, notice->lie, outcome, &nothing);
}

static void
plan_resend(struct wechatpay_notice *notice)
{
    if (notice->failures >= RESENDS) {
        return;
    }
    int seconds = resend_s[notice->failures++];
    const struct timeval wait = { .tv_sec = seconds, .tv_usec = 0 };
    notice->due = wall_add_ms(world_now(notice->wechatpay->world), (int64_t)seconds * 1000);
    (void)event_add(notice->timer, &wait); /* without it, /wechatpay/release still sends it */
}

static void
forget_resend(struct wechatpay_notice *notice)
{
    notice->due = (struct wall_time){ 0 };
    (void)event_del(notice->timer);
}

static void
answer_waiters(struct wechatpay *wechatpay)
{
    while (TAILQ_EMPTY(&wechatpay->posts) && !TAILQ_EMPTY(&wechatpay->idle)) {
        struct wechatpay_waiter *waiter = TAILQ_FIRST(&wechatpay->idle);
        TAILQ_REMOVE(&wechatpay->idle, waiter, next);
        control_answer(waiter->call, NULL);
        free(waiter);
    }
}

static enum err
encode_reply(int status, struct span reply, struct json_t **out)
{
    TRY(json_new_object(out));
    TRY(json_put_i64(*out, "status", status));
    return json_put_string(*out, "reply", span_is_utf8(reply) ? reply : SPAN_LIT(""));
}

static void
answer_call(struct control_call *call, const struct http_answer *answer)
{
    struct json_t *out = NULL;
    enum err err = encode_reply(answer->status, span_sub(answer->body, 0, REPLY_MAX), &out);
    if (err != ERR_OK) {
        json_free(&out);
        control_refuse(call, 409, err_name(err), "reply");
        return;
    }
    control_answer(call, out);
}

static enum err send_or_plan(struct wechatpay_notice *notice, enum wechatpay_sign_lie lie);

/* 2.4: after a probe that was refused the genuine callback follows at once. 5.5: the status alone
 * ends the resends. */
static enum err
go_on(struct wechatpay_notice *notice, enum wechatpay_sign_lie lie, bool accepted)
{
    if (accepted) {
        forget_resend(notice);
        notice->failures = RESENDS;
        return ERR_OK;
    }
    if (lie == WECHATPAY_PROBE) {
        return send_or_plan(notice, WECHATPAY_TRUE);
    }
    if (notice->due.us == 0) {
        plan_resend(notice);
    }
    return ERR_OK;
}

static void
delivered(void *ctx, const struct http_answer *answer)
{
    struct wechatpay_post *post = ctx;
    struct wechatpay_notice *notice = post->notice;
    struct wechatpay *wechatpay = notice->wechatpay;
    bool accepted = answer->status == 200 || answer->status == 204;
    TAILQ_REMOVE(&wechatpay->posts, post, next);
    enum err err =
        record(wechatpay, notice, post->lie, answer->status == 0 ? "failed" : "answered", answer);
    if (err == ERR_OK && !post->alone) {
        err = go_on(notice, post->lie, accepted);
    }
    if (post->call != NULL && err == ERR_OK) {
        answer_call(post->call, answer);
    } else if (post->call != NULL) {
        control_refuse(post->call, 409, err_name(err), "record");
    }
    free(post);
    answer_waiters(wechatpay);
}

static enum err
post_notice(struct wechatpay_notice *notice, const struct sending_mode *mode)
{
    const struct wechatpay_stamp *stamp = &notice->stamp;
    const struct http_header headers[] = {
        { "Content-Type", "application/json" }, { "Accept", "*/*" },
        { "User-Agent", "Mozilla/4.0" },        { "Wechatpay-Timestamp", stamp->timestamp },
        { "Wechatpay-Nonce", stamp->nonce },    { "Wechatpay-Signature", stamp->signature },
        { "Wechatpay-Serial", stamp->serial },  { "Wechatpay-Signature-Type", stamp->type },
        { "Request-ID", notice->id },
    };
    struct wechatpay_post *post = calloc(1, sizeof(*post));
    if (post == NULL) {
        return ERR_NO_MEMORY;
    }
    *post = (struct wechatpay_post){
        .notice = notice, .call = mode->call, .lie = mode->lie, .alone = mode->alone
    };
    const struct http_call http = {
        .method = EVHTTP_REQ_POST,
        .url = notice->url,
        .headers = headers,
        .header_count = sizeof(headers) / sizeof(headers[0]),
        .body = buf_span(&notice->body),
        .timeout_ms = REPLY_TIMEOUT_MS,
    };
    TAILQ_INSERT_TAIL(&notice->wechatpay->posts, post, next);
    enum err err = http_send(notice->wechatpay->world, &http, delivered, post);
    if (err != ERR_OK) {
        TAILQ_REMOVE(&notice->wechatpay->posts, post, next);
        free(post);
    }
    return err;
}

/* Each sending has a signature of its own time; only a replay repeats the last one. */
static enum err
send_notice(struct wechatpay_notice *notice, const struct sending_mode *mode)
{
    const struct wechatpay *wechatpay = notice->wechatpay;
    if (!mode->as_before) {
        TRY(wechatpay_sign_stamp(wechatpay,
                                 wechatpay_sign_choose(wechatpay, notice->merchant, NULL, true),
                                 mode->lie, buf_span(&notice->body), &notice->stamp));
    }
    return post_notice(notice, mode);
}

/* A callback that cannot be sent at all counts as a failed delivery, as a receiver that is away
 * does. */
static enum err
send_or_plan(struct wechatpay_notice *notice, enum wechatpay_sign_lie lie)
{
    const struct sending_mode mode = { .lie = lie };
    forget_resend(notice);
    notice->held = false;
    if (send_notice(notice, &mode) == ERR_OK) {
        return ERR_OK;
    }
    plan_resend(notice);
    return record_silence(notice, "failed");
}

static void
resend_by_timer(evutil_socket_t fd, short events, void *ctx)
{
    (void)fd;
    (void)events;
    (void)send_or_plan(ctx, WECHATPAY_TRUE); /* what it could not record shows as a missing line */
}

static void
notice_free(struct wechatpay_notice *notice)
{
    if (notice->timer != NULL) {
        event_free(notice->timer);
    }
    free(notice->url);
    buf_fini(&notice->body);
    free(notice);
}

static enum err
notice_fill(struct wechatpay *wechatpay, struct wechatpay_notice *notice,
            struct wechatpay_notice_facts *facts)
{
    DEFER(buf_fini) struct buf id = BUF_MAX(sizeof(notice->id) - 1);
    const struct wechatpay_refund *refund = facts->refund;
    notice->timer = evtimer_new(wechatpay->world->base, resend_by_timer, notice);
    if (notice->timer == NULL) {
        return ERR_NO_MEMORY;
    }
    memcpy(notice->out_trade_no, facts->order->out_trade_no, sizeof(notice->out_trade_no));
    if (refund != NULL) {
        memcpy(notice->out_refund_no, refund->out_refund_no, sizeof(notice->out_refund_no));
    }
    TRY(wechatpay_copy(span_of(refund != NULL ? refund->notify_url : facts->order->notify_url),
                       &notice->url));
    TRY(wechatpay_notice_id(&id));
    TRY(wechatpay_print(buf_span(&id), notice->id, sizeof(notice->id)));
    facts->id = notice->id;
    facts->now = world_now(wechatpay->world);
    return wechatpay_notice_encode(facts, &notice->body);
}

static enum err
notice_new(struct wechatpay *wechatpay, struct wechatpay_notice_facts *facts,
           struct wechatpay_notice **out)
{
    struct wechatpay_notice *notice = calloc(1, sizeof(*notice));
    if (notice == NULL) {
        return ERR_NO_MEMORY;
    }
    notice->wechatpay = wechatpay;
    notice->merchant = facts->order->merchant;
    buf_init(&notice->body, 2 * WECHATPAY_BODY_MAX);
    enum err err = notice_fill(wechatpay, notice, facts);
    if (err != ERR_OK) {
        notice_free(notice);
        return err;
    }
    TAILQ_INSERT_TAIL(&wechatpay->notices, notice, next);
    *out = notice;
    return ERR_OK;
}

static enum err
notify_as_played(struct wechatpay *wechatpay, struct wechatpay_notice_facts *facts)
{
    struct wechatpay_notice *notice;
    TRY(notice_new(wechatpay, facts, &notice));
    notice->genuine = true;
    if (wechatpay_fault_take(wechatpay, WECHATPAY_NOTIFY_DROP, notice->out_trade_no)) {
        return record_silence(notice, "dropped");
    }
    if (wechatpay_fault_take(wechatpay, WECHATPAY_NOTIFY_HOLD, notice->out_trade_no)) {
        notice->held = true;
        return record_silence(notice, "held");
    }
    bool probe = wechatpay_fault_take(wechatpay, WECHATPAY_NOTIFY_PROBE, notice->out_trade_no);
    TRY(send_or_plan(notice, probe ? WECHATPAY_PROBE : WECHATPAY_TRUE));
    const struct sending_mode again = { .lie = WECHATPAY_TRUE };
    return wechatpay_fault_take(wechatpay, WECHATPAY_NOTIFY_TWICE, notice->out_trade_no)
               ? send_notice(notice, &again)
               : ERR_OK;
}

enum err
wechatpay_notify_order(struct wechatpay *wechatpay, const struct wechatpay_order *order)
{
    struct wechatpay_notice_facts facts = { .order = order,
                                            .total = order->total,
                                            .paid = order->paid };
    return notify_as_played(wechatpay, &facts);
}

enum err
wechatpay_notify_refund(struct wechatpay *wechatpay, const struct wechatpay_refund *refund)
{
    if (refund->notify_url == NULL) {
        return ERR_OK;
    }
    struct wechatpay_notice_facts facts = { .order = refund->order,
                                            .refund = refund,
                                            .status = refund->status };
    return notify_as_played(wechatpay, &facts);
}

static struct wechatpay_notice *
last_genuine(struct wechatpay *wechatpay, const struct wechatpay_notice_wish *wish)
{
    const char *out_refund_no = wish->refund == NULL ? "" : wish->refund->out_refund_no;
    struct wechatpay_notice *found = NULL;
    struct wechatpay_notice *notice;
    TAILQ_FOREACH(notice, &wechatpay->notices, next) {
        if (notice->genuine && notice->stamp.timestamp[0] != '\0'
            && strcmp(notice->out_trade_no, wish->order->out_trade_no) == 0
            && strcmp(notice->out_refund_no, out_refund_no) == 0) {
            found = notice;
        }
    }
    return found;
}

/* A lie says that the order is paid, or the refund done, whatever it is: that is what a liar wants
 * to be believed. Of what has not happened there is no true callback (5.1). */
static enum err
make_wished(struct wechatpay *wechatpay, const struct wechatpay_notice_wish *wish,
            struct wechatpay_notice **out)
{
    const struct wechatpay_order *order = wish->order;
    const struct wechatpay_refund *refund = wish->refund;
    bool lie = wish->forged || wish->total != NULL;
    bool happened =
        refund == NULL ? order->paid.us != 0 : refund->status != WECHATPAY_REFUND_PROCESSING;
    if (!lie && !happened) {
        return ERR_FIELD_VALUE;
    }
    struct wechatpay_notice_facts facts = {
        .order = order,
        .refund = refund,
        .status = refund == NULL ? WECHATPAY_REFUND_PROCESSING
                  : happened     ? refund->status
                                 : WECHATPAY_REFUND_SUCCESS,
        .total = wish->total == NULL ? order->total : *wish->total,
        .paid = order->paid.us == 0 ? world_now(wechatpay->world) : order->paid,
    };
    TRY(notice_new(wechatpay, &facts, out));
    (*out)->lie = wish->forged ? WECHATPAY_FORGED : wish->probe ? WECHATPAY_PROBE : WECHATPAY_TRUE;
    return ERR_OK;
}

enum err
wechatpay_notify_now(struct wechatpay *wechatpay, const struct wechatpay_notice_wish *wish,
                     struct control_call *call)
{
    struct wechatpay_notice *notice = NULL;
    if (wish->refund != NULL && wish->refund->notify_url == NULL) {
        return ERR_FIELD_VALUE;
    }
    if (wish->resend) {
        notice = last_genuine(wechatpay, wish);
    } else {
        TRY(make_wished(wechatpay, wish, &notice));
    }
    if (notice == NULL) {
        return ERR_FIELD_VALUE;
    }
    const struct sending_mode mode = {
        .call = call, .lie = notice->lie, .alone = true, .as_before = wish->resend
    };
    return send_notice(notice, &mode);
}

size_t
wechatpay_notify_release(struct wechatpay *wechatpay)
{
    size_t sent = 0;
    struct wall_time now = world_now(wechatpay->world);
    struct wechatpay_notice *notice;
    TAILQ_FOREACH(notice, &wechatpay->notices, next) {
        bool due = notice->due.us != 0 && notice->due.us <= now.us;
        if ((notice->held || due) && send_or_plan(notice, WECHATPAY_TRUE) == ERR_OK) {
            sent++;
        }
    }
    return sent;
}

enum err
wechatpay_notify_idle(struct wechatpay *wechatpay, struct control_call *call)
{
    struct wechatpay_waiter *waiter = calloc(1, sizeof(*waiter));
    if (waiter == NULL) {
        return ERR_NO_MEMORY;
    }
    waiter->call = call;
    TAILQ_INSERT_TAIL(&wechatpay->idle, waiter, next);
    answer_waiters(wechatpay);
    return ERR_OK;
}

static enum err
put_delivery(const struct wechatpay_delivery *delivery, struct json_t *array)
{
    struct json_t *object;
    struct span reply = span_of(delivery->reply);
    TRY(json_new_object(&object));
    TRY(json_put(array, NULL, object));
    TRY(json_put_text(object, "out_trade_no", delivery->out_trade_no));
    TRY(json_put_text(object, "out_refund_no", delivery->out_refund_no));
    TRY(json_put_text(object, "id", delivery->id));
    TRY(json_put_text(object, "kind",
                      delivery->out_refund_no[0] == '\0' ? "transaction" : "refund"));
    TRY(json_put_bool(object, "forged", delivery->lie == WECHATPAY_FORGED));
    TRY(json_put_bool(object, "probe", delivery->lie == WECHATPAY_PROBE));
    TRY(json_put_text(object, "outcome", delivery->outcome));
    TRY(json_put_i64(object, "status", delivery->status));
    return json_put_string(object, "reply", span_is_utf8(reply) ? reply : SPAN_LIT(""));
}

enum err
wechatpay_notify_list(const struct wechatpay *wechatpay, struct json_t *array)
{
    const struct wechatpay_delivery *delivery;
    TAILQ_FOREACH(delivery, &wechatpay->deliveries, next) {
        TRY(put_delivery(delivery, array));
    }
    return ERR_OK;
}

void
wechatpay_notify_free_all(struct wechatpay *wechatpay)
{
    while (!TAILQ_EMPTY(&wechatpay->posts)) {
        struct wechatpay_post *post = TAILQ_FIRST(&wechatpay->posts);
        TAILQ_REMOVE(&wechatpay->posts, post, next);
        free(post);
    }
    while (!TAILQ_EMPTY(&wechatpay->idle)) {
        struct wechatpay_waiter *waiter = TAILQ_FIRST(&wechatpay->idle);
        TAILQ_REMOVE(&wechatpay->idle, waiter, next);
        free(waiter);
    }
    while (!TAILQ_EMPTY(&wechatpay->notices)) {
        struct wechatpay_notice *notice = TAILQ_FIRST(&wechatpay->notices);
        TAILQ_REMOVE(&wechatpay->notices, notice, next);
        notice_free(notice);
    }
    while (!TAILQ_EMPTY(&wechatpay->deliveries)) {
        struct wechatpay_delivery *delivery = TAILQ_FIRST(&wechatpay->deliveries);
        TAILQ_REMOVE(&wechatpay->deliveries, delivery, next);
        free(delivery->reply);
        free(delivery);
    }
}
