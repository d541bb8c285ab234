/* SPDX-License-Identifier: Apache-2.0 */
#include "refund.h"

#define EVENT_PROPOSE   REFUND_PROPOSE
#define EVENT_REQUEST   REFUND_REQUEST
#define EVENT_CONFIRM   REFUND_CONFIRM
#define EVENT_MISMATCH  REFUND_MISMATCH
#define EVENT_APPROVE   REFUND_APPROVE
#define EVENT_REJECT    REFUND_REJECT
#define EVENT_WITHDRAW  REFUND_WITHDRAW
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
    [REFUND_STATE_NONE] = "none",     [REFUND_PROPOSED] = "proposed",
    [REFUND_REQUESTED] = "requested", [REFUND_APPROVED] = "approved",
    [REFUND_REJECTED] = "rejected",   [REFUND_WITHDRAWN] = "withdrawn",
    [REFUND_SENT] = "sent",           [REFUND_UNKNOWN] = "unknown",
    [REFUND_ACCEPTED] = "accepted",   [REFUND_ABNORMAL] = "abnormal",
    [REFUND_SUCCEEDED] = "succeeded", [REFUND_FAILED] = "failed",
};

static const char *const events[REFUND_EVENT_COUNT] = {
    [REFUND_EVENT_NONE] = "none",     [REFUND_PROPOSE] = "propose",
    [REFUND_REQUEST] = "request",     [REFUND_CONFIRM] = "confirm",
    [REFUND_APPROVE] = "approve",     [REFUND_REJECT] = "reject",
    [REFUND_WITHDRAW] = "withdraw",   [REFUND_SEND] = "send",
    [REFUND_ACCEPT] = "accept",       [REFUND_SUCCEED] = "succeed",
    [REFUND_FAIL] = "fail",           [REFUND_EVENT_ABNORMAL] = "abnormal",
    [REFUND_NO_ANSWER] = "no_answer", [REFUND_MISMATCH] = "mismatch",
};

enum err
refund_next(enum refund_state from, enum refund_event event, struct refund_edge *out)
{
    if (from < REFUND_STATE_NONE || from >= REFUND_STATE_COUNT || event <= REFUND_EVENT_NONE
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

enum err
refund_state_decode(struct span s, enum refund_state *out)
{
    for (int i = REFUND_STATE_NONE + 1; i < REFUND_STATE_COUNT; i++) {
        if (span_eq_cstr(s, states[i])) {
            *out = (enum refund_state)i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

bool
refund_event_needs_evidence(enum refund_event event)
{
    static const bool needs[REFUND_EVENT_COUNT] = {
        [REFUND_ACCEPT] = true,         [REFUND_SUCCEED] = true,  [REFUND_FAIL] = true,
        [REFUND_EVENT_ABNORMAL] = true, [REFUND_MISMATCH] = true,
    };
    return event < REFUND_EVENT_COUNT && needs[event];
}

bool
refund_state_open(enum refund_state state)
{
    return state == REFUND_SENT || state == REFUND_UNKNOWN || state == REFUND_ACCEPTED
           || state == REFUND_ABNORMAL;
}

bool
refund_state_final(enum refund_state state)
{
    return state == REFUND_REJECTED || state == REFUND_WITHDRAWN || state == REFUND_SUCCEEDED
           || state == REFUND_FAILED;
}
