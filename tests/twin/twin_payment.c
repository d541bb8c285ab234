/* SPDX-License-Identifier: Apache-2.0 */
/* Statements about payments and their orders. */
#include "twin_internal.h"

static struct twin_row *
order_of(struct twin *twin, struct twin_value slot, struct twin_value owner,
         struct twin_value order_no)
{
    return TWIN_FIND(twin, ca_order, IS(ca_order, slot, slot), IS(ca_order, owner, owner),
                     IS(ca_order, order_no, order_no));
}

void
twin_run_payment_sequence(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    (void)args;
    twin_rows_begin(rows);
    twin_rows_put(rows, "sequence", twin_i64(++twin->sequence));
}

/* The paid one, else the newest of those asked for. */
static struct twin_row *
speaking(struct twin *twin, struct twin_value slot, struct twin_value owner,
         struct twin_value order_no, bool closed_too)
{
    struct twin_row *best = NULL;
    struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_payment, &at)) != NULL;) {
        bool ours = twin_eq(OF(row, payment, slot), slot) && twin_eq(OF(row, payment, owner), owner)
                    && twin_eq(OF(row, payment, order_no), order_no);
        if (!ours || (!closed_too && twin_is(OF(row, payment, state), "closed"))) {
            continue;
        }
        bool paid = twin_is(OF(row, payment, state), "paid");
        bool best_paid = best != NULL && twin_is(OF(best, payment, state), "paid");
        if (best == NULL || (paid && !best_paid)
            || (paid == best_paid
                && OF(row, payment, created_at).number > OF(best, payment, created_at).number)) {
            best = row;
        }
    }
    return best;
}

/* Whether the status is one of the blank-separated words. */
static bool
is_among(struct twin_value status, struct twin_value words)
{
    struct span rest = words.bytes;
    struct span word;
    while (span_cut(&rest, ' ', &word)) {
        if (span_eq(word, status.bytes)) {
            return true;
        }
    }
    return span_eq(rest, status.bytes) || span_eq(word, status.bytes);
}

struct creation {
    struct twin_key order[15];
    struct twin_value slot;
    struct twin_value owner;
    struct twin_value order_no;
    struct twin_value amount;
    struct twin_value currency;
    struct twin_value hash;
    struct twin_value now;
    struct twin_value payment_no;
    struct twin_value return_url;
    struct twin_value token;
    struct twin_value expires_at;
    struct twin_value statuses;
};

static const enum twin_column order_columns[] = {
    TWIN_COLUMN_ca_order_slot,         TWIN_COLUMN_ca_order_owner,
    TWIN_COLUMN_ca_order_order_no,     TWIN_COLUMN_ca_order_kind,
    TWIN_COLUMN_ca_order_applicant,    TWIN_COLUMN_ca_order_unit_name,
    TWIN_COLUMN_ca_order_uscc,         TWIN_COLUMN_ca_order_quantity,
    TWIN_COLUMN_ca_order_unit_fee_fen, TWIN_COLUMN_ca_order_amount_fen,
    TWIN_COLUMN_ca_order_currency,     TWIN_COLUMN_ca_order_invoice_profile,
    TWIN_COLUMN_ca_order_content_hash, TWIN_COLUMN_ca_order_created_at,
};
#define ORDER_COLUMNS (sizeof(order_columns) / sizeof(order_columns[0]))

static void
read_creation(struct twin_args *args, struct creation *out)
{
    for (size_t i = 0; i < ORDER_COLUMNS; i++) {
        out->order[i].column = order_columns[i];
        out->order[i].value = twin_arg(args, twin_column_type(order_columns[i]));
    }
    out->slot = out->order[0].value;
    out->owner = out->order[1].value;
    out->order_no = out->order[2].value;
    out->amount = out->order[9].value;
    out->currency = out->order[10].value;
    out->hash = out->order[12].value;
    out->now = out->order[13].value;
    out->payment_no = twin_arg(args, TWIN_TEXT);
    out->return_url = twin_arg(args, TWIN_TEXT);
    out->token = twin_arg(args, TWIN_TEXT);
    out->expires_at = twin_arg(args, TWIN_TIME);
    out->statuses = twin_arg(args, TWIN_TEXT);
}

