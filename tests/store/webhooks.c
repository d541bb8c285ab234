/* SPDX-License-Identifier: Apache-2.0 */
/* Deliveries by lease, what is told and in which order, and what a late word about a try changes. */
#include "webhook_house.h"

TestSuite(webhooks, .init = open_house, .fini = close_house);

Test(webhooks, a_leased_delivery_is_nobody_elses_until_its_lease_ends)
{
    database_endpoint(&database, ALL, "portal");
    apply(A "01", ATTEMPT_EVENT_PAID, "paid", 0);
    cr_assert_eq(fan_out(0), 1);
    DEFER(db_rows_free) struct db_rows *first = claim(early, 1, 50, 10);
    cr_assert_eq(db_rows_count(first), 1);
    struct webhook_delivery before = delivery_of(first, 0);
    cr_expect_eq(claimed(late, 1), 0);
    cr_expect_eq(claimed(late, 60), 0, "its lease lasts 60 s");
    /* The first one died behind sending: the same message goes out again. */
    DEFER(db_rows_free) struct db_rows *second_time = claim(late, 61, 50, 10);
    cr_assert_eq(db_rows_count(second_time), 1);
    struct webhook_delivery after = delivery_of(second_time, 0);
    cr_expect_eq(after.attempts, 0);
    DEFER(buf_fini) struct buf one = BUF_MAX(WEBHOOK_BODY_MAX);
    DEFER(buf_fini) struct buf two = BUF_MAX(WEBHOOK_BODY_MAX);
    cr_assert_eq(webhook_message_id(&before.message.key, &one), ERR_OK);
    cr_assert_eq(webhook_message_id(&after.message.key, &two), ERR_OK);
    cr_expect(span_eq_cstr(buf_span(&one), "msg_" A "_1_1"));
    cr_assert_eq(webhook_body_encode(&before.message, &one), ERR_OK);
    cr_assert_eq(webhook_body_encode(&after.message, &two), ERR_OK);
    cr_expect(span_eq(buf_span(&one), buf_span(&two)));
}

/* The state after the event, whatever has happened since. */
Test(webhooks, a_message_tells_the_state_behind_its_event)
{
    database_endpoint(&database, ALL, "portal");
    apply(A "01", ATTEMPT_MISMATCH, "other amount", 0);
    apply(A "01", ATTEMPT_EVENT_PAID, "paid", 10);
    apply(A "02", ATTEMPT_EVENT_PAID, "paid twice", 20);
    cr_assert_eq(fan_out(30), 3);
    DEFER(db_rows_free) struct db_rows *rows = claim(early, 31, 50, 10);
    cr_assert_eq(db_rows_count(rows), 3);
    struct webhook_message first = delivery_of(rows, 0).message;
    struct webhook_message second_one = delivery_of(rows, 1).message;
    struct webhook_message third = delivery_of(rows, 2).message;
    cr_expect_eq(first.key.kind, WEBHOOK_PAYMENT_MISMATCH);
    cr_expect(span_eq_cstr(first.payment_state, "open"));
    cr_expect(first.mismatch && !first.duplicate && !first.late);
    cr_expect(span_eq_cstr(first.difference, "amount"));
    cr_expect_eq(second_one.key.kind, WEBHOOK_PAYMENT_PAID);
    cr_expect(span_eq_cstr(second_one.payment_state, "paid"));
    cr_expect(second_one.mismatch && !second_one.duplicate);
    cr_expect(span_empty(second_one.difference));
    cr_expect_eq(second_one.at.us, second(10).us);
    cr_expect_eq(second_one.paid_at.us, second(9).us);
    cr_expect_eq(second_one.amount.minor, 56000);
    cr_expect(span_eq_cstr(second_one.attempt_no, A "01"));
    cr_expect(span_eq_cstr(second_one.provider_trade_no, "T1"));
    cr_expect(span_eq_cstr(second_one.source, "callback"));
    cr_expect_eq(second_one.evidence_digest.len, 64);
    cr_expect_eq(third.key.kind, WEBHOOK_PAYMENT_DUPLICATE_PAID);
    cr_expect(third.duplicate);
}

Test(webhooks, a_failure_that_is_told_late_undoes_no_success)
{
    database_endpoint(&database, ALL, "portal");
    apply(A "01", ATTEMPT_EVENT_PAID, "paid", 0);
    cr_assert_eq(fan_out(0), 1);
    DEFER(db_rows_free) struct db_rows *rows = claim(early, 1, 2, 10);
    struct webhook_delivery delivery = delivery_of(rows, 0);
    record_status(&delivery, 200, 2);
    const struct webhook_try tried = { .status = 500, .now = second(3) };
    struct webhook_result failed = webhook_judge(&tried);
    DEFER(db_rows_free) struct db_rows *ignored = record(&delivery, &failed, 3);
    cr_expect_eq(db_row_i64(ignored, 0, "recorded"), 0);
    cr_expect_eq(database_count(&database, "webhook_delivery", "state", "delivered"), 1);
}

/* Late money that is a second success too is told by two messages of one event. */
Test(webhooks, messages_of_one_event_have_their_places_by_kind)
{
    static const enum webhook_kind kinds[] = { WEBHOOK_PAYMENT_PAID, WEBHOOK_PAYMENT_DUPLICATE_PAID,
                                               WEBHOOK_PAYMENT_LATE_PAID };
    database_endpoint(&database, ALL, "portal");
    apply(A "01", ATTEMPT_EVENT_CLOSED, "closed", 0);
    apply(A "02", ATTEMPT_EVENT_PAID, "paid", 1);
    apply(A "01", ATTEMPT_EVENT_PAID, "late, and a second time", 2);
    cr_assert_eq(fan_out(3), 3);
    DEFER(db_rows_free) struct db_rows *rows = claim(early, 4, 50, 10);
    cr_assert_eq(db_rows_count(rows), 3);
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(delivery_of(rows, i).message.key.kind, kinds[i]);
        cr_expect_eq(db_row_i64(rows, i, "place"), (int64_t)i + 1);
    }
}
