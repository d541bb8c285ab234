/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <openssl/ssl.h>

#include "http_internal.h"
#include "metrics.h"

#define SCAN_STEP_BYTES 4096
#define WRITING_BYTES_S ((size_t)64 * 1024) /* the slowest reader that is waited for */

/* Absolute: a byte that dribbles in does not start them anew, as evhttp's own time-out does. A
 * handler answers for its own time. */
static const int deadline_s[CONNECTION_PHASE_COUNT] = {
    [CONNECTION_FRESH] = 5,    [CONNECTION_HEADERS] = 5,  [CONNECTION_BODY] = 10,
    [CONNECTION_HANDLING] = 0, [CONNECTION_WRITING] = 10, [CONNECTION_IDLE] = 60,
};

static struct connection_list *
bucket_of(struct http_server *server, const char *peer)
{
    uint32_t hash = 2166136261U;
    for (const char *at = peer; *at != 0; at++) {
        hash = (hash ^ (uint32_t)(unsigned char)*at) * 16777619U;
    }
    return &server->buckets[hash % CONNECTION_BUCKETS];
}

void
connection_enter(struct connection *connection, enum connection_phase phase)
{
    connection->phase = phase;
    if (deadline_s[phase] == 0) {
        (void)event_del(connection->deadline);
        return;
    }
    struct timeval after = { .tv_sec = deadline_s[phase], .tv_usec = 0 };
    (void)event_add(connection->deadline, &after);
}

void
connection_enter_writing(struct connection *connection, size_t bytes)
{
    connection_enter(connection, CONNECTION_WRITING);
    struct timeval after = { .tv_sec = deadline_s[CONNECTION_WRITING]
                                       + (time_t)(bytes / WRITING_BYTES_S) };
    (void)event_add(connection->deadline, &after);
}

static void
deadline_passed(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct connection *connection = arg;
    if (connection->evcon != NULL) {
        evhttp_connection_free(connection->evcon); /* calls `closed` */
    }
}

static void
scan(struct connection *connection, struct evbuffer *input, size_t from)
{
    if (from >= evbuffer_get_length(input)) {
        return;
    }
    if (connection->phase == CONNECTION_FRESH || connection->phase == CONNECTION_IDLE) {
        connection_enter(connection, CONNECTION_HEADERS);
    }
    struct evbuffer_ptr at;
    unsigned char step[SCAN_STEP_BYTES];
    while (connection->phase == CONNECTION_HEADERS && connection->scanner.err == ERR_OK
           && evbuffer_ptr_set(input, &at, from, EVBUFFER_PTR_SET) == 0) {
        ev_ssize_t len = evbuffer_copyout_from(input, &at, step, sizeof(step));
        if (len <= 0) {
            break;
        }
        scanner_feed(&connection->scanner, span_make(step, (size_t)len));
        from += (size_t)len;
        if (connection->scanner.ended) {
            connection_enter(connection, CONNECTION_BODY);
        }
    }
}

/* Called when the input buffer changed and before evhttp reads it. */
static void
input_changed(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
    if (info->n_added > 0) {
        scan(arg, input, info->orig_size);
    }
}

void
connection_answered(struct evhttp_request *evhttp, void *arg)
{
    (void)evhttp;
    struct connection *connection = arg;
    connection->scanner = (struct scanner){ 0 };
    connection_enter(connection, CONNECTION_IDLE);
    scan(connection, bufferevent_get_input(connection->bev), 0); /* sent ahead of our answer */
}

/* Callbacks of the same batch may still hold the object: it is freed one turn later. */
static void
bury(struct connection *connection)
{
    struct http_server *server = connection->door->server;
    (void)event_del(connection->deadline);
    (void)event_del(connection->adopt);
    LIST_REMOVE(connection, link);
    LIST_INSERT_HEAD(&server->dead, connection, link);
    struct timeval at_once = { 0, 0 };
    (void)event_add(server->reaper, &at_once);
}

static void
closed(struct evhttp_connection *evcon, void *arg)
{
    (void)evcon;
    struct connection *connection = arg;
    (void)evbuffer_remove_cb_entry(bufferevent_get_input(connection->bev), connection->watch);
    if (connection->transaction != NULL) {
        transaction_peer_gone(connection->transaction);
        connection->transaction = NULL;
    }
    connection->evcon = NULL;
    connection->door->server->connection_count--;
    metrics_add(METRIC_CONNECTIONS, -1);
    bury(connection);
}

static bool
too_many(struct http_server *server, const struct connection *connection)
{
    const struct connection *other;
    int same = 0;
    LIST_FOREACH(other, bucket_of(server, connection->peer), link)
    {
        same += strcmp(other->peer, connection->peer) == 0 ? 1 : 0;
    }
    return same > server->options.connections_per_address_max
           || server->connection_count > server->options.connections_max;
}

