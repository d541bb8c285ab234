/* SPDX-License-Identifier: Apache-2.0 */
/* Messages get their places, deliveries are claimed, and what became of a try is written down. */
#include <assert.h>

#include "crypto.h"
#include "twin_internal.h"

void
twin_endpoint_add(struct twin *twin, const char *id, const char *owner, const char *url)
{
    const char *constraint = "";
    (void)TWIN_INSERT(twin, webhook_endpoint, IS(webhook_endpoint, id, twin_text(id)),
                      IS(webhook_endpoint, owner, twin_text(owner)),
                      IS(webhook_endpoint, url, twin_text(url)),
                      IS(webhook_endpoint, enabled, twin_bool(true)),
                      IS(webhook_endpoint, generation, twin_i64(1)),
                      IS(webhook_endpoint, created_at, twin_time(clock_wall())));
    enum err err = twin_commit(twin, &constraint);
    assert(err == ERR_OK);
    (void)err;
}

static int64_t
last_place(struct twin *twin)
{
    int64_t last = 0;
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_outbox, &at)) != NULL;) {
        int64_t place = OF(row, outbox, place).number;
        last = place > last ? place : last;
    }
    return last;
}

static int64_t
deliver_to_all(struct twin *twin, const struct twin_row *message, struct twin_value now)
{
    int64_t made = 0;
    const struct twin_row *endpoint;
    for (size_t at = 0; (endpoint = twin_next(twin, TWIN_webhook_endpoint, &at)) != NULL;) {
        if (!twin_eq(OF(endpoint, webhook_endpoint, owner), OF(message, outbox, owner))) {
            continue;
        }
        bool enabled = OF(endpoint, webhook_endpoint, enabled).number != 0;
        static const struct twin_value none;
        (void)TWIN_INSERT(twin, webhook_delivery,
                          IS(webhook_delivery, slot, OF(message, outbox, slot)),
                          IS(webhook_delivery, payment_no, OF(message, outbox, payment_no)),
                          IS(webhook_delivery, seq, OF(message, outbox, seq)),
                          IS(webhook_delivery, kind, OF(message, outbox, kind)),
                          IS(webhook_delivery, endpoint_id, OF(endpoint, webhook_endpoint, id)),
                          IS(webhook_delivery, state, twin_text(enabled ? "waiting" : "dead")),
                          IS(webhook_delivery, attempts, twin_i64(0)),
                          IS(webhook_delivery, next_at, enabled ? now : none),
                          IS(webhook_delivery, created_at, now));
        made++;
    }
    return made;
}

/* By at, slot, payment_no, seq, kind. */
static bool
is_earlier(const struct twin_row *a, const struct twin_row *b)
{
    int64_t apart = OF(a, outbox, at).number - OF(b, outbox, at).number;
    apart = apart != 0 ? apart : OF(a, outbox, slot).number - OF(b, outbox, slot).number;
    apart = apart != 0 ? apart
                       : span_cmp(OF(a, outbox, payment_no).bytes, OF(b, outbox, payment_no).bytes);
    apart = apart != 0 ? apart : OF(a, outbox, seq).number - OF(b, outbox, seq).number;
    return apart != 0 ? apart < 0
                      : span_cmp(OF(a, outbox, kind).bytes, OF(b, outbox, kind).bytes) < 0;
}

static struct twin_row *
oldest_unplaced(struct twin *twin)
{
    struct twin_row *best = NULL;
    struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_outbox, &at)) != NULL;) {
        if (!twin_some(OF(row, outbox, place)) && (best == NULL || is_earlier(row, best))) {
            best = row;
        }
    }
    return best;
}

void
twin_run_webhook_fan_out(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value now = twin_arg(args, TWIN_TIME);
    int64_t most = twin_arg(args, TWIN_I64).number;
    int64_t place = last_place(twin);
    int64_t messages = 0;
    int64_t deliveries = 0;
    struct twin_row *row;
    while (messages < most && (row = oldest_unplaced(twin)) != NULL) {
        const struct twin_row *payment =
            TWIN_FIND(twin, payment, IS(payment, slot, OF(row, outbox, slot)),
                      IS(payment, payment_no, OF(row, outbox, payment_no)));
        messages++;
        twin_set(twin, row, TWIN_COLUMN_outbox_owner, OF(payment, payment, owner));
        twin_set(twin, row, TWIN_COLUMN_outbox_place, twin_i64(place + messages));
        deliveries += deliver_to_all(twin, row, now);
    }
    twin_rows_begin(rows);
    twin_rows_put(rows, "messages", twin_i64(messages));
    twin_rows_put(rows, "deliveries", twin_i64(deliveries));
}

