/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_WECHATPAY_GATEWAY_H
#define TALLYGATE_WORLD_WECHATPAY_GATEWAY_H

/* The API's host: a path for each call, an Authorization on each request, a signature on each answer
 * that says yes (1, 2, 4). */

#include "wechatpay_world.h"

/* A verified call under way. A handler fills `out` or `file`, or names the reason of its refusal. */
struct wechatpay_call {
    struct wechatpay *wechatpay;
    struct evhttp_request *req;
    const struct wechatpay_merchant *merchant;
    enum wechatpay_product product; /* of a prepay call */
    struct span key;                /* the variable part of the path, decoded */
    struct evkeyvalq *query;
    struct json_t *body; /* NULL for GET */
    const char *number;  /* out_trade_no of the order it is about; "" when there is none */
    struct json_t *out;
    bool empty;            /* 204 */
    struct buf *file;      /* an unsigned download when it has content */
    const char *file_type; /* its Content-Type */
    const char *refusal;   /* NULL: answered with `out` */
    const char *field; /* what the refusal is about: a JSON pointer or a name; NULL: no detail */
    const char *issue;
    char pointer[160]; /* storage of `field` where it is put together */
};

/* Errors are the machine's own (NO_MEMORY, …); a wrong request is a refusal. */
typedef enum err (*wechatpay_call_fn)(struct wechatpay_call *call);

enum err wechatpay_call_prepay(struct wechatpay_call *call);
enum err wechatpay_call_query(struct wechatpay_call *call);
enum err wechatpay_call_query_id(struct wechatpay_call *call);
enum err wechatpay_call_close(struct wechatpay_call *call);
enum err wechatpay_call_refund(struct wechatpay_call *call);
enum err wechatpay_call_refund_query(struct wechatpay_call *call);
enum err wechatpay_call_certificates(struct wechatpay_call *call);
enum err wechatpay_call_tradebill(struct wechatpay_call *call);
enum err wechatpay_call_fundflowbill(struct wechatpay_call *call);
enum err wechatpay_call_download(struct wechatpay_call *call);

/* Sets the refusal and gives ERR_OK, so that a handler can end with it. */
enum err wechatpay_call_refuse(struct wechatpay_call *call, const char *refusal, const char *field,
                               const char *issue);

/* A value of the query, or NULL. */
const char *wechatpay_call_query_value(const struct wechatpay_call *call, const char *name);

/* A text member of an object; empty when absent. */
struct span wechatpay_call_text(const struct json_t *object, const char *name);

/* wechatpay_refusal.c: what a refusal's code is answered with (4.8, 4.9). */
struct wechatpay_refusal {
    const char *code;
    int status;
    long long number; /* the last part of Request-ID; 0 when the document names none */
    const char *message;
};
const struct wechatpay_refusal *wechatpay_refusal_find(const char *code);

/* wechatpay_fields.c: checks the members of a body against the document's table. False when a
 * refusal has been set. */
enum wechatpay_form {
    WECHATPAY_FORM_NATIVE = 1,
    WECHATPAY_FORM_H5 = 2,
    WECHATPAY_FORM_JSAPI = 4,
    WECHATPAY_FORM_CLOSE = 8,
    WECHATPAY_FORM_REFUND = 16
};
bool wechatpay_fields_fit(struct wechatpay_call *call, enum wechatpay_form form);

/* Handles one request. */
void wechatpay_gateway_serve(struct wechatpay *wechatpay, struct evhttp_request *req);

/* Requests that a fault keeps waiting are let go of at the end. */
void wechatpay_gateway_free_held(struct wechatpay *wechatpay);

/* wechatpay_page.c: the payer's page behind an h5_url. */
void wechatpay_page_serve(struct wechatpay *wechatpay, struct evhttp_request *req);
MUST_USE enum err wechatpay_page_url(const struct wechatpay *wechatpay, const char *prepay_id,
                                     struct buf *out);
/* The order that such an address opens; NULL when it is none of ours. */
MUST_USE enum err wechatpay_page_order(struct wechatpay *wechatpay, const char *url,
                                       struct wechatpay_order **out, const char **refusal);

#define WECHATPAY_PAGE_PATH "/cgi-bin/mmpayweb-bin/checkmweb"

#endif
