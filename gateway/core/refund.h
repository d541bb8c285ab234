/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_REFUND_H
#define TALLYGATE_CORE_REFUND_H

/* Refunds have their own machine and their own number. */

#include "attempt.h"
#include "err.h"

enum refund_state {
    REFUND_STATE_NONE,
    REFUND_PROPOSED, /* by the policy for money that nobody waited for; a person must ask for it */
    REFUND_REQUESTED,
    REFUND_APPROVED,
    REFUND_REJECTED,
    REFUND_WITHDRAWN, /* it was approved, and taken back before it was sent */
    REFUND_SENT,
    REFUND_UNKNOWN,
    REFUND_ACCEPTED,
    REFUND_ABNORMAL,
    REFUND_SUCCEEDED,
    REFUND_FAILED,
    REFUND_STATE_COUNT
};

enum refund_event {
    REFUND_EVENT_NONE,
    REFUND_PROPOSE,
    REFUND_REQUEST,
    REFUND_CONFIRM, /* a person makes the proposal a request of their own */
    REFUND_APPROVE,
    REFUND_REJECT,
    REFUND_WITHDRAW,
    REFUND_SEND,
    REFUND_ACCEPT,
    REFUND_SUCCEED,
    REFUND_FAIL,
    REFUND_EVENT_ABNORMAL,
    REFUND_NO_ANSWER,
    REFUND_MISMATCH, /* genuine, and not about this refund and its amount */
    REFUND_EVENT_COUNT
};

struct refund_edge {
    enum refund_state to;
    enum attempt_effect effect;
};

/* From REFUND_STATE_NONE a refund is made. Errors: EDGE. */
MUST_USE enum err refund_next(enum refund_state from, enum refund_event event,
                              struct refund_edge *out);
const char *refund_state_code(enum refund_state state);
const char *refund_event_code(enum refund_event event);

/* Errors: FIELD_VALUE; "none" is no state of a refund. */
MUST_USE enum err refund_state_decode(struct span s, enum refund_state *out);

/* True when a provider's statement, and not our own act, must stand behind the event. */
bool refund_event_needs_evidence(enum refund_event event);

/* True while the provider may be asked about it: it was sent, and its end is not known. */
bool refund_state_open(enum refund_state state);

/* True once nothing more can come of it: rejected, withdrawn, succeeded, failed. */
bool refund_state_final(enum refund_state state);

#endif
