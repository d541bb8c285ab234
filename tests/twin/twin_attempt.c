/* SPDX-License-Identifier: Apache-2.0 */
/* Statements about attempts that are no change of money state. */
#include "twin_internal.h"

static struct twin_row *
attempt_of(struct twin *twin, struct twin_args *args)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value number = twin_arg(args, TWIN_TEXT);
    return TWIN_FIND(twin, attempt, IS(attempt, slot, slot), IS(attempt, attempt_no, number));
}

struct attempt_wish {
    struct twin_value slot;
    struct twin_value payment_no;
    struct twin_value texts[5]; /* provider, account, application, merchant, method */
    struct twin_value expires_at;
    struct twin_value next_poll_at;
    struct twin_value now;
    int64_t most;
};

static void
make_attempt(struct twin *twin, const struct attempt_wish *wish, const struct twin_row *payment,
             struct twin_value number)
{
    (void)TWIN_INSERT(
        twin, attempt, IS(attempt, slot, wish->slot), IS(attempt, attempt_no, number),
        IS(attempt, payment_no, wish->payment_no), IS(attempt, provider, wish->texts[0]),
        IS(attempt, account, wish->texts[1]), IS(attempt, application, wish->texts[2]),
        IS(attempt, merchant, wish->texts[3]), IS(attempt, method, wish->texts[4]),
        IS(attempt, state, twin_text("created")),
        IS(attempt, amount_fen, OF(payment, payment, amount_fen)),
        IS(attempt, currency, OF(payment, payment, currency)),
        IS(attempt, expires_at, wish->expires_at), IS(attempt, version, twin_i64(0)),
        IS(attempt, next_poll_at, wish->next_poll_at), IS(attempt, poll_count, twin_i64(0)),
        IS(attempt, query_count, twin_i64(0)), IS(attempt, refundable_fen, twin_i64(0)),
        IS(attempt, refund_reserved_fen, twin_i64(0)), IS(attempt, refunded_fen, twin_i64(0)),
        IS(attempt, refund_count, twin_i64(0)), IS(attempt, created_at, wish->now));
}

static const char *
refusal(const struct twin_row *payment, const struct attempt_wish *wish)
{
    return payment == NULL ? "payment_unknown"
           : !twin_is(OF(payment, payment, state), "open")
                   || twin_some(OF(payment, payment, close_asked_at))
               ? "payment_state"
           : OF(payment, payment, expires_at).number <= wish->now.number ? "expired"
           : OF(payment, payment, attempt_count).number >= wish->most    ? "attempt_limit"
                                                                         : NULL;
}

void
twin_run_attempt_create(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct attempt_wish wish;
    DEFER(buf_fini) struct buf number = BUF_MAX(32);
    wish.slot = twin_arg(args, TWIN_I64);
    wish.payment_no = twin_arg(args, TWIN_TEXT);
    for (size_t i = 0; i < 5; i++) {
        wish.texts[i] = twin_arg(args, TWIN_TEXT);
    }
    wish.expires_at = twin_arg(args, TWIN_TIME);
    wish.next_poll_at = twin_arg(args, TWIN_TIME);
    wish.now = twin_arg(args, TWIN_TIME);
    wish.most = twin_arg(args, TWIN_I64).number;
    struct twin_row *payment = TWIN_FIND(twin, payment, IS(payment, slot, wish.slot),
                                         IS(payment, payment_no, wish.payment_no));
    const char *outcome = refusal(payment, &wish);
    if (outcome == NULL) {
        int64_t count = OF(payment, payment, attempt_count).number + 1;
        if (buf_printf(&number, "%.*s%02lld", SPAN_ARG(wish.payment_no.bytes), (long long)count)
            != ERR_OK) {
            args->err = ERR_DB_STATEMENT;
            return;
        }
        twin_set(twin, payment, TWIN_COLUMN_payment_attempt_count, twin_i64(count));
        make_attempt(twin, &wish, payment, twin_span(buf_span(&number)));
        outcome = "created";
    }
    twin_rows_begin(rows);
    twin_rows_put(rows, "outcome", twin_text(outcome));
    twin_rows_put(rows, "attempt_no", twin_span(buf_span(&number)));
    twin_rows_put(rows, "created_at", wish.now);
}

void
twin_run_attempt_find(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    const struct twin_row *row = attempt_of(twin, args);
    if (row != NULL) {
        twin_rows_begin(rows);
        twin_rows_put_row(rows, row);
    }
}

/* Rows stand in the order of their making, and so do the numbers of one payment's attempts. */
void
twin_run_attempt_list(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value slot = twin_arg(args, TWIN_I64);
    struct twin_value payment_no = twin_arg(args, TWIN_TEXT);
    const struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_attempt, &at)) != NULL;) {
        if (twin_eq(OF(row, attempt, slot), slot)
            && twin_eq(OF(row, attempt, payment_no), payment_no)) {
            twin_rows_begin(rows);
            twin_rows_put_row(rows, row);
        }
    }
}

