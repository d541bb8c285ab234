/* SPDX-License-Identifier: Apache-2.0 */
/* What comes back from a listener, what may have reached it, and calls that end early. */
#include "progress.h"
#include "transport_house.h"

TestSuite(transport_calls, .init = start, .fini = finish);

Test(transport_calls, an_answer_comes_back_with_what_belongs_to_it)
{
    struct transport_request request = get("/answer", port);
    expect_end(&request, ERR_OK);
    cr_expect_eq(asked_method, EVHTTP_REQ_GET);
    cr_expect_eq(told.status, 200);
    CHECK_TEXT(buf_span(&told.body), "{\"ok\":true}");
    cr_expect_str_eq(told.content_type, "application/json");
    cr_expect_str_eq(told.trace_id, "21a8c2f7");
    cr_expect_gt(strlen(told.date), 20);
    cr_expect_eq(strncmp(asked_agent, "tallygate/", 10), 0);
}

Test(transport_calls, a_post_carries_its_body_and_type_even_when_the_callers_go_away)
{
    char body[] = "a=1&b=2";
    char type[] = "application/x-www-form-urlencoded;charset=utf-8";
    struct transport_request request = get("/answer", port);
    request.post = true;
    request.body = span_of(body);
    request.content_type = span_of(type);
    CHECK_OK(transport_start(transport, &request, done, NULL, NULL));
    memset(body, 0, sizeof(body));
    memset(type, 0, sizeof(type));
    (void)event_base_dispatch(base);
    cr_expect_eq(told.err, ERR_OK);
    cr_expect_eq(asked_method, EVHTTP_REQ_POST);
    CHECK_TEXT(buf_span(&asked_body), "a=1&b=2");
    cr_expect_str_eq(asked_type, "application/x-www-form-urlencoded;charset=utf-8");
}

Test(transport_calls, a_failure_status_is_an_answer)
{
    struct transport_request request = get("/nowhere", port);
    expect_end(&request, ERR_OK);
    cr_expect_eq(told.status, 404);
}

Test(transport_calls, a_redirect_is_an_answer_and_not_followed)
{
    struct transport_request request = get("/redirect", port);
    expect_end(&request, ERR_OK);
    cr_expect_eq(told.status, 302);
    cr_expect_eq(asked, 1);
}

Test(transport_calls, a_body_within_the_cap_is_taken_whole)
{
    struct transport_request request = get("/many?4096", port);
    request.body_max_bytes = 4096;
    expect_end(&request, ERR_OK);
    cr_expect_eq(told.body.len, 4096);
    request = get("/many?1048576", port);
    expect_end(&request, ERR_OK);
    cr_expect_eq(told.body.len, TRANSPORT_BODY_MAX);
}

Test(transport_calls, bytes_are_counted_as_they_come)
{
    struct progress progress;
    struct transport_request request = get("/many?1048576", port);
    progress_open(&progress, -1, LANGUAGE_EN, NULL, NULL); /* whose clock stands still */
    progress_begin(&progress, PROGRESS_DOWNLOAD, 0);
    request.progress = &progress;
    expect_end(&request, ERR_OK);
    cr_expect_eq(progress.total, 1048576);
    cr_expect_eq(progress.done, 1048576);
    progress_close(&progress);
}

Test(transport_calls, a_body_beyond_the_cap_is_no_answer)
{
    struct transport_request request = get("/many?4097", port);
    request.body_max_bytes = 4096;
    expect_end(&request, ERR_PROVIDER_NO_ANSWER);
    request = get("/many?1048577", port);
    expect_end(&request, ERR_PROVIDER_NO_ANSWER);
    cr_expect_eq(asked, 2);
}

Test(transport_calls, what_is_beyond_the_cap_may_be_dropped)
{
    struct transport_request request = get("/many?1048576", port);
    request.body_max_bytes = 4096;
    request.drop_rest = true;
    expect_end(&request, ERR_OK);
    cr_expect_eq(told.body.len, 4096);
}

/* The request is there: a few words, or none, and the connection is closed. */
static void
hang_up(evutil_socket_t fd, short what, void *context)
{
    char bytes[4096];
    const char *words = context;
    (void)what;
    asked += recv(fd, bytes, sizeof(bytes), 0) > 0 ? 1 : 0;
    cr_assert_eq(send(fd, words, strlen(words), MSG_NOSIGNAL), (ssize_t)strlen(words));
    (void)close(fd);
}

static void
welcome(evutil_socket_t fd, short what, void *context)
{
    (void)what;
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    cr_assert_geq(peer, 0);
    cr_assert_eq(event_base_once(base, peer, EV_READ, hang_up, context, NULL), 0);
}

