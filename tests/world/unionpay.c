/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "control.h"
#include "door.h"
#include "unionpay_control.h"
#include "unionpay_fault.h"
#include "unionpay_gateway.h"
#include "unionpay_notify.h"
#include "unionpay_settle.h"
#include "unionpay_txn.h"

static const struct unionpay_merchant merchants[UNIONPAY_MERCHANTS] = {
    { "777290000000001", "01" },
    { "777290000000002", "11" },
    { "777290000000003", "12" },
};

const struct unionpay_merchant *
unionpay_merchant_at(size_t index)
{
    return &merchants[index];
}

const struct unionpay_merchant *
unionpay_merchant_find(const char *mer_id)
{
    for (size_t i = 0; i < UNIONPAY_MERCHANTS; i++) {
        if (strcmp(merchants[i].mer_id, mer_id) == 0) {
            return &merchants[i];
        }
    }
    return NULL;
}

enum err
unionpay_copy(struct span s, char **out)
{
    char *copy = strndup(s.len == 0 ? "" : (const char *)s.at, s.len);
    if (copy == NULL) {
        return ERR_NO_MEMORY;
    }
    *out = copy;
    return ERR_OK;
}

enum err
unionpay_time_format(struct wall_time t, struct buf *out)
{
    DEFER(buf_fini) struct buf civil = BUF_MAX(32);
    TRY(wall_format_civil(t, ZONE_CHINA_MIN, &civil));
    for (size_t i = 0; i < civil.len; i++) {
        if (civil.at[i] >= '0' && civil.at[i] <= '9') {
            TRY(buf_byte(out, civil.at[i]));
        }
    }
    return ERR_OK;
}

enum err
unionpay_time_parse(struct span text, struct wall_time *out)
{
    DEFER(buf_fini) struct buf civil = BUF_MAX(32);
    if (text.len != UNIONPAY_TIME_LEN || !span_is_digits(text)) {
        return ERR_TIME;
    }
    const char *at = (const char *)text.at;
    TRY(buf_printf(&civil, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s", at, at + 4, at + 6, at + 8, at + 10,
                   at + 12));
    return wall_parse_civil(buf_span(&civil), ZONE_CHINA_MIN, out);
}

struct day
unionpay_clearing_day(struct wall_time t)
{
    return day_of(wall_add_ms(t, INT64_C(60) * 60 * 1000), ZONE_CHINA_MIN);
}

static void
serve_front(struct evhttp_request *req, void *ctx)
{
    unionpay_gateway_serve(ctx, req, UNIONPAY_AT_FRONT);
}

static void
serve_back(struct evhttp_request *req, void *ctx)
{
    const struct unionpay *unionpay = ctx;
    world_date(unionpay->world, req);
    unionpay_gateway_serve(ctx, req, UNIONPAY_AT_BACK);
}

static void
serve_query(struct evhttp_request *req, void *ctx)
{
    const struct unionpay *unionpay = ctx;
    world_date(unionpay->world, req);
    unionpay_gateway_serve(ctx, req, UNIONPAY_AT_QUERY);
}

static void
serve_files(struct evhttp_request *req, void *ctx)
{
    unionpay_gateway_serve(ctx, req, UNIONPAY_AT_FILES);
}

static void
serve_cashier(struct evhttp_request *req, void *ctx)
{
    unionpay_page_cashier(ctx, req);
}

