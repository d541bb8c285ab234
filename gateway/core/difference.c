/* SPDX-License-Identifier: Apache-2.0 */
#include "difference.h"

#include <string.h>

#define ID_FRONT "dif_"

static const struct difference_edge edges[DIFFERENCE_STATE_COUNT][DIFFERENCE_EVENT_COUNT] = {
#define EDGE(from, event, to, effect) \
    [DIFFERENCE_##from][DIFFERENCE_##event] = { DIFFERENCE_##to, ATTEMPT_##effect },
#include "difference_edges.def"
#undef EDGE
};

static const char *const states[DIFFERENCE_STATE_COUNT] = {
    [DIFFERENCE_STATE_NONE] = "none",
    [DIFFERENCE_CHECKING] = "checking",
    [DIFFERENCE_OPEN] = "open",
    [DIFFERENCE_ASSIGNED] = "assigned",
    [DIFFERENCE_PROPOSED] = "proposed",
    [DIFFERENCE_APPROVED] = "approved",
    [DIFFERENCE_EXECUTING] = "executing",
    [DIFFERENCE_RESOLVED] = "resolved",
    [DIFFERENCE_CLOSED] = "closed",
    [DIFFERENCE_AUTO_CLOSED] = "auto_closed",
    [DIFFERENCE_SUPERSEDED] = "superseded",
};

static const char *const events[DIFFERENCE_EVENT_COUNT] = {
    [DIFFERENCE_EVENT_NONE] = "none",   [DIFFERENCE_FIND] = "find",
    [DIFFERENCE_CHECK] = "check",       [DIFFERENCE_CONFIRM] = "confirm",
    [DIFFERENCE_CHANGE] = "change",     [DIFFERENCE_RETURN] = "return",
    [DIFFERENCE_HEAL] = "heal",         [DIFFERENCE_SUPERSEDE] = "supersede",
    [DIFFERENCE_ASSIGN] = "assign",     [DIFFERENCE_COMMENT] = "comment",
    [DIFFERENCE_ATTACH] = "attach",     [DIFFERENCE_PROPOSE] = "propose",
    [DIFFERENCE_APPROVE] = "approve",   [DIFFERENCE_REJECT] = "reject",
    [DIFFERENCE_EXECUTE] = "execute",   [DIFFERENCE_SETTLE] = "settle",
    [DIFFERENCE_DONE] = "done",         [DIFFERENCE_FAIL] = "fail",
    [DIFFERENCE_CLOSE] = "close",       [DIFFERENCE_REOPEN] = "reopen",
    [DIFFERENCE_ANSWER] = "answer",     [DIFFERENCE_UPHOLD] = "uphold",
    [DIFFERENCE_UNSETTLE] = "unsettle", [DIFFERENCE_REVERSE] = "reverse",
    [DIFFERENCE_LAPSE] = "lapse",
};

static const struct {
    const char *prefix;
    const char *family;
} families[] = {
#define FAMILY(prefix, family) { prefix, family },
#include "difference_families.def"
#undef FAMILY
};

static const struct {
    const char *code;
    int from;
    int to;
} ages[] = {
#define AGE(code, from, to) { code, from, to },
#include "difference_ages.def"
#undef AGE
};

enum err
difference_next(enum difference_state from, enum difference_event event,
                struct difference_edge *out)
{
    if (from < DIFFERENCE_STATE_NONE || from >= DIFFERENCE_STATE_COUNT
        || event <= DIFFERENCE_EVENT_NONE || event >= DIFFERENCE_EVENT_COUNT
        || edges[from][event].effect == ATTEMPT_REFUSE) {
        return ERR_EDGE;
    }
    *out = edges[from][event];
    return ERR_OK;
}

const char *
difference_state_code(enum difference_state state)
{
    return state < DIFFERENCE_STATE_COUNT ? states[state] : states[DIFFERENCE_STATE_NONE];
}

const char *
difference_event_code(enum difference_event event)
{
    return event < DIFFERENCE_EVENT_COUNT ? events[event] : events[DIFFERENCE_EVENT_NONE];
}

enum err
difference_state_decode(struct span s, enum difference_state *out)
{
    for (int i = DIFFERENCE_STATE_NONE + 1; i < DIFFERENCE_STATE_COUNT; i++) {
        if (span_eq_cstr(s, states[i])) {
            *out = (enum difference_state)i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

bool
difference_makes(enum finding finding)
{
    enum finding_kind kind = finding_kind(finding);
    int severity = finding_severity(finding);
    return (kind == FINDING_PRIMARY || kind == FINDING_NOTE) && severity >= 1 && severity <= 3;
}

const char *
difference_family(enum finding finding)
{
    struct span rest = span_of(finding_name(finding));
    struct span prefix;
    if (span_cut(&rest, '_', &prefix)) {
        for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
            if (span_eq_cstr(prefix, families[i].prefix)) {
                return families[i].family;
            }
        }
    }
    return "";
}

const char *
difference_action(enum finding finding)
{
    static const char *const actions[FINDING_ACTION_COUNT] = {
        [FINDING_DO_NOTHING] = "nothing", [FINDING_DO_AUTOMATIC] = "automatic",
        [FINDING_DO_QUERY] = "query",     [FINDING_DO_PROPOSE] = "propose",
        [FINDING_DO_PERSON] = "person",   [FINDING_DO_STOP] = "stop",
    };
    return actions[finding_action(finding)];
}

enum err
difference_age_decode(struct span code, int64_t *from, int64_t *to)
{
    for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
        if (span_eq_cstr(code, ages[i].code)) {
            *from = ages[i].from;
            *to = ages[i].to == 0 ? INT32_MAX : ages[i].to;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

const char *
difference_age_code(int64_t days)
{
    size_t last = sizeof(ages) / sizeof(ages[0]) - 1;
    for (size_t i = 0; i < last; i++) {
        if (days <= ages[i].to) {
            return ages[i].code;
        }
    }
    return ages[last].code;
}

enum err
difference_of_id(struct span id, struct span *number)
{
    struct span digits = span_sub(id, strlen(ID_FRONT), id.len);
    bool good = span_starts(id, SPAN_LIT(ID_FRONT)) && digits.len == DIFFERENCE_NO_CHARS;
    for (size_t i = 0; good && i < digits.len; i++) {
        unsigned char c = digits.at[i];
        good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
    if (!good) {
        return ERR_DIFFERENCE_UNKNOWN;
    }
    *number = digits;
    return ERR_OK;
}

enum err
difference_id(struct span number, struct buf *out)
{
    TRY(buf_text(out, ID_FRONT));
    return buf_append(out, number);
}
