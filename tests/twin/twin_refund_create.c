/* SPDX-License-Identifier: Apache-2.0 */
/* Refunds begin: asked for by people, or made by the policy for money that nobody expected. */
#include <assert.h>

#include "twin_internal.h"

#define REFUNDS_MOST 50

/* What refund_made.part takes from `reserved`. */
struct beginning {
    struct twin_value cause, reason, request_key, requested_by, approved_by, actor, now;
    const char *event;
    const char *state;
    int64_t amount;
};

static struct twin_row *
payment_of(struct twin *twin, const struct twin_row *attempt)
{
    return TWIN_FIND(twin, payment, IS(payment, slot, OF(attempt, attempt, slot)),
                     IS(payment, payment_no, OF(attempt, attempt, payment_no)));
}

static void
reserve(struct twin *twin, struct twin_row *attempt, int64_t amount)
{
    int64_t reserved = OF(attempt, attempt, refund_reserved_fen).number + amount;
    int64_t count = OF(attempt, attempt, refund_count).number + 1;
    twin_set(twin, attempt, TWIN_COLUMN_attempt_refund_count, twin_i64(count));
    if (twin->flaw != TWIN_FLAW_UNRESERVED) {
        twin_set(twin, attempt, TWIN_COLUMN_attempt_refund_reserved_fen, twin_i64(reserved));
    }
}

static const struct twin_row *
insert(struct twin *twin, const struct beginning *b, const struct twin_row *attempt,
       const struct twin_row *payment)
{
    static const struct twin_value none;
    DEFER(buf_fini) struct buf number = BUF_MAX(32);
    bool approved = twin_is(twin_text(b->state), "approved");
    enum err err =
        buf_printf(&number, "%.*sR%02lld", SPAN_ARG(OF(attempt, attempt, attempt_no).bytes),
                   (long long)OF(attempt, attempt, refund_count).number);
    assert(err == ERR_OK);
    (void)err;
    return TWIN_INSERT(
        twin, refund, IS(refund, slot, OF(attempt, attempt, slot)),
        IS(refund, refund_no, twin_span(buf_span(&number))),
        IS(refund, payment_no, OF(attempt, attempt, payment_no)),
        IS(refund, attempt_no, OF(attempt, attempt, attempt_no)),
        IS(refund, owner, OF(payment, payment, owner)), IS(refund, amount_fen, twin_i64(b->amount)),
        IS(refund, currency, OF(attempt, attempt, currency)),
        IS(refund, total_fen, OF(attempt, attempt, refundable_fen)), IS(refund, cause, b->cause),
        IS(refund, reason, b->reason), IS(refund, request_key, b->request_key),
        IS(refund, state, twin_text(b->state)), IS(refund, requested_by, b->requested_by),
        IS(refund, approved_by, b->approved_by), IS(refund, send_count, twin_i64(0)),
        IS(refund, version, twin_i64(0)), IS(refund, next_poll_at, approved ? b->now : none),
        IS(refund, poll_count, twin_i64(0)), IS(refund, created_at, b->now),
        IS(refund, decided_at, approved ? b->now : none));
}

/* Sets the amount aside and makes the refund of it, with its first event. Returns its number. */
static struct twin_value
make(struct twin *twin, const struct beginning *b, struct twin_row *attempt)
{
    struct twin_row *payment = payment_of(twin, attempt);
    reserve(twin, attempt, b->amount);
    const struct twin_row *made = insert(twin, b, attempt, payment);
    const struct twin_event event = { .attempt_no = OF(attempt, attempt, attempt_no),
                                      .refund_no = OF(made, refund, refund_no),
                                      .actor = b->actor,
                                      .machine = "refund",
                                      .from_state = twin_text("none"),
                                      .event = twin_text(b->event),
                                      .to_state = b->state,
                                      .effect = "move",
                                      .at = b->now };
    (void)twin_event_add(twin, payment, &event);
    return OF(made, refund, refund_no);
}

static struct twin_row *
attempt_for(struct twin *twin, struct twin_value slot, struct twin_value attempt_no,
            struct twin_value owner)
{
    struct twin_row *attempt =
        TWIN_FIND(twin, attempt, IS(attempt, slot, slot), IS(attempt, attempt_no, attempt_no));
    bool theirs =
        attempt != NULL
        && (twin_is(owner, "") || twin_eq(OF(payment_of(twin, attempt), payment, owner), owner));
    return theirs ? attempt : NULL;
}

