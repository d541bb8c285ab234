/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>

#include "wechatpay_world.h"

enum err
wechatpay_copy(struct span s, char **out)
{
    char *copy = strndup(s.len == 0 ? "" : (const char *)s.at, s.len);
    if (copy == NULL) {
        return ERR_NO_MEMORY;
    }
    *out = copy;
    return ERR_OK;
}

void
wechatpay_text_fini(char **text)
{
    free(*text);
    *text = NULL;
}

enum err
wechatpay_print(struct span s, char *out, size_t size)
{
    if (s.len >= size) {
        return ERR_FIELD_LENGTH;
    }
    if (s.len > 0) {
        memcpy(out, s.at, s.len);
    }
    out[s.len] = '\0';
    return ERR_OK;
}

enum err
wechatpay_format_time(struct wall_time t, struct buf *out)
{
    DEFER(buf_fini) struct buf civil = BUF_MAX(32);
    TRY(wall_format_civil(t, ZONE_CHINA_MIN, &civil));
    TRY(buf_append(out, span_sub(buf_span(&civil), 0, 10)));
    TRY(buf_byte(out, 'T'));
    TRY(buf_append(out, span_sub(buf_span(&civil), 11, 8)));
    return buf_text(out, "+08:00");
}

enum err
wechatpay_put_time(struct json_t *object, const char *name, struct wall_time t)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(64);
    TRY(wechatpay_format_time(t, &text));
    return json_put_string(object, name, buf_span(&text));
}

static const char *
html_entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

enum err
wechatpay_html(struct buf *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        const char *entity = html_entity(*at);
        TRY(entity != NULL ? buf_text(out, entity) : buf_byte(out, (unsigned char)*at));
    }
    return ERR_OK;
}

enum err
wechatpay_nonce(size_t count, struct buf *out)
{
    static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (size_t i = 0; i < count; i++) {
        unsigned char random;
        TRY(crypto_random(&random, 1));
        TRY(buf_byte(out, (unsigned char)set[random % (sizeof(set) - 1)]));
    }
    return ERR_OK;
}

struct span
wechatpay_request_body(struct evhttp_request *req)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(req);
    size_t len = evbuffer_get_length(body);
    const unsigned char *at = len == 0 ? NULL : evbuffer_pullup(body, -1);
    return span_make(at, at == NULL ? 0 : len);
}

/* A reply that cannot be built for want of memory becomes a bare 500. */
void
wechatpay_reply(struct evhttp_request *req, int status, const char *type, struct span body)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
    struct evbuffer *out = evhttp_request_get_output_buffer(req);
    if (type != NULL) {
        (void)evhttp_add_header(headers, "Content-Type", type);
    }
    (void)evhttp_add_header(headers, "Cache-Control", "no-store");
    if (out == NULL || evbuffer_add(out, body.at, body.len) != 0) {
        evhttp_send_error(req, HTTP_INTERNAL, NULL);
        return;
    }
    evhttp_send_reply(req, status, status < 400 ? "OK" : "Error", NULL);
}

static enum err
build_page(const char *title, const char *message, struct buf *page)
{
    TRY(buf_text(page, "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
                       "<meta name=\"viewport\" content=\"width=device-width\"><title>"));
    TRY(wechatpay_html(page, title));
    TRY(buf_text(page, "</title></head>\n<body><h1>"));
    TRY(wechatpay_html(page, title));
    TRY(buf_text(page, "</h1><p>"));
    TRY(wechatpay_html(page, message));
    return buf_text(page, "</p></body></html>\n");
}

void
wechatpay_reply_page(struct evhttp_request *req, int status, const char *title, const char *message)
{
    DEFER(buf_fini) struct buf page = BUF_MAX(WECHATPAY_BODY_MAX);
    if (build_page(title, message, &page) != ERR_OK) {
        status = HTTP_INTERNAL;
    }
    wechatpay_reply(req, status, "text/html; charset=utf-8", buf_span(&page));
}
