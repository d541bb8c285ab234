/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_WORLD_H
#define TALLYGATE_WORLD_WORLD_H

/* What the parts of the outside world share: one loop, one clock, one table of control calls and one
 * HTTP client. README.md describes the control calls. */

#include <stddef.h>
#include <stdint.h>

#include <event2/http.h>

#include "clock.h"
#include "err.h"
#include "json.h"
#include "span.h"

struct alipay;
struct wechatpay;
struct unionpay;
struct portal;
struct control;
struct sending;
struct door;
struct record;

#define WORLD_SHIFT_MAX_S INT64_C(400000000) /* a good twelve years either way */

struct world {
    struct event_base *base;
    const char *pki; /* folder of certs/dev/make-pki */
    int64_t shift_s; /* added to the machine's clock */
    struct control *control;
    struct alipay *alipay;
    struct wechatpay *wechatpay;
    struct unionpay *unionpay;
    struct portal *portal;
    struct sending *sendings; /* HTTP calls under way */
    struct door *doors;       /* each provider's, owned by it */
    struct record *record;    /* what the providers were asked */
};

struct wall_time world_now(const struct world *world);

/* Gives the answer to a request a Date header by the world's clock; the library would take the machine's. */
void world_date(const struct world *world, struct evhttp_request *req);

/* Whole contents of PKI file `name`, NUL-ended, malloc'ed. Errors: FILE_OPEN, FILE_READ. */
MUST_USE enum err world_read_key_file(const struct world *world, const char *name, char **out);

/* control.c ------------------------------------------------------------------------------------ */

/* One control call under way. It is answered exactly once, now or later. */
struct control_call;

/* `in` is the parsed body ({} when there was none), borrowed until the handler returns. */
typedef void (*control_fn)(void *self, struct control_call *call, const struct json_t *in);

/* Path without query. The strings must outlive the table. */
void control_add(struct world *world, enum evhttp_cmd_type method, const char *path, control_fn fn,
                 void *self);
/* Takes `out` over; NULL is answered as {}. */
void control_answer(struct control_call *call, struct json_t *out);
/* status 400 or 409. */
void control_refuse(struct control_call *call, int status, const char *code, const char *detail);

/* http_client.c -------------------------------------------------------------------------------- */

struct http_header {
    const char *name;
    const char *value;
};

struct http_call {
    enum evhttp_cmd_type method;
    const char *url; /* plain http on loopback */
    const struct http_header *headers;
    size_t header_count;
    struct span body;
    int timeout_ms;
};

struct http_answer {
    int status;                /* 0: no answer */
    struct evkeyvalq *headers; /* NULL when there is no answer */
    struct span body;
};

/* `answer` lives until the function returns. Called exactly once, never from within http_send. */
typedef void (*http_done)(void *ctx, const struct http_answer *answer);

/* Errors: FIELD_VALUE when it cannot be sent at all; then `done` is not called. */
MUST_USE enum err http_send(struct world *world, const struct http_call *call, http_done done,
                            void *ctx);

/* Ends what is under way as unanswered. */
void http_end(struct world *world);

/* alipay.c ------------------------------------------------------------------------------------- */

/* Reads the keys, opens its two listeners and adds its control calls. Errors: FILE_OPEN, KEY_PARSE,
 * SYSTEM. */
MUST_USE enum err alipay_new(struct world *world, struct alipay **out);
void alipay_free(struct alipay **alipay);
uint16_t alipay_gateway_port(const struct alipay *alipay); /* TLS */
uint16_t alipay_bill_port(const struct alipay *alipay);    /* plain */

/* wechatpay.c ---------------------------------------------------------------------------------- */

/* Reads the keys, opens its listener (TLS) and adds its control calls. Errors: FILE_OPEN, FILE_READ,
 * KEY_PARSE, CERT_PARSE, SYSTEM. */
MUST_USE enum err wechatpay_new(struct world *world, struct wechatpay **out);
void wechatpay_free(struct wechatpay **wechatpay);
uint16_t wechatpay_port(const struct wechatpay *wechatpay);
/* unionpay.c ----------------------------------------------------------------------------------- */

/* As alipay_new. */
MUST_USE enum err unionpay_new(struct world *world, struct unionpay **out);
void unionpay_free(struct unionpay **unionpay);
uint16_t unionpay_gateway_port(const struct unionpay *unionpay); /* TLS */
uint16_t unionpay_files_port(const struct unionpay *unionpay);   /* TLS */

/* portal.c ------------------------------------------------------------------------------------- */

MUST_USE enum err portal_new(struct world *world, struct portal **out);
void portal_free(struct portal **portal);
uint16_t portal_port(const struct portal *portal);

#endif
