/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_TRANSPORT_H
#define TALLYGATE_ADAPTERS_TRANSPORT_H

/* The only file that knows libcurl: calls to providers and to the portal's endpoints on the caller's event loop. HTTP/1.1, TLS 1.2
 * or newer verified against the account's own roots, no redirects, no proxy from the environment, a
 * byte cap, connect within 2 s and all within 8 s, private addresses refused unless allowed. */

#include <stdbool.h>
#include <stddef.h>

#include "adapter.h"
#include "err.h"
#include "span.h"

struct event_base;
struct transport;
struct transport_call;

#define TRANSPORT_CONNECT_MS  2000
#define TRANSPORT_TOTAL_MS    8000
#define TRANSPORT_BODY_MAX    ((size_t)1024 * 1024)
#define TRANSPORT_CALLS_MAX   256
#define TRANSPORT_HEADERS_MAX 32 /* of an answer; more are not kept */

struct progress;

struct transport_request {
    bool post;
    struct span url;
    struct span content_type;
    struct span body;
    const struct adapter_field *headers; /* besides Content-Type */
    size_t header_count;
    const char *ca_file; /* roots the server must chain to; NULL only for plain http */
    bool allow_private_address;
    bool tell_private;     /* one that is refused is told as WEBHOOK_ADDRESS */
    bool allow_http;       /* bill links are plain http by the provider's document */
    size_t body_max_bytes; /* 0: TRANSPORT_BODY_MAX */
    bool drop_rest;        /* what the body has beyond that is dropped, and no failure */
    int total_ms;          /* 0: TRANSPORT_TOTAL_MS */
    struct progress
        *progress; /* counts the bytes of the body; outlives the call; NULL: nobody watches */
};

/* Lives until the done function returns. */
struct transport_answer {
    int status;
    struct span content_type;
    struct span body;
    struct span date;     /* the Date header, for the clock check; may be empty */
    struct span trace_id; /* the provider's own id of the call; may be empty */
    const struct adapter_field
        *headers; /* lower-case names, each value once, in order of arrival */
    size_t header_count;
};

/* err: ERR_OK with an answer; PROVIDER_NOT_SENT when nothing left this machine (with tell_private:
 * WEBHOOK_ADDRESS when that is because of the address); PROVIDER_NO_ANSWER
 * when bytes may have been sent; BUF_FULL counts as PROVIDER_NO_ANSWER. answer is NULL unless OK. */
typedef void (*transport_done)(void *context, enum err err, const struct transport_answer *answer);

MUST_USE enum err transport_new(struct event_base *base, struct transport **out);
void transport_free(struct transport **transport); /* running calls end without their done */

/* Copies what it needs; *out (NULL: not wanted) is valid until `done` was called. `done` may start and
 * cancel calls but not free the transport. `done` is called later from the loop, never from inside this call.
 * Errors: OVERLOADED, NO_MEMORY, PROVIDER_NOT_SENT for an address that is refused. */
MUST_USE enum err transport_start(struct transport *transport,
                                  const struct transport_request *request, transport_done done,
                                  void *context, struct transport_call **out);
void transport_cancel(struct transport_call **call); /* done is not called */
size_t transport_running(const struct transport *transport);

#endif
