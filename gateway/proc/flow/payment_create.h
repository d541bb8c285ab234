/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_PAYMENT_CREATE_H
#define TALLYGATE_PROC_FLOW_PAYMENT_CREATE_H

/* The body of POST /v1/payments: read strictly, every wrong field named. */

#include "attempt_start.h"
#include "fault.h"
#include "http.h"
#include "order.h"
#include "services.h"

struct payment_request {
    struct order order;
    struct attempt_choice
        choice; /* without provider and method the payer chooses on the cashier page */
    struct span return_url;
    int64_t expires_in_s;
};

/* Errors: VALIDATION with the faults filled, JSON, ARENA_FULL. */
MUST_USE enum err payment_request_read(struct http_request *request,
                                       const struct services *services, struct payment_request *out,
                                       struct faults *faults);

/* True when the URL is http(s) and its host (with port) is one of the blank-separated words. */
bool payment_return_url_allowed(struct span url, const char *hosts);

#endif
