/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <event2/event.h>

#include "http.h"

/* A server on free loopback ports with every row of routes.def bound to one handler that says what
 * it was given. The client lives on the same loop; an exchange ends when the server closes. */

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

static void
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

static void
admit(struct http_request *request, void *context)
{
    (void)context;
    bool auditor = span_eq_cstr(http_header_get(request, "x-role"), "auditor");
    request->client_role = auditor ? HTTP_ROLE_AUDITOR : HTTP_ROLE_PORTAL;
    http_admitted(request);
}

static const struct http_route routes[] = {
#define ROUTE(door, method, pattern, name, signed_, idempotent, roles) \
    {                                                                  \
        HTTP_DOOR_##door, HTTP_##method,      pattern, #name, signed_, \
        idempotent,       HTTP_ROLES_##roles, echo                     \
    },
#include "routes.def"
#undef ROUTE
};

static int
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

static void
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

static void
set_up(void)
{
    start(100, 100);
}

static void
tear_down(void)
{
    http_server_free(&server);
    event_base_free(base);
    for (size_t i = HTTP_DOOR_API; i < HTTP_DOOR_COUNT; i++) {
        (void)close(listen_fds[i]);
    }
}

TestSuite(http_server, .init = set_up, .fini = tear_down);

static void
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

static void
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

static void
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

static void
client_close(struct client *client)
{
    event_free(client->readable);
    (void)close(client->fd);
    buf_fini(&client->answer);
}

static void
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

static void
wait_text(struct client *client, const char *text)
{
    while (span_find(buf_span(&client->answer), span_of(text)) == client->answer.len) {
        cr_assert_eq(event_base_loop(base, EVLOOP_ONCE), 0);
        cr_assert(!client->closed);
    }
}

static bool
says(const struct client *client, const char *text)
{
    return span_find(buf_span(&client->answer), span_of(text)) < client->answer.len;
}

static void
exchange(struct client *client, enum http_door door, struct span bytes)
{
    client_open(client, door);
    client_send(client, bytes);
    wait_closed(client);
}

static void
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

Test(http_server, malformed_requests_are_refused_and_cut)
{
    static const char *const requests[] = {
        "GET /livez HTTP/1.1\r\n" HOST HOST "\r\n",
        "GET /livez HTTP/1.1\r\n\r\n",
        "GET http://h/livez HTTP/1.1\r\n" HOST "\r\n",
        "GET livez HTTP/1.1\r\n" HOST "\r\n",
        "GET //livez HTTP/1.1\r\n" HOST "\r\n",
        "GET /livez#x HTTP/1.1\r\n" HOST "\r\n",
        "GET /livez%00 HTTP/1.1\r\n" HOST "\r\n",
        "GET /li vez HTTP/1.1\r\n" HOST "\r\n",
        "GET /livez\x01 HTTP/1.1\r\n" HOST "\r\n",
        "GET /livez\xC3\xA9 HTTP/1.1\r\n" HOST "\r\n",
        "GET /livez HTTP/1.1\r\n" HOST "A : b\r\n\r\n",
        "GET /livez HTTP/1.1\r\n" HOST "A(b): c\r\n\r\n",
        "GET /livez HTTP/1.1\r\n" HOST ": c\r\n\r\n",
        "GET /livez HTTP/1.1\r\n" HOST "A: b\x01\r\n\r\n",
        "GET /livez HTTP/1.1\r\n" HOST "A: b\x7F\r\n\r\n",
        "GET /livez HTTP/1.1\r\n" HOST "A: b\r\n c\r\n\r\n",
        "GET /livez HTTP/1.1\nHost: h\n\n",
        "GET /livez HTTP/1.1\r\n" HOST "A: b\nC: d\r\n\r\n",
        "GET /livez HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nab",
        "GET /livez HTTP/1.1\r\n" HOST "Signature: a\r\nSignature: b\r\n\r\n",
        "GET /livez HTTP/1.1\r\n" HOST "Signature-Input: a\r\nsignature-input: b\r\n\r\n",
        "GET /livez HTTP/1.1\r\n" HOST "Content-Digest: a\r\nContent-Digest: b\r\n\r\n",
        "POST /livez HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "POST /livez HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\na",
        "POST /livez HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
        "POST /livez HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n",
        "POST /livez HTTP/1.1\r\n" HOST
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        /* Some codings evhttp refuses by itself, in its own words. */
        bool coding = span_find(span_of(requests[i]), SPAN_LIT("Transfer-Encoding"))
                      < span_of(requests[i]).len;
        expect(HTTP_DOOR_OPS, requests[i], BAD, coding ? "" : REFUSE);
    }
}