static enum err
open_listener(struct unionpay *unionpay, struct evhttp **http, uint16_t *port)
{
    *http = evhttp_new(unionpay->world->base);
    if (*http == NULL) {
        return ERR_NO_MEMORY;
    }
    evhttp_set_allowed_methods(*http, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
    evhttp_set_max_body_size(*http, (ev_ssize_t)UNIONPAY_BODY_MAX);
    evhttp_set_max_headers_size(*http, (ev_ssize_t)UNIONPAY_BODY_MAX);
    evhttp_set_bevcb(*http, door_accept, unionpay->door);
    *port = control_bind(*http);
    return *port == 0 ? ERR_SYSTEM : ERR_OK;
}

static enum err
open_listeners(struct unionpay *unionpay)
{
    TRY(open_listener(unionpay, &unionpay->gateway, &unionpay->gateway_port));
    TRY(open_listener(unionpay, &unionpay->files, &unionpay->files_port));
    const struct {
        struct evhttp *http;
        const char *path;
        void (*serve)(struct evhttp_request *, void *);
    } paths[] = {
        { unionpay->gateway, "/gateway/api/frontTransReq.do", serve_front },
        { unionpay->gateway, "/gateway/api/backTransReq.do", serve_back },
        { unionpay->gateway, "/gateway/api/queryTrans.do", serve_query },
        { unionpay->gateway, "/gateway/cashier", serve_cashier },
        { unionpay->files, "/", serve_files },
    };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (evhttp_set_cb(paths[i].http, paths[i].path, paths[i].serve, unionpay) != 0) {
            return ERR_SYSTEM;
        }
    }
    return ERR_OK;
}

static void
tick(evutil_socket_t fd, short events, void *ctx)
{
    (void)fd;
    (void)events;
    if (unionpay_txn_expire(ctx) != ERR_OK) {
        return; /* what fails now is tried again in a second */
    }
}

static enum err
open_tick(struct unionpay *unionpay)
{
    const struct timeval second = { .tv_sec = 1, .tv_usec = 0 };
    unionpay->tick = event_new(unionpay->world->base, -1, EV_PERSIST, tick, unionpay);
    return unionpay->tick == NULL || event_add(unionpay->tick, &second) != 0 ? ERR_SYSTEM : ERR_OK;
}

static enum err
open_all(struct unionpay *unionpay)
{
    TRY(unionpay_keys_load(unionpay));
    TRY(door_new(unionpay->world, "unionpay", &unionpay->door));
    TRY(open_listeners(unionpay));
    TRY(open_tick(unionpay));
    unionpay_control_add(unionpay);
    return ERR_OK;
}

enum err
unionpay_new(struct world *world, struct unionpay **out)
{
    struct unionpay *unionpay = calloc(1, sizeof(*unionpay));
    if (unionpay == NULL) {
        return ERR_NO_MEMORY;
    }
    unionpay->world = world;
    TAILQ_INIT(&unionpay->txns);
    TAILQ_INIT(&unionpay->faults);
    TAILQ_INIT(&unionpay->hung);
    TAILQ_INIT(&unionpay->notices);
    TAILQ_INIT(&unionpay->deliveries);
    TAILQ_INIT(&unionpay->posts);
    TAILQ_INIT(&unionpay->idle);
    TAILQ_INIT(&unionpay->edits);
    TAILQ_INIT(&unionpay->wishes);
    enum err err = open_all(unionpay);
    if (err != ERR_OK) {
        unionpay_free(&unionpay);
        return err;
    }
    *out = unionpay;
    return ERR_OK;
}

static void
close_listeners(struct unionpay *unionpay)
{
    unionpay_gateway_free_hung(unionpay);
    if (unionpay->gateway != NULL) {
        evhttp_free(unionpay->gateway);
    }
    if (unionpay->files != NULL) {
        evhttp_free(unionpay->files);
    }
    if (unionpay->tick != NULL) {
        event_free(unionpay->tick);
    }
    door_free(&unionpay->door);
}

void
unionpay_free(struct unionpay **unionpay)
{
    struct unionpay *u = *unionpay;
    *unionpay = NULL;
    if (u == NULL) {
        return;
    }
    close_listeners(u);
    unionpay_fault_clear(u);
    unionpay_notify_free_all(u);
    unionpay_settle_edit_free_all(u);
    unionpay_txn_forget_wishes(u);
    unionpay_txn_free_all(u);
    unionpay_keys_unload(u);
    free(u);
}

uint16_t
unionpay_gateway_port(const struct unionpay *unionpay)
{
    return unionpay->gateway_port;
}

uint16_t
unionpay_files_port(const struct unionpay *unionpay)
{
    return unionpay->files_port;
}
