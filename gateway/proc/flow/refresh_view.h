/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_REFRESH_VIEW_H
#define TALLYGATE_PROC_FLOW_REFRESH_VIEW_H

/* The answer to 刷新支付状态: the state, how sure it is, and what stands behind it. */

#include "json.h"
#include "payment_store.h"

struct refresh_facts {
    bool refreshed;     /* the provider was heard just now, about every open attempt */
    const char *reason; /* why not; NULL when refreshed */
};

/* `evidence` is the answer of evidence_latest.sql: one row or none. */
MUST_USE enum err refresh_view(const struct refresh_facts *facts, const struct payment *payment,
                               const struct attempt *attempts, size_t count,
                               const struct db_rows *evidence, struct json_t **out);

/* "confirmed" when the state stands on a provider's word that still holds, "unknown" when an attempt
 * is unknown, else "provisional". */
const char *refresh_certainty(const struct refresh_facts *facts, const struct payment *payment,
                              const struct attempt *attempts, size_t count);

#endif