/* What the payment had been through when the message's event was written. */
static void
put_past(struct twin *twin, const struct twin_row *message, struct db_rows *rows)
{
    bool paid = false;
    bool late = false;
    bool closed = false;
    bool mismatch = false;
    bool duplicate = false;
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_event, &at)) != NULL;) {
        if (!twin_eq(OF(row, event, payment_no), OF(message, outbox, payment_no))
            || OF(row, event, seq).number > OF(message, outbox, seq).number) {
            continue;
        }
        bool attempt = twin_is(OF(row, event, machine), "attempt");
        bool late_now = attempt && twin_is(OF(row, event, to_state), "late_paid");
        paid = paid || late_now || (attempt && twin_is(OF(row, event, to_state), "paid"));
        late = late || late_now;
        closed = closed || twin_is(OF(row, event, machine), "payment");
        mismatch = mismatch || (attempt && twin_is(OF(row, event, event), "mismatch"));
    }
    for (size_t at = 0; (row = twin_next(twin, TWIN_outbox, &at)) != NULL;) {
        duplicate = duplicate
                    || (twin_eq(OF(row, outbox, payment_no), OF(message, outbox, payment_no))
                        && OF(row, outbox, seq).number <= OF(message, outbox, seq).number
                        && twin_is(OF(row, outbox, kind), "payment.duplicate_paid"));
    }
    twin_rows_put(rows, "payment_state", twin_text(paid ? "paid" : closed ? "closed" : "open"));
    twin_rows_put(rows, "duplicate", twin_bool(duplicate));
    twin_rows_put(rows, "late", twin_bool(late));
    twin_rows_put(rows, "mismatch", twin_bool(mismatch));
}

static void
put_evidence(struct twin *twin, const struct twin_row *event, struct db_rows *rows)
{
    static const struct twin_value none;
    DEFER(buf_fini) struct buf hex = BUF_MAX(2 * SHA256_BYTES);
    struct twin_value digest = OF(event, event, evidence_digest);
    const struct twin_row *v = TWIN_FIND(twin, evidence, IS(evidence, slot, OF(event, event, slot)),
                                         IS(evidence, attempt_no, OF(event, event, attempt_no)),
                                         IS(evidence, digest, digest));
    enum err err = crypto_hex_encode(digest.bytes, &hex);
    assert(err == ERR_OK);
    (void)err;
    twin_rows_put(rows, "evidence_digest", twin_some(digest) ? twin_span(buf_span(&hex)) : none);
    twin_rows_put(rows, "source", v == NULL ? none : OF(v, evidence, source));
    twin_rows_put(rows, "provider_status", v == NULL ? none : OF(v, evidence, provider_status));
    bool named = v != NULL && !twin_is(OF(v, evidence, provider_trade_no), "");
    twin_rows_put(rows, "provider_trade_no", named ? OF(v, evidence, provider_trade_no) : none);
    twin_rows_put(rows, "paid_at", v == NULL ? none : OF(v, evidence, paid_at));
    twin_rows_put(rows, "stated_at", v == NULL ? none : OF(v, evidence, stated_at));
    twin_rows_put(rows, "difference", v == NULL ? none : OF(v, evidence, mismatch));
}

static void
put_message(struct twin *twin, const struct twin_row *delivery, struct db_rows *rows)
{
    static const struct twin_value none;
    struct twin_value slot = OF(delivery, webhook_delivery, slot);
    struct twin_value payment_no = OF(delivery, webhook_delivery, payment_no);
    struct twin_value seq = OF(delivery, webhook_delivery, seq);
    const struct twin_row *message =
        TWIN_FIND(twin, outbox, IS(outbox, slot, slot), IS(outbox, payment_no, payment_no),
                  IS(outbox, seq, seq), IS(outbox, kind, OF(delivery, webhook_delivery, kind)));
    const struct twin_row *event = TWIN_FIND(
        twin, event, IS(event, slot, slot), IS(event, payment_no, payment_no), IS(event, seq, seq));
    const struct twin_row *payment =
        TWIN_FIND(twin, payment, IS(payment, slot, slot), IS(payment, payment_no, payment_no));
    const struct twin_row *attempt =
        TWIN_FIND(twin, attempt, IS(attempt, slot, slot),
                  IS(attempt, attempt_no, OF(event, event, attempt_no)));
    twin_rows_put(rows, "slot", slot);
    twin_rows_put(rows, "payment_no", payment_no);
    twin_rows_put(rows, "seq", seq);
    twin_rows_put(rows, "kind", OF(message, outbox, kind));
    twin_rows_put(rows, "place", OF(message, outbox, place));
    twin_rows_put(rows, "at", OF(event, event, at));
    twin_rows_put(rows, "order_no", OF(payment, payment, order_no));
    twin_rows_put(rows, "amount_fen", OF(payment, payment, amount_fen));
    twin_rows_put(rows, "currency", OF(payment, payment, currency));
    twin_rows_put(rows, "attempt_no", OF(event, event, attempt_no));
    twin_rows_put(rows, "provider", attempt == NULL ? none : OF(attempt, attempt, provider));
    twin_rows_put(rows, "method", attempt == NULL ? none : OF(attempt, attempt, method));
    put_evidence(twin, event, rows);
    const struct twin_row *refund = TWIN_FIND(twin, refund, IS(refund, slot, slot),
                                              IS(refund, refund_no, OF(event, event, refund_no)));
    twin_rows_put(rows, "refund_no", OF(event, event, refund_no));
    twin_rows_put(rows, "refund_fen", refund == NULL ? none : OF(refund, refund, amount_fen));
    twin_rows_put(rows, "refund_cause", refund == NULL ? none : OF(refund, refund, cause));
    put_past(twin, message, rows);
    twin_rows_put(rows, "reconciliation", none); /* a twin reconciles nothing */
}