Test(http_server, a_nul_byte_is_refused)
{
    struct client client;
    struct span request = SPAN("GET /livez HTTP/1.1\r\n" HOST "A: b\0c\r\n\r\n");
    exchange(&client, HTTP_DOOR_OPS, request);
    cr_assert(says(&client, REFUSE));
    client_close(&client);
}

Test(http_server, what_evhttp_itself_cannot_read_is_refused)
{
    expect(HTTP_DOOR_OPS, "nonsense\r\n\r\n", BAD, "");
    expect(HTTP_DOOR_OPS, "GET /livez HTTP/1.1\r\nno colon\r\n\r\n", BAD, "");
    expect(HTTP_DOOR_OPS, "POST /livez HTTP/1.1\r\n" HOST "Content-Length: x\r\n\r\n", BAD, "");
    expect(HTTP_DOOR_OPS,
           "POST /livez HTTP/1.1\r\n" HOST
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           BAD, "");
    expect(HTTP_DOOR_OPS, "GET /livez HTTP/2.0\r\n" HOST "\r\n", BAD, "");
}

Test(http_server, unknown_methods_are_not_implemented)
{
    expect(HTTP_DOOR_OPS, "BREW /livez HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 501 ",
           "method_unknown");
    expect(HTTP_DOOR_OPS, "DELETE /livez HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 501 ",
           "method_unknown");
    expect(HTTP_DOOR_OPS, "TRACE /livez HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 501 ",
           "method_unknown");
}

Test(http_server, too_much_is_refused)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(ANSWER_MAX_BYTES);
    const char *at = NULL;
    cr_assert_eq(buf_text(&text, "GET /"), ERR_OK);
    for (int i = 0; i < 2048; i++) {
        cr_assert_eq(buf_byte(&text, 'a'), ERR_OK);
    }
    cr_assert_eq(buf_text(&text, " HTTP/1.1\r\n" HOST "\r\n"), ERR_OK);
    cr_assert_eq(buf_cstr(&text, &at), ERR_OK);
    expect(HTTP_DOOR_OPS, at, "HTTP/1.1 414 ", "uri_too_long");

    buf_reset(&text);
    cr_assert_eq(buf_text(&text, "GET /livez HTTP/1.1\r\n" HOST), ERR_OK);
    for (int i = 0; i < 64; i++) {
        cr_assert_eq(buf_text(&text, "A: b\r\n"), ERR_OK);
    }
    cr_assert_eq(buf_text(&text, "\r\n"), ERR_OK);
    cr_assert_eq(buf_cstr(&text, &at), ERR_OK);
    expect(HTTP_DOOR_OPS, at, "HTTP/1.1 431 ", "headers_too_large");

    buf_reset(&text);
    cr_assert_eq(buf_text(&text, "GET /livez HTTP/1.1\r\n" HOST "A: "), ERR_OK);
    for (int i = 0; i < 17000; i++) {
        cr_assert_eq(buf_byte(&text, 'a'), ERR_OK);
    }
    cr_assert_eq(buf_text(&text, "\r\n\r\n"), ERR_OK);
    cr_assert_eq(buf_cstr(&text, &at), ERR_OK);
    expect(HTTP_DOOR_OPS, at, "HTTP/1.1 431 ", "headers_too_large");

    buf_reset(&text);
    cr_assert_eq(buf_text(&text, "POST /v1/payments HTTP/1.1\r\n" HOST
                                 "Content-Type: application/json\r\nContent-Length: 65537\r\n\r\n"),
                 ERR_OK);
    for (int i = 0; i < 65537; i++) {
        cr_assert_eq(buf_byte(&text, ' '), ERR_OK);
    }
    cr_assert_eq(buf_cstr(&text, &at), ERR_OK);
    expect(HTTP_DOOR_API, at, "HTTP/1.1 413 ", "body_too_large");
}

