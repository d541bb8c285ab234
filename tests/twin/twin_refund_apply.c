/* SPDX-License-Identifier: Apache-2.0 */
/* refund_apply, the only statement that changes a refund's state, and what a provider says about refunds. */
#include "twin_internal.h"

struct statement_parts {
    struct twin_value digest, source, raw, signer, status, trade_no, refunded, stated_at,
        observed_at, mismatch;
};

static void
read_parts(struct twin_args *args, struct statement_parts *out)
{
    out->digest = twin_arg(args, TWIN_BYTES);
    out->source = twin_arg(args, TWIN_TEXT);
    out->raw = twin_arg(args, TWIN_BYTES);
    out->signer = twin_arg(args, TWIN_TEXT);
    out->status = twin_arg(args, TWIN_TEXT);
    out->trade_no = twin_arg(args, TWIN_TEXT);
    out->refunded = twin_arg(args, TWIN_I64);
    out->stated_at = twin_arg(args, TWIN_TIME);
    out->observed_at = twin_arg(args, TWIN_TIME);
    out->mismatch = twin_arg(args, TWIN_TEXT);
}

static bool
is_stored(struct twin *twin, const struct twin_row *refund, struct twin_value digest)
{
    return TWIN_FIND(twin, evidence, IS(evidence, slot, OF(refund, refund, slot)),
                     IS(evidence, attempt_no, OF(refund, refund, attempt_no)),
                     IS(evidence, digest, digest))
           != NULL;
}

static void
store(struct twin *twin, const struct twin_row *refund, const struct statement_parts *parts)
{
    if (!twin_some(parts->digest) || is_stored(twin, refund, parts->digest)) {
        return;
    }
    (void)TWIN_INSERT(
        twin, evidence, IS(evidence, slot, OF(refund, refund, slot)),
        IS(evidence, attempt_no, OF(refund, refund, attempt_no)),
        IS(evidence, digest, parts->digest), IS(evidence, source, parts->source),
        IS(evidence, raw, parts->raw), IS(evidence, signer, parts->signer),
        IS(evidence, provider_status, parts->status),
        IS(evidence, provider_trade_no, twin_either(parts->trade_no, twin_text(""))),
        IS(evidence, refund_no, OF(refund, refund, refund_no)),
        IS(evidence, refunded_fen, parts->refunded), IS(evidence, stated_at, parts->stated_at),
        IS(evidence, observed_at, parts->observed_at), IS(evidence, mismatch, parts->mismatch));
}

void
twin_run_refund_notice(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct statement_parts parts;
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value number = twin_arg(args, TWIN_TEXT);
    const struct twin_row *row =
        TWIN_FIND(twin, refund, IS(refund, slot, slot), IS(refund, refund_no, number));
    read_parts(args, &parts);
    const char *outcome = row == NULL                          ? "refund_unknown"
                          : is_stored(twin, row, parts.digest) ? "repeated"
                                                               : "stored";
    if (row != NULL) {
        store(twin, row, &parts);
    }
    twin_rows_begin(rows);
    twin_rows_put(rows, "outcome", twin_text(outcome));
}

struct refund_change {
    struct twin_row *row;
    struct twin_value event, actor, version, provider_code, next_poll_at, now, reason, bill_day;
    struct statement_parts parts;
    struct twin_value from_state;
    const char *to_state;
    const char *effect;
};

static bool
is_succeeded(const struct refund_change *c)
{
    return twin_is(twin_text(c->to_state), "succeeded");
}

/* Nothing will go back of it. */
static bool
is_given_up(const struct refund_change *c)
{
    struct twin_value state = twin_text(c->to_state);
    return twin_is(state, "rejected") || twin_is(state, "withdrawn") || twin_is(state, "failed");
}