static unsigned
listen_raw(char *words)
{
    struct sockaddr_in address = loopback(0);
    raw_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert_eq(bind(raw_fd, (struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(listen(raw_fd, 8), 0);
    raw_event = event_new(base, raw_fd, EV_READ | EV_PERSIST, welcome, words);
    cr_assert_eq(event_add(raw_event, NULL), 0);
    return port_of(raw_fd);
}

static void
expect_no_answer(char *words)
{
    struct transport_request request = get("/x", listen_raw(words));
    request.post = true;
    request.content_type = SPAN_LIT("text/plain");
    request.body = SPAN_LIT("pay");
    expect_end(&request, ERR_PROVIDER_NO_ANSWER);
    cr_expect_eq(asked, 1, "a request that may have arrived is never sent twice");
}

Test(transport_calls, a_server_that_closes_after_the_request_gave_no_answer)
{
    static char nothing[] = "";
    expect_no_answer(nothing);
}

Test(transport_calls, a_server_that_closes_within_its_answer_gave_none)
{
    static char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"code\":\"10000\"";
    expect_no_answer(half);
}

Test(transport_calls, a_server_that_closes_within_its_headers_gave_no_answer)
{
    static char half[] = "HTTP/1.1 200 OK\r\nContent-Le";
    expect_no_answer(half);
}

Test(transport_calls, fields_after_the_body_do_not_unmake_an_answer)
{
    static char words[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n"
                          "3\r\nyes\r\n0\r\nx-sum: 1\r\n\r\n";
    struct transport_request request = get("/x", listen_raw(words));
    expect_end(&request, ERR_OK);
    CHECK_TEXT(buf_span(&told.body), "yes");
}

Test(transport_calls, words_that_are_no_http_are_no_answer)
{
    static char words[] = "SSH-2.0-OpenSSH_9.2\r\n";
    expect_no_answer(words);
}

Test(transport_calls, a_server_that_never_answers_gave_no_answer)
{
    struct transport_request request = get("/never", port);
    request.total_ms = 200;
    expect_end(&request, ERR_PROVIDER_NO_ANSWER);
    cr_expect_eq(asked, 1);
}

static void
stop_loop(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
    (void)event_base_loopbreak(base);
}

/* Lets everything that is ready happen, and then a little more. */
static void
run_for_ms(int ms)
{
    struct timeval wait = { .tv_usec = ms * 1000 };
    cr_assert_eq(event_base_once(base, -1, EV_TIMEOUT, stop_loop, NULL, &wait), 0);
    (void)event_base_dispatch(base);
}

Test(transport_calls, a_cancelled_call_is_never_told)
{
    struct transport_call *handle = NULL;
    struct transport_request request = get("/answer", port);
    CHECK_OK(transport_start(transport, &request, done, NULL, &handle));
    cr_assert_not_null(handle);
    transport_cancel(&handle);
    cr_expect_null(handle);
    cr_expect_eq(transport_running(transport), 0);
    transport_cancel(&handle);
    transport_cancel(NULL);
    run_for_ms(50);
    cr_expect_eq(told.count, 0);
    cr_expect_eq(asked, 0);
}

Test(transport_calls, a_call_cancelled_while_the_server_thinks_is_never_told)
{
    struct transport_call *handle = NULL;
    struct transport_request request = get("/never", port);
    CHECK_OK(transport_start(transport, &request, done, NULL, &handle));
    while (asked == 0) {
        (void)event_base_loop(base, EVLOOP_ONCE);
    }
    transport_cancel(&handle);
    run_for_ms(50);
    cr_expect_eq(told.count, 0);
    request = get("/answer", port);
    expect_end(&request, ERR_OK);
}

Test(transport_calls, running_calls_end_untold_with_the_transport)
{
    struct transport_request request = get("/never", port);
    for (size_t i = 0; i < 3; i++) {
        CHECK_OK(transport_start(transport, &request, done, NULL, NULL));
    }
    run_for_ms(50);
    cr_expect_eq(transport_running(transport), 3);
    transport_free(&transport);
    transport_free(&transport);
    run_for_ms(50);
    cr_expect_eq(told.count, 0);
}

Test(transport_calls, more_calls_than_the_limit_are_refused)
{
    struct transport_request request = get("/never", port);
    for (size_t i = 0; i < TRANSPORT_CALLS_MAX; i++) {
        CHECK_OK(transport_start(transport, &request, done, NULL, NULL));
    }
    CHECK_ERR(transport_start(transport, &request, done, NULL, NULL), ERR_OVERLOADED);
    cr_expect_eq(transport_running(transport), TRANSPORT_CALLS_MAX);
}

static void
ask_once_more(void *context, enum err err, const struct transport_answer *got)
{
    struct transport_request request = get("/answer", port);
    (void)context;
    (void)got;
    cr_expect_eq(err, ERR_OK);
    CHECK_OK(transport_start(transport, &request, done, NULL, NULL));
}

Test(transport_calls, done_may_start_another_call)
{
    struct transport_request request = get("/answer", port);
    CHECK_OK(transport_start(transport, &request, ask_once_more, NULL, NULL));
    (void)event_base_dispatch(base);
    cr_expect_eq(told.count, 1);
    cr_expect_eq(told.err, ERR_OK);
    cr_expect_eq(asked, 2);
}
