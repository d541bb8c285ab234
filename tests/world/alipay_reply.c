/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>

#include "alipay_world.h"

/* A reply that cannot be built for want of memory becomes a bare 500. */
static void
send_reply(struct evhttp_request *req, int status, struct span body)
{
    struct evbuffer *out = evhttp_request_get_output_buffer(req);
    if (out == NULL || evbuffer_add(out, body.at, body.len) != 0) {
        evhttp_send_error(req, HTTP_INTERNAL, NULL);
        return;
    }
    evhttp_send_reply(req, status, status < 400 ? "OK" : "Error", NULL);
}

void
alipay_reply(struct evhttp_request *req, int status, const char *type, struct span body)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
    (void)evhttp_add_header(headers, "Content-Type", type);
    (void)evhttp_add_header(headers, "Cache-Control", "no-store");
    send_reply(req, status, body);
}

static enum err
build_page(const char *title, const char *message, struct buf *page)
{
    TRY(buf_text(page, "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
                       "<title>"));
    TRY(alipay_html(page, title));
    TRY(buf_text(page, "</title></head>\n<body><h1>"));
    TRY(alipay_html(page, title));
    TRY(buf_text(page, "</h1><p>"));
    TRY(alipay_html(page, message));
    return buf_text(page, "</p></body></html>\n");
}

void
alipay_reply_page(struct evhttp_request *req, int status, const char *title, const char *message)
{
    DEFER(buf_fini) struct buf page = BUF_MAX(ALIPAY_BODY_MAX);
    if (build_page(title, message, &page) != ERR_OK) {
        status = HTTP_INTERNAL;
    }
    alipay_reply(req, status, "text/html; charset=utf-8", buf_span(&page));
}

void
alipay_reply_redirect(struct evhttp_request *req, const char *url)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
    if (evhttp_add_header(headers, "Location", url) != 0) { /* it refuses line breaks */
        alipay_reply_page(req, HTTP_BADREQUEST, "无法返回商户", "return_url");
        return;
    }
    alipay_reply(req, 303, "text/html; charset=utf-8", SPAN_LIT(""));
}

static enum err
read_query(struct evhttp_request *req, struct alipay_params *out)
{
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(req));
    return alipay_form_parse(span_of(query), out);
}

/* A name may stand in the address and in the body as long as both say the same: charset does. */
static enum err
merge(const struct alipay_params *body, struct alipay_params *all)
{
    for (size_t i = 0; i < body->count; i++) {
        const struct alipay_param *param = &body->list[i];
        const char *other = alipay_form_get(all, param->name);
        if (other == NULL || strcmp(other, param->value) != 0) {
            TRY(alipay_form_add(all, param->name, span_of(param->value)));
        }
    }
    return ERR_OK;
}

enum err
alipay_request_params(struct evhttp_request *req, struct alipay_params *query,
                      struct alipay_params *all)
{
    TRY(read_query(req, query));
    TRY(read_query(req, all));
    if (evhttp_request_get_command(req) != EVHTTP_REQ_POST) {
        return ERR_OK;
    }
    struct evbuffer *body = evhttp_request_get_input_buffer(req);
    size_t len = evbuffer_get_length(body);
    const unsigned char *at = len == 0 ? NULL : evbuffer_pullup(body, -1);
    DEFER(alipay_form_fini) struct alipay_params posted = { .count = 0 };
    TRY(alipay_form_parse(span_make(at, at == NULL ? 0 : len), &posted));
    return merge(&posted, all);
}
