/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "control.h"
#include "door.h"
#include "wechatpay_control.h"
#include "wechatpay_daybill.h"
#include "wechatpay_fault.h"
#include "wechatpay_gateway.h"
#include "wechatpay_notify.h"
#include "wechatpay_order.h"
#include "wechatpay_refund.h"
#include "wechatpay_sign.h"

static void
serve_call(struct evhttp_request *req, void *ctx)
{
    const struct wechatpay *wechatpay = ctx;
    world_date(wechatpay->world, req);
    wechatpay_gateway_serve(ctx, req);
}

static void
serve_page(struct evhttp_request *req, void *ctx)
{
    wechatpay_page_serve(ctx, req);
}

static enum err
open_listener(struct wechatpay *wechatpay)
{
    wechatpay->http = evhttp_new(wechatpay->world->base);
    if (wechatpay->http == NULL) {
        return ERR_NO_MEMORY;
    }
    evhttp_set_allowed_methods(wechatpay->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
    evhttp_set_max_body_size(wechatpay->http, (ev_ssize_t)WECHATPAY_BODY_MAX);
    evhttp_set_max_headers_size(wechatpay->http, (ev_ssize_t)WECHATPAY_BODY_MAX);
    evhttp_set_bevcb(wechatpay->http, door_accept, wechatpay->door);
    evhttp_set_gencb(wechatpay->http, serve_call, wechatpay);
    if (evhttp_set_cb(wechatpay->http, WECHATPAY_PAGE_PATH, serve_page, wechatpay) != 0) {
        return ERR_SYSTEM;
    }
    wechatpay->port = control_bind(wechatpay->http);
    return wechatpay->port == 0 ? ERR_SYSTEM : ERR_OK;
}

static void
tick(evutil_socket_t fd, short events, void *ctx)
{
    (void)fd;
    (void)events;
    if (wechatpay_refund_settle(ctx) != ERR_OK) {
        return; /* what fails now is tried again in a second */
    }
}

static enum err
open_tick(struct wechatpay *wechatpay)
{
    const struct timeval second = { .tv_sec = 1, .tv_usec = 0 };
    wechatpay->tick = event_new(wechatpay->world->base, -1, EV_PERSIST, tick, wechatpay);
    return wechatpay->tick == NULL || event_add(wechatpay->tick, &second) != 0 ? ERR_SYSTEM
                                                                               : ERR_OK;
}

static enum err
open_all(struct wechatpay *wechatpay)
{
    TRY(wechatpay_sign_load(wechatpay));
    TRY(door_new(wechatpay->world, "wechatpay", &wechatpay->door));
    TRY(open_listener(wechatpay));
    TRY(open_tick(wechatpay));
    wechatpay_control_add(wechatpay);
    return ERR_OK;
}

enum err
wechatpay_new(struct world *world, struct wechatpay **out)
{
    struct wechatpay *wechatpay = calloc(1, sizeof(*wechatpay));
    if (wechatpay == NULL) {
        return ERR_NO_MEMORY;
    }
    wechatpay->world = world;
    TAILQ_INIT(&wechatpay->orders);
    TAILQ_INIT(&wechatpay->codes);
    TAILQ_INIT(&wechatpay->faults);
    TAILQ_INIT(&wechatpay->held);
    TAILQ_INIT(&wechatpay->notices);
    TAILQ_INIT(&wechatpay->deliveries);
    TAILQ_INIT(&wechatpay->posts);
    TAILQ_INIT(&wechatpay->idle);
    TAILQ_INIT(&wechatpay->edits);
    TAILQ_INIT(&wechatpay->links);
    enum err err = open_all(wechatpay);
    if (err != ERR_OK) {
        wechatpay_free(&wechatpay);
        return err;
    }
    *out = wechatpay;
    return ERR_OK;
}

void
wechatpay_free(struct wechatpay **wechatpay)
{
    struct wechatpay *w = *wechatpay;
    *wechatpay = NULL;
    if (w == NULL) {
        return;
    }
    wechatpay_gateway_free_held(w);
    if (w->http != NULL) {
        evhttp_free(w->http);
    }
    if (w->tick != NULL) {
        event_free(w->tick);
    }
    door_free(&w->door);
    wechatpay_fault_clear(w);
    wechatpay_notify_free_all(w);
    wechatpay_bill_free_links(w);
    wechatpay_bill_edit_free_all(w);
    wechatpay_order_free_all(w);
    wechatpay_sign_unload(w);
    free(w);
}

uint16_t
wechatpay_port(const struct wechatpay *wechatpay)
{
    return wechatpay->port;
}