/* How many of the endpoint are under way. */
static int64_t
leased(struct twin *twin, struct twin_value endpoint, struct twin_value now)
{
    int64_t count = 0;
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_webhook_delivery, &at)) != NULL;) {
        count += twin_eq(OF(row, webhook_delivery, endpoint_id), endpoint)
                 && OF(row, webhook_delivery, lease_until).number > now.number;
    }
    return count;
}

static bool
is_due(struct twin *twin, const struct twin_row *row, struct twin_value now, int64_t most_there)
{
    return twin_is(OF(row, webhook_delivery, state), "waiting")
           && OF(row, webhook_delivery, next_at).number <= now.number
           && OF(row, webhook_delivery, lease_until).number <= now.number
           && leased(twin, OF(row, webhook_delivery, endpoint_id), now) < most_there;
}

/* Deliveries were made in the order of their places. */
void
twin_run_webhook_claim(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value now = twin_arg(args, TWIN_TIME);
    struct twin_value until = twin_arg(args, TWIN_TIME);
    int64_t most = twin_arg(args, TWIN_I64).number;
    int64_t most_there = twin_arg(args, TWIN_I64).number;
    struct twin_row *row;
    for (size_t at = 0; most > 0 && (row = twin_next(twin, TWIN_webhook_delivery, &at)) != NULL;) {
        const struct twin_row *endpoint =
            TWIN_FIND(twin, webhook_endpoint,
                      IS(webhook_endpoint, id, OF(row, webhook_delivery, endpoint_id)));
        if (!is_due(twin, row, now, most_there)
            || OF(endpoint, webhook_endpoint, enabled).number == 0) {
            continue;
        }
        most--;
        twin_set(twin, row, TWIN_COLUMN_webhook_delivery_lease_until, until);
        twin_rows_begin(rows);
        twin_rows_put(rows, "endpoint_id", OF(row, webhook_delivery, endpoint_id));
        twin_rows_put(rows, "attempts", OF(row, webhook_delivery, attempts));
        twin_rows_put(rows, "url", OF(endpoint, webhook_endpoint, url));
        twin_rows_put(rows, "generation", OF(endpoint, webhook_endpoint, generation));
        twin_rows_put(rows, "previous_generation", twin_text(NULL));
        put_message(twin, row, rows);
    }
}

/* No endpoint of a twin says that it is gone. */
void
twin_run_webhook_record(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    const struct twin_key keys[] = {
        IS(webhook_delivery, slot, twin_arg(args, TWIN_I64)),
        IS(webhook_delivery, payment_no, twin_arg(args, TWIN_TEXT)),
        IS(webhook_delivery, seq, twin_arg(args, TWIN_I64)),
        IS(webhook_delivery, kind, twin_arg(args, TWIN_TEXT)),
        IS(webhook_delivery, endpoint_id, twin_arg(args, TWIN_TEXT)),
    };
    struct twin_value state = twin_arg(args, TWIN_TEXT);
    struct twin_value next = twin_arg(args, TWIN_TIME);
    struct twin_value status = twin_arg(args, TWIN_I64);
    struct twin_value error = twin_arg(args, TWIN_TEXT);
    struct twin_value now = twin_arg(args, TWIN_TIME);
    bool delivered = twin_is(state, "delivered");
    struct twin_row *row = twin_find(twin, TWIN_webhook_delivery, keys, 5);
    assert(twin_arg(args, TWIN_BOOL).number == 0);
    bool takes = row != NULL
                 && (twin_is(OF(row, webhook_delivery, state), "waiting")
                     || (delivered && twin_is(OF(row, webhook_delivery, state), "dead")));
    if (takes) {
        twin_set(twin, row, TWIN_COLUMN_webhook_delivery_state, state);
        twin_set(twin, row, TWIN_COLUMN_webhook_delivery_attempts,
                 twin_i64(OF(row, webhook_delivery, attempts).number + 1));
        twin_set(twin, row, TWIN_COLUMN_webhook_delivery_next_at, next);
        twin_set(twin, row, TWIN_COLUMN_webhook_delivery_lease_until, twin_text(NULL));
        twin_set(twin, row, TWIN_COLUMN_webhook_delivery_last_at, now);
        twin_set(twin, row, TWIN_COLUMN_webhook_delivery_last_status, status);
        twin_set(twin, row, TWIN_COLUMN_webhook_delivery_last_error, error);
        twin_set(twin, row, TWIN_COLUMN_webhook_delivery_delivered_at,
                 delivered ? now : twin_text(NULL));
    }
    twin_rows_begin(rows);
    twin_rows_put(rows, "recorded", twin_i64(takes));
    twin_rows_put(rows, "disabled", twin_i64(0));
    twin_rows_put(rows, "given_up", twin_i64(0));
}
