/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_PAYMENT_VIEW_H
#define TALLYGATE_PROC_FLOW_PAYMENT_VIEW_H

/* A payment as the portal sees it. */

#include "json.h"
#include "payment_store.h"
#include "services.h"

/* {id, order_no, state, flags, amount, currency, checkout_url, expires_at, attempts:[…]}. The arena
 * holds intermediate text. */
MUST_USE enum err payment_view(const struct services *services, const struct payment *payment,
                               const struct attempt *attempts, size_t attempt_count,
                               struct arena *arena, struct json_t **out);

/* "attempts": […] into a view. */
MUST_USE enum err payment_view_attempts(struct json_t *view, const struct attempt *attempts,
                                        size_t count);

/* RFC 3339, or null when not set. */
MUST_USE enum err payment_view_time(struct json_t *object, const char *name, struct wall_time time);

/* "pay_" and the number. */
MUST_USE enum err payment_view_id(struct json_t *object, const char *name, struct span payment_no);

/* Where the payer pays. */
MUST_USE enum err payment_checkout_url(const struct services *services,
                                       const struct payment *payment, struct arena *arena,
                                       struct span *out);

#endif