static struct twin_row *
make_order(struct twin *twin, const struct creation *c)
{
    struct twin_row *row = twin_insert(twin, TWIN_ca_order, c->order, ORDER_COLUMNS);
    twin_set(twin, row, TWIN_COLUMN_ca_order_status, twin_text("draft"));
    twin_set(twin, row, TWIN_COLUMN_ca_order_status_at, c->now);
    twin_set(twin, row, TWIN_COLUMN_ca_order_issued_quantity, twin_i64(0));
    twin_set(twin, row, TWIN_COLUMN_ca_order_success_count, twin_i64(0));
    return row;
}

static void
make_payment(struct twin *twin, const struct creation *c)
{
    (void)TWIN_INSERT(twin, payment, IS(payment, slot, c->slot),
                      IS(payment, payment_no, c->payment_no), IS(payment, owner, c->owner),
                      IS(payment, order_no, c->order_no), IS(payment, state, twin_text("open")),
                      IS(payment, duplicate, twin_bool(false)), IS(payment, late, twin_bool(false)),
                      IS(payment, mismatch, twin_bool(false)), IS(payment, amount_fen, c->amount),
                      IS(payment, currency, c->currency), IS(payment, return_url, c->return_url),
                      IS(payment, checkout_token, c->token),
                      IS(payment, attempt_count, twin_i64(0)), IS(payment, version, twin_i64(0)),
                      IS(payment, sealed_version, twin_i64(0)), IS(payment, created_at, c->now),
                      IS(payment, expires_at, c->expires_at));
}

void
twin_run_payment_create(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct creation c;
    read_creation(args, &c);
    struct twin_row *order = order_of(twin, c.slot, c.owner, c.order_no);
    if (order == NULL) {
        order = make_order(twin, &c);
    }
    struct twin_row *existing = speaking(twin, c.slot, c.owner, c.order_no, false);
    const char *outcome = "created";
    struct twin_value payment_no = c.payment_no;
    if (!twin_eq(OF(order, ca_order, content_hash), c.hash)) {
        outcome = "order_changed";
    } else if (existing != NULL) {
        outcome = "existing";
    } else if (!is_among(OF(order, ca_order, status), c.statuses)) {
        outcome = "order_status";
    } else {
        make_payment(twin, &c);
    }
    if (outcome[0] != 'c') {
        payment_no = existing == NULL ? twin_text("") : OF(existing, payment, payment_no);
    }
    twin_rows_begin(rows);
    twin_rows_put(rows, "outcome", twin_text(outcome));
    twin_rows_put(rows, "payment_no", payment_no);
}

static void
put_payment(struct twin *twin, const struct twin_row *row, struct db_rows *rows)
{
    const struct twin_row *order =
        order_of(twin, OF(row, payment, slot), OF(row, payment, owner), OF(row, payment, order_no));
    twin_rows_begin(rows);
    twin_rows_put_row(rows, row);
    twin_rows_put(rows, "kind", OF(order, ca_order, kind));
    twin_rows_put(rows, "quantity", OF(order, ca_order, quantity));
    twin_rows_put(rows, "order_status", OF(order, ca_order, status));
}

void
twin_run_payment_find(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value number = twin_arg(args, TWIN_TEXT);
    struct twin_value owner = twin_arg(args, TWIN_TEXT);
    const struct twin_row *row =
        TWIN_FIND(twin, payment, IS(payment, slot, slot), IS(payment, payment_no, number));
    if (row != NULL && (twin_is(owner, "") || twin_eq(OF(row, payment, owner), owner))) {
        put_payment(twin, row, rows);
    }
}

void
twin_run_payment_find_by_order(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value owner = twin_arg(args, TWIN_TEXT);
    struct twin_value order_no = twin_arg(args, TWIN_TEXT);
    const struct twin_row *row = speaking(twin, slot, owner, order_no, true);
    if (row != NULL) {
        put_payment(twin, row, rows);
    }
}

void
twin_run_payment_made_since(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value owner = twin_arg(args, TWIN_TEXT);
    struct twin_value order_no = twin_arg(args, TWIN_TEXT);
    struct twin_value hash = twin_arg(args, TWIN_BYTES);
    struct twin_value since = twin_arg(args, TWIN_TIME);
    const struct twin_row *order = order_of(twin, slot, owner, order_no);
    const struct twin_row *first = NULL;
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_payment, &at)) != NULL;) {
        bool ours = order != NULL && twin_eq(OF(order, ca_order, content_hash), hash)
                    && twin_eq(OF(row, payment, slot), slot)
                    && twin_eq(OF(row, payment, owner), owner)
                    && twin_eq(OF(row, payment, order_no), order_no)
                    && OF(row, payment, created_at).number >= since.number;
        if (ours
            && (first == NULL
                || OF(row, payment, created_at).number < OF(first, payment, created_at).number)) {
            first = row;
        }
    }
    if (first != NULL) {
        twin_rows_begin(rows);
        twin_rows_put(rows, "payment_no", OF(first, payment, payment_no));
    }
}

