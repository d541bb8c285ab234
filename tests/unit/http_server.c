/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdlib.h>

#include "http_house.h"

TestSuite(http_server, .init = set_up, .fini = tear_down);

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

/* 200,000 bytes of every value, none of which is a multiple of what is read at once. */
static int
file_of_bytes(struct buf *out)
{
    char path[] = "/tmp/http_server_XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    (void)unlink(path);
    for (size_t i = 0; i < 200000; i++) {
        cr_assert_eq(buf_byte(out, (unsigned char)(i * 7 + i / 256)), ERR_OK);
    }
    cr_assert_eq(write(fd, out->at, out->len), (ssize_t)out->len);
    return fd;
}

static void
ask_for_file(struct client *client, const char *method, int fd, size_t size)
{
    static const struct http_header tag = { SPAN("ETag"), SPAN("\"t\"") };
    DEFER(buf_fini) struct buf text = BUF_MAX(256);
    cr_assert_eq(
        buf_printf(&text, "%s /v1/orders/1 HTTP/1.1\r\n" HOST CLOSE "X-Later: 1\r\n\r\n", method),
        ERR_OK);
    held = NULL;
    client_open(client, HTTP_DOOR_API);
    client_send(client, buf_span(&text));
    while (held == NULL) {
        cr_assert_eq(event_base_loop(base, EVLOOP_ONCE), 0);
    }
    http_reply_file(held, "text/csv", fd, size, &tag, 1);
    wait_closed(client);
    cr_expect(says(client, "Content-Length: 200000\r\n"));
    cr_expect(says(client, "Content-Type: text/csv\r\n"));
    cr_expect(says(client, "ETag: \"t\"\r\n"));
}

Test(http_server, an_answer_may_be_a_file)
{
    DEFER(buf_fini) struct buf bytes = BUF_MAX(ANSWER_MAX_BYTES);
    struct client client;
    int fd = file_of_bytes(&bytes);
    ask_for_file(&client, "GET", fd, bytes.len);
    cr_expect(span_ends(buf_span(&client.answer), buf_span(&bytes)));
    client_close(&client);
    cr_expect_lt(fcntl(fd, F_GETFD), 0, "the server closes it");
    buf_reset(&bytes);
    fd = file_of_bytes(&bytes);
    ask_for_file(&client, "HEAD", fd, bytes.len);
    cr_expect(span_ends(buf_span(&client.answer), SPAN_LIT("\r\n\r\n")));
    client_close(&client);
    cr_expect_lt(fcntl(fd, F_GETFD), 0);
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
