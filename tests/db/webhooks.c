/* SPDX-License-Identifier: Apache-2.0 */
/* From the outbox to the endpoints: places, fan-out, claims by lease, what is told and what is recorded. */
#include "webhook_house.h"

TestSuite(webhooks, .init = open_house, .fini = close_house);

Test(webhooks, a_message_goes_to_every_endpoint_of_its_owner_that_wants_it)
{
    endpoint(ALL, "portal", NULL);
    endpoint(CLOSED, "portal", "payment.closed payment.mismatch");
    endpoint(OTHER, "somebody", NULL);
    apply(A "01", ATTEMPT_EVENT_PAID, "paid", 0);
    cr_expect_eq(fan_out(1), 1);
    cr_expect_eq(number("SELECT count(*) FROM webhook_delivery WHERE endpoint_id = '" ALL
                        "' AND state = 'waiting' AND kind = 'payment.paid'"),
                 1);
    apply(A "02", ATTEMPT_MISMATCH, "other amount", 2);
    cr_expect_eq(fan_out(3), 2);
    cr_expect_eq(fan_out(4), 0, "nothing is made twice");
    cr_expect_eq(number("SELECT count(*) FROM outbox WHERE owner = 'portal'"), 2);
    cr_expect_eq(number("SELECT place FROM webhook_feed"), 2);
}

Test(webhooks, places_are_given_by_one_at_a_time)
{
    endpoint(ALL, "portal", NULL);
    messages(3);
    cr_assert_eq(db_session_begin(late, false), ERR_OK);
    cr_expect_eq(fan_out_by(late, 0, "messages"), 3);
    cr_expect_eq(fan_out_by(early, 0, "messages"), 0, "somebody else is at it");
    cr_assert_eq(db_session_commit(late), ERR_OK);
    cr_expect_eq(fan_out_by(early, 0, "messages"), 0);
    cr_expect_eq(number("SELECT count(DISTINCT place) FROM outbox WHERE place BETWEEN 1 AND 3"), 3);
    cr_expect_eq(number("SELECT count(*) FROM webhook_delivery"), 3);
}

Test(webhooks, who_has_read_up_to_a_place_has_missed_nothing)
{
    endpoint(ALL, "portal", NULL);
    apply(A "01", ATTEMPT_MISMATCH, "other amount", 10);
    cr_expect_eq(fan_out(11), 1);
    messages(1); /* older by its clock, seen later */
    cr_expect_eq(fan_out(12), 1);
    struct db_params params = params_of();
    db_cstr(&params, "portal");
    db_i64(&params, 1);
    db_i64(&params, 10);
    DEFER(db_rows_free) struct db_rows *rows = run(early, STATEMENT_event_feed, &params);
    cr_assert_eq(db_rows_count(rows), 1);
    cr_expect(span_eq_cstr(db_row_text(rows, 0, "kind"), "payment.closed"));
    cr_expect_eq(db_row_i64(rows, 0, "place"), 2);
}

Test(webhooks, two_claimers_share_what_is_due)
{
    endpoint(ALL, "portal", NULL);
    messages(20);
    cr_assert_eq(fan_out(0), 20);
    cr_assert_eq(db_session_begin(early, false), ERR_OK);
    DEFER(db_rows_free) struct db_rows *first = claim(early, 1, 12, 50);
    DEFER(db_rows_free) struct db_rows *second_one = claim(late, 1, 50, 50);
    cr_assert_eq(db_session_commit(early), ERR_OK);
    cr_expect_eq(db_rows_count(first), 12);
    cr_expect_eq(db_rows_count(second_one), 8);
    cr_expect_eq(number("SELECT count(*) FROM webhook_delivery WHERE lease_until IS NOT NULL"), 20);
}

Test(webhooks, a_slow_endpoint_holds_so_many_and_no_other_endpoint_up)
{
    endpoint(ALL, "portal", NULL);
    endpoint(CLOSED, "portal", "payment.closed");
    messages(30);
    cr_assert_eq(fan_out(0), 60);
    cr_expect_eq(claimed(early, 1), 20, "10 of each");
    cr_expect_eq(claimed(late, 2), 0);
    database_sql(&database, "UPDATE webhook_delivery SET state = 'delivered', next_at = NULL, "
                            "lease_until = NULL, delivered_at = now() WHERE lease_until IS NOT "
                            "NULL AND endpoint_id = '" CLOSED "'");
    DEFER(db_rows_free) struct db_rows *rows = claim(late, 3, 50, 10);
    cr_assert_eq(db_rows_count(rows), 10);
    for (size_t i = 0; i < 10; i++) {
        cr_expect(span_eq_cstr(db_row_text(rows, i, "endpoint_id"), CLOSED));
    }
}

