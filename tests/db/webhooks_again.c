/* SPDX-License-Identifier: Apache-2.0 */
/* Sending again, and what owners do with their endpoints. */
#include "webhook_house.h"

TestSuite(webhooks_again, .init = open_house, .fini = close_house);

static int64_t replay_most = 100;

static struct db_rows *
replay(const char *id, int64_t from_s, int64_t to_s)
{
    struct db_params params = params_of();
    db_cstr(&params, id);
    db_cstr(&params, "portal");
    db_time(&params, second(from_s));
    db_time(&params, second(to_s));
    db_time(&params, second(100));
    db_i64(&params, replay_most);
    return run(early, STATEMENT_webhook_replay, &params);
}

static int64_t
replayed(const char *id, int64_t from_s, int64_t to_s)
{
    DEFER(db_rows_free) struct db_rows *rows = replay(id, from_s, to_s);
    cr_assert_eq(db_row_i64(rows, 0, "found"), 1);
    return db_row_i64(rows, 0, "replayed");
}

Test(webhooks_again, a_span_of_time_is_sent_again)
{
    endpoint(ALL, "portal", NULL);
    apply(A "01", ATTEMPT_EVENT_PAID, "paid", 10);
    apply(A "02", ATTEMPT_EVENT_PAID, "paid twice", 20);
    cr_assert_eq(fan_out(21), 2);
    endpoint(CLOSED, "portal", "payment.paid"); /* was not there yet */
    cr_expect_eq(replayed(ALL, 10, 20), 0, "it waits already");
    DEFER(db_rows_free) struct db_rows *rows = claim(early, 30, 50, 10);
    struct webhook_delivery first = delivery_of(rows, 0);
    struct webhook_delivery second_one = delivery_of(rows, 1);
    record_status(&first, 200, 31);
    record_status(&second_one, 200, 31);
    cr_expect_eq(replayed(ALL, 10, 20), 1, "the end is not part of it");
    cr_expect_eq(replayed(ALL, 0, 100), 1, "the other one waits");
    endpoint(OTHER, "portal", NULL);
    replay_most = 1;
    cr_expect_eq(replayed(OTHER, 0, 100), 1, "so many at once");
    cr_expect_eq(replayed(OTHER, 0, 100), 1, "and then the next");
    cr_expect_eq(replayed(OTHER, 0, 100), 0);
    replay_most = 100;
    cr_expect_eq(replayed(CLOSED, 0, 100), 1, "only what it wants");
    cr_expect_eq(replayed(CLOSED, 21, 100), 0);
    cr_expect_eq(claimed(early, 101), 5);
    database_sql(&database, "UPDATE webhook_endpoint SET enabled = false, disabled_reason = 'gone' "
                            "WHERE id = '" ALL "'");
    DEFER(db_rows_free) struct db_rows *off = replay(ALL, 0, 100);
    cr_expect_eq(db_row_i64(off, 0, "found"), 1);
    cr_expect_not(db_row_bool(off, 0, "enabled"));
    cr_expect_eq(db_row_i64(off, 0, "replayed"), 0);
    DEFER(db_rows_free) struct db_rows *nobody = replay("we_none", 0, 100);
    cr_expect_eq(db_row_i64(nobody, 0, "found"), 0);
}

static struct db_rows *
resend(const struct webhook_delivery *delivery, const char *owner)
{
    struct db_params params = params_of();
    webhook_key_params(&params, delivery->message.slot, &delivery->message.key,
                       delivery->endpoint_id);
    db_cstr(&params, owner);
    db_time(&params, second(100));
    return run(early, STATEMENT_webhook_resend, &params);
}

Test(webhooks_again, one_delivery_is_sent_again_by_its_owner_alone)
{
    endpoint(ALL, "portal", NULL);
    messages(1);
    cr_assert_eq(fan_out(0), 1);
    DEFER(db_rows_free) struct db_rows *rows = claim(early, 1, 2, 10);
    struct webhook_delivery delivery = delivery_of(rows, 0);
    delivery.attempts = 9;
    record_status(&delivery, 500, 2);
    cr_assert_eq(number("SELECT count(*) FROM webhook_delivery WHERE state = 'dead'"), 1);
    DEFER(db_rows_free) struct db_rows *foreign = resend(&delivery, "somebody");
    cr_expect_eq(db_row_i64(foreign, 0, "found"), 0);
    DEFER(db_rows_free) struct db_rows *own = resend(&delivery, "portal");
    cr_expect_eq(db_row_i64(own, 0, "found"), 1);
    cr_expect_eq(db_row_i64(own, 0, "sent"), 1);
    cr_expect_eq(claimed(early, 100), 1);
    cr_expect_eq(number("SELECT attempts FROM webhook_delivery"), 0, "from the beginning");
}

static size_t
change(enum statement statement, const char *owner, int64_t generation, const char *key)
{
    struct db_params params = params_of();
    db_cstr(&params, ALL);
    db_cstr(&params, owner);
    if (statement == STATEMENT_webhook_endpoint_rotate) {
        db_i64(&params, generation);
        db_time(&params, second(10));
        db_time(&params, second(10 + 24 * HOUR_S));
        db_cstr(&params, key);
    } else if (statement == STATEMENT_webhook_endpoint_delete) {
        db_time(&params, second(10));
    }
    DEFER(db_rows_free) struct db_rows *rows = run(early, statement, &params);
    return db_rows_count(rows);
}