void
twin_run_payment_close_ask(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value number = twin_arg(args, TWIN_TEXT);
    struct twin_value now = twin_arg(args, TWIN_TIME);
    struct twin_row *row =
        TWIN_FIND(twin, payment, IS(payment, slot, slot), IS(payment, payment_no, number));
    if (row != NULL && twin_is(OF(row, payment, state), "open")) {
        twin_set(twin, row, TWIN_COLUMN_payment_close_asked_at,
                 twin_either(OF(row, payment, close_asked_at), now));
        rows->affected = 1;
    }
}

static bool
all_closed(struct twin *twin, const struct twin_row *payment)
{
    struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_attempt, &at)) != NULL;) {
        if (twin_eq(OF(row, attempt, slot), OF(payment, payment, slot))
            && twin_eq(OF(row, attempt, payment_no), OF(payment, payment, payment_no))
            && !twin_is(OF(row, attempt, state), "closed")) {
            return false;
        }
    }
    return true;
}

void
twin_run_payment_close_settle(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value number = twin_arg(args, TWIN_TEXT);
    struct twin_value now = twin_arg(args, TWIN_TIME);
    struct twin_row *row =
        TWIN_FIND(twin, payment, IS(payment, slot, slot), IS(payment, payment_no, number));
    if (row == NULL || !twin_is(OF(row, payment, state), "open")
        || !twin_some(OF(row, payment, close_asked_at)) || !all_closed(twin, row)) {
        return;
    }
    twin_set(twin, row, TWIN_COLUMN_payment_state, twin_text("closed"));
    const struct twin_event event = { .machine = "payment",
                                      .from_state = twin_text("open"),
                                      .event = twin_text("closed"),
                                      .to_state = "closed",
                                      .effect = "move",
                                      .at = now };
    int64_t seq = twin_event_add(twin, row, &event);
    (void)TWIN_INSERT(twin, outbox, IS(outbox, slot, slot), IS(outbox, payment_no, number),
                      IS(outbox, seq, twin_i64(seq)), IS(outbox, kind, twin_text("payment.closed")),
                      IS(outbox, at, now));
    twin_rows_begin(rows);
    twin_rows_put(rows, "payment_no", number);
}

static bool
is_due(struct twin *twin, const struct twin_row *row, struct twin_value now)
{
    return twin_is(OF(row, payment, state), "open")
           && OF(row, payment, expires_at).number <= now.number
           && (!twin_some(OF(row, payment, close_asked_at)) || all_closed(twin, row));
}

/* The one that expired first of those due and not yet taken. */
static struct twin_row *
next_due(struct twin *twin, struct twin_value now, const struct twin_row *after)
{
    struct twin_row *best = NULL;
    struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_payment, &at)) != NULL;) {
        int64_t expires = OF(row, payment, expires_at).number;
        bool later = after == NULL || expires > OF(after, payment, expires_at).number
                     || (expires == OF(after, payment, expires_at).number && row > after);
        if (later && is_due(twin, row, now)
            && (best == NULL || expires < OF(best, payment, expires_at).number
                || (expires == OF(best, payment, expires_at).number && row < best))) {
            best = row;
        }
    }
    return best;
}

void
twin_run_payment_expire_claim(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value now = twin_arg(args, TWIN_TIME);
    int64_t most = twin_arg(args, TWIN_I64).number;
    struct twin_row *taken[64];
    struct twin_row *row = NULL;
    int64_t count = 0;
    while (count < most && count < 64 && (row = next_due(twin, now, row)) != NULL) {
        taken[count++] = row;
    }
    for (int64_t i = 0; i < count; i++) {
        row = taken[i];
        twin_set(twin, row, TWIN_COLUMN_payment_close_asked_at,
                 twin_either(OF(row, payment, close_asked_at), now));
        twin_rows_begin(rows);
        twin_rows_put(rows, "slot", OF(row, payment, slot));
        twin_rows_put(rows, "payment_no", OF(row, payment, payment_no));
    }
}