static const char *
refusal(const struct twin_row *attempt, int64_t amount)
{
    if (attempt == NULL) {
        return "attempt_unknown";
    }
    int64_t refundable = OF(attempt, attempt, refundable_fen).number;
    int64_t reserved = OF(attempt, attempt, refund_reserved_fen).number;
    return refundable == 0                                             ? "payment_state"
           : OF(attempt, attempt, refund_count).number >= REFUNDS_MOST ? "refund_limit"
           : reserved + amount > refundable                            ? "refund_amount"
                                                                       : NULL;
}

void
twin_run_refund_create(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value attempt_no = twin_arg(args, TWIN_TEXT);
    struct twin_value owner = twin_arg(args, TWIN_TEXT);
    struct beginning b = { .cause = twin_text("asked"), .event = "request", .state = "requested" };
    b.amount = twin_arg(args, TWIN_I64).number;
    b.reason = twin_arg(args, TWIN_TEXT);
    b.actor = twin_arg(args, TWIN_TEXT);
    b.requested_by = b.actor;
    b.now = twin_arg(args, TWIN_TIME);
    b.request_key = twin_arg(args, TWIN_TEXT);
    if (twin->flaw == TWIN_FLAW_UNAPPROVED) {
        b.event = "approve";
        b.state = "approved";
        b.approved_by = twin_text("nobody");
    }
    const struct twin_row *before =
        TWIN_FIND(twin, refund, IS(refund, slot, slot), IS(refund, owner, owner),
                  IS(refund, request_key, b.request_key));
    struct twin_row *attempt = attempt_for(twin, slot, attempt_no, owner);
    const char *refused = before != NULL ? NULL : refusal(attempt, b.amount);
    struct twin_value number = before != NULL    ? OF(before, refund, refund_no)
                               : refused != NULL ? twin_text("")
                                                 : make(twin, &b, attempt);
    twin_rows_begin(rows);
    twin_rows_put(rows, "outcome", twin_text(refused == NULL ? "created" : refused));
    twin_rows_put(rows, "refund_no", number);
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

/* All that is left of it; nobody need approve what stays within the policy's limit. */
static struct twin_value
make_all(struct twin *twin, struct beginning *b, bool alone, struct twin_row *attempt)
{
    DEFER(buf_fini) struct buf asker = BUF_MAX(64);
    enum err err = buf_printf(&asker, "policy:%.*s", SPAN_ARG(b->cause.bytes));
    assert(err == ERR_OK);
    (void)err;
    b->reason = b->cause;
    b->event = alone ? "approve" : "propose";
    b->state = alone ? "approved" : "proposed";
    if (alone) {
        b->requested_by = twin_span(buf_span(&asker));
        b->approved_by = twin_text("policy:limit");
    }
    return make(twin, b, attempt);
}

void
twin_run_refund_policy(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value attempt_no = twin_arg(args, TWIN_TEXT);
    struct beginning b = { .cause = twin_arg(args, TWIN_TEXT) };
    struct twin_value wanted = twin_arg(args, TWIN_TEXT);
    int64_t most = twin_arg(args, TWIN_I64).number;
    b.now = twin_arg(args, TWIN_TIME);
    struct twin_value refund_no = twin_text(NULL);
    struct twin_row *row =
        TWIN_FIND(twin, surplus, IS(surplus, slot, slot), IS(surplus, attempt_no, attempt_no),
                  IS(surplus, cause, b.cause));
    if (row == NULL || twin_some(OF(row, surplus, decision))) {
        put_decision(rows, "lost_race", "", refund_no);
        return;
    }
    struct twin_row *attempt =
        TWIN_FIND(twin, attempt, IS(attempt, slot, slot), IS(attempt, attempt_no, attempt_no));
    b.amount = OF(attempt, attempt, refundable_fen).number
               - OF(attempt, attempt, refund_reserved_fen).number;
    bool alone = twin_is(wanted, "refund") && b.amount <= most;
    bool keeps = twin_is(wanted, "accept");
    bool makes = !keeps && b.amount > 0 && OF(attempt, attempt, refund_count).number < REFUNDS_MOST;
    if (makes) {
        refund_no = make_all(twin, &b, alone, attempt);
    }
    const char *decision = keeps ? "accept" : makes && alone ? "refund" : "propose";
    twin_set(twin, row, TWIN_COLUMN_surplus_decision, twin_text(decision));
    twin_set(twin, row, TWIN_COLUMN_surplus_decided_at, b.now);
    twin_set(twin, row, TWIN_COLUMN_surplus_due_at, twin_text(NULL));
    twin_set(twin, row, TWIN_COLUMN_surplus_refund_no, refund_no);
    put_decision(rows, "decided", decision, refund_no);
}
