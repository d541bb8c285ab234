/* SPDX-License-Identifier: Apache-2.0 */
/* Refunds: found, listed, sent and asked about by lease. */
#include "refund.h"
#include "twin_internal.h"

bool
twin_refund_edge(struct span from, struct span event, const char **to, const char **effect)
{
    enum refund_state state = REFUND_STATE_NONE;
    struct refund_edge edge;
    if (!span_eq_cstr(from, "none") && refund_state_decode(from, &state) != ERR_OK) {
        return false;
    }
    for (int e = REFUND_EVENT_NONE + 1; e < REFUND_EVENT_COUNT; e++) {
        if (span_eq_cstr(event, refund_event_code((enum refund_event)e))
            && refund_next(state, (enum refund_event)e, &edge) == ERR_OK) {
            *to = refund_state_code(edge.to);
            *effect = attempt_effect_code(edge.effect);
            return true;
        }
    }
    return false;
}

static struct twin_row *
refund_of(struct twin *twin, struct twin_value slot, struct twin_value number)
{
    return TWIN_FIND(twin, refund, IS(refund, slot, slot), IS(refund, refund_no, number));
}

static struct twin_row *
attempt_of(struct twin *twin, const struct twin_row *refund)
{
    return TWIN_FIND(twin, attempt, IS(attempt, slot, OF(refund, refund, slot)),
                     IS(attempt, attempt_no, OF(refund, refund, attempt_no)));
}

static void
put_refund(struct twin *twin, const struct twin_row *refund, struct db_rows *rows)
{
    const struct twin_row *attempt = attempt_of(twin, refund);
    twin_rows_begin(rows);
    twin_rows_put_row(rows, refund);
    twin_rows_put(rows, "provider", OF(attempt, attempt, provider));
    twin_rows_put(rows, "account", OF(attempt, attempt, account));
    twin_rows_put(rows, "application", OF(attempt, attempt, application));
    twin_rows_put(rows, "merchant", OF(attempt, attempt, merchant));
    twin_rows_put(rows, "method", OF(attempt, attempt, method));
    twin_rows_put(rows, "provider_trade_no", OF(attempt, attempt, provider_trade_no));
}

void
twin_run_refund_find(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    const struct twin_row *row = refund_of(twin, slot, twin_arg(args, TWIN_TEXT));
    struct twin_value owner = twin_arg(args, TWIN_TEXT);
    if (row != NULL && (twin_is(owner, "") || twin_eq(OF(row, refund, owner), owner))) {
        put_refund(twin, row, rows);
    }
}

static bool
waits(const struct twin_row *row)
{
    return twin_is(OF(row, refund, state), "proposed")
           || twin_is(OF(row, refund, state), "requested");
}

static bool
is_before(const struct twin_row *a, const struct twin_row *b)
{
    int64_t apart = OF(a, refund, created_at).number - OF(b, refund, created_at).number;
    struct span mine = OF(a, refund, refund_no).bytes;
    struct span other = OF(b, refund, refund_no).bytes;
    return apart != 0 ? apart < 0 : span_cmp(mine, other) < 0;
}

/* The oldest that waits for people and comes after `last`; NULL: the very oldest. */
static struct twin_row *
next_waiting(struct twin *twin, struct twin_value owner, const struct twin_row *last)
{
    struct twin_row *best = NULL;
    struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_refund, &at)) != NULL;) {
        if (waits(row) && twin_eq(OF(row, refund, owner), owner)
            && (last == NULL || is_before(last, row)) && (best == NULL || is_before(row, best))) {
            best = row;
        }
    }
    return best;
}

void
twin_run_refund_waiting(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value owner = twin_arg(args, TWIN_TEXT);
    int64_t most = twin_arg(args, TWIN_I64).number;
    const struct twin_row *row = NULL;
    while (most-- > 0 && (row = next_waiting(twin, owner, row)) != NULL) {
        put_refund(twin, row, rows);
    }
}

