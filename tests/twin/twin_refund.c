/* SPDX-License-Identifier: Apache-2.0 */
/* Refunds: made by the policy for money that nobody expected, sent and asked about by lease, moved by one statement. */
#include <assert.h>

#include "refund.h"
#include "twin_internal.h"

#define REFUNDS_MOST 50

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

static struct twin_row *
payment_of(struct twin *twin, struct twin_value slot, struct twin_value number)
{
    return TWIN_FIND(twin, payment, IS(payment, slot, slot), IS(payment, payment_no, number));
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

void
twin_run_refund_take(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_row *row = refund_of(twin, slot, twin_arg(args, TWIN_TEXT));
    struct twin_value now = twin_arg(args, TWIN_TIME);
    struct twin_value until = twin_arg(args, TWIN_TIME);
    if (row != NULL && is_open(row) && OF(row, refund, lease_until).number <= now.number) {
        twin_set(twin, row, TWIN_COLUMN_refund_lease_until, until);
        twin_set(twin, row, TWIN_COLUMN_refund_next_poll_at, until);
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

struct policy {
    struct twin_value cause;
    struct twin_value now;
    int64_t amount;
    bool alone; /* nobody need approve it */
};

/* Reserves what is left of the attempt and makes the refund of it. */
static struct twin_value
make_refund(struct twin *twin, const struct policy *policy, struct twin_row *attempt)
{
    DEFER(buf_fini) struct buf number = BUF_MAX(32);
    DEFER(buf_fini) struct buf asker = BUF_MAX(64);
    struct twin_row *payment =
        payment_of(twin, OF(attempt, attempt, slot), OF(attempt, attempt, payment_no));
    int64_t count = OF(attempt, attempt, refund_count).number + 1;
    enum err err = buf_printf(&number, "%.*sR%02lld",
                              SPAN_ARG(OF(attempt, attempt, attempt_no).bytes), (long long)count);
    assert(err == ERR_OK);
    err = buf_printf(&asker, "policy:%.*s", SPAN_ARG(policy->cause.bytes));
    assert(err == ERR_OK);
    (void)err;
    static const struct twin_value none;
    const char *state = policy->alone ? "approved" : "proposed";
    struct twin_value refund_no = twin_span(buf_span(&number));
    twin_set(twin, attempt, TWIN_COLUMN_attempt_refund_count, twin_i64(count));
    if (twin->flaw != TWIN_FLAW_UNRESERVED) {
        twin_set(twin, attempt, TWIN_COLUMN_attempt_refund_reserved_fen,
                 twin_i64(OF(attempt, attempt, refund_reserved_fen).number + policy->amount));
    }
    const struct twin_row *made = TWIN_INSERT(
        twin, refund, IS(refund, slot, OF(attempt, attempt, slot)),
        IS(refund, refund_no, refund_no), IS(refund, payment_no, OF(attempt, attempt, payment_no)),
        IS(refund, attempt_no, OF(attempt, attempt, attempt_no)),
        IS(refund, owner, OF(payment, payment, owner)),
        IS(refund, amount_fen, twin_i64(policy->amount)),
        IS(refund, currency, OF(attempt, attempt, currency)),
        IS(refund, total_fen, OF(attempt, attempt, refundable_fen)),
        IS(refund, cause, policy->cause), IS(refund, reason, policy->cause),
        IS(refund, state, twin_text(state)),
        IS(refund, requested_by, policy->alone ? twin_span(buf_span(&asker)) : none),
        IS(refund, approved_by, policy->alone ? twin_text("policy:limit") : none),
        IS(refund, send_count, twin_i64(0)), IS(refund, version, twin_i64(0)),
        IS(refund, next_poll_at, policy->alone ? policy->now : none),
        IS(refund, poll_count, twin_i64(0)), IS(refund, created_at, policy->now),
        IS(refund, decided_at, policy->alone ? policy->now : none));
    const struct twin_event event = { .attempt_no = OF(attempt, attempt, attempt_no),
                                      .refund_no = OF(made, refund, refund_no),
                                      .machine = "refund",
                                      .from_state = twin_text("none"),
                                      .event = twin_text(policy->alone ? "approve" : "propose"),
                                      .to_state = state,
                                      .effect = "move",
                                      .at = policy->now };
    (void)twin_event_add(twin, payment, &event);
    return OF(made, refund, refund_no);
}

static void
put_decision(struct db_rows *rows, const char *outcome, const char *decision,
             struct twin_value refund_no)
{
    twin_rows_begin(rows);
    twin_rows_put(rows, "outcome", twin_text(outcome));
    twin_rows_put(rows, "decision", twin_text(decision));
    twin_rows_put(rows, "refund_no", twin_either(refund_no, twin_text("")));
}

void
twin_run_refund_policy(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value attempt_no = twin_arg(args, TWIN_TEXT);
    struct policy policy = { .cause = twin_arg(args, TWIN_TEXT) };
    struct twin_value wanted = twin_arg(args, TWIN_TEXT);
    int64_t most = twin_arg(args, TWIN_I64).number;
    policy.now = twin_arg(args, TWIN_TIME);
    struct twin_value refund_no = twin_text(NULL);
    struct twin_row *row =
        TWIN_FIND(twin, surplus, IS(surplus, slot, slot), IS(surplus, attempt_no, attempt_no),
                  IS(surplus, cause, policy.cause));
    if (row == NULL || twin_some(OF(row, surplus, decision))) {
        put_decision(rows, "lost_race", "", refund_no);
        return;
    }
    struct twin_row *attempt =
        TWIN_FIND(twin, attempt, IS(attempt, slot, slot), IS(attempt, attempt_no, attempt_no));
    policy.amount = OF(attempt, attempt, refundable_fen).number
                    - OF(attempt, attempt, refund_reserved_fen).number;
    policy.alone = twin_is(wanted, "refund") && policy.amount <= most;
    bool keeps = twin_is(wanted, "accept");
    bool makes =
        !keeps && policy.amount > 0 && OF(attempt, attempt, refund_count).number < REFUNDS_MOST;
    if (makes) {
        refund_no = make_refund(twin, &policy, attempt);
    }
    const char *decision = keeps ? "accept" : makes && policy.alone ? "refund" : "propose";
    twin_set(twin, row, TWIN_COLUMN_surplus_decision, twin_text(decision));
    twin_set(twin, row, TWIN_COLUMN_surplus_decided_at, policy.now);
    twin_set(twin, row, TWIN_COLUMN_surplus_due_at, twin_text(NULL));
    twin_set(twin, row, TWIN_COLUMN_surplus_refund_no, refund_no);
    put_decision(rows, "decided", decision, refund_no);
}
