/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_REFUND_H
#define TALLYGATE_CORE_REFUND_H

/* Refunds have their own machine and their own number. */

#include "attempt.h"
#include "err.h"

enum refund_state {
    REFUND_STATE_NONE,
    REFUND_REQUESTED,
    REFUND_APPROVED,
    REFUND_REJECTED,
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
    REFUND_APPROVE,
    REFUND_REJECT,
    REFUND_SEND,
    REFUND_ACCEPT,
    REFUND_SUCCEED,
    REFUND_FAIL,
    REFUND_EVENT_ABNORMAL,
    REFUND_NO_ANSWER,
    REFUND_EVENT_COUNT
};

struct refund_edge {
    enum refund_state to;
    enum attempt_effect effect;
};

/* Errors: EDGE. */
MUST_USE enum err refund_next(enum refund_state from, enum refund_event event,
                              struct refund_edge *out);
const char *refund_state_code(enum refund_state state);
const char *refund_event_code(enum refund_event event);

#endif
