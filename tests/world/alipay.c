/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "alipay_control.h"
#include "alipay_daybill.h"
#include "alipay_fault.h"
#include "alipay_gateway.h"
#include "alipay_notify.h"
#include "alipay_sign.h"
#include "alipay_trade.h"
#include "alipay_world.h"
#include "control.h"
#include "door.h"

enum err
alipay_copy(struct span s, char **out)
{
    char *copy = strndup(s.len == 0 ? "" : (const char *)s.at, s.len);
    if (copy == NULL) {
        return ERR_NO_MEMORY;
    }
    *out = copy;
    return ERR_OK;
}

enum err
alipay_put_time(struct json_t *object, const char *name, struct wall_time t)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(32);
    TRY(wall_format_civil(t, ZONE_CHINA_MIN, &text));
    return json_put_string(object, name, buf_span(&text));
}

enum err
alipay_put_money(struct json_t *object, const char *name, struct money amount)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(32);
    TRY(money_format(amount, &text));
    return json_put_string(object, name, buf_span(&text));
}

static const char *
html_entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

enum err
alipay_html(struct buf *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        const char *entity = html_entity(*at);
        TRY(entity != NULL ? buf_text(out, entity) : buf_byte(out, (unsigned char)*at));
    }
    return ERR_OK;
}

static void
serve_gateway(struct evhttp_request *req, void *ctx)
{
    const struct alipay *alipay = ctx;
    world_date(alipay->world, req);
    alipay_gateway_serve(ctx, req);
}

static void
serve_cashier(struct evhttp_request *req, void *ctx)
{
    alipay_page_cashier(ctx, req);
}

static void
serve_bill(struct evhttp_request *req, void *ctx)
{
    alipay_bill_serve(ctx, req);
}

static enum err
open_listener(struct alipay *alipay, struct evhttp **http)
{
    *http = evhttp_new(alipay->world->base);
    if (*http == NULL) {
        return ERR_NO_MEMORY;
    }
    evhttp_set_allowed_methods(*http, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
    evhttp_set_max_body_size(*http, (ev_ssize_t)ALIPAY_BODY_MAX);
    evhttp_set_max_headers_size(*http, (ev_ssize_t)ALIPAY_BODY_MAX);
    return ERR_OK;
}

static enum err
open_listeners(struct alipay *alipay)
{
    TRY(open_listener(alipay, &alipay->gateway));
    TRY(open_listener(alipay, &alipay->bills));
    evhttp_set_bevcb(alipay->gateway, door_accept, alipay->door);
    if (evhttp_set_cb(alipay->gateway, "/gateway.do", serve_gateway, alipay) != 0
        || evhttp_set_cb(alipay->gateway, "/cashier", serve_cashier, alipay) != 0
        || evhttp_set_cb(alipay->bills, "/downloadBillFile.resource", serve_bill, alipay) != 0) {
        return ERR_SYSTEM;
    }
    alipay->gateway_port = control_bind(alipay->gateway);
    alipay->bill_port = control_bind(alipay->bills);
    return alipay->gateway_port == 0 || alipay->bill_port == 0 ? ERR_SYSTEM : ERR_OK;
}

static void
tick(evutil_socket_t fd, short events, void *ctx)
{
    (void)fd;
    (void)events;
    if (alipay_trade_expire(ctx) != ERR_OK) {
        return; /* what fails now is tried again in a second */
    }
}

static enum err
open_tick(struct alipay *alipay)
{
    const struct timeval second = { .tv_sec = 1, .tv_usec = 0 };
    alipay->tick = event_new(alipay->world->base, -1, EV_PERSIST, tick, alipay);
    return alipay->tick == NULL || event_add(alipay->tick, &second) != 0 ? ERR_SYSTEM : ERR_OK;
}

static enum err
open_all(struct alipay *alipay)
{
    TRY(alipay_sign_load(alipay));
    TRY(door_new(alipay->world, "alipay", &alipay->door));
    TRY(open_listeners(alipay));
    TRY(open_tick(alipay));
    alipay_control_add(alipay);
    return ERR_OK;
}

enum err
alipay_new(struct world *world, struct alipay **out)
{
    struct alipay *alipay = calloc(1, sizeof(*alipay));
    if (alipay == NULL) {
        return ERR_NO_MEMORY;
    }
    alipay->world = world;
    TAILQ_INIT(&alipay->trades);
    TAILQ_INIT(&alipay->faults);
    TAILQ_INIT(&alipay->hung);
    TAILQ_INIT(&alipay->notices);
    TAILQ_INIT(&alipay->deliveries);
    TAILQ_INIT(&alipay->posts);
    TAILQ_INIT(&alipay->idle);
    TAILQ_INIT(&alipay->edits);
    TAILQ_INIT(&alipay->links);
    enum err err = open_all(alipay);
    if (err != ERR_OK) {
        alipay_free(&alipay);
        return err;
    }
    *out = alipay;
    return ERR_OK;
}

static void
close_listeners(struct alipay *alipay)
{
    alipay_late_free_all(alipay);
    if (alipay->gateway != NULL) {
        evhttp_free(alipay->gateway);
    }
    if (alipay->bills != NULL) {
        evhttp_free(alipay->bills);
    }
    if (alipay->tick != NULL) {
        event_free(alipay->tick);
    }
    door_free(&alipay->door);
}

void
alipay_free(struct alipay **alipay)
{
    struct alipay *a = *alipay;
    *alipay = NULL;
    if (a == NULL) {
        return;
    }
    close_listeners(a);
    alipay_fault_clear(a);
    alipay_notify_free_all(a);
    alipay_bill_free_links(a);
    alipay_bill_edit_free_all(a);
    alipay_trade_free_all(a);
    alipay_sign_unload(a);
    free(a);
}

uint16_t
alipay_gateway_port(const struct alipay *alipay)
{
    return alipay->gateway_port;
}

uint16_t
alipay_bill_port(const struct alipay *alipay)
{
    return alipay->bill_port;
}
