/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_CORE_DIFFERENCE_H
#define TALLYGATE_CORE_DIFFERENCE_H

/* A difference that reconciliation found, and its life: who looks after it, what was proposed, approved and done about it. It
 * outlives the run that found it, and never moves money itself. */

#include <stdbool.h>
#include <stdint.h>

#include "attempt.h"
#include "buf.h"
#include "err.h"
#include "finding.h"
#include "span.h"

enum difference_state {
    DIFFERENCE_STATE_NONE,
    DIFFERENCE_CHECKING, /* the provider's word may end it */
    DIFFERENCE_OPEN,     /* waits for somebody to take it */
    DIFFERENCE_ASSIGNED,
    DIFFERENCE_PROPOSED,
    DIFFERENCE_APPROVED,
    DIFFERENCE_EXECUTING, /* what was approved is under way */
    DIFFERENCE_RESOLVED,
    DIFFERENCE_CLOSED,
    DIFFERENCE_AUTO_CLOSED, /* a newer run no longer shows it, and a provider's statement says why */
    DIFFERENCE_SUPERSEDED,  /* a newer run no longer shows it */
    DIFFERENCE_STATE_COUNT
};

enum difference_event {
    DIFFERENCE_EVENT_NONE,
    DIFFERENCE_FIND,
    DIFFERENCE_CHECK,
    DIFFERENCE_CONFIRM, /* the provider spoke, and it is still there */
    DIFFERENCE_CHANGE,  /* another code or amount */
    DIFFERENCE_RETURN,  /* a run shows it again */
    DIFFERENCE_HEAL,
    DIFFERENCE_SUPERSEDE,
    DIFFERENCE_ASSIGN,
    DIFFERENCE_COMMENT,
    DIFFERENCE_ATTACH,
    DIFFERENCE_PROPOSE,
    DIFFERENCE_APPROVE,
    DIFFERENCE_REJECT,
    DIFFERENCE_EXECUTE,
    DIFFERENCE_SETTLE, /* done by being decided */
    DIFFERENCE_DONE,
    DIFFERENCE_FAIL,
    DIFFERENCE_CLOSE,
    DIFFERENCE_REOPEN,
    DIFFERENCE_ANSWER,   /* the provider spoke, and the next run judges, or people do */
    DIFFERENCE_UPHOLD,   /* the provider's word changes nothing: it is for people */
    DIFFERENCE_UNSETTLE, /* what was posted of it is no longer what a run shows */
    DIFFERENCE_REVERSE,  /* a posting of it was reversed, and there is still something to decide */
    DIFFERENCE_LAPSE,    /* likewise, and no run shows it any longer */
    DIFFERENCE_EVENT_COUNT
};

struct difference_edge {
    enum difference_state to;
    enum attempt_effect effect;
};

/* From DIFFERENCE_STATE_NONE a difference is made. Errors: EDGE. */
MUST_USE enum err difference_next(enum difference_state from, enum difference_event event,
                                  struct difference_edge *out);
const char *difference_state_code(enum difference_state state);
const char *difference_event_code(enum difference_event event);

/* Errors: FIELD_VALUE; "none" is no state of a difference. */
MUST_USE enum err difference_state_decode(struct span s, enum difference_state *out);

/* Whether a code that stands in a result makes a difference: it is of severity 1 to 3 and blocks no file. */
bool difference_makes(enum finding finding);

/* "money", "order": the question that the code belongs to; "" for one that can make no difference. */
const char *difference_family(enum finding finding);

/* "query": what finding.def says is done about it. */
const char *difference_action(enum finding finding);

/* A class of age, "0-1" ... "31-", as whole days since the original day, both ends included; *to is INT32_MAX without an end.
 * Errors: FIELD_VALUE. */
MUST_USE enum err difference_age_decode(struct span code, int64_t *from, int64_t *to);
const char *difference_age_code(int64_t days); /* days below 0 count as 0 */

/* "dif_" and the 32 hexadecimal digits of its number. Errors: DIFFERENCE_UNKNOWN. */
#define DIFFERENCE_NO_CHARS 32
MUST_USE enum err difference_of_id(struct span id, struct span *number);
MUST_USE enum err difference_id(struct span number, struct buf *out); /* BUF_FULL */

#endif
