/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_RECONCILE_BILL_AHEAD_H
#define TALLYGATE_RECONCILE_BILL_AHEAD_H

/* Bytes that are made block by block and used by somebody else: a thread of its own makes the next blocks while the caller's
 * uses one (decision 0046). Where no thread is to be had, the caller's makes each when the one before is used; whoever uses them
 * sees the same blocks and the same end. */

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "span.h"

#define BILL_AHEAD_BLOCKS      4 /* made at most and not used yet, the one being made among them */
#define BILL_AHEAD_BLOCK_BYTES ((size_t)256 * 1024)

struct bill_ahead_maker {
    void *context;
    /* The next block, at most BILL_AHEAD_BLOCK_BYTES at `at`: *len of them; *more false: it is the last. */
    enum err (*make)(void *context, unsigned char *at, size_t *len, bool *more);
};

struct bill_ahead_user {
    void *context;
    enum err (*use)(void *context, struct span bytes); /* never with none */
};

/* Makes and uses all blocks in their order, up to the first failure of either, which is what comes back: of a block that could
 * not be made after those before were used. `aside` false asks for no thread. The thread has ended when this returns.
 * Errors: NO_MEMORY, and those of the two. */
MUST_USE enum err bill_ahead(const struct bill_ahead_maker *maker, bool aside,
                             const struct bill_ahead_user *user);

#endif