void
twin_run_refund_by_request(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value owner = twin_arg(args, TWIN_TEXT);
    struct twin_value key = twin_arg(args, TWIN_TEXT);
    const struct twin_row *row = TWIN_FIND(twin, refund, IS(refund, slot, slot),
                                           IS(refund, owner, owner), IS(refund, request_key, key));
    if (row != NULL) {
        put_refund(twin, row, rows);
    }
}

/* The one that is due longest and not leased. */
static struct twin_row *
next_due(struct twin *twin, struct twin_value now)
{
    struct twin_row *best = NULL;
    struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_refund, &at)) != NULL;) {
        struct twin_value due = OF(row, refund, next_poll_at);
        if (twin_some(due) && due.number <= now.number
            && OF(row, refund, lease_until).number <= now.number
            && (best == NULL || due.number < OF(best, refund, next_poll_at).number)) {
            best = row;
        }
    }
    return best;
}

void
twin_run_refund_claim(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value now = twin_arg(args, TWIN_TIME);
    struct twin_value until = twin_arg(args, TWIN_TIME);
    int64_t most = twin_arg(args, TWIN_I64).number;
    struct twin_row *row;
    while (most-- > 0 && until.number > now.number && (row = next_due(twin, now)) != NULL) {
        twin_set(twin, row, TWIN_COLUMN_refund_lease_until, until);
        twin_set(twin, row, TWIN_COLUMN_refund_next_poll_at, until);
        twin_set(twin, row, TWIN_COLUMN_refund_poll_count,
                 twin_i64(OF(row, refund, poll_count).number + 1));
        put_refund(twin, row, rows);
    }
}

static bool
is_open(const struct twin_row *row)
{
    enum refund_state state;
    return refund_state_decode(OF(row, refund, state).bytes, &state) == ERR_OK
           && refund_state_open(state);
}

static bool
has_ended(const struct twin_row *row)
{
    return twin_is(OF(row, refund, state), "succeeded")
           || twin_is(OF(row, refund, state), "failed");
}

void
twin_run_refund_take(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_row *row = refund_of(twin, slot, twin_arg(args, TWIN_TEXT));
    struct twin_value now = twin_arg(args, TWIN_TIME);
    struct twin_value until = twin_arg(args, TWIN_TIME);
    bool ended_too = twin_arg(args, TWIN_BOOL).number != 0;
    if (row != NULL && (is_open(row) || (ended_too && has_ended(row)))
        && OF(row, refund, lease_until).number <= now.number) {
        twin_set(twin, row, TWIN_COLUMN_refund_lease_until, until);
        twin_set(twin, row, TWIN_COLUMN_refund_next_poll_at,
                 is_open(row) ? until : twin_text(NULL));
        put_refund(twin, row, rows);
    }
}

void
twin_run_refund_release(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_row *row = refund_of(twin, slot, twin_arg(args, TWIN_TEXT));
    struct twin_value lease = twin_arg(args, TWIN_TIME);
    struct twin_value next = twin_arg(args, TWIN_TIME);
    if (row != NULL && twin_eq(OF(row, refund, lease_until), lease)) {
        bool goes_on = is_open(row) || twin_is(OF(row, refund, state), "approved");
        twin_set(twin, row, TWIN_COLUMN_refund_lease_until, twin_text(NULL));
        twin_set(twin, row, TWIN_COLUMN_refund_next_poll_at, goes_on ? next : twin_text(NULL));
        rows->affected = 1;
    }
}

void
twin_run_surplus_claim(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value now = twin_arg(args, TWIN_TIME);
    struct twin_value again = twin_arg(args, TWIN_TIME);
    int64_t most = twin_arg(args, TWIN_I64).number;
    struct twin_row *row;
    for (size_t at = 0; most > 0 && (row = twin_next(twin, TWIN_surplus, &at)) != NULL;) {
        struct twin_value due = OF(row, surplus, due_at);
        if (twin_some(due) && due.number <= now.number) {
            most--;
            twin_set(twin, row, TWIN_COLUMN_surplus_due_at, again);
            twin_rows_begin(rows);
            twin_rows_put_row(rows, row);
        }
    }
}
