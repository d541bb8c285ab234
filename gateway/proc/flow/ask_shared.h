/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_ASK_SHARED_H
#define TALLYGATE_PROC_FLOW_ASK_SHARED_H

/* One query for any number of askers, over all workers and nodes: asks the provider about an attempt,
 * or, while somebody else does, waits for what that one is told. */

#include "ask.h"

struct ask_shared_result {
    enum err err; /* as in ask.h, but never LOST_RACE; the same for all who shared a query.
                   * PROVIDER_NO_ANSWER also when somebody else's query did not end in time. */
    enum attempt_state state; /* of the attempt afterwards, as far as we know */
    int64_t wait_ms;          /* REFRESH_BUDGET: until a query may be sent */
    bool shared;              /* it was somebody else's query */
};

typedef void (*ask_shared_done)(void *context, const struct ask_shared_result *result);

/* `attempt`, as it was read when the asker came, is copied. Waits at most `max_ms` for somebody else; its
 * own query takes as long as it takes. `done` is called once, perhaps at once. */
void ask_shared(struct services *services, const struct attempt *attempt, enum query_by by,
                int64_t max_ms, ask_shared_done done, void *context);

#endif
