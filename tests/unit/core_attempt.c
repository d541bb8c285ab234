/* SPDX-License-Identifier: Apache-2.0 */
/* The attempt's machine against the table of ARCHITECTURE.md ("States"), cell by cell. */
#include <string.h>

#include "attempt.h"
#include "check.h"

#define SAME    "itself"
#define ALARM   "alarm"
#define REFUSED "refused"
#define NEVER   "–"

static const enum attempt_event events[] = {
    ATTEMPT_SENT,         ATTEMPT_EVENT_PAID, ATTEMPT_UNPAID,
    ATTEMPT_UNPAID_FINAL, ATTEMPT_NO_ANSWER,  ATTEMPT_CLOSE_ASKED,
    ATTEMPT_EVENT_CLOSED, ATTEMPT_MISMATCH,   ATTEMPT_NOTICED,
};

#define EVENTS (sizeof(events) / sizeof(events[0]))

/* clang-format off */
static const struct {
    enum attempt_state from;
    const char *cells[EVENTS];
} rows[] = {
    /*                    sent       paid         unpaid     unpaid, final  no answer  close asked  closed    mismatch noticed */
    { ATTEMPT_CREATED,   { "pending", "paid",      "pending", "closed",      "unknown", "closed",    "closed", ALARM, SAME } },
    { ATTEMPT_PENDING,   { NEVER,     "paid",      SAME,      "closed",      "unknown", "closing",   "closed", ALARM, SAME } },
    { ATTEMPT_UNKNOWN,   { NEVER,     "paid",      "pending", "closed",      SAME,      "closing",   "closed", ALARM, SAME } },
    { ATTEMPT_CLOSING,   { SAME,      "paid",      SAME,      "closed",      SAME,      SAME,        "closed", ALARM, SAME } },
    { ATTEMPT_CLOSED,    { NEVER,     "late_paid", ALARM,     SAME,          SAME,      SAME,        SAME,     ALARM, SAME } },
    { ATTEMPT_PAID,      { NEVER,     SAME,        ALARM,     ALARM,         SAME,      REFUSED,     ALARM,    ALARM, SAME } },
    { ATTEMPT_LATE_PAID, { NEVER,     SAME,        ALARM,     ALARM,         SAME,      REFUSED,     ALARM,    ALARM, SAME } },
};
/* clang-format on */

static void
check_cell(enum attempt_state from, enum attempt_event event, const char *cell)
{
    const char *where = attempt_event_code(event);
    struct attempt_edge edge = { .to = ATTEMPT_STATE_NONE };
    enum err err = attempt_next(from, event, &edge);
    if (strcmp(cell, NEVER) == 0 || strcmp(cell, REFUSED) == 0) {
        cr_expect_eq(err, ERR_EDGE, "%s %s", attempt_state_code(from), where);
        cr_expect_eq(edge.to, ATTEMPT_STATE_NONE, "output untouched");
        return;
    }
    bool stays = strcmp(cell, SAME) == 0 || strcmp(cell, ALARM) == 0;
    enum attempt_effect effect = strcmp(cell, ALARM) == 0  ? ATTEMPT_ALARM
                                 : strcmp(cell, SAME) == 0 ? ATTEMPT_KEEP
                                                           : ATTEMPT_MOVE;
    cr_assert_eq(err, ERR_OK, "%s %s", attempt_state_code(from), where);
    cr_expect_str_eq(attempt_state_code(edge.to), stays ? attempt_state_code(from) : cell, "%s",
                     where);
    cr_expect_eq(edge.effect, effect, "%s %s", attempt_state_code(from), where);
}

Test(core_attempt, every_cell_is_that_of_the_document)
{
    cr_assert_eq(EVENTS, ATTEMPT_EVENT_COUNT - 1);
    cr_assert_eq(sizeof(rows) / sizeof(rows[0]), ATTEMPT_STATE_COUNT - 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t k = 0; k < EVENTS; k++) {
            check_cell(rows[i].from, events[k], rows[i].cells[k]);
        }
    }
}

Test(core_attempt, what_is_no_state_or_event_has_no_edge)
{
    struct attempt_edge edge;
    CHECK_ERR(attempt_next(ATTEMPT_STATE_NONE, ATTEMPT_EVENT_PAID, &edge), ERR_EDGE);
    CHECK_ERR(attempt_next(ATTEMPT_STATE_COUNT, ATTEMPT_EVENT_PAID, &edge), ERR_EDGE);
    CHECK_ERR(attempt_next(ATTEMPT_PENDING, ATTEMPT_EVENT_NONE, &edge), ERR_EDGE);
    CHECK_ERR(attempt_next(ATTEMPT_PENDING, ATTEMPT_EVENT_COUNT, &edge), ERR_EDGE);
}

Test(core_attempt, only_an_attempt_that_is_not_being_closed_may_be_offered_to_the_payer)
{
    static const enum attempt_state open[] = { ATTEMPT_CREATED, ATTEMPT_PENDING, ATTEMPT_UNKNOWN };
    static const enum attempt_state ended[] = { ATTEMPT_STATE_NONE, ATTEMPT_CLOSING, ATTEMPT_CLOSED,
                                                ATTEMPT_PAID, ATTEMPT_LATE_PAID };
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        cr_expect(attempt_state_payable(open[i]), "%s", attempt_state_code(open[i]));
    }
    for (size_t i = 0; i < sizeof(ended) / sizeof(ended[0]); i++) {
        cr_expect_not(attempt_state_payable(ended[i]), "%s", attempt_state_code(ended[i]));
    }
}