static void
set_times(struct twin *twin, const struct refund_change *c)
{
    struct twin_row *row = c->row;
    bool decides = twin_is(c->event, "approve") || twin_is(c->event, "reject")
                   || twin_is(c->event, "withdraw");
    if (decides) {
        twin_set(twin, row, TWIN_COLUMN_refund_decided_at, c->now);
    }
    if (twin_is(c->event, "send")) {
        twin_set(twin, row, TWIN_COLUMN_refund_send_count,
                 twin_i64(OF(row, refund, send_count).number + 1));
        twin_set(twin, row, TWIN_COLUMN_refund_first_sent_at,
                 twin_either(OF(row, refund, first_sent_at), c->now));
        twin_set(twin, row, TWIN_COLUMN_refund_last_sent_at, c->now);
    }
    if (twin_some(c->parts.digest)) {
        twin_set(twin, row, TWIN_COLUMN_refund_last_answer_at, c->now);
    }
    twin_set(twin, row, TWIN_COLUMN_refund_next_poll_at,
             is_given_up(c) || is_succeeded(c) ? twin_text(NULL)
             : twin_is(c->event, "approve")
                 ? c->now
                 : twin_either(c->next_poll_at, OF(row, refund, next_poll_at)));
}

/* From when on the provider has it, and on which bill it is expected. */
static void
set_taken(struct twin *twin, const struct refund_change *c)
{
    struct twin_row *row = c->row;
    struct twin_value state = twin_text(c->to_state);
    struct twin_value at = twin_either(c->parts.stated_at, c->now);
    if (is_succeeded(c) || twin_is(state, "accepted") || twin_is(state, "abnormal")) {
        twin_set(twin, row, TWIN_COLUMN_refund_taken_at,
                 twin_either(OF(row, refund, taken_at), at));
        twin_set(twin, row, TWIN_COLUMN_refund_bill_day,
                 twin_either(c->bill_day,
                             twin_either(OF(row, refund, bill_day), twin_day_in_china(at))));
    }
}

static void
set_state(struct twin *twin, const struct refund_change *c)
{
    struct twin_row *row = c->row;
    if (twin_is(c->event, "confirm")) {
        twin_set(twin, row, TWIN_COLUMN_refund_requested_by, c->actor);
    } else if (twin_is(c->event, "approve")) {
        twin_set(twin, row, TWIN_COLUMN_refund_approved_by, c->actor);
    } else if (twin_is(c->event, "reject")) {
        twin_set(twin, row, TWIN_COLUMN_refund_rejected_by, c->actor);
    } else if (twin_is(c->event, "withdraw")) {
        twin_set(twin, row, TWIN_COLUMN_refund_withdrawn_by, c->actor);
        twin_set(twin, row, TWIN_COLUMN_refund_withdrawn_reason, c->reason);
    }
    bool succeeded = is_succeeded(c);
    struct twin_value at =
        twin_either(OF(row, refund, succeeded_at), twin_either(c->parts.stated_at, c->now));
    twin_set(twin, row, TWIN_COLUMN_refund_succeeded_at, succeeded ? at : twin_text(NULL));
    if (succeeded) {
        twin_set(twin, row, TWIN_COLUMN_refund_moved_fen, OF(row, refund, amount_fen));
    }
    if (twin_some(c->provider_code) && !twin_is(c->provider_code, "")) {
        twin_set(twin, row, TWIN_COLUMN_refund_provider_code, c->provider_code);
    }
    twin_set(twin, row, TWIN_COLUMN_refund_state, twin_text(c->to_state));
    twin_set(twin, row, TWIN_COLUMN_refund_version, twin_i64(OF(row, refund, version).number + 1));
}

/* What does not go back is free again; what went back is counted. */
static void
balance(struct twin *twin, const struct refund_change *c)
{
    struct twin_row *attempt = TWIN_FIND(twin, attempt, IS(attempt, slot, OF(c->row, refund, slot)),
                                         IS(attempt, attempt_no, OF(c->row, refund, attempt_no)));
    int64_t amount = OF(c->row, refund, amount_fen).number;
    if (twin_is(c->from_state, c->to_state)) {
        return;
    }
    if (is_given_up(c)) {
        twin_set(twin, attempt, TWIN_COLUMN_attempt_refund_reserved_fen,
                 twin_i64(OF(attempt, attempt, refund_reserved_fen).number - amount));
    } else if (is_succeeded(c)) {
        twin_set(twin, attempt, TWIN_COLUMN_attempt_refunded_fen,
                 twin_i64(OF(attempt, attempt, refunded_fen).number + amount));
    }
}

