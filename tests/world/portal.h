/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_PORTAL_H
#define TALLYGATE_WORLD_PORTAL_H

/* The platform's portal: a client of the gateway's API and the pages on which people apply. */

#include "portal_sign.h"
#include "world.h"

#define PORTAL_CLIENTS_MAX 8
#define PORTAL_ORDERS_MAX  1000
#define PORTAL_TEXT_MAX    80
#define PORTAL_URL_MAX     512

struct portal_client {
    char keyid[PORTAL_TEXT_MAX];
    char algorithm[PORTAL_TEXT_MAX];
    struct portal_key key;
};

struct portal_order {
    char order_no[PORTAL_TEXT_MAX];
    char status[PORTAL_TEXT_MAX]; /* draft, paid, submitted */
    struct json_t *order;         /* as POST /v1/payments takes it */
    struct json_t *answer;        /* the last good answer to a refresh, NULL before */
};

struct portal {
    struct world *world;
    struct evhttp *http;
    uint16_t port;
    char api[PORTAL_URL_MAX];
    struct portal_client clients[PORTAL_CLIENTS_MAX];
    size_t client_count;
    struct portal_order orders[PORTAL_ORDERS_MAX];
    size_t order_count;
};

enum portal_tamper {
    PORTAL_HONEST,
    PORTAL_TAMPER_SIGNATURE, /* a byte of the signature is turned */
    PORTAL_TAMPER_DIGEST,    /* the digest of another body */
    PORTAL_TAMPER_CREATED,   /* signed ten minutes ago */
    PORTAL_TAMPER_UNSIGNED,
    PORTAL_TAMPER_REPLAY, /* the same signed request twice; the second answer counts */
    PORTAL_TAMPER_COUNT
};

struct portal_request {
    const char *api;    /* NULL: the gateway; else the address of one beside it */
    const char *keyid;  /* NULL: the portal's own, the first */
    const char *method; /* "GET", "POST", "PUT" */
    const char *path;   /* with query */
    struct span body;
    const char *idempotency_key; /* NULL: none */
    const char *language;        /* NULL: none */
    const struct http_header *headers;
    size_t header_count;
    enum portal_tamper tamper;
};

/* Signs and sends to the gateway. Errors: FIELD_VALUE when there is no gateway or client yet, a
 * method is unknown or it cannot be sent; then `done` is not called. */
MUST_USE enum err portal_send(struct portal *portal, const struct portal_request *request,
                              http_done done, void *context);

/* portal_call.c: the control calls. portal_page.c: the pages. */
void portal_call_add(struct portal *portal);
void portal_page_serve(struct evhttp_request *request, void *portal);

#endif