Test(webhooks, money_behind_closing_is_told_as_late)
{
    endpoint(ALL, "portal", NULL);
    database_sql(&database, "DELETE FROM attempt WHERE attempt_no = '" A "02'");
    apply(A "01", ATTEMPT_EVENT_CLOSED, "closed", 0);
    database_sql(&database, "UPDATE payment SET close_asked_at = now()");
    struct db_params params = params_of();
    db_i64(&params, 7);
    db_cstr(&params, A);
    db_time(&params, second(1));
    DEFER(db_rows_free) struct db_rows *done = run(early, STATEMENT_payment_close_settle, &params);
    cr_assert_eq(db_rows_count(done), 1);
    apply(A "01", ATTEMPT_EVENT_PAID, "late", 2);
    cr_assert_eq(fan_out(3), 2);
    DEFER(db_rows_free) struct db_rows *rows = claim(early, 4, 50, 10);
    struct webhook_message closed = delivery_of(rows, 0).message;
    struct webhook_message paid = delivery_of(rows, 1).message;
    cr_expect_eq(closed.key.kind, WEBHOOK_PAYMENT_CLOSED);
    cr_expect(span_eq_cstr(closed.payment_state, "closed"));
    cr_expect_not(closed.late);
    cr_expect(span_empty(closed.attempt_no) && span_empty(closed.evidence_digest));
    cr_expect_eq(paid.key.kind, WEBHOOK_PAYMENT_LATE_PAID);
    cr_expect(span_eq_cstr(paid.payment_state, "paid"));
    cr_expect(paid.late);
}

Test(webhooks, what_is_not_taken_is_tried_for_75_hours_and_then_dead)
{
    endpoint(ALL, "portal", NULL);
    apply(A "01", ATTEMPT_EVENT_PAID, "paid", 0);
    cr_assert_eq(fan_out(0), 1);
    int64_t now_s = 0;
    int tries = 0;
    while (number("SELECT count(*) FROM webhook_delivery WHERE state = 'waiting'") == 1) {
        now_s = number("SELECT ceil(extract(epoch FROM next_at))::bigint FROM webhook_delivery")
                - NOW_US / 1000000;
        cr_expect_eq(claimed(early, now_s - 1), 0, "not before its time, try %d", tries);
        DEFER(db_rows_free) struct db_rows *rows = claim(early, now_s, 50, 10);
        cr_assert_eq(db_rows_count(rows), 1, "try %d", tries);
        struct webhook_delivery delivery = delivery_of(rows, 0);
        cr_expect_eq(delivery.attempts, tries);
        record_status(&delivery, 500, now_s);
        tries++;
        cr_assert_leq(tries, 20);
    }
    cr_expect_eq(tries, 10);
    cr_expect_geq(now_s, 75 * HOUR_S);
    cr_expect_eq(number("SELECT count(*) FROM webhook_delivery WHERE state = 'dead' AND attempts = "
                        "10 AND last_status = 500 AND last_error = 'status' AND next_at IS NULL"),
                 1);
    cr_expect_eq(claimed(early, now_s + 1000 * HOUR_S), 0);
}

Test(webhooks, an_endpoint_that_is_gone_gets_nothing_more)
{
    endpoint(ALL, "portal", NULL);
    messages(3);
    cr_assert_eq(fan_out(0), 3);
    DEFER(db_rows_free) struct db_rows *rows = claim(early, 1, 2, 10);
    cr_assert_eq(db_rows_count(rows), 2);
    struct webhook_delivery refused = delivery_of(rows, 0);
    struct webhook_delivery taken = delivery_of(rows, 1);
    record_status(&refused, 410, 2);
    cr_expect_eq(number("SELECT count(*) FROM webhook_endpoint WHERE NOT enabled AND "
                        "disabled_reason = 'gone'"),
                 1);
    cr_expect_eq(number("SELECT count(*) FROM webhook_delivery WHERE state = 'dead'"), 3);
    cr_expect_eq(number("SELECT count(*) FROM webhook_delivery WHERE last_error = 'gone'"), 1);
    record_status(&taken, 200, 3); /* it was under way, and was taken */
    cr_expect_eq(number("SELECT count(*) FROM webhook_delivery WHERE state = 'delivered'"), 1);
    apply(A "01", ATTEMPT_EVENT_PAID, "paid", 4);
    cr_expect_eq(fan_out(5), 1);
    cr_expect_eq(claimed(early, 6), 0);
    cr_expect_eq(number("SELECT count(*) FROM webhook_delivery WHERE state = 'dead' AND last_error "
                        "= 'endpoint_disabled' AND kind = 'payment.paid'"),
                 1, "what it misses can be seen");
}

/* Ten tries at once may all be answered with 410: none waits for another that waits for it. */
Test(webhooks, an_endpoint_that_is_gone_waits_for_no_other_answer)
{
    endpoint(ALL, "portal", NULL);
    messages(3);
    cr_assert_eq(fan_out(0), 3);
    DEFER(db_rows_free) struct db_rows *rows = claim(early, 1, 2, 10);
    struct webhook_delivery refused = delivery_of(rows, 0);
    struct webhook_delivery taken = delivery_of(rows, 1);
    const struct webhook_result good = { .outcome = WEBHOOK_DELIVERED, .status = 200 };
    struct db_params params = params_of();
    webhook_record_params(&params, &taken, &good, second(2));
    cr_assert_eq(db_session_begin(late, false), ERR_OK);
    DEFER(db_rows_free) struct db_rows *recorded = run(late, STATEMENT_webhook_record, &params);
    cr_expect_eq(db_row_i64(recorded, 0, "recorded"), 1);
    record_status(&refused, 410, 3);
    cr_assert_eq(db_session_commit(late), ERR_OK);
    cr_expect_eq(number("SELECT count(*) FROM webhook_delivery WHERE state = 'delivered'"), 1);
    cr_expect_eq(number("SELECT count(*) FROM webhook_delivery WHERE state = 'dead'"), 2);
}
