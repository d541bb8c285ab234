/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_ATTEMPT_START_H
#define TALLYGATE_PROC_FLOW_ATTEMPT_START_H

/* One try at one provider: number it, have it signed, and either give the payer's browser a form or
 * ask the provider for a code, an address or what the payer's app opens. */

#include "adapter.h"
#include "json.h"
#include "payment_store.h"
#include "services.h"

/* Where and how the payer wants to pay. */
struct attempt_choice {
    struct span provider;
    enum adapter_method method;
    struct span payer;         /* JSAPI: the provider's id of the payer */
    struct span payer_address; /* the payer's IP address, where it is known */
};

/* What is to be done with the attempt. */
struct attempt_action {
    const char *type; /* "form", "qr", "redirect", "jsapi" */
    struct span attempt_no;
    struct span url;              /* form: where to submit; redirect: where to go */
    struct adapter_fields fields; /* form: hidden inputs; jsapi: what the app's script takes */
    struct span qr_text;          /* qr: what to draw */
};

/* err: ERR_OK with an action; PAYMENT_STATE, PAYMENT_EXPIRED, ATTEMPT_LIMIT, METHOD_UNKNOWN,
 * KEYS_*, PROVIDER_*, DB_*. A PROVIDER error of class UNKNOWN leaves the attempt unknown. */
typedef void (*attempt_start_done)(void *context, enum err err,
                                   const struct attempt_action *action);

/* Everything lives in the arena, which must live until `done`. */
void attempt_start(struct services *services, struct arena *arena, const struct payment *payment,
                   const struct attempt_choice *choice, attempt_start_done done, void *context);

/* "action": {"type": …} into the view of a payment. */
MUST_USE enum err attempt_action_put(struct json_t *view, const struct attempt_action *action);

/* How an order is called at the provider and on pages, e.g. "CA 新办 x2 A-1". */
MUST_USE enum err attempt_subject(const struct services *services, const struct payment *payment,
                                  struct arena *arena, struct span *out);

#endif
