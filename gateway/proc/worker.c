/* SPDX-License-Identifier: Apache-2.0 */
/* A worker: HTTP in, database and providers out, on one loop. It holds no provider key. */
#include <signal.h>

#include <event2/event.h>

#include "child.h"
#include "handlers.h"
#include "http.h"
#include "log.h"
#include "services.h"
#include "tls.h"

#define DRAIN_LOOK_MS 20
#define US_PER_MS     1000

static const struct http_route routes[] = {
#define ROUTE(door_, method_, pattern_, name_, is_signed, idempotent, roles_) \
    ROUTE_OF(door_, method_, pattern_, name_, is_signed, idempotent, roles_, false)
#define ROUTE_LINES(door_, method_, pattern_, name_, is_signed, idempotent, roles_) \
    ROUTE_OF(door_, method_, pattern_, name_, is_signed, idempotent, roles_, true)
#define ROUTE_OF(door_, method_, pattern_, name_, is_signed, idempotent, roles_, lines_) \
    { .door = HTTP_DOOR_##door_,                                                         \
      .method = HTTP_##method_,                                                          \
      .pattern = (pattern_),                                                             \
      .name = #name_,                                                                    \
      .needs_signature = (is_signed),                                                    \
      .needs_idempotency = (idempotent),                                                 \
      .roles = HTTP_ROLES_##roles_,                                                      \
      .handler = handle_##name_,                                                         \
      .lines = (lines_) },
#include "routes.def"
#undef ROUTE_OF
#undef ROUTE
};

struct worker {
    const struct child_plan *plan;
    struct config *config;
    struct services services;
    struct http_server *server;
    void *tls; /* SSL_CTX of the api and callbacks doors; NULL: plain */
    struct event *stop;
    struct event *look; /* while draining: is everything done? */
};

static void
on_look(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct worker *worker = context;
    if (http_server_idle(worker->server) && services_idle(&worker->services)) {
        (void)event_base_loopbreak(worker->services.base);
    }
}

/* Accepts nobody any more and finishes what it has. The parent ends a worker that takes too long. */
static void
on_stop(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    struct worker *worker = context;
    if (worker->services.draining) {
        return;
    }
    worker->services.draining = true;
    log_event(LOG_STOPPING, LOG_TEXT("signal", "TERM"));
    http_server_drain(worker->server);
    struct timeval every = { .tv_sec = 0, .tv_usec = DRAIN_LOOK_MS * US_PER_MS };
    if (event_add(worker->look, &every) != 0) {
        (void)event_base_loopbreak(worker->services.base);
    }
}

static enum err
open_tls(struct worker *worker)
{
    const char *certificate = config_text(worker->config, CONFIG_listen_tls_certificate, 0);
    if (certificate[0] == 0) {
        return ERR_OK;
    }
    enum err err = tls_server_context(
        certificate, config_text(worker->config, CONFIG_listen_tls_key, 0), &worker->tls);
    if (err != ERR_OK) {
        struct config_fault fault = { .setting = "tls_certificate",
                                      .message = "the certificate or its key cannot be used" };
        child_refuse_config(err, &fault);
    }
    return err;
}

static enum err
open_server(struct worker *worker)
{
    const struct config *config = worker->config;
    struct http_server_options options = {
        .listen_fds = { -1 },
        .connections_max = (int)config_int(config, CONFIG_listen_connections_max, 0),
        .connections_per_address_max =
            (int)config_int(config, CONFIG_listen_connections_per_address_max, 0),
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(routes[0]),
        .context = &worker->services,
        .admit = admit,
    };
    for (int door = 0; door < HTTP_DOOR_COUNT; door++) {
        options.listen_fds[door] = worker->plan->listen_fds[door];
        options.tls_context[door] = door == HTTP_DOOR_OPS ? NULL : worker->tls;
    }
    return http_server_new(worker->services.base, &options, &worker->server);
}

static enum err
open_events(struct worker *worker)
{
    worker->stop = evsignal_new(worker->services.base, SIGTERM, on_stop, worker);
    worker->look = event_new(worker->services.base, -1, EV_PERSIST, on_look, worker);
    if (worker->stop == NULL || worker->look == NULL || event_add(worker->stop, NULL) != 0) {
        return ERR_NO_MEMORY;
    }
    return ERR_OK;
}

static enum err
start(struct worker *worker)
{
    TRY(child_open(worker->plan, &worker->config));
    TRY(services_read(worker->plan, worker->config, &worker->services));
    TRY(open_tls(worker));
    TRY(child_confine(worker->plan, worker->config));
    TRY(services_open(worker->plan, &worker->services));
    TRY(open_server(worker));
    return open_events(worker);
}

static void
finish(struct worker *worker)
{
    http_server_free(&worker->server);
    if (worker->stop != NULL) {
        event_free(worker->stop);
    }
    if (worker->look != NULL) {
        event_free(worker->look);
    }
    services_close(&worker->services);
    tls_context_free(&worker->tls);
    config_free(&worker->config);
}

int
worker_main(const struct child_plan *plan)
{
    struct worker worker = { .plan = plan };
    enum err err = start(&worker);
    if (err == ERR_OK) {
        log_event(LOG_STARTED, LOG_I64("row", plan->row));
        ipc_ready(plan);
        (void)event_base_dispatch(worker.services.base);
        log_event(LOG_STOPPED, LOG_I64("row", plan->row));
    }
    finish(&worker);
    return err == ERR_OK ? EXIT_YES : EXIT_TROUBLE;
}
