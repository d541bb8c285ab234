/* SPDX-License-Identifier: Apache-2.0 */
/* What `tallygate doctor` reads from the database is what lies in it. */
#include <criterion/criterion.h>

#include "database.h"

#define A      "2603100070000000011"
#define NOW    "'2026-03-10T02:00:00Z'::timestamptz"
#define NOW_US INT64_C(1773108000000000)

static struct database database;

static void
open_house(void)
{
    database_open(&database);
    database_payment(&database, 7, A, "A-1", 2);
}

static void
close_house(void)
{
    database_close(&database);
}

TestSuite(doctor, .init = open_house, .fini = close_house);

static struct db_rows *
run(struct db_session *session, enum statement statement, const char *account)
{
    struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, database.arena);
    if (statement == STATEMENT_doctor_waiting || statement == STATEMENT_doctor_schedule
        || statement == STATEMENT_doctor_refunds) {
        db_time(&params, (struct wall_time){ .us = NOW_US });
    } else if (account != NULL) {
        db_cstr(&params, account);
    }
    cr_assert_eq(db_session_run(session, statement, &params, &rows), ERR_OK, "%s",
                 db_session_trouble(session));
    cr_assert_eq(db_rows_count(rows), 1);
    return rows;
}

static bool
may_change(const char *conninfo)
{
    struct db_session *session = NULL;
    cr_assert_eq(db_session_open(conninfo, &session), ERR_OK);
    DEFER(db_rows_free) struct db_rows *rows = run(session, STATEMENT_doctor_rights, NULL);
    bool may = db_row_bool(rows, 0, "may_change");
    db_session_close(&session);
    return may;
}

Test(doctor, a_role_that_could_change_evidence_or_events_is_seen)
{
    cr_expect(may_change(database.superuser));
    cr_expect_not(may_change(database.app));
    database_sql(&database, "GRANT UPDATE (to_state) ON event TO tallygate_app");
    cr_expect(may_change(database.app), "one column is enough");
    database_sql(&database, "REVOKE UPDATE (to_state) ON event FROM tallygate_app");
    database_sql(&database, "GRANT DELETE ON evidence TO tallygate_app");
    cr_expect(may_change(database.app));
    database_sql(&database, "REVOKE DELETE ON evidence FROM tallygate_app");
}

Test(doctor, what_waits_is_counted_and_its_oldest_told)
{
    database_sql(&database, "UPDATE attempt SET expires_at = " NOW " + interval '1 hour'");
    DEFER(db_rows_free)
    struct db_rows *none = run(database.session, STATEMENT_doctor_waiting, NULL);
    cr_expect_eq(db_row_i64(none, 0, "unfinished"), 0);
    cr_expect(db_row_null(none, 0, "unfinished_since"));
    cr_expect_eq(db_row_i64(none, 0, "wanted"), 0);
    database_sql(&database, "UPDATE attempt SET expires_at = " NOW " - interval '3 hours', "
                            "state = 'unknown' WHERE attempt_no = '" A "01'");
    database_sql(&database, "UPDATE attempt SET expires_at = " NOW " - interval '5 hours', "
                            "state = 'closed' WHERE attempt_no = '" A "02'");
    database_sql(&database,
                 "INSERT INTO provider_key_want (account, serial, seen_at) VALUES "
                 "('main', '', " NOW "), ('main', '5157F09E', " NOW " - interval '1 hour')");
    DEFER(db_rows_free)
    struct db_rows *some = run(database.session, STATEMENT_doctor_waiting, NULL);
    cr_expect_eq(db_row_i64(some, 0, "unfinished"), 1, "a closed attempt waits for nothing");
    cr_expect_eq(db_row_time(some, 0, "unfinished_since").us, NOW_US - INT64_C(10800000000));
    cr_expect_eq(db_row_i64(some, 0, "wanted"), 1, "the regular download is nobody's serial");
    cr_expect_eq(db_row_time(some, 0, "wanted_since").us, NOW_US - INT64_C(3600000000));
}

