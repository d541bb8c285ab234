/* SPDX-License-Identifier: Apache-2.0 */
#include "http_house.h"

TestSuite(http_admission, .init = set_up, .fini = tear_down);

Test(http_admission, malformed_requests_are_refused_and_cut)
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

Test(http_admission, a_nul_byte_is_refused)
{
    struct client client;
    struct span request = SPAN("GET /livez HTTP/1.1\r\n" HOST "A: b\0c\r\n\r\n");
    exchange(&client, HTTP_DOOR_OPS, request);
    cr_assert(says(&client, REFUSE));
    client_close(&client);
}

Test(http_admission, what_evhttp_itself_cannot_read_is_refused)
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

Test(http_admission, unknown_methods_are_not_implemented)
{
    expect(HTTP_DOOR_OPS, "BREW /livez HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 501 ",
           "method_unknown");
    expect(HTTP_DOOR_OPS, "PATCH /livez HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 501 ",
           "method_unknown");
    expect(HTTP_DOOR_OPS, "TRACE /livez HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 501 ",
           "method_unknown");
}

Test(http_admission, too_much_is_refused)
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

Test(http_admission, far_too_much_is_cut)
{
    expect(HTTP_DOOR_API,
           "POST /v1/payments HTTP/1.1\r\n" HOST "Content-Length: 99999999999\r\n\r\n",
           "HTTP/1.1 413 ", "");
}

Test(http_admission, what_is_not_there_is_404)
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

Test(http_admission, another_method_is_405_with_allow)
{
    expect(HTTP_DOOR_API, "PUT /v1/payments HTTP/1.1\r\n" HOST CLOSE "\r\n", "HTTP/1.1 405 ",
           "Allow: GET, HEAD, POST\r\n");
    expect(HTTP_DOOR_OPS, "POST /livez HTTP/1.1\r\n" HOST CLOSE "Content-Length: 0\r\n\r\n",
           "HTTP/1.1 405 ", "Allow: GET, HEAD\r\n");
    expect(HTTP_DOOR_API, "GET /v1/payments/p/close HTTP/1.1\r\n" HOST CLOSE "\r\n",
           "HTTP/1.1 405 ", "Allow: POST\r\n");
}

Test(http_admission, bodies_need_their_media_type)
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
}

/* Which one is right, only the provider's adapter can say. */
Test(http_admission, callbacks_come_in_whatever_form_the_provider_writes)
{
    static const char *const types[] = {
        "Content-Type: application/x-www-form-urlencoded; charset=gbk\r\n",
        "Content-Type: application/json\r\n",
        "Content-Type: text/plain\r\n",
        "",
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        DEFER(buf_fini) struct buf text = BUF_MAX(512);
        const char *at = NULL;
        cr_assert_eq(buf_printf(&text,
                                "POST /callbacks/alipay/main HTTP/1.1\r\n" HOST CLOSE
                                "Content-Length: 3\r\n%s\r\na=b",
                                types[i]),
                     ERR_OK);
        cr_assert_eq(buf_cstr(&text, &at), ERR_OK);
        expect(HTTP_DOOR_CALLBACKS, at, OK, "[callback_receive|alipay|main|2||3|OK|127.0.0.1]");
    }
}

Test(http_admission, a_form_is_read_from_a_form_only)
{
    static const struct {
        const char *type;
        enum err err;
    } rows[] = {
        { "text/plain", ERR_HTTP_MEDIA_TYPE },
        { "application/json", ERR_HTTP_MEDIA_TYPE },
        { "", ERR_HTTP_MEDIA_TYPE },
        { "Application/X-WWW-Form-Urlencoded ; charset=utf-8", ERR_OK },
    };
    DEFER(arena_free) struct arena *arena = NULL;
    cr_assert_eq(arena_new(4096, &arena), ERR_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct http_header header = { .name = SPAN("content-type"),
                                            .value = span_of(rows[i].type) };
        const struct http_request request = {
            .arena = arena, .headers = &header, .header_count = 1, .body = SPAN("a=1%2B1&b=2")
        };
        struct span value = SPAN("");
        cr_expect_eq(http_form_get(&request, "a", &value), rows[i].err, "%s", rows[i].type);
        cr_expect(span_eq_cstr(value, rows[i].err == ERR_OK ? "1+1" : ""));
    }
}

Test(http_admission, rows_give_their_captures_and_queries)
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

Test(http_admission, captures_that_do_not_decode_are_refused)
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

Test(http_admission, roles_are_kept)
{
    expect(HTTP_DOOR_API, "GET /v1/payments HTTP/1.1\r\n" HOST CLOSE "X-Role: auditor\r\n\r\n", OK,
           "payment_list");
    expect(HTTP_DOOR_API,
           "POST /v1/payments/p/refresh HTTP/1.1\r\n" HOST CLOSE
           "X-Role: auditor\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 403 ", "role_not_allowed");
}

Test(http_admission, problems_speak_the_readers_language)
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

Test(http_admission, answers_carry_the_standing_headers)
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

Test(http_admission, head_has_the_length_and_no_body)
{
    struct client client;
    exchange(&client, HTTP_DOOR_OPS, SPAN_LIT("HEAD /livez HTTP/1.1\r\n" HOST CLOSE "\r\n"));
    cr_assert(says(&client, "Content-Length: 31\r\n"), "%.*s", SPAN_ARG(buf_span(&client.answer)));
    cr_assert(!says(&client, "[ops_livez"));
    client_close(&client);
}

Test(http_admission, chunked_bodies_are_read)
{
    expect(HTTP_DOOR_API,
           "POST /v1/payments HTTP/1.1\r\n" HOST CLOSE
           "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
           "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
           OK, "[payment_create|||0||2|");
}

Test(http_admission, trailers_do_not_become_headers)
{
    struct client client;
    exchange(&client, HTTP_DOOR_API,
             SPAN_LIT("POST /v1/payments/p/refresh HTTP/1.1\r\n" HOST CLOSE
                      "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "2\r\n{}\r\n0\r\nX-Role: auditor\r\n\r\n"));
    cr_assert(says(&client, "[payment_refresh|p|") || says(&client, REFUSE));
    client_close(&client);
}
