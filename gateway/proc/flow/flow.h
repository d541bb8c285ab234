/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_FLOW_H
#define TALLYGATE_PROC_FLOW_FLOW_H

/* One portal request on its way through the house. A flow is a chain of short steps; each ends in
 * one asynchronous call that names the next step, or in an answer. Answers go through here, so that
 * an idempotency key, the access line and the metrics are dealt with in one place. */

#include "crypto.h"
#include "http.h"
#include "services.h"

struct flow {
    struct http_request *request;
    struct services *services;
    struct span idempotency_key; /* empty when the route needs none */
    unsigned char request_hash[SHA256_BYTES];
    int slot_of_key;
    struct wall_time lease_until; /* of the key; whoever takes it over has another one */
    int status;                   /* of the answer that waits for its key to be completed */
    struct span body;
    struct span kept; /* what is stored for the key in its place; empty: the body */
    enum err err;     /* why a refusal was answered; ERR_OK otherwise */
};

typedef void (*flow_step)(struct flow *flow);

/* Starts a flow for a request that passed admission. With an idempotency key the first step runs
 * only for the owner of the key; a repeated request is answered from the stored answer. `size` is
 * that of the caller's object, which begins with a struct flow; zeroed, in the request's arena. `query` are the names
 * that the query may hold, with single blanks between them, NULL for none; any other is refused. A key whose owner died
 * is given back (abandoned.h). */
void flow_start(struct http_request *request, void *services, size_t size, const char *query,
                flow_step first);

/* What a request is about, so that a key whose owner died can be completed without it. */
struct flow_subject {
    struct span
        text; /* order, payment, refund, difference or endpoint; empty when no answer can be made from what is committed */
    struct span content_hash; /* of the order or request that was sent; may be empty */
};
typedef void (*flow_subject_of)(struct flow *flow, struct flow_subject *out);

/* The same for a route with an idempotency key that abandoned.c knows; `subject_of` runs before the key is taken. */
void flow_start_keyed(struct http_request *request, void *services, size_t size,
                      flow_subject_of subject_of, flow_step first);

/* Ends the flow. flow_answer takes the JSON over. */
void flow_answer(struct flow *flow, int status, struct json_t *body);

/* The same for an answer that holds a secret: what is stored for the key, and answered to a repeated request, is
 * `kept`. Takes both over. */
void flow_answer_once(struct flow *flow, int status, struct json_t *body, struct json_t *kept);

/* Ends a flow without an idempotency key: by a file (http_reply_file), or by saying that the client has it (304). */
void flow_answer_file(struct flow *flow, const char *content_type, int fd, size_t size,
                      const struct http_header *headers, size_t header_count);
void flow_answer_unchanged(struct flow *flow, const struct http_header *headers,
                           size_t header_count);

void flow_refuse(struct flow *flow, enum err err, const struct faults *faults);
void flow_refuse_later(struct flow *flow, enum err err, int retry_after_s);

/* The access line and the count of a request that is answered without a flow. */
void flow_log(const struct http_request *request, int status, enum err err);

/* ERR_OK and a set pointer, or the flow is ended with the error: returns false then. */
bool flow_ok(struct flow *flow, enum err err);

#endif
