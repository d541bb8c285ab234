/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_UNIT_HTTP_HOUSE_H
#define TALLYGATE_TESTS_UNIT_HTTP_HOUSE_H

/* A server on free loopback ports with every row of routes.def bound to one handler that says what
 * it was given. The client lives on the same loop; an exchange ends when the server closes. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <event2/event.h>

#include "http.h"

#define ANSWER_MAX_BYTES ((size_t)256 * 1024)
#define GUARD_S          20

static struct event_base *base;
static struct http_server *server;
static struct http_request *held; /* of the handler that answers later */
static int listen_fds[HTTP_DOOR_COUNT];

struct client {
    int fd;
    bool closed;
    struct span sent; /* the last bytes, for the report */
    struct buf answer;
    struct event *readable;
};

static inline void
echo(struct http_request *request, void *context)
{
    (void)context;
    if (!span_empty(http_header_get(request, "x-later"))) {
        held = request;
        return;
    }
    DEFER(buf_fini) struct buf text = BUF_MAX(4096);
    struct span value = SPAN("");
    enum err err = http_query_get(request, "a", &value);
    cr_assert_eq(buf_printf(&text, "[%s|%.*s|%.*s|%zu|%.*s|%zu|%s|%.*s]", request->route->name,
                            SPAN_ARG(request->captures[0]), SPAN_ARG(request->captures[1]),
                            request->capture_count, SPAN_ARG(value), request->body.len,
                            err_name(err), SPAN_ARG(request->peer)),
                 ERR_OK);
    http_reply(request, 200, "text/plain", buf_span(&text), NULL, 0);
}

static inline void
admit(struct http_request *request, void *context)
{
    (void)context;
    bool auditor = span_eq_cstr(http_header_get(request, "x-role"), "auditor");
    request->client_role = auditor ? HTTP_ROLE_AUDITOR : HTTP_ROLE_PORTAL;
    http_admitted(request);
}

static const struct http_route routes[] = {
#define ROUTE(door_, method_, pattern_, name_, signed_, idempotent_, roles_) \
    { .door = HTTP_DOOR_##door_,                                             \
      .method = HTTP_##method_,                                              \
      .pattern = (pattern_),                                                 \
      .name = #name_,                                                        \
      .needs_signature = (signed_),                                          \
      .needs_idempotency = (idempotent_),                                    \
      .roles = HTTP_ROLES_##roles_,                                          \
      .handler = echo },
#include "routes.def"
#undef ROUTE
};

static inline int
listener(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_geq(fd, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(listen(fd, 64), 0);
    return fd;
}

static inline void
start(int connections_max, int per_address_max)
{
    struct http_server_options options = {
        .connections_max = connections_max,
        .connections_per_address_max = per_address_max,
        .routes = routes,
        .route_count = sizeof(routes) / sizeof(routes[0]),
        .admit = admit,
    };
    base = event_base_new();
    options.listen_fds[HTTP_DOOR_NONE] = -1;
    for (size_t i = HTTP_DOOR_API; i < HTTP_DOOR_COUNT; i++) {
        listen_fds[i] = listener();
        options.listen_fds[i] = listen_fds[i];
    }
    cr_assert_eq(http_server_new(base, &options, &server), ERR_OK);
}

static inline void
set_up(void)
{
    start(100, 100);
}

static inline void
tear_down(void)
{
    http_server_free(&server);
    event_base_free(base);
    for (size_t i = HTTP_DOOR_API; i < HTTP_DOOR_COUNT; i++) {
        (void)close(listen_fds[i]);
    }
}

static inline void
client_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct client *client = arg;
    unsigned char bytes[4096];
    ssize_t len = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (len <= 0) {
        client->closed = true;
        (void)event_del(client->readable);
        return;
    }
    cr_assert_eq(buf_append(&client->answer, span_make(bytes, (size_t)len)), ERR_OK);
}

static inline void
client_open(struct client *client, enum http_door door)
{
    struct sockaddr_in address;
    socklen_t len = sizeof(address);
    cr_assert_eq(getsockname(listen_fds[door], (struct sockaddr *)&address, &len), 0);
    *client = (struct client){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    buf_init(&client->answer, ANSWER_MAX_BYTES);
    cr_assert_eq(connect(client->fd, (struct sockaddr *)&address, len), 0);
    client->readable = event_new(base, client->fd, EV_READ | EV_PERSIST, client_readable, client);
    (void)event_add(client->readable, NULL);
}

static inline void
client_send(struct client *client, struct span bytes)
{
    client->sent = bytes;
    while (bytes.len > 0) {
        ssize_t len = send(client->fd, bytes.at, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (len > 0) {
            bytes = span_sub(bytes, (size_t)len, bytes.len);
        } else {
            (void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
        }
        if (client->closed) {
            return;
        }
    }
}

static inline void
client_close(struct client *client)
{
    event_free(client->readable);
    (void)close(client->fd);
    buf_fini(&client->answer);
}

static inline void
wait_closed(struct client *client)
{
    struct timeval guard = { .tv_sec = GUARD_S, .tv_usec = 0 };
    (void)event_base_loopexit(base, &guard);
    while (!client->closed && !event_base_got_exit(base)) {
        (void)event_base_loop(base, EVLOOP_ONCE);
    }
    cr_assert(client->closed, "the server did not close on\n%.*s\nit said: %.*s",
              SPAN_ARG(client->sent), SPAN_ARG(buf_span(&client->answer)));
}

static inline void
wait_text(struct client *client, const char *text)
{
    while (span_find(buf_span(&client->answer), span_of(text)) == client->answer.len) {
        cr_assert_eq(event_base_loop(base, EVLOOP_ONCE), 0);
        cr_assert(!client->closed);
    }
}

static inline bool
says(const struct client *client, const char *text)
{
    return span_find(buf_span(&client->answer), span_of(text)) < client->answer.len;
}

static inline void
exchange(struct client *client, enum http_door door, struct span bytes)
{
    client_open(client, door);
    client_send(client, bytes);
    wait_closed(client);
}

static inline void
expect(enum http_door door, const char *request, const char *status, const char *text)
{
    struct client client;
    exchange(&client, door, span_of(request));
    cr_assert(span_starts(buf_span(&client.answer), span_of(status)), "%s\ngave\n%.*s", request,
              SPAN_ARG(buf_span(&client.answer)));
    cr_assert(says(&client, text), "%s\ngave\n%.*s", request, SPAN_ARG(buf_span(&client.answer)));
    client_close(&client);
}

#define HOST   "Host: h\r\n"
#define CLOSE  "Connection: close\r\n"
#define OK     "HTTP/1.1 200 "
#define BAD    "HTTP/1.1 400 "
#define REFUSE "\"code\":\"http_malformed\""

#endif