Test(http_server, far_too_much_is_cut)
{
    expect(HTTP_DOOR_API,
           "POST /v1/payments HTTP/1.1\r\n" HOST "Content-Length: 99999999999\r\n\r\n",
           "HTTP/1.1 413 ", "");
}

Test(http_server, what_is_not_there_is_404)
{
    static const char *const targets[] = {
        "/",           "/livez/",         "/LIVEZ",         "/v1/payments",
        "/livez/more", "/livez/../livez", "/callbacks/a/b",
    };
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        DEFER(buf_fini) struct buf text = BUF_MAX(512);
        const char *at = NULL;
        cr_assert_eq(buf_printf(&text, "GET %s HTTP/1.1\r\n" HOST CLOSE "\r\n", targets[i]),
                     ERR_OK);
        cr_assert_eq(buf_cstr(&text, &at), ERR_OK);
        expect(HTTP_DOOR_OPS, at, "HTTP/1.1 404 ", "\"code\":\"not_found\"");
    }
    expect(HTTP_DOOR_API, "GET /v1/payments//refresh HTTP/1.1\r\n" HOST CLOSE "\r\n",
           "HTTP/1.1 404 ", "not_found");
}

Test(http_server, another_method_is_405_with_allow)
{
    expect(HTTP_DOOR_API, "PUT /v1/payments HTTP/1.1\r\n" HOST CLOSE "\r\n", "HTTP/1.1 405 ",
           "Allow: GET, HEAD, POST\r\n");
    expect(HTTP_DOOR_OPS, "POST /livez HTTP/1.1\r\n" HOST CLOSE "Content-Length: 0\r\n\r\n",
           "HTTP/1.1 405 ", "Allow: GET, HEAD\r\n");
    expect(HTTP_DOOR_API, "GET /v1/payments/p/close HTTP/1.1\r\n" HOST CLOSE "\r\n",
           "HTTP/1.1 405 ", "Allow: POST\r\n");
}

Test(http_server, bodies_need_their_media_type)
{
    static const char json[] = "POST /v1/payments HTTP/1.1\r\n" HOST CLOSE
                               "Content-Length: 2\r\nContent-Type: %s\r\n\r\n{}";
    static const struct {
        const char *type;
        const char *status;
    } rows[] = {
        { "application/json", OK },
        { "Application/JSON; charset=UTF-8", OK },
        { "application/json; charset=gbk", "HTTP/1.1 415 " },
        { "application/x-www-form-urlencoded", "HTTP/1.1 415 " },
        { "text/plain", "HTTP/1.1 415 " },
        { "application/jsonp", "HTTP/1.1 415 " },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(buf_fini) struct buf text = BUF_MAX(512);
        const char *at = NULL;
        struct span pattern = span_of(json);
        size_t hole = span_find(pattern, SPAN_LIT("%s"));
        cr_assert_eq(buf_append(&text, span_sub(pattern, 0, hole)), ERR_OK);
        cr_assert_eq(buf_text(&text, rows[i].type), ERR_OK);
        cr_assert_eq(buf_append(&text, span_sub(pattern, hole + 2, pattern.len)), ERR_OK);
        cr_assert_eq(buf_cstr(&text, &at), ERR_OK);
        expect(HTTP_DOOR_API, at, rows[i].status, "");
    }
    expect(HTTP_DOOR_API, "POST /v1/payments HTTP/1.1\r\n" HOST CLOSE "Content-Length: 2\r\n\r\n{}",
           "HTTP/1.1 415 ", "media_type");
    expect(HTTP_DOOR_CALLBACKS,
           "POST /callbacks/alipay/main HTTP/1.1\r\n" HOST CLOSE "Content-Length: 3\r\n"
           "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n\r\na=b",
           OK, "[callback_receive|alipay|main|2||3|OK|127.0.0.1]");
}

