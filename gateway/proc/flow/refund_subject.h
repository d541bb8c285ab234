/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_REFUND_SUBJECT_H
#define TALLYGATE_PROC_FLOW_REFUND_SUBJECT_H

/* What calls about refunds are about, as it is stored with their idempotency keys, and what they have done: shared by the
 * calls and by whoever completes them when their owner died. */

#include "arena.h"
#include "refund_store.h"

/* Names the request that makes a refund: its idempotency key and the hash of what was sent. Errors: BUF_FULL, ARENA_FULL. */
MUST_USE enum err refund_request_key(struct span idempotency_key, struct span request_hash,
                                     struct arena *arena, struct span *out);

/* A decision: which refund, and whose. */
struct refund_subject {
    struct span refund_no;
    struct span client;
};

/* Errors: BUF_FULL, ARENA_FULL. */
MUST_USE enum err refund_subject_write(const struct refund_subject *subject, struct arena *arena,
                                       struct span *out);
/* Borrows from the text. Errors: FIELD_VALUE. */
MUST_USE enum err refund_subject_read(struct span text, struct refund_subject *out);

/* What the route decides; REFUND_EVENT_NONE for one that decides nothing. */
enum refund_event refund_event_of_route(struct span route);

/* The client that made this decision, as far as it still stands; empty: nobody. */
struct span refund_decided_by(const struct refund *refund, enum refund_event event);

#endif
