/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_ATTEMPT_H
#define TALLYGATE_CORE_ATTEMPT_H

/* One try at one provider, as a states-by-events table. */

#include <stdbool.h>

#include "err.h"
#include "evidence.h"
#include "span.h"

enum attempt_state {
    ATTEMPT_STATE_NONE,
    ATTEMPT_CREATED, /* has a number; nothing left this house */
    ATTEMPT_PENDING, /* the payer can pay */
    ATTEMPT_UNKNOWN, /* something was sent and no verified answer came */
    ATTEMPT_CLOSING, /* a close was asked, its outcome is open */
    ATTEMPT_CLOSED,
    ATTEMPT_PAID,
    ATTEMPT_LATE_PAID, /* paid after it was closed */
    ATTEMPT_STATE_COUNT
};

enum attempt_event {
    ATTEMPT_EVENT_NONE,
    ATTEMPT_SENT,
    ATTEMPT_EVENT_PAID,
    ATTEMPT_UNPAID,
    ATTEMPT_UNPAID_FINAL,
    ATTEMPT_NO_ANSWER,
    ATTEMPT_CLOSE_ASKED,
    ATTEMPT_EVENT_CLOSED,
    ATTEMPT_MISMATCH,
    ATTEMPT_NOTICED, /* the provider told us something that a query is to confirm */
    ATTEMPT_EVENT_COUNT
};

enum attempt_effect {
    ATTEMPT_REFUSE,
    ATTEMPT_MOVE,
    ATTEMPT_KEEP,
    ATTEMPT_ALARM,
    ATTEMPT_EFFECT_COUNT
};

struct attempt_edge {
    enum attempt_state to;
    enum attempt_effect effect;
};

/* Errors: EDGE for an empty cell or one that refuses. */
MUST_USE enum err attempt_next(enum attempt_state from, enum attempt_event event,
                               struct attempt_edge *out);

/* "created", "late_paid"; "unpaid_final". Decoding errors: FIELD_VALUE. */
const char *attempt_state_code(enum attempt_state state);
const char *attempt_event_code(enum attempt_event event);
const char *attempt_effect_code(enum attempt_effect effect);
MUST_USE enum err attempt_state_decode(struct span s, enum attempt_state *out);
MUST_USE enum err attempt_event_decode(struct span s, enum attempt_event *out);
MUST_USE enum err attempt_effect_decode(struct span s, enum attempt_effect *out);

/* True when a provider's statement, and not our own act, must stand behind the event. */
bool attempt_event_needs_evidence(enum attempt_event event);

/* True when no query can change the state any more (paid, late_paid), or only late money can
 * (closed). */
bool attempt_state_final(enum attempt_state state);

/* True once it is paid, in time or late: nothing is left to ask. */
bool attempt_state_settled(enum attempt_state state);

/* True while a payer may be sent to the provider with it: neither ended nor being closed. */
bool attempt_state_payable(enum attempt_state state);

#endif