#define ROTATE STATEMENT_webhook_endpoint_rotate

Test(webhooks_again, a_rotation_keeps_the_secret_before_for_a_while)
{
    int64_t made = NOW_US / 1000000;
    endpoint(ALL, "portal", NULL);
    messages(1);
    cr_assert_eq(fan_out(0), 1);
    cr_expect_eq(change(ROTATE, "somebody", made + 10, "k"), 0);
    cr_expect_eq(change(ROTATE, "portal", made, "k"), 1, "in the very second it was made");
    cr_expect_eq(number("SELECT generation FROM webhook_endpoint"), made + 1);
    cr_expect_eq(change(ROTATE, "portal", made + 10, "k"), 0, "the same request again");
    DEFER(db_rows_free) struct db_rows *within = claim(early, 20, 2, 10);
    cr_expect_eq(delivery_of(within, 0).generation, made + 1);
    cr_expect_eq(delivery_of(within, 0).previous_generation, made);
    DEFER(db_rows_free) struct db_rows *behind = claim(early, 10 + 24 * HOUR_S, 2, 10);
    cr_expect_eq(delivery_of(behind, 0).generation, made + 1);
    cr_expect_eq(delivery_of(behind, 0).previous_generation, 0);
}

Test(webhooks_again, an_endpoint_that_is_taken_away_is_told_nothing_and_seen_by_nobody)
{
    endpoint(ALL, "portal", NULL);
    messages(2);
    cr_assert_eq(fan_out(0), 2);
    cr_expect_eq(change(STATEMENT_webhook_endpoint_delete, "somebody", 0, ""), 0);
    cr_expect_eq(change(STATEMENT_webhook_endpoint_delete, "portal", 0, ""), 1);
    cr_expect_eq(change(STATEMENT_webhook_endpoint_delete, "portal", 0, ""), 0);
    cr_expect_eq(change(STATEMENT_webhook_endpoint_enable, "portal", 0, ""), 0);
    cr_expect_eq(change(ROTATE, "portal", NOW_US / 1000000 + 5, "k"), 0);
    cr_expect_eq(claimed(early, 20), 0);
    struct db_params params = params_of();
    db_cstr(&params, "");
    db_cstr(&params, "");
    DEFER(db_rows_free) struct db_rows *rows = run(early, STATEMENT_webhook_endpoint_list, &params);
    cr_expect_eq(db_rows_count(rows), 0);
    cr_expect_eq(number("SELECT count(*) FROM webhook_delivery WHERE state = 'dead' AND last_error "
                        "= 'endpoint_deleted'"),
                 2);
}

Test(webhooks_again, an_owner_has_so_many_endpoints_and_no_more)
{
    struct db_params params = params_of();
    endpoint(ALL, "portal", NULL);
    endpoint(OTHER, "somebody", NULL);
    db_cstr(&params, CLOSED);
    db_cstr(&params, "portal");
    db_cstr(&params, "https://portal.example.cn/hooks");
    db_cstr(&params, NULL);
    db_i64(&params, 1);
    db_time(&params, second(0));
    db_i64(&params, 1);
    DEFER(db_rows_free) struct db_rows *rows = run(early, STATEMENT_webhook_endpoint_add, &params);
    cr_expect_eq(db_rows_count(rows), 0);
}

Test(webhooks_again, the_service_may_not_bend_an_address_or_forget_what_was_sent)
{
    cr_expect_str_eq(database_refusal(database.app, "UPDATE webhook_endpoint SET url = 'x'"),
                     "42501");
    cr_expect_str_eq(database_refusal(database.app, "UPDATE webhook_endpoint SET owner = 'x'"),
                     "42501");
    cr_expect_str_eq(database_refusal(database.app, "DELETE FROM webhook_delivery"), "42501");
    cr_expect_str_eq(database_refusal(database.app, "UPDATE outbox SET kind = 'payment.paid'"),
                     "42501");
    cr_expect_str_eq(database_refusal(database.app, "DELETE FROM webhook_endpoint"), "42501");
}

/* A message that was made for it while it was being disabled. */
Test(webhooks_again, what_waits_for_a_disabled_endpoint_goes_out_when_it_is_enabled)
{
    endpoint(ALL, "portal", NULL);
    messages(1);
    cr_assert_eq(fan_out(0), 1);
    database_sql(&database,
                 "UPDATE webhook_endpoint SET enabled = false, disabled_reason = 'gone'");
    cr_expect_eq(claimed(early, 1), 0);
    cr_expect_eq(change(STATEMENT_webhook_endpoint_enable, "somebody", 0, ""), 0);
    cr_expect_eq(claimed(early, 2), 0);
    cr_expect_eq(change(STATEMENT_webhook_endpoint_enable, "portal", 0, ""), 1);
    cr_expect_eq(claimed(early, 3), 1);
}
