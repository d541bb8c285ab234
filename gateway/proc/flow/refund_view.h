/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_REFUND_VIEW_H
#define TALLYGATE_PROC_FLOW_REFUND_VIEW_H

/* A refund as its clients see it. */

#include "json.h"
#include "refund_store.h"

/* {id, payment_id, attempt_no, state, amount, currency, cause, reason, who asked, who decided, when, …}. */
MUST_USE enum err refund_view(const struct refund *refund, struct json_t **out);

/* {"refunds": […]} from the rows of refund_list. */
MUST_USE enum err refund_view_list(const struct db_rows *rows, struct arena *arena,
                                   struct json_t **out);

#endif