Test(http_server, rows_give_their_captures_and_queries)
{
    expect(HTTP_DOOR_API,
           "GET /v1/orders/CA%2D1%e4%b8%ad?x=1&a=%E6%96%B0+1 HTTP/1.1\r\n" HOST CLOSE "\r\n", OK,
           "[order_get|CA-1\xE4\xB8\xAD||1|\xE6\x96\xB0 1|0|OK|127.0.0.1]");
    expect(HTTP_DOOR_API, "GET /v1/payments?a=1&a=2 HTTP/1.1\r\n" HOST CLOSE "\r\n", OK,
           "[payment_list|||0||0|FIELD_REPEATED|127.0.0.1]");
    expect(HTTP_DOOR_API, "GET /v1/payments?a=%zz HTTP/1.1\r\n" HOST CLOSE "\r\n", OK,
           "[payment_list|||0||0|ENCODING|127.0.0.1]");
    expect(HTTP_DOOR_CALLBACKS, "GET /pay/assets/submit.js HTTP/1.1\r\n" HOST CLOSE "\r\n", OK,
           "[checkout_asset|submit.js|");
    expect(HTTP_DOOR_CALLBACKS, "GET /pay/assets HTTP/1.1\r\n" HOST CLOSE "\r\n", OK,
           "[checkout_page|assets|");
}

Test(http_server, captures_that_do_not_decode_are_refused)
{
    static const char *const captures[] = { "%", "%4", "%zz", "%0a", "%ff", "%7f" };
    for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
        DEFER(buf_fini) struct buf text = BUF_MAX(512);
        const char *at = NULL;
        cr_assert_eq(
            buf_printf(&text, "GET /v1/orders/%s HTTP/1.1\r\n" HOST CLOSE "\r\n", captures[i]),
            ERR_OK);
        cr_assert_eq(buf_cstr(&text, &at), ERR_OK);
        expect(HTTP_DOOR_API, at, BAD, "encoding_invalid");
    }
}

Test(http_server, roles_are_kept)
{
    expect(HTTP_DOOR_API, "GET /v1/payments HTTP/1.1\r\n" HOST CLOSE "X-Role: auditor\r\n\r\n", OK,
           "payment_list");
    expect(HTTP_DOOR_API,
           "POST /v1/payments/p/refresh HTTP/1.1\r\n" HOST CLOSE
           "X-Role: auditor\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 403 ", "role_not_allowed");
}

Test(http_server, problems_speak_the_readers_language)
{
    static const struct {
        const char *accept;
        const char *text;
    } rows[] = {
        { "Accept-Language: en\r\n", "there is nothing at this address\",\"code\"" },
        { "Accept-Language: en-GB,zh;q=0.9\r\n", "Content-Language: en\r\n" },
        { "Accept-Language: en;q=0.5, zh-CN;q=0.8\r\n", "\"detail\":\"资源不存在\"" },
        { "Accept-Language: fr\r\n", "\"detail\":\"资源不存在\"" },
        { "Accept-Language: en;q=0, *\r\n", "\"detail\":\"资源不存在\"" },
        { "", "Content-Language: zh-CN\r\n" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        DEFER(buf_fini) struct buf text = BUF_MAX(512);
        const char *at = NULL;
        cr_assert_eq(buf_printf(&text, "GET /x HTTP/1.1\r\n" HOST CLOSE "%s\r\n", rows[i].accept),
                     ERR_OK);
        cr_assert_eq(buf_cstr(&text, &at), ERR_OK);
        expect(HTTP_DOOR_API, at, "HTTP/1.1 404 ", rows[i].text);
    }
}

Test(http_server, answers_carry_the_standing_headers)
{
    static const char *const headers[] = {
        "X-Request-Id: ",
        "Cache-Control: no-store\r\n",
        "X-Content-Type-Options: nosniff\r\n",
        "Referrer-Policy: no-referrer\r\n",
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n",
    };
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        expect(HTTP_DOOR_OPS, "GET /livez HTTP/1.1\r\n" HOST CLOSE "\r\n", OK, headers[i]);
    }
}

