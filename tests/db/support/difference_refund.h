/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_DIFFERENCE_REFUND_H
#define TALLYGATE_TESTS_DB_SUPPORT_DIFFERENCE_REFUND_H

/* A refund that a run and the books do not agree about, and what the provider says of it. */

#include "difference_people.h"
#include "refund_store.h"

#define REFUND    ATTEMPT "R01"
#define MINUTE_MS INT64_C(60000)

static inline void
pay(void)
{
    difference_sql("UPDATE tallygate.attempt SET state = 'paid', paid_at = now(), bill_day = '" DAY
                   "', refundable_fen = amount_fen WHERE attempt_no = '" ATTEMPT "'");
}

/* A refund of 1.00 of the attempt, in a state that asking leads to. */
static inline void
refund_is(const char *state)
{
    pay();
    difference_sql(
        "INSERT INTO tallygate.refund (slot, refund_no, payment_no, attempt_no, owner, amount_fen, currency, total_fen, cause, reason,"
        " state, requested_by, approved_by, send_count, first_sent_at, created_at, decided_at, taken_at, bill_day, moved_fen, succeeded_at)"
        " SELECT 7, '" REFUND "', '" PAYMENT "', '" ATTEMPT
        "', 'portal', 100, 'CNY', 56000, 'asked', 'r', s.state, '" MAKER "', '" CHECKER
        "', 1, '" DAY "T05:00:00Z', now(), now(), t.at, (t.at AT TIME ZONE 'Asia/Shanghai')::date,"
        " CASE WHEN t.at IS NOT NULL THEN 100 END, t.at"
        "  FROM (SELECT '%s'::text AS state) s, LATERAL (SELECT CASE s.state WHEN 'succeeded' THEN '" DAY
        "T05:00:01Z'::timestamptz END AS at) t;"
        "UPDATE tallygate.attempt SET refund_reserved_fen = 100, refund_count = 1,"
        " refunded_fen = CASE '%s' WHEN 'succeeded' THEN 100 ELSE 0 END WHERE attempt_no = '" ATTEMPT
        "'",
        state, state);
}

/* A run that saw the refund so, and what it says of it; `p_fen` is what the books have. */
static inline void
refund_day(int64_t run_id, const char *state, const char *code, int64_t p_fen)
{
    difference_run(run_id, DAY, (int)run_id);
    difference_sql("INSERT INTO tallygate.recon_refund VALUES (%lld, '" REFUND "', '" ATTEMPT
                   "', 'portal', 'A-1', '%s', 100, NULL, %s, false)",
                   (long long)run_id, state, p_fen == 0 ? "false" : "true");
    difference_sql(
        "INSERT INTO tallygate.recon_result (run_id, seq, refund_no, provider_trade_no, merchant_order_no, owner, order_no, order_kind,"
        " order_status, order_fen, title, invoice_id, invoiced_fen, primary_code, findings, bucket, face_fen, b_fen, p_fen, delta_fen,"
        " fee_fen, carry_out, flow_fen) VALUES (%lld, 1, '" REFUND
        "', '', '', 'portal', 'A-1', 'new', 'paid', 0, '', '', 0,"
        " '%s', '{}', '%s', 0, 0, %lld, %lld, 0, false, 0)",
        (long long)run_id, code, p_fen == 0 ? "nothing" : "long", (long long)p_fen,
        (long long)-p_fen);
    difference_publish(run_id);
}

/* The provider's word about the refund, as the usual path takes it in. */
static inline void
refund_said(enum refund_event event)
{
    const struct evidence_claim claim = { .source = EVIDENCE_QUERY,
                                          .provider_trade_no = SPAN_LIT("T1"),
                                          .provider_status = SPAN_LIT("SUCCESS"),
                                          .refund_no = SPAN_LIT(REFUND),
                                          .raw = span_of(refund_event_code(event)) };
    DEFER(evidence_free) struct evidence *evidence = NULL;
    CHECK_OK(evidence_seal(&claim, &evidence));
    const struct refund_change change = { .slot = 7,
                                          .refund_no = SPAN_LIT(REFUND),
                                          .event = event,
                                          .version = REFUND_ANY_VERSION,
                                          .evidence = evidence,
                                          .now = wall_add_ms(clock_wall(), MINUTE_MS) };
    struct db_params params;
    db_rows_free(&rows);
    db_params_init(&params, database.arena);
    refund_apply_params(&params, &change);
    CHECK_OK(db_session_run(database.session, STATEMENT_refund_apply, &params, &rows));
    CHECK_TEXT(db_row_text(rows, 0, "outcome"), "applied");
}

#endif