static void
record(struct twin *twin, const struct refund_change *c)
{
    struct twin_row *payment = TWIN_FIND(twin, payment, IS(payment, slot, OF(c->row, refund, slot)),
                                         IS(payment, payment_no, OF(c->row, refund, payment_no)));
    const struct twin_event event = { .attempt_no = OF(c->row, refund, attempt_no),
                                      .refund_no = OF(c->row, refund, refund_no),
                                      .actor = c->actor,
                                      .machine = "refund",
                                      .from_state = c->from_state,
                                      .event = c->event,
                                      .to_state = c->to_state,
                                      .effect = c->effect,
                                      .digest = c->parts.digest,
                                      .at = c->now };
    int64_t seq = twin_event_add(twin, payment, &event);
    bool told = is_succeeded(c) || is_given_up(c);
    if (c->effect[0] == 'm' && told && !twin_is(twin_text(c->to_state), "rejected")) {
        const char *kind = is_succeeded(c)                                ? "refund.succeeded"
                           : twin_is(twin_text(c->to_state), "withdrawn") ? "refund.withdrawn"
                                                                          : "refund.failed";
        (void)TWIN_INSERT(twin, outbox, IS(outbox, slot, OF(c->row, refund, slot)),
                          IS(outbox, payment_no, OF(c->row, refund, payment_no)),
                          IS(outbox, seq, twin_i64(seq)), IS(outbox, kind, twin_text(kind)),
                          IS(outbox, attempt_no, OF(c->row, refund, attempt_no)),
                          IS(outbox, at, c->now));
    }
}

static void
move(struct twin *twin, struct refund_change *c)
{
    store(twin, c->row, &c->parts);
    set_state(twin, c);
    set_taken(twin, c);
    set_times(twin, c);
    balance(twin, c);
    record(twin, c);
}

static const char *
judge(struct twin *twin, const struct refund_change *c)
{
    if (c->row == NULL) {
        return "refund_unknown";
    }
    bool as_seen = !twin_some(c->version) || twin_eq(c->version, OF(c->row, refund, version));
    bool known = twin_some(c->parts.digest) && is_stored(twin, c->row, c->parts.digest);
    bool moves = c->to_state != NULL && c->effect[0] == 'm';
    bool same_person =
        twin_is(c->event, "approve") && twin_eq(OF(c->row, refund, requested_by), c->actor);
    return c->to_state == NULL           ? "refused"
           : same_person                 ? "same_person"
           : as_seen && known && !moves  ? "repeated"
           : !as_seen || twin->overtaken ? "lost_race"
                                         : "applied";
}

void
twin_run_refund_apply(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    static const struct twin_value none;
    struct refund_change c = { .row = NULL };
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value number = twin_arg(args, TWIN_TEXT);
    c.row = TWIN_FIND(twin, refund, IS(refund, slot, slot), IS(refund, refund_no, number));
    c.event = twin_arg(args, TWIN_TEXT);
    c.actor = twin_arg(args, TWIN_TEXT);
    c.version = twin_arg(args, TWIN_I64);
    read_parts(args, &c.parts);
    c.provider_code = twin_arg(args, TWIN_TEXT);
    c.next_poll_at = twin_arg(args, TWIN_TIME);
    c.now = twin_arg(args, TWIN_TIME);
    c.reason = twin_arg(args, TWIN_TEXT);
    c.bill_day = twin_arg(args, TWIN_DAY);
    if (c.row != NULL) {
        c.from_state = OF(c.row, refund, state);
        if (!twin_refund_edge(c.from_state.bytes, c.event.bytes, &c.to_state, &c.effect)) {
            c.to_state = NULL;
        }
    }
    const char *outcome = judge(twin, &c);
    bool applied = twin_is(twin_text(outcome), "applied");
    if (applied) {
        move(twin, &c);
    }
    twin_rows_begin(rows);
    twin_rows_put(rows, "outcome", twin_text(outcome));
    twin_rows_put(rows, "from_state", c.from_state);
    twin_rows_put(rows, "state", applied ? twin_text(c.to_state) : c.from_state);
    twin_rows_put(rows, "effect", applied ? twin_text(c.effect) : none);
}