Test(http_server, head_has_the_length_and_no_body)
{
    struct client client;
    exchange(&client, HTTP_DOOR_OPS, SPAN_LIT("HEAD /livez HTTP/1.1\r\n" HOST CLOSE "\r\n"));
    cr_assert(says(&client, "Content-Length: 31\r\n"), "%.*s", SPAN_ARG(buf_span(&client.answer)));
    cr_assert(!says(&client, "[ops_livez"));
    client_close(&client);
}

Test(http_server, chunked_bodies_are_read)
{
    expect(HTTP_DOOR_API,
           "POST /v1/payments HTTP/1.1\r\n" HOST CLOSE
           "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
           "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
           OK, "[payment_create|||0||2|");
}

Test(http_server, trailers_do_not_become_headers)
{
    struct client client;
    exchange(&client, HTTP_DOOR_API,
             SPAN_LIT("POST /v1/payments/p/refresh HTTP/1.1\r\n" HOST CLOSE
                      "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "2\r\n{}\r\n0\r\nX-Role: auditor\r\n\r\n"));
    cr_assert(says(&client, "[payment_refresh|p|") || says(&client, REFUSE));
    client_close(&client);
}

Test(http_server, a_connection_serves_several_requests_even_sent_ahead)
{
    struct client client;
    exchange(&client, HTTP_DOOR_API,
             SPAN_LIT("GET /v1/orders/1 HTTP/1.1\r\n" HOST "\r\n"
                      "POST /v1/payments HTTP/1.1\r\n" HOST
                      "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
                      "GET /v1/orders/3 HTTP/1.1\r\n" HOST CLOSE "\r\n"));
    cr_assert(says(&client, "[order_get|1|"));
    cr_assert(says(&client, "[payment_create|||0||2|"));
    cr_assert(says(&client, "[order_get|3|"));
    client_close(&client);
}

Test(http_server, a_violation_in_a_later_request_is_seen_too)
{
    struct client client;
    exchange(&client, HTTP_DOOR_API,
             SPAN_LIT("GET /v1/orders/1 HTTP/1.1\r\n" HOST "\r\n"
                      "GET /v1/orders/2 HTTP/1.1\r\n" HOST "A: b\n\r\n"));
    cr_assert(says(&client, "[order_get|1|"));
    cr_assert(says(&client, REFUSE));
    client_close(&client);
}

Test(http_server, a_request_that_comes_in_pieces_is_read)
{
    struct client client;
    struct span request = SPAN("GET /v1/orders/1 HTTP/1.1\r\n" HOST CLOSE "\r\n");
    client_open(&client, HTTP_DOOR_API);
    for (size_t i = 0; i < request.len; i++) {
        client_send(&client, span_sub(request, i, 1));
        (void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    }
    wait_closed(&client);
    cr_assert(says(&client, "[order_get|1|"));
    client_close(&client);
}

Test(http_server, an_answer_may_come_later)
{
    struct client client;
    client_open(&client, HTTP_DOOR_API);
    client_send(&client, SPAN_LIT("GET /v1/orders/1 HTTP/1.1\r\n" HOST CLOSE "X-Later: 1\r\n\r\n"));
    while (held == NULL) {
        cr_assert_eq(event_base_loop(base, EVLOOP_ONCE), 0);
    }
    cr_assert(span_eq_cstr(held->captures[0], "1"));
    http_reply(held, 200, "text/plain", SPAN_LIT("late"), NULL, 0);
    wait_closed(&client);
    cr_assert(says(&client, "late"));
    client_close(&client);
}

Test(http_server, an_answer_to_nobody_is_dropped)
{
    struct client client;
    client_open(&client, HTTP_DOOR_API);
    client_send(&client, SPAN_LIT("GET /v1/orders/1 HTTP/1.1\r\n" HOST "X-Later: 1\r\n\r\n"));
    while (held == NULL) {
        cr_assert_eq(event_base_loop(base, EVLOOP_ONCE), 0);
    }
    client_close(&client);
    for (int i = 0; i < 5; i++) {
        (void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    }
    http_reply(held, 200, "text/plain", SPAN_LIT("late"), NULL, 0);
    for (int i = 0; i < 5; i++) {
        (void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    }
}

Test(http_server, a_request_outlives_the_server)
{
    struct client client;
    client_open(&client, HTTP_DOOR_API);
    client_send(&client, SPAN_LIT("GET /v1/orders/1 HTTP/1.1\r\n" HOST "X-Later: 1\r\n\r\n"));
    while (held == NULL) {
        cr_assert_eq(event_base_loop(base, EVLOOP_ONCE), 0);
    }
    http_server_free(&server);
    cr_assert(span_eq_cstr(held->captures[0], "1"));
    http_reply(held, 200, "text/plain", SPAN_LIT("late"), NULL, 0);
    client_close(&client);
}

Test(http_server, draining_closes_the_idle_and_finishes_the_running)
{
    struct client idle;
    struct client running;
    client_open(&idle, HTTP_DOOR_API);
    client_send(&idle, SPAN_LIT("GET /v1/orders/1 HTTP/1.1\r\n" HOST "\r\n"));
    wait_text(&idle, "[order_get|1|");
    client_open(&running, HTTP_DOOR_API);
    client_send(&running, SPAN_LIT("GET /v1/orders/2 HTTP/1.1\r\n" HOST "X-Later: 1\r\n\r\n"));
    while (held == NULL) {
        cr_assert_eq(event_base_loop(base, EVLOOP_ONCE), 0);
    }
    http_server_drain(server);
    wait_closed(&idle);
    cr_assert(!http_server_idle(server));
    http_reply(held, 200, "text/plain", SPAN_LIT("late"), NULL, 0);
    wait_closed(&running);
    cr_assert(says(&running, "late"));
    cr_assert(says(&running, "Connection: close\r\n"));
    cr_assert(http_server_idle(server));
    client_close(&idle);
    client_close(&running);
}

Test(http_server, a_client_that_dribbles_is_cut)
{
    struct client client;
    client_open(&client, HTTP_DOOR_API);
    client_send(&client, SPAN_LIT("GET /v1/orders/1 HTTP/1.1\r\nA: "));
    struct timeval step = { .tv_sec = 0, .tv_usec = 200000 };
    for (int i = 0; i < 40 && !client.closed; i++) {
        (void)event_base_loopexit(base, &step);
        (void)event_base_loop(base, 0);
        client_send(&client, SPAN_LIT("b"));
    }
    cr_assert(client.closed);
    client_close(&client);
}

Test(http_server, connections_are_counted_and_one_more_is_closed)
{
    struct client clients[3];
    tear_down();
    start(100, 2);
    for (size_t i = 0; i < 3; i++) {
        client_open(&clients[i], HTTP_DOOR_API);
    }
    wait_closed(&clients[2]);
    cr_assert(!clients[0].closed && !clients[1].closed);
    client_close(&clients[0]);
    for (int i = 0; i < 10; i++) {
        (void)event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
    }
    struct client again;
    exchange(&again, HTTP_DOOR_API, SPAN_LIT("GET /v1/orders/1 HTTP/1.1\r\n" HOST CLOSE "\r\n"));
    cr_assert(says(&again, "[order_get|1|"));
    client_close(&again);
    client_close(&clients[1]);
    client_close(&clients[2]);
}

Test(http_server, all_connections_together_have_a_limit)
{
    struct client clients[2];
    tear_down();
    start(1, 100);
    client_open(&clients[0], HTTP_DOOR_API);
    client_open(&clients[1], HTTP_DOOR_OPS);
    wait_closed(clients[0].closed ? &clients[0] : &clients[1]);
    client_close(&clients[0]);
    client_close(&clients[1]);
}
