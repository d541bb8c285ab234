/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "alipay_gateway.h"

#define LATE_S  4
#define DRIP_US 200000

/* A request without its answer. */
struct alipay_hung {
    TAILQ_ENTRY(alipay_hung) next;
    struct alipay *alipay;
    struct evhttp_request *req;
    struct event *timer; /* NULL: it is never answered */
    const char *type;
    struct buf body;
    bool drips;
    size_t dripped; /* bytes of it */
};

static void
hung_free(struct alipay_hung *hung)
{
    TAILQ_REMOVE(&hung->alipay->hung, hung, next);
    if (hung->timer != NULL) {
        event_free(hung->timer);
    }
    buf_fini(&hung->body);
    free(hung);
}

static enum err
hang(struct alipay *alipay, struct evhttp_request *req, struct alipay_hung **out)
{
    struct alipay_hung *hung = calloc(1, sizeof(*hung));
    if (hung == NULL) {
        return ERR_NO_MEMORY;
    }
    hung->alipay = alipay;
    hung->req = req;
    buf_init(&hung->body, ALIPAY_BODY_MAX);
    TAILQ_INSERT_TAIL(&alipay->hung, hung, next);
    *out = hung;
    return ERR_OK;
}

enum err
alipay_late_never(struct alipay *alipay, struct evhttp_request *req)
{
    struct alipay_hung *hung;
    return hang(alipay, req, &hung);
}

static void
answer_late(evutil_socket_t fd, short events, void *ctx)
{
    struct alipay_hung *hung = ctx;
    (void)fd;
    (void)events;
    alipay_reply(hung->req, HTTP_OK, hung->type, buf_span(&hung->body));
    hung_free(hung);
}

static enum err
plan(struct alipay_hung *hung, const char *type, struct span body)
{
    const struct timeval wait = { .tv_sec = LATE_S, .tv_usec = 0 };
    hung->type = type;
    TRY(buf_append(&hung->body, body));
    hung->timer = evtimer_new(hung->alipay->world->base, answer_late, hung);
    return hung->timer == NULL || event_add(hung->timer, &wait) != 0 ? ERR_SYSTEM : ERR_OK;
}

enum err
alipay_late_answer(struct alipay *alipay, struct evhttp_request *req, const char *type,
                   struct span body)
{
    struct alipay_hung *hung;
    TRY(hang(alipay, req, &hung));
    enum err err = plan(hung, type, body);
    if (err != ERR_OK) {
        hung_free(hung);
    }
    return err;
}

static void
drip(evutil_socket_t fd, short events, void *ctx)
{
    struct alipay_hung *hung = ctx;
    (void)fd;
    (void)events;
    struct evbuffer *byte = evbuffer_new();
    bool gone = evhttp_request_get_connection(hung->req) == NULL;
    if (gone || byte == NULL || hung->dripped == hung->body.len
        || evbuffer_add(byte, hung->body.at + hung->dripped, 1) != 0) {
        evhttp_send_reply_end(hung->req);
        hung_free(hung);
    } else {
        hung->dripped++;
        evhttp_send_reply_chunk(hung->req, byte);
    }
    if (byte != NULL) {
        evbuffer_free(byte);
    }
}

static enum err
plan_drips(struct alipay_hung *hung, const char *type, struct span body)
{
    const struct timeval every = { .tv_sec = 0, .tv_usec = DRIP_US };
    TRY(buf_append(&hung->body, body));
    hung->timer = event_new(hung->alipay->world->base, -1, EV_PERSIST, drip, hung);
    if (hung->timer == NULL || event_add(hung->timer, &every) != 0) {
        return ERR_SYSTEM;
    }
    hung->drips = true;
    (void)evhttp_add_header(evhttp_request_get_output_headers(hung->req), "Content-Type", type);
    evhttp_send_reply_start(hung->req, HTTP_OK, NULL);
    return ERR_OK;
}

enum err
alipay_late_drip(struct alipay *alipay, struct evhttp_request *req, const char *type,
                 struct span body)
{
    struct alipay_hung *hung;
    TRY(hang(alipay, req, &hung));
    enum err err = plan_drips(hung, type, body);
    if (err != ERR_OK) {
        hung_free(hung);
    }
    return err;
}

void
alipay_late_free_all(struct alipay *alipay)
{
    while (!TAILQ_EMPTY(&alipay->hung)) {
        struct alipay_hung *hung = TAILQ_FIRST(&alipay->hung);
        if (hung->drips) {
            evhttp_send_reply_end(hung->req);
        } else {
            evhttp_send_error(hung->req, HTTP_SERVUNAVAIL, NULL);
        }
        hung_free(hung);
    }
}
