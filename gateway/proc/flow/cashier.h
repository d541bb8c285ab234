/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_CASHIER_H
#define TALLYGATE_PROC_FLOW_CASHIER_H

/* The payer's pages: one request, the payment its token names, and the page it is answered with.
 * "Paid" is shown from our own verified state alone; what a browser brings back from a provider is
 * not read. */

#include "attempt_start.h"
#include "http.h"
#include "payment_store.h"
#include "services.h"

struct cashier {
    struct http_request *request;
    struct services *services;
    struct span token;
    enum language language;
    bool language_chosen; /* by ?lang=; links keep it then */
    const struct payment *payment;
    const struct attempt *attempts;
    size_t attempt_count;
    struct span provider;       /* POST: what the payer chose */
    enum adapter_method method; /* POST */
};

enum cashier_result { CASHIER_PAID, CASHIER_CLOSED, CASHIER_EXPIRED, CASHIER_UNKNOWN };

/* Each answers the request. */
void cashier_show_methods(struct cashier *cashier, enum err notice); /* ERR_OK: no notice */
void cashier_show_qr(struct cashier *cashier, const struct attempt *attempt);
void cashier_show_redirect(struct cashier *cashier, const struct attempt_action *action);
void cashier_show_leave(struct cashier *cashier, const struct attempt_action *action);
void cashier_show_result(struct cashier *cashier, enum cashier_result result);
void cashier_show_error(struct cashier *cashier, enum err err);

/* 303 to "/pay/{token}", with ?qr= when an attempt number is given. */
void cashier_send_to(struct cashier *cashier, struct span qr_attempt_no);
/* 303 to "/pay/{token}/return". */
void cashier_send_back(struct cashier *cashier);

/* The origins a form may go to: that of the provider's gateway and its sibling hosts, since browsers
 * hold the rule against the redirects that follow too. Errors: FIELD_VALUE for no absolute URL. */
MUST_USE enum err cashier_form_origins(struct span gateway_url, struct buf *out);

#endif
