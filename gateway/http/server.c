/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdlib.h>

#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <event2/util.h>

#include "http_internal.h"
#include "metrics.h"

/* evhttp's own limits stand a little above ours, so that it is we who answer. */
#define EVHTTP_HEADER_BYTES ((ev_ssize_t)(2 * HTTP_HEADER_BYTES))
#define EVHTTP_BODY_FACTOR  2
#define EVHTTP_ALL_METHODS  0xFFFF
#define ACCEPT_REST_S       1

static void
reap(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct http_server *server = arg;
    struct http_transaction *transaction;
    while ((transaction = LIST_FIRST(&server->retired)) != NULL) {
        LIST_REMOVE(transaction, link);
        transaction_free(transaction);
    }
    struct connection *connection;
    while ((connection = LIST_FIRST(&server->dead)) != NULL) {
        LIST_REMOVE(connection, link);
        connection_release(connection);
    }
}

static void
on_request(struct evhttp_request *evhttp, void *arg)
{
    struct door *door = arg;
    struct connection *connection = connection_find(door->server, evhttp);
    struct http_transaction *transaction = NULL;
    if (connection == NULL || transaction_new(connection, evhttp, &transaction) != ERR_OK) {
        metrics_add(METRIC_REQUESTS_REFUSED_TOTAL, 1);
        (void)evhttp_add_header(evhttp_request_get_output_headers(evhttp), "Connection", "close");
        evhttp_send_error(evhttp, 503, NULL);
        return;
    }
    connection_enter(connection, CONNECTION_HANDLING);
    enum err err = admission_read(transaction);
    if (err != ERR_OK) {
        metrics_add(METRIC_REQUESTS_REFUSED_TOTAL, 1);
        transaction->close = true;
        http_problem(&transaction->request, err, NULL, 0);
        return;
    }
    route_dispatch(transaction);
}

/* Ticks always: a listener that rests is woken, an active one stays as it is. */
static void
accept_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct http_server *server = arg;
    for (size_t i = 0; i < HTTP_DOOR_COUNT && !server->draining; i++) {
        if (server->doors[i].listener != NULL) {
            (void)evconnlistener_enable(server->doors[i].listener);
        }
    }
}

/* Descriptors ran out: without a rest the loop would spin on the same connection. */
static void
accept_failed(struct evconnlistener *listener, void *evhttp)
{
    (void)evhttp;
    (void)evconnlistener_disable(listener);
}

static void
door_limits(struct door *door)
{
    size_t body = door->kind == HTTP_DOOR_CALLBACKS ? HTTP_CALLBACK_BODY_MAX : HTTP_API_BODY_MAX;
    evhttp_set_max_headers_size(door->http, EVHTTP_HEADER_BYTES);
    evhttp_set_max_body_size(door->http, (ev_ssize_t)(body * EVHTTP_BODY_FACTOR));
    evhttp_set_allowed_methods(door->http, EVHTTP_ALL_METHODS);
    evhttp_set_default_content_type(door->http, NULL);
    evhttp_set_bevcb(door->http, connection_new, door);
    evhttp_set_gencb(door->http, on_request, door);
}

static enum err
door_open(struct http_server *server, enum http_door kind)
{
    struct door *door = &server->doors[kind];
    int fd = server->options.listen_fds[kind];
    *door = (struct door){
        .server = server,
        .kind = kind,
        .tls = server->options.tls_context[kind],
    };
    door->http = evhttp_new(server->base);
    if (door->http == NULL) {
        return ERR_NO_MEMORY;
    }
    door_limits(door);
    if (evutil_make_socket_nonblocking(fd) != 0) {
        return ERR_SYSTEM;
    }
    door->listener = evconnlistener_new(server->base, NULL, NULL, LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (door->listener == NULL) {
        return ERR_SYSTEM;
    }
    if (evhttp_bind_listener(door->http, door->listener) == NULL) {
        evconnlistener_free(door->listener);
        door->listener = NULL;
        return ERR_NO_MEMORY;
    }
    evconnlistener_set_error_cb(door->listener, accept_failed);
    return ERR_OK;
}

static enum err
open_all(struct http_server *server)
{
    server->reaper = event_new(server->base, -1, 0, reap, server);
    server->resume = event_new(server->base, -1, EV_PERSIST, accept_again, server);
    if (server->reaper == NULL || server->resume == NULL) {
        return ERR_NO_MEMORY;
    }
    struct timeval rest = { .tv_sec = ACCEPT_REST_S, .tv_usec = 0 };
    (void)event_add(server->resume, &rest);
    for (enum http_door kind = HTTP_DOOR_API; kind < HTTP_DOOR_COUNT; kind++) {
        if (server->options.listen_fds[kind] >= 0) {
            TRY(door_open(server, kind));
        }
    }
    return ERR_OK;
}

enum err
http_server_new(struct event_base *base, const struct http_server_options *options,
                struct http_server **out)
{
    struct http_server *server = calloc(1, sizeof(*server));
    if (server == NULL) {
        return ERR_NO_MEMORY;
    }
    server->base = base;
    server->options = *options;
    enum err err = open_all(server);
    if (err != ERR_OK) {
        http_server_free(&server);
        return err;
    }
    *out = server;
    return ERR_OK;
}

void
http_server_drain(struct http_server *server)
{
    server->draining = true;
    for (size_t i = 0; i < HTTP_DOOR_COUNT; i++) {
        if (server->doors[i].listener != NULL) {
            (void)evconnlistener_disable(server->doors[i].listener);
        }
    }
    connection_close_idle(server);
}

bool
http_server_idle(const struct http_server *server)
{
    return server->connection_count == 0 && LIST_EMPTY(&server->running);
}

void
http_server_free(struct http_server **taken)
{
    if (taken == NULL || *taken == NULL) {
        return;
    }
    struct http_server *server = *taken;
    *taken = NULL;
    for (size_t i = 0; i < HTTP_DOOR_COUNT; i++) {
        if (server->doors[i].http != NULL) {
            evhttp_free(server->doors[i].http); /* its connections call `closed` */
        }
    }
    connection_abandon_fresh(server);
    struct http_transaction *transaction;
    while ((transaction = LIST_FIRST(&server->running)) != NULL) {
        LIST_REMOVE(transaction, link);
        transaction->server = NULL; /* its handler still holds it and frees it by answering */
    }
    reap(-1, 0, server);
    if (server->reaper != NULL) {
        event_free(server->reaper);
    }
    if (server->resume != NULL) {
        event_free(server->resume);
    }
    free(server);
}