static void
take_over(struct connection *connection, struct evhttp_connection *evcon)
{
    struct http_server *server = connection->door->server;
    char *address = NULL;
    ev_uint16_t port = 0;
    evhttp_connection_get_peer(evcon, &address, &port);
    (void)snprintf(connection->peer, sizeof(connection->peer), "%s", address ? address : "");
    connection->evcon = evcon;
    connection->watch =
        evbuffer_add_cb(bufferevent_get_input(connection->bev), input_changed, connection);
    evhttp_connection_set_closecb(evcon, closed, connection);
    LIST_REMOVE(connection, link);
    LIST_INSERT_HEAD(bucket_of(server, connection->peer), connection, link);
    server->connection_count++;
    metrics_add(METRIC_CONNECTIONS, 1);
    if (connection->watch == NULL || server->draining || too_many(server, connection)) {
        metrics_add(METRIC_REQUESTS_REFUSED_TOTAL, 1);
        evhttp_connection_free(evcon);
        return;
    }
    int on = 1;
    (void)setsockopt(bufferevent_getfd(connection->bev), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    connection_enter(connection, CONNECTION_FRESH);
}

/* evhttp asks for a buffer event before it has made its connection object, and tells nobody about
 * that object until a whole request was read. It is the argument of the callbacks that evhttp puts
 * on the buffer event, so it is picked up there, in the same turn of the loop and before any byte
 * was read. */
static void
adopt(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct connection *connection = arg;
    bufferevent_data_cb reading = NULL;
    void *evcon = NULL;
    bufferevent_getcb(connection->bev, &reading, NULL, NULL, &evcon);
    (void)bufferevent_decref(connection->bev);
    if (reading == NULL) {
        bury(connection); /* evhttp gave up already */
        return;
    }
    take_over(connection, evcon);
}

static struct bufferevent *
transport_new(struct event_base *base, const struct door *door)
{
    if (door->tls == NULL) {
        return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    }
    SSL *ssl = SSL_new(door->tls);
    if (ssl == NULL) {
        return NULL;
    }
    struct bufferevent *bev = bufferevent_openssl_socket_new(
        base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (bev == NULL) {
        SSL_free(ssl);
        return NULL;
    }
    bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
    return bev;
}

void
connection_release(struct connection *connection)
{
    if (connection->adopt != NULL) {
        event_free(connection->adopt);
    }
    if (connection->deadline != NULL) {
        event_free(connection->deadline);
    }
    free(connection);
}

/* When this gives NULL evhttp makes a plain buffer event of its own; such a connection is not in our
 * books and every request on it is refused. */
struct bufferevent *
connection_new(struct event_base *base, void *arg)
{
    struct door *door = arg;
    struct connection *connection = calloc(1, sizeof(*connection));
    if (connection == NULL) {
        return NULL;
    }
    connection->door = door;
    connection->adopt = event_new(base, -1, 0, adopt, connection);
    connection->deadline = event_new(base, -1, 0, deadline_passed, connection);
    connection->bev = connection->adopt != NULL && connection->deadline != NULL
                          ? transport_new(base, door)
                          : NULL;
    if (connection->bev == NULL) {
        connection_release(connection);
        return NULL;
    }
    bufferevent_incref(connection->bev);
    LIST_INSERT_HEAD(&door->server->fresh, connection, link);
    event_active(connection->adopt, 0, 0);
    return connection->bev;
}

struct connection *
connection_find(struct http_server *server, struct evhttp_request *evhttp)
{
    struct evhttp_connection *evcon = evhttp_request_get_connection(evhttp);
    if (evcon == NULL) {
        return NULL;
    }
    char *address = NULL;
    ev_uint16_t port = 0;
    evhttp_connection_get_peer(evcon, &address, &port);
    struct connection *connection;
    LIST_FOREACH(connection, bucket_of(server, address ? address : ""), link)
    {
        if (connection->evcon == evcon) {
            return connection;
        }
    }
    return NULL;
}

void
connection_close_idle(struct http_server *server)
{
    for (size_t i = 0; i < CONNECTION_BUCKETS; i++) {
        struct connection *next;
        for (struct connection *at = LIST_FIRST(&server->buckets[i]); at != NULL; at = next) {
            next = LIST_NEXT(at, link);
            if (at->phase == CONNECTION_IDLE || at->phase == CONNECTION_FRESH) {
                evhttp_connection_free(at->evcon);
            }
        }
    }
}

void
connection_abandon_fresh(struct http_server *server)
{
    struct connection *connection;
    while ((connection = LIST_FIRST(&server->fresh)) != NULL) {
        (void)bufferevent_decref(connection->bev);
        LIST_REMOVE(connection, link);
        connection_release(connection);
    }
}
