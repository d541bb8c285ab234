/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_ASK_H
#define TALLYGATE_PROC_FLOW_ASK_H

/* Asks a provider about one attempt (query) or to end it (close), verifies the answer, judges it by
 * our books and applies what it says. Of all workers and nodes only one asks the same at a time. */

#include "adapter.h"
#include "payment_store.h"
#include "query_budget.h"
#include "services.h"

/* Longer than a call can take, so that a lease ends by itself only after its owner died. */
#define ASK_LEASE_MS 12000

struct ask_result {
    enum err err;             /* ERR_OK: the provider said something verified and it is stored;
                               * LOST_RACE: somebody else is asking right now; REFRESH_BUDGET:
                               * too many queries, nobody was asked; PROVIDER_*, KEYS_*, DB_*:
                               * why not. UNKNOWN class leaves the attempt unknown. */
    int64_t wait_ms;          /* REFRESH_BUDGET: until one may be sent */
    enum attempt_state state; /* of the attempt afterwards, as far as we know */
    bool told;                /* a genuine answer is stored: the evidence has this digest */
    unsigned char digest[SHA256_BYTES];
};

typedef void (*ask_done)(void *context, const struct ask_result *result);

/* `by` says whose share of the account's query budget it comes from. `attempt` is copied; nothing of the caller's must outlive the call but `context`. `done` is called
 * once, later or, when nothing could be begun, at once: out of memory, or with ERR_OK and the state as
 * it was for an operation that the provider does not offer. */
void ask_provider(struct services *services, const struct attempt *attempt,
                  enum adapter_operation operation, enum query_by by, ask_done done, void *context);

/* The attempt with everything that a call needs, in the arena. Errors: ARENA_FULL. */
MUST_USE enum err ask_copy_attempt(const struct attempt *from, struct arena *arena,
                                   struct attempt *to);

#endif