Test(doctor, messages_that_nobody_took_and_endpoints_that_are_gone_are_counted)
{
    DEFER(db_rows_free)
    struct db_rows *none = run(database.session, STATEMENT_doctor_waiting, NULL);
    cr_expect_eq(db_row_i64(none, 0, "undelivered"), 0);
    cr_expect_eq(db_row_i64(none, 0, "dead"), 0);
    cr_expect_eq(db_row_i64(none, 0, "disabled"), 0);
    database_sql(
        &database,
        "UPDATE payment p SET version = 3, chain = sha256('x'); "
        "INSERT INTO event (slot, payment_no, seq, machine, from_state, event, to_state, effect, "
        "at, hash) SELECT 7, '" A "', n, 'payment', 'open', 'closed', 'closed', 'move', " NOW
        ", sha256('x') FROM generate_series(1, 3) n; "
        "INSERT INTO outbox (slot, payment_no, seq, kind, at, owner, place) VALUES "
        "(7, '" A "', 1, 'payment.closed', " NOW " - interval '3 hours', 'portal', 1), "
        "(7, '" A "', 2, 'payment.closed', " NOW " - interval '2 hours', 'portal', 2), "
        "(7, '" A "', 3, 'payment.closed', " NOW " - interval '1 hour', NULL, NULL)");
    database_sql(&database,
                 "INSERT INTO webhook_endpoint (id, owner, url, enabled, disabled_reason, "
                 "generation, created_at, deleted_at) VALUES "
                 "('we_' || repeat('a', 32), 'portal', 'https://a.cn', true, NULL, 1, " NOW
                 ", NULL), "
                 "('we_' || repeat('b', 32), 'portal', 'https://b.cn', false, 'gone', 1, " NOW
                 " - interval '9 hours', NULL), "
                 "('we_' || repeat('c', 32), 'portal', 'https://c.cn', false, 'deleted', 1, " NOW
                 ", " NOW "); "
                 "INSERT INTO webhook_delivery (slot, payment_no, seq, kind, endpoint_id, state, "
                 "next_at, last_at, delivered_at, created_at) SELECT 7, '" A
                 "', d.seq, 'payment.closed', 'we_' || repeat(d.of, 32), d.state, "
                 "CASE WHEN d.state = 'waiting' THEN " NOW " END, " NOW
                 " - interval '30 minutes', CASE WHEN d.state = 'delivered' THEN " NOW " END, " NOW
                 " FROM (VALUES (1, 'a', 'delivered'), (2, 'a', 'waiting'), (1, 'b', 'dead'), "
                 "(2, 'b', 'dead'), (1, 'c', 'dead'), (2, 'c', 'waiting')) d (seq, of, state)");
    DEFER(db_rows_free)
    struct db_rows *some = run(database.session, STATEMENT_doctor_waiting, NULL);
    cr_expect_eq(db_row_i64(some, 0, "undelivered"), 2, "one waits, one has no place yet");
    cr_expect_eq(db_row_time(some, 0, "undelivered_since").us, NOW_US - INT64_C(7200000000));
    cr_expect_eq(db_row_i64(some, 0, "dead"), 2, "nobody minds what a deleted endpoint misses");
    cr_expect_eq(db_row_time(some, 0, "dead_since").us, NOW_US - INT64_C(1800000000));
    cr_expect_eq(db_row_i64(some, 0, "disabled"), 1);
    cr_expect_eq(db_row_time(some, 0, "disabled_since").us, NOW_US - INT64_C(32400000000));
}

Test(doctor, a_statement_that_nobody_expected_is_told_for_a_week)
{
    database_sql(
        &database,
        "INSERT INTO orphan_statement (slot, provider, account, digest, merchant_order_no, "
        "provider_trade_no, raw, observed_at) SELECT 7, 'p', 'main', sha256(day::text::bytea), "
        "'x', 'y', 'z', " NOW " - day * interval '1 day' FROM generate_series(1, 9) AS day");
    DEFER(db_rows_free)
    struct db_rows *rows = run(database.session, STATEMENT_doctor_waiting, NULL);
    cr_expect_eq(db_row_i64(rows, 0, "orphans"), 6);
}

Test(doctor, the_newest_known_bill_may_be_one_that_does_not_exist)
{
    DEFER(db_rows_free) struct db_rows *none = run(database.session, STATEMENT_doctor_bill, "main");
    cr_expect(db_row_null(none, 0, "newest"));
    cr_expect(db_row_null(none, 0, "first_paid"));
    database_sql(
        &database,
        "INSERT INTO bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at) "
        "VALUES ('main', 'trade', '2026-03-07', repeat('a', 64), 1, 'download', " NOW ")");
    database_sql(&database,
                 "INSERT INTO bill_fetch (account, kind, bill_day, at, outcome, detail) VALUES "
                 "('main', 'trade', '2026-03-08', " NOW ", 'none', ''), "
                 "('main', 'trade', '2026-03-09', " NOW ", 'not_ready', ''), "
                 "('other', 'trade', '2026-03-10', " NOW ", 'none', '')");
    DEFER(db_rows_free) struct db_rows *some = run(database.session, STATEMENT_doctor_bill, "main");
    cr_expect(span_eq_cstr(db_row_text(some, 0, "newest"), "2026-03-08"));
}

