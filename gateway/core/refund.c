/* SPDX-License-Identifier: Apache-2.0 */
#include "refund.h"

#define EVENT_APPROVE   REFUND_APPROVE
#define EVENT_REJECT    REFUND_REJECT
#define EVENT_SEND      REFUND_SEND
#define EVENT_ACCEPT    REFUND_ACCEPT
#define EVENT_SUCCEED   REFUND_SUCCEED
#define EVENT_FAIL      REFUND_FAIL
#define EVENT_ABNORMAL  REFUND_EVENT_ABNORMAL
#define EVENT_NO_ANSWER REFUND_NO_ANSWER

static const struct refund_edge edges[REFUND_STATE_COUNT][REFUND_EVENT_COUNT] = {
#define EDGE(from, event, to, effect) \
    [REFUND_##from][EVENT_##event] = { REFUND_##to, ATTEMPT_##effect },
#include "refund_edges.def"
#undef EDGE
};

static const char *const states[REFUND_STATE_COUNT] = {
    [REFUND_STATE_NONE] = "none",     [REFUND_REQUESTED] = "requested",
    [REFUND_APPROVED] = "approved",   [REFUND_REJECTED] = "rejected",
    [REFUND_SENT] = "sent",           [REFUND_UNKNOWN] = "unknown",
    [REFUND_ACCEPTED] = "accepted",   [REFUND_ABNORMAL] = "abnormal",
    [REFUND_SUCCEEDED] = "succeeded", [REFUND_FAILED] = "failed",
};

static const char *const events[REFUND_EVENT_COUNT] = {
    [REFUND_EVENT_NONE] = "none",     [REFUND_APPROVE] = "approve",
    [REFUND_REJECT] = "reject",       [REFUND_SEND] = "send",
    [REFUND_ACCEPT] = "accept",       [REFUND_SUCCEED] = "succeed",
    [REFUND_FAIL] = "fail",           [REFUND_EVENT_ABNORMAL] = "abnormal",
    [REFUND_NO_ANSWER] = "no_answer",
};

enum err
refund_next(enum refund_state from, enum refund_event event, struct refund_edge *out)
{
    if (from <= REFUND_STATE_NONE || from >= REFUND_STATE_COUNT || event <= REFUND_EVENT_NONE
        || event >= REFUND_EVENT_COUNT || edges[from][event].effect == ATTEMPT_REFUSE) {
        return ERR_EDGE;
    }
    *out = edges[from][event];
    return ERR_OK;
}

const char *
refund_state_code(enum refund_state state)
{
    return state < REFUND_STATE_COUNT ? states[state] : states[REFUND_STATE_NONE];
}

const char *
refund_event_code(enum refund_event event)
{
    return event < REFUND_EVENT_COUNT ? events[event] : events[REFUND_EVENT_NONE];
}
