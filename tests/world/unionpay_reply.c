/* SPDX-License-Identifier: Apache-2.0 */
#include <event2/buffer.h>

#include "unionpay_world.h"

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
unionpay_html(struct buf *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        const char *entity = html_entity(*at);
        TRY(entity != NULL ? buf_text(out, entity) : buf_byte(out, (unsigned char)*at));
    }
    return ERR_OK;
}

/* A reply that cannot be built for want of memory becomes a bare 500. */
void
unionpay_reply(struct evhttp_request *req, int status, const char *type, struct span body)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
    struct evbuffer *out = evhttp_request_get_output_buffer(req);
    (void)evhttp_add_header(headers, "Content-Type", type);
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
                       "<title>"));
    TRY(unionpay_html(page, title));
    TRY(buf_text(page, "</title></head>\n<body><h1>"));
    TRY(unionpay_html(page, title));
    TRY(buf_text(page, "</h1><p>"));
    TRY(unionpay_html(page, message));
    return buf_text(page, "</p></body></html>\n");
}

void
unionpay_reply_page(struct evhttp_request *req, int status, const char *title, const char *message)
{
    DEFER(buf_fini) struct buf page = BUF_MAX(UNIONPAY_BODY_MAX);
    if (build_page(title, message, &page) != ERR_OK) {
        status = HTTP_INTERNAL;
    }
    unionpay_reply(req, status, "text/html; charset=utf-8", buf_span(&page));
}