Test(doctor, what_nobody_looks_after_is_counted_and_its_oldest_told)
{
    database_sql(&database, "UPDATE attempt SET expires_at = " NOW " + interval '1 hour', "
                            "next_poll_at = " NOW " + interval '1 minute'");
    DEFER(db_rows_free)
    struct db_rows *none = run(database.session, STATEMENT_doctor_schedule, NULL);
    cr_expect_eq(db_row_i64(none, 0, "given_up"), 0);
    cr_expect_eq(db_row_i64(none, 0, "due"), 0);
    cr_expect_eq(db_row_i64(none, 0, "stuck"), 0);
    cr_expect(db_row_null(none, 0, "due_since"));
    database_sql(&database, "UPDATE attempt SET expires_at = " NOW " - interval '9 days', "
                            "state = 'closing', next_poll_at = NULL WHERE attempt_no = '" A "01'");
    database_sql(&database, "UPDATE attempt SET state = 'pending', next_poll_at = " NOW
                            " - interval '20 minutes' WHERE attempt_no = '" A "02'");
    database_sql(
        &database,
        "INSERT INTO idempotency (slot, owner, key, request_hash, state, lease_until, "
        "status, body, created_at, expires_at) SELECT 7, 'portal', name, 'x', state, " NOW
        " - ago, status, body, " NOW ", " NOW " FROM (VALUES "
        "('a', 'in_progress', interval '1 hour', NULL, NULL), "
        "('b', 'in_progress', interval '-1 hour', NULL, NULL), "
        "('c', 'in_progress', interval '8 days', NULL, NULL), "
        "('d', 'done', interval '1 hour', 201, '{}')) AS k (name, state, ago, status, body)");
    DEFER(db_rows_free)
    struct db_rows *some = run(database.session, STATEMENT_doctor_schedule, NULL);
    cr_expect_eq(db_row_i64(some, 0, "given_up"), 1);
    cr_expect_eq(db_row_time(some, 0, "given_up_since").us, NOW_US - INT64_C(777600000000));
    cr_expect_eq(db_row_i64(some, 0, "due"), 1);
    cr_expect_eq(db_row_time(some, 0, "due_since").us, NOW_US - INT64_C(1200000000));
    cr_expect_eq(db_row_i64(some, 0, "stuck"), 1, "one is under way, one is old, one is done");
    cr_expect_eq(db_row_time(some, 0, "stuck_since").us, NOW_US - INT64_C(3600000000));
    database_sql(&database, "UPDATE attempt SET state = 'closed'");
    DEFER(db_rows_free)
    struct db_rows *closed = run(database.session, STATEMENT_doctor_schedule, NULL);
    cr_expect_eq(db_row_i64(closed, 0, "given_up"), 0);
}

#define REFUND_IN(no, state, people, sent, at)                                                   \
    "INSERT INTO refund (slot, refund_no, payment_no, attempt_no, owner, amount_fen, currency, " \
    "total_fen, cause, reason, state, requested_by, approved_by, send_count, first_sent_at, "    \
    "created_at, decided_at, taken_at, bill_day) VALUES (7, '" A "01R" no "', '" A "', '" A      \
    "01', 'portal', 1, 'CNY', "                                                                  \
    "1, 'late', '', '" state "', " people ", " sent ", " NOW " - interval '" at "', " NOW        \
    " - interval '" at "', " NOW ", '2026-03-10')"

Test(doctor, refunds_that_should_have_ended_and_those_that_wait_for_people)
{
    DEFER(db_rows_free)
    struct db_rows *none = run(database.session, STATEMENT_doctor_refunds, NULL);
    cr_expect_eq(db_row_i64(none, 0, "stuck"), 0);
    cr_expect_eq(db_row_i64(none, 0, "waiting"), 0);
    database_sql(&database, REFUND_IN("01", "proposed", "NULL, NULL", "0, NULL", "30 hours"));
    database_sql(&database, REFUND_IN("02", "requested", "'a', NULL", "0, NULL", "3 hours"));
    database_sql(&database, REFUND_IN("03", "approved", "'a', 'b'", "0, NULL", "2 hours"));
    database_sql(&database, REFUND_IN("04", "accepted", "'a', 'b'",
                                      "1, " NOW " - interval '95 hours'", "99 hours"));
    DEFER(db_rows_free)
    struct db_rows *some = run(database.session, STATEMENT_doctor_refunds, NULL);
    cr_expect_eq(db_row_i64(some, 0, "stuck"), 1, "banks take days");
    cr_expect_eq(db_row_time(some, 0, "stuck_since").us, NOW_US - INT64_C(7200000000));
    cr_expect_eq(db_row_i64(some, 0, "waiting"), 2);
    cr_expect_eq(db_row_time(some, 0, "waiting_since").us, NOW_US - INT64_C(108000000000));
    database_sql(&database, "UPDATE refund SET first_sent_at = " NOW
                            " - interval '97 hours' WHERE state = 'accepted'");
    DEFER(db_rows_free)
    struct db_rows *more = run(database.session, STATEMENT_doctor_refunds, NULL);
    cr_expect_eq(db_row_i64(more, 0, "stuck"), 2);
}