void
twin_run_attempt_claim_query(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_row *row = attempt_of(twin, args);
    struct twin_value now = twin_arg(args, TWIN_TIME);
    struct twin_value until = twin_arg(args, TWIN_TIME);
    bool query = twin_arg(args, TWIN_BOOL).number != 0;
    if (row != NULL
        && (!twin_some(OF(row, attempt, query_lease_until))
            || OF(row, attempt, query_lease_until).number <= now.number)) {
        twin_set(twin, row, TWIN_COLUMN_attempt_query_lease_until, until);
        if (twin_some(OF(row, attempt, notice))) {
            twin_set(twin, row, TWIN_COLUMN_attempt_notice, twin_text(query ? "asked" : "heard"));
        }
        rows->affected = 1;
    }
}

/* An answer settles what was heard before its question; a closed attempt is then done with. */
static void
settle_notice(struct twin *twin, struct twin_row *row, struct twin_value answered)
{
    if (!twin_some(answered) || !twin_is(OF(row, attempt, notice), "asked")) {
        return;
    }
    twin_set(twin, row, TWIN_COLUMN_attempt_notice, twin_text(NULL));
    if (twin_is(OF(row, attempt, state), "closed")) {
        twin_set(twin, row, TWIN_COLUMN_attempt_next_poll_at, twin_text(NULL));
    }
}

void
twin_run_attempt_release_query(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    static const struct twin_value nobody;
    struct twin_row *row = attempt_of(twin, args);
    struct twin_value until = twin_arg(args, TWIN_TIME);
    struct twin_value answered = twin_arg(args, TWIN_TIME);
    bool asked = twin_arg(args, TWIN_BOOL).number != 0;
    struct twin_value trouble = twin_arg(args, TWIN_TEXT);
    if (row == NULL) {
        return;
    }
    if (twin_eq(OF(row, attempt, query_lease_until), until)) {
        twin_set(twin, row, TWIN_COLUMN_attempt_query_lease_until, nobody);
        settle_notice(twin, row, answered);
    }
    if (twin_some(answered) && OF(row, attempt, last_answer_at).number < answered.number) {
        twin_set(twin, row, TWIN_COLUMN_attempt_last_answer_at, answered);
    }
    if (asked) {
        twin_set(twin, row, TWIN_COLUMN_attempt_query_count,
                 twin_i64(OF(row, attempt, query_count).number + 1));
        twin_set(twin, row, TWIN_COLUMN_attempt_query_trouble, trouble);
    }
    rows->affected = 1;
}

/* The one that is due longest, and not yet asked about at `next`. */
static struct twin_row *
next_due(struct twin *twin, struct twin_value now)
{
    struct twin_row *best = NULL;
    struct twin_row *row;
    for (size_t at = 0; (row = twin_next(twin, TWIN_attempt, &at)) != NULL;) {
        struct twin_value due = OF(row, attempt, next_poll_at);
        if (twin_some(due) && due.number <= now.number
            && (best == NULL || due.number < OF(best, attempt, next_poll_at).number)) {
            best = row;
        }
    }
    return best;
}

void
twin_run_attempt_poll_claim(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_value now = twin_arg(args, TWIN_TIME);
    struct twin_value next = twin_arg(args, TWIN_TIME);
    int64_t most = twin_arg(args, TWIN_I64).number;
    struct twin_row *row;
    while (most-- > 0 && next.number > now.number && (row = next_due(twin, now)) != NULL) {
        twin_set(twin, row, TWIN_COLUMN_attempt_next_poll_at, next);
        twin_set(twin, row, TWIN_COLUMN_attempt_poll_count,
                 twin_i64(OF(row, attempt, poll_count).number + 1));
        twin_rows_begin(rows);
        twin_rows_put_row(rows, row);
    }
}

void
twin_run_attempt_poll_next(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_row *row = attempt_of(twin, args);
    struct twin_value at = twin_arg(args, TWIN_TIME);
    if (row != NULL && !twin_is(OF(row, attempt, state), "paid")
        && !twin_is(OF(row, attempt, state), "late_paid")
        && (!twin_is(OF(row, attempt, state), "closed") || twin_some(OF(row, attempt, notice)))) {
        twin_set(twin, row, TWIN_COLUMN_attempt_next_poll_at, at);
        rows->affected = 1;
    }
}

void
twin_run_attempt_set_qr(struct twin *twin, struct twin_args *args, struct db_rows *rows)
{
    struct twin_row *row = attempt_of(twin, args);
    struct twin_value text = twin_arg(args, TWIN_TEXT);
    if (row != NULL) {
        twin_set(twin, row, TWIN_COLUMN_attempt_qr_text, text);
        rows->affected = 1;
    }
}
