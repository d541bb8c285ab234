/* SPDX-License-Identifier: Apache-2.0 */
#include "attempt.h"

/* The tables name states and events without their prefixes; events that share a name with a state
 * carry EVENT_ in C. */
#define EVENT_SENT         ATTEMPT_SENT
#define EVENT_PAID         ATTEMPT_EVENT_PAID
#define EVENT_UNPAID       ATTEMPT_UNPAID
#define EVENT_UNPAID_FINAL ATTEMPT_UNPAID_FINAL
#define EVENT_NO_ANSWER    ATTEMPT_NO_ANSWER
#define EVENT_CLOSE_ASKED  ATTEMPT_CLOSE_ASKED
#define EVENT_CLOSED       ATTEMPT_EVENT_CLOSED
#define EVENT_MISMATCH     ATTEMPT_MISMATCH
#define EVENT_NOTICED      ATTEMPT_NOTICED

static const struct attempt_edge edges[ATTEMPT_STATE_COUNT][ATTEMPT_EVENT_COUNT] = {
#define EDGE(from, event, to, effect) \
    [ATTEMPT_##from][EVENT_##event] = { ATTEMPT_##to, ATTEMPT_##effect },
#include "attempt_edges.def"
#undef EDGE
};

static const char *const states[ATTEMPT_STATE_COUNT] = {
    [ATTEMPT_STATE_NONE] = "none", [ATTEMPT_CREATED] = "created",     [ATTEMPT_PENDING] = "pending",
    [ATTEMPT_UNKNOWN] = "unknown", [ATTEMPT_CLOSING] = "closing",     [ATTEMPT_CLOSED] = "closed",
    [ATTEMPT_PAID] = "paid",       [ATTEMPT_LATE_PAID] = "late_paid",
};

static const char *const events[ATTEMPT_EVENT_COUNT] = {
    [ATTEMPT_EVENT_NONE] = "none",           [ATTEMPT_SENT] = "sent",
    [ATTEMPT_EVENT_PAID] = "paid",           [ATTEMPT_UNPAID] = "unpaid",
    [ATTEMPT_UNPAID_FINAL] = "unpaid_final", [ATTEMPT_NO_ANSWER] = "no_answer",
    [ATTEMPT_CLOSE_ASKED] = "close_asked",   [ATTEMPT_EVENT_CLOSED] = "closed",
    [ATTEMPT_MISMATCH] = "mismatch",         [ATTEMPT_NOTICED] = "noticed",
};

static const char *const effects[ATTEMPT_EFFECT_COUNT] = {
    [ATTEMPT_REFUSE] = "refuse",
    [ATTEMPT_MOVE] = "move",
    [ATTEMPT_KEEP] = "keep",
    [ATTEMPT_ALARM] = "alarm",
};

enum err
attempt_next(enum attempt_state from, enum attempt_event event, struct attempt_edge *out)
{
    if (from <= ATTEMPT_STATE_NONE || from >= ATTEMPT_STATE_COUNT || event <= ATTEMPT_EVENT_NONE
        || event >= ATTEMPT_EVENT_COUNT || edges[from][event].effect == ATTEMPT_REFUSE) {
        return ERR_EDGE;
    }
    *out = edges[from][event];
    return ERR_OK;
}

const char *
attempt_state_code(enum attempt_state state)
{
    return state < ATTEMPT_STATE_COUNT ? states[state] : states[ATTEMPT_STATE_NONE];
}

const char *
attempt_event_code(enum attempt_event event)
{
    return event < ATTEMPT_EVENT_COUNT ? events[event] : events[ATTEMPT_EVENT_NONE];
}

const char *
attempt_effect_code(enum attempt_effect effect)
{
    return effect < ATTEMPT_EFFECT_COUNT ? effects[effect] : effects[ATTEMPT_REFUSE];
}

static enum err
find(struct span s, const char *const *codes, int first, int count, int *out)
{
    for (int i = first; i < count; i++) {
        if (span_eq_cstr(s, codes[i])) {
            *out = i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

enum err
attempt_state_decode(struct span s, enum attempt_state *out)
{
    int at = 0;
    TRY(find(s, states, ATTEMPT_CREATED, ATTEMPT_STATE_COUNT, &at));
    *out = (enum attempt_state)at;
    return ERR_OK;
}

enum err
attempt_event_decode(struct span s, enum attempt_event *out)
{
    int at = 0;
    TRY(find(s, events, ATTEMPT_SENT, ATTEMPT_EVENT_COUNT, &at));
    *out = (enum attempt_event)at;
    return ERR_OK;
}

enum err
attempt_effect_decode(struct span s, enum attempt_effect *out)
{
    int at = 0;
    TRY(find(s, effects, ATTEMPT_REFUSE, ATTEMPT_EFFECT_COUNT, &at));
    *out = (enum attempt_effect)at;
    return ERR_OK;
}

bool
attempt_event_needs_evidence(enum attempt_event event)
{
    return event != ATTEMPT_SENT && event != ATTEMPT_NO_ANSWER && event != ATTEMPT_CLOSE_ASKED;
}

bool
attempt_state_final(enum attempt_state state)
{
    return state == ATTEMPT_PAID || state == ATTEMPT_LATE_PAID || state == ATTEMPT_CLOSED;
}

bool
attempt_state_payable(enum attempt_state state)
{
    return state == ATTEMPT_CREATED || state == ATTEMPT_PENDING || state == ATTEMPT_UNKNOWN;
}

bool
attempt_state_settled(enum attempt_state state)
{
    return state == ATTEMPT_PAID || state == ATTEMPT_LATE_PAID;
}
