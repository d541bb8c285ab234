/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_UNIT_TRANSPORT_HOUSE_H
#define TALLYGATE_TESTS_UNIT_TRANSPORT_HOUSE_H

/* A transport and listeners of the test's own on one loop: what reached them, and what `done` was
 * told. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "buf.h"
#include "check.h"
#include "transport.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define GUARD_S     20

static struct event_base *base;
static struct event *guard;
static struct evhttp *server;
static struct transport *transport;
static unsigned port;
static int raw_fd = -1; /* a listener that speaks no HTTP */
static struct event *raw_event;

static size_t asked; /* requests that reached a listener */
static enum evhttp_cmd_type asked_method;
static struct buf asked_body = BUF_MAX(65536);
static char asked_type[128];
static char asked_agent[128];

static struct {
    size_t count;
    enum err err;
    int status;
    struct buf body;
    char content_type[128];
    char date[64];
    char trace_id[64];
    bool had_answer;
} told = { .body = BUF_MAX(2 * 1024 * 1024) };

static inline void
give_up(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    cr_assert_fail("the loop did not end");
}

static inline void
copy_header(struct evhttp_request *request, const char *name, char out[128])
{
    const char *value = evhttp_find_header(evhttp_request_get_input_headers(request), name);
    (void)snprintf(out, 128, "%s", value == NULL ? "" : value);
}

static inline void
note(struct evhttp_request *request)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(request);
    size_t len = evbuffer_get_length(body);
    asked++;
    asked_method = evhttp_request_get_command(request);
    buf_reset(&asked_body);
    CHECK_OK(buf_append(&asked_body, span_make(evbuffer_pullup(body, -1), len)));
    copy_header(request, "Content-Type", asked_type);
    copy_header(request, "User-Agent", asked_agent);
}

static inline void
answer(struct evhttp_request *request, void *context)
{
    (void)context;
    note(request);
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    (void)evhttp_add_header(headers, "Content-Type", "application/json");
    (void)evhttp_add_header(headers, "trace_id", "  21a8c2f7  ");
    struct evbuffer *body = evbuffer_new();
    (void)evbuffer_add_printf(body, "{\"ok\":true}");
    evhttp_send_reply(request, 200, "OK", body);
    evbuffer_free(body);
}

static inline void
redirect(struct evhttp_request *request, void *context)
{
    (void)context;
    note(request);
    (void)evhttp_add_header(evhttp_request_get_output_headers(request), "Location", "/answer");
    evhttp_send_reply(request, 302, "Found", NULL);
}

/* As many bytes as the query asks for. */
static inline void
many(struct evhttp_request *request, void *context)
{
    static char block[1024];
    (void)context;
    note(request);
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
    uint64_t left = 0;
    CHECK_OK(span_to_u64(span_of(query), 0, 4 * 1024 * 1024, &left));
    struct evbuffer *body = evbuffer_new();
    memset(block, 'x', sizeof(block));
    while (left > 0) {
        size_t len = left < sizeof(block) ? (size_t)left : sizeof(block);
        (void)evbuffer_add(body, block, len);
        left -= len;
    }
    evhttp_send_reply(request, 200, "OK", body);
    evbuffer_free(body);
}

static inline void
never(struct evhttp_request *request, void *context)
{
    (void)context;
    note(request); /* evhttp frees the request with its connection */
}

static inline struct sockaddr_in
loopback(unsigned on)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)on) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static inline unsigned
port_of(int fd)
{
    struct sockaddr_in address;
    socklen_t len = sizeof(address);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    return ntohs(address.sin_port);
}

static inline void
start(void)
{
    struct timeval wait = { .tv_sec = GUARD_S };
    base = event_base_new();
    cr_assert_not_null(base);
    guard = event_new(base, -1, 0, give_up, NULL);
    cr_assert_eq(event_add(guard, &wait), 0);
    server = evhttp_new(base);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(server, "127.0.0.1", 0);
    cr_assert_not_null(bound);
    port = port_of(evhttp_bound_socket_get_fd(bound));
    cr_assert_eq(evhttp_set_cb(server, "/answer", answer, NULL), 0);
    cr_assert_eq(evhttp_set_cb(server, "/redirect", redirect, NULL), 0);
    cr_assert_eq(evhttp_set_cb(server, "/many", many, NULL), 0);
    cr_assert_eq(evhttp_set_cb(server, "/never", never, NULL), 0);
    CHECK_OK(transport_new(base, &transport));
}

static inline void
finish(void)
{
    transport_free(&transport);
    cr_expect_null(transport);
    evhttp_free(server);
    event_free(guard);
    if (raw_event != NULL) {
        event_free(raw_event);
        (void)close(raw_fd);
    }
    event_base_free(base);
    buf_fini(&asked_body);
    buf_fini(&told.body);
}

static inline void
keep(char *out, size_t size, struct span text)
{
    cr_assert_lt(text.len, size);
    if (text.len > 0) {
        memcpy(out, text.at, text.len);
    }
    out[text.len] = 0;
}

static inline void
done(void *context, enum err err, const struct transport_answer *got)
{
    (void)context;
    told.count++;
    told.err = err;
    told.had_answer = got != NULL;
    if (got != NULL) {
        told.status = got->status;
        buf_reset(&told.body);
        CHECK_OK(buf_append(&told.body, got->body));
        keep(told.content_type, sizeof(told.content_type), got->content_type);
        keep(told.date, sizeof(told.date), got->date);
        keep(told.trace_id, sizeof(told.trace_id), got->trace_id);
    }
    (void)event_base_loopbreak(base);
}

static inline struct transport_request
get(const char *path, unsigned on)
{
    static char url[256];
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", on, path);
    return (struct transport_request){
        .url = span_of(url),
        .allow_private_address = true,
        .allow_http = true,
    };
}

/* Starts the call, and runs the loop until it has told its end, once. */
static inline void
call(const struct transport_request *request)
{
    size_t before = told.count;
    CHECK_OK(transport_start(transport, request, done, NULL, NULL));
    cr_expect_eq(told.count, before, "done is never called from inside transport_start");
    cr_expect_eq(transport_running(transport), 1);
    (void)event_base_dispatch(base);
    cr_assert_eq(told.count, before + 1);
    cr_expect_eq(transport_running(transport), 0);
    cr_expect_eq(told.had_answer, told.err == ERR_OK);
}

static inline void
expect_end(const struct transport_request *request, enum err want)
{
    call(request);
    cr_expect_eq(told.err, want, "gave %s", err_name(told.err));
}

#endif
