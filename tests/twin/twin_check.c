/* SPDX-License-Identifier: Apache-2.0 */
/* CHECK constraints, the partial index on open payments and the reference to the edges. */
#include <string.h>

#include "attempt.h"
#include "twin_internal.h"

static bool
is_paid(struct twin_value state)
{
    return twin_is(state, "paid") || twin_is(state, "late_paid");
}

static const char *
check_payment(struct twin *twin, const struct twin_row *row)
{
    struct twin_row *other;
    size_t open = 0;
    for (size_t at = 0; (other = twin_next(twin, TWIN_payment, &at)) != NULL;) {
        open += twin_is(OF(other, payment, state), "open")
                && twin_eq(OF(other, payment, slot), OF(row, payment, slot))
                && twin_eq(OF(other, payment, owner), OF(row, payment, owner))
                && twin_eq(OF(other, payment, order_no), OF(row, payment, order_no));
    }
    struct span number = OF(row, payment, payment_no).bytes;
    if (number.len != 19 || !span_is_digits(number)) {
        return "payment_payment_no_check";
    }
    if (twin_some(OF(row, payment, chain)) != (OF(row, payment, version).number > 0)) {
        return "payment_check";
    }
    if (OF(row, payment, sealed_version).number > OF(row, payment, version).number) {
        return "payment_check1";
    }
    return open > 1 ? "payment_one_open" : NULL;
}

static const char *
check_attempt(const struct twin_row *row)
{
    enum attempt_state state;
    if (attempt_state_decode(OF(row, attempt, state).bytes, &state) != ERR_OK) {
        return "attempt_state_check";
    }
    bool dated = twin_some(OF(row, attempt, paid_at));
    int64_t reserved = OF(row, attempt, refund_reserved_fen).number;
    int64_t refunded = OF(row, attempt, refunded_fen).number;
    if (refunded < 0 || refunded > reserved || reserved > OF(row, attempt, refundable_fen).number) {
        return "attempt_refunds_fit";
    }
    if (is_paid(OF(row, attempt, state)) != dated) {
        return "attempt_check";
    }
    return dated != twin_some(OF(row, attempt, bill_day)) ? "attempt_check1" : NULL;
}

static bool
is_own_act(struct twin_value event)
{
    return twin_is(event, "sent") || twin_is(event, "no_answer") || twin_is(event, "close_asked");
}

static bool
evidence_is_there(struct twin *twin, const struct twin_row *row)
{
    return !twin_some(OF(row, event, evidence_digest)) || !twin_some(OF(row, event, attempt_no))
           || TWIN_FIND(twin, evidence, IS(evidence, slot, OF(row, event, slot)),
                        IS(evidence, attempt_no, OF(row, event, attempt_no)),
                        IS(evidence, digest, OF(row, event, evidence_digest)))
                  != NULL;
}

static bool
edge_is_there(const struct twin *twin, const struct twin_row *row)
{
    const char *to = NULL;
    const char *effect = NULL;
    if (twin_is(OF(row, event, machine), "payment")) {
        return twin_is(OF(row, event, from_state), "open")
               && twin_is(OF(row, event, event), "closed")
               && twin_is(OF(row, event, to_state), "closed");
    }
    if (twin_is(OF(row, event, machine), "refund")) {
        return twin_refund_edge(OF(row, event, from_state).bytes, OF(row, event, event).bytes, &to,
                                &effect)
               && twin_is(OF(row, event, to_state), to);
    }
    return twin_is(OF(row, event, machine), "attempt")
           && twin_edge(twin, OF(row, event, from_state).bytes, OF(row, event, event).bytes, &to,
                        &effect)
           && twin_is(OF(row, event, to_state), to);
}

static const char *
check_event(struct twin *twin, const struct twin_row *row)
{
    bool attempt = twin_is(OF(row, event, machine), "attempt");
    if (attempt && !is_own_act(OF(row, event, event))
        && !twin_some(OF(row, event, evidence_digest))) {
        return "event_check";
    }
    if (twin_is(OF(row, event, machine), "refund") != twin_some(OF(row, event, refund_no))) {
        return "event_of_refund";
    }
    if (!edge_is_there(twin, row)) {
        return "event_machine_from_state_event_to_state_fkey";
    }
    return evidence_is_there(twin, row) ? NULL : "event_slot_attempt_no_evidence_digest_fkey";
}

static const char *
check_refund(const struct twin_row *row)
{
    struct twin_value approved = OF(row, refund, approved_by);
    bool before = twin_is(OF(row, refund, state), "proposed")
                  || twin_is(OF(row, refund, state), "requested")
                  || twin_is(OF(row, refund, state), "rejected");
    bool sent = OF(row, refund, send_count).number > 0;
    if (twin_eq(approved, OF(row, refund, requested_by))) {
        return "refund_two_people";
    }
    if (before == twin_some(approved)) {
        return "refund_approved";
    }
    if (twin_is(OF(row, refund, state), "succeeded") != twin_some(OF(row, refund, moved_fen))) {
        return "refund_moved";
    }
    if ((twin_is(OF(row, refund, state), "withdrawn") && sent)
        || twin_is(OF(row, refund, state), "withdrawn") != twin_some(OF(row, refund, withdrawn_by))
        || twin_some(OF(row, refund, withdrawn_by))
               != twin_some(OF(row, refund, withdrawn_reason))) {
        return "refund_withdrawn";
    }
    return sent != twin_some(OF(row, refund, first_sent_at)) ? "refund_was_sent" : NULL;
}

const char *
twin_check(struct twin *twin, const struct twin_row *row)
{
    switch (row->table) {
    case TWIN_payment:
        return check_payment(twin, row);
    case TWIN_attempt:
        return check_attempt(row);
    case TWIN_event:
        return check_event(twin, row);
    case TWIN_evidence:
        return OF(row, evidence, digest).bytes.len == 32 ? NULL : "evidence_digest_check";
    case TWIN_refund:
        return check_refund(row);
    case TWIN_webhook_delivery:
        return twin_is(OF(row, webhook_delivery, state), "waiting")
                       == twin_some(OF(row, webhook_delivery, next_at))
                   ? NULL
                   : "webhook_delivery_check";
    case TWIN_ca_order:
    case TWIN_outbox:
    case TWIN_surplus:
    case TWIN_orphan_statement:
    case TWIN_audit_checkpoint:
    case TWIN_idempotency:
    case TWIN_query_budget:
    case TWIN_webhook_endpoint:
    case TWIN_TABLES:
        break;
    }
    return NULL;
}
