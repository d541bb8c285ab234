/* SPDX-License-Identifier: Apache-2.0 */
/* The night's calendar in the database: which days it takes up, that each is taken by one node, and what a run makes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "clock_fake.h"
#include "database.h"
#include "folder.h"
#include "run.h"
#include "webhook_body.h"
#include "webhook_store.h"

#define A      "2611200070000000011"
#define NOW    "2026-11-25T02:30:00Z"
#define NOW_US INT64_C(1795573800000000) /* date -d 2026-11-25T02:30:00Z +%s */
#define MIN_US INT64_C(60000000)

static struct database database;
static struct db_session *other; /* another node, with the rights of the night alone */
static char archive[] = "/tmp/tallygate-night-XXXXXX";

static void
open_house(void)
{
    char conninfo[320];
    cr_assert_not_null(mkdtemp(archive));
    database_open(&database);
    (void)snprintf(conninfo, sizeof(conninfo), "%.*stallygate_recon",
                   (int)(strlen(database.app) - sizeof("tallygate_app") + 1), database.app);
    CHECK_OK(db_session_open(conninfo, &other));
    clock_fake_set_wall((struct wall_time){ .us = NOW_US });
    database_payment(&database, 7, A, "A-1", 1);
    database_sql(&database, "UPDATE tallygate.attempt SET state = 'paid', provider_trade_no = 'T1',"
                            " paid_at = '2026-11-22T04:00:00Z', bill_day = '2026-11-22'");
}

static void
close_house(void)
{
    db_session_close(&other);
    database_close(&database);
    cr_expect_eq(folder_drop(archive), 0);
}

TestSuite(night, .init = open_house, .fini = close_house);

static void
key(struct db_params *params, int mday)
{
    db_params_init(params, database.arena);
    db_cstr(params, "main");
    db_cstr(params, "trade");
    if (mday > 0) {
        db_day(params, (struct day){ 2026, 11, mday });
    }
}

static void
plan(struct db_session *session, int oldest, int newest)
{
    struct db_params params;
    key(&params, oldest);
    db_day(&params, (struct day){ 2026, 11, newest });
    db_time(&params, (struct wall_time){ .us = NOW_US });
    CHECK_OK(db_session_run(session, STATEMENT_recon_day_plan, &params, NULL));
}

/* The day of the month that was claimed, 0 when none was. */
static int
claim(struct db_session *session, int64_t at_us, int64_t *lease_no)
{
    struct day day = { .mday = 0 };
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    key(&params, 0);
    db_time(&params, (struct wall_time){ .us = at_us });
    db_time(&params, (struct wall_time){ .us = at_us + 10 * MIN_US });
    CHECK_OK(db_session_run(session, STATEMENT_recon_day_claim, &params, &rows));
    if (db_rows_count(rows) == 0) {
        return 0;
    }
    CHECK_OK(day_parse(db_row_text(rows, 0, "bill_day"), &day));
    *lease_no = db_row_i64(rows, 0, "lease_no");
    return day.mday;
}

static size_t
hold(struct db_session *session, enum statement statement, int mday, int64_t lease_no,
     int64_t until_us)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    key(&params, mday);
    db_i64(&params, lease_no);
    db_time(&params, (struct wall_time){ .us = until_us });
    CHECK_OK(db_session_run(session, statement, &params, &rows));
    return db_rows_count(rows);
}

static size_t
renew(struct db_session *session, int mday, int64_t lease_no, int64_t until_us)
{
    return hold(session, STATEMENT_recon_day_renew, mday, lease_no, until_us);
}

static size_t
beat(struct db_session *session, int mday, int64_t lease_no, int64_t until_us)
{
    return hold(session, STATEMENT_recon_day_beat, mday, lease_no, until_us);
}

/* 1 it was told just now, 0 it was not, -1 the day was not the caller's. */
static int
later(struct db_session *session, int mday, int64_t lease_no, int64_t at_us, bool late)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    key(&params, mday);
    db_i64(&params, lease_no);
    db_time(&params, (struct wall_time){ .us = at_us });
    db_time(&params, (struct wall_time){ .us = at_us + 5 * MIN_US });
    db_cstr(&params, "not_ready");
    db_bool(&params, late);
    CHECK_OK(db_session_run(session, STATEMENT_recon_day_later, &params, &rows));
    return db_rows_count(rows) == 0 ? -1 : db_row_bool(rows, 0, "told") ? 1 : 0;
}

Test(night, days_are_taken_up_from_the_first_with_a_payment_on_and_each_once)
{
    plan(other, 1, 21);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_day"), 0);
    plan(other, 1, 24);
    plan(database.session, 1, 24);
    cr_expect_eq(
        database_number(&database, "SELECT count(*) FROM recon_day WHERE state = 'waiting'"), 3);
    cr_expect_eq(
        database_number(&database, "SELECT count(*) FROM recon_day WHERE bill_day < '2026-11-22'"),
        0);
    plan(other, 24, 25);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_day"), 4);
}

Test(night, an_account_without_payments_has_no_days)
{
    database_sql(&database, "UPDATE tallygate.attempt SET account = 'elsewhere'");
    plan(other, 1, 24);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_day"), 0);
}

/* Both hold their transactions open at once, as two nodes do that ask in the same moment. */
Test(night, two_nodes_at_once_take_different_days_and_none_twice)
{
    int64_t one = 0;
    int64_t two = 0;
    plan(other, 23, 24);
    CHECK_OK(db_session_begin(database.session, false));
    CHECK_OK(db_session_begin(other, false));
    cr_expect_eq(claim(database.session, NOW_US, &one), 23);
    cr_expect_eq(claim(other, NOW_US, &two), 24);
    cr_expect_eq(claim(other, NOW_US, &two), 0);
    CHECK_OK(db_session_commit(database.session));
    CHECK_OK(db_session_commit(other));
    cr_expect_eq(claim(other, NOW_US + 9 * MIN_US, &two), 0);
}

Test(night, who_died_leaves_the_day_to_the_next_and_touches_it_no_more)
{
    int64_t dead = 0;
    int64_t next = 0;
    plan(other, 24, 24);
    cr_expect_eq(claim(database.session, NOW_US, &dead), 24);
    cr_expect_eq(renew(database.session, 24, dead, NOW_US + 12 * MIN_US), 1);
    cr_expect_eq(claim(other, NOW_US + 11 * MIN_US, &next), 0);
    cr_expect_eq(claim(other, NOW_US + 12 * MIN_US, &next), 24);
    cr_expect_eq(renew(database.session, 24, dead, NOW_US + 60 * MIN_US), 0);
    cr_expect_eq(later(database.session, 24, dead, NOW_US + 13 * MIN_US, false), -1);
    cr_expect_eq(renew(other, 24, next, NOW_US + 30 * MIN_US), 1);
}

/* Beside the day's row, which the transaction of its run will change. */
Test(night, a_run_holds_its_day_by_beats_and_nobody_elses)
{
    int64_t first = 0;
    int64_t next = 0;
    plan(other, 24, 24);
    cr_expect_eq(claim(other, NOW_US, &first), 24);
    cr_expect_eq(beat(other, 24, first + 1, NOW_US + 60 * MIN_US), 0, "of no claim");
    cr_expect_eq(beat(other, 24, first, NOW_US + 12 * MIN_US), 1);
    cr_expect_eq(claim(other, NOW_US + 11 * MIN_US, &next), 0);
    cr_expect_eq(beat(other, 24, first, NOW_US + 14 * MIN_US), 1);
    cr_expect_eq(claim(other, NOW_US + 13 * MIN_US, &next), 0);
    cr_expect_eq(claim(other, NOW_US + 14 * MIN_US, &next), 24);
    cr_expect_eq(beat(other, 24, first, NOW_US + 60 * MIN_US), 0, "who took it over does it");
    cr_expect_eq(claim(other, NOW_US + 24 * MIN_US, &next), 24);
}

Test(night, a_late_day_is_told_once_and_taken_up_again)
{
    int64_t lease_no = 0;
    plan(other, 24, 24);
    cr_expect_eq(claim(other, NOW_US, &lease_no), 24);
    cr_expect_eq(later(other, 24, lease_no, NOW_US, false), 0);
    cr_expect_eq(claim(other, NOW_US + 4 * MIN_US, &lease_no), 0);
    cr_expect_eq(claim(other, NOW_US + 5 * MIN_US, &lease_no), 24);
    cr_expect_eq(later(other, 24, lease_no, NOW_US + 6 * MIN_US, true), 1);
    cr_expect_eq(claim(database.session, NOW_US + 11 * MIN_US, &lease_no), 24);
    cr_expect_eq(later(database.session, 24, lease_no, NOW_US + 12 * MIN_US, true), 0);
    cr_expect_eq(database_number(&database, "SELECT tries FROM recon_day"), 3);
    cr_expect_eq(
        database_number(&database,
                        "SELECT count(*) FROM recon_day WHERE late_at = '2026-11-25T02:36:00Z'"),
        1);
    cr_expect_eq(claim(other, NOW_US + 80 * MIN_US, &lease_no), 24);
    cr_expect_eq(later(other, 24, lease_no, NOW_US + 80 * MIN_US, false),
                 0); /* a node that stops */
    cr_expect_eq(claim(other, NOW_US + 160 * MIN_US, &lease_no), 24);
    cr_expect_eq(later(other, 24, lease_no, NOW_US + 160 * MIN_US, true), 0, "told twice");
}

/* The 23rd is done, lacks a bill and is due since one o'clock; the 24th waits. */
static void
lack_a_bill(void)
{
    plan(other, 24, 24);
    database_sql(
        &database,
        "INSERT INTO tallygate.recon_day (account, kind, bill_day, state, lacks_kind, next_at, changed_at)"
        " VALUES ('main', 'trade', '2026-11-23', 'done', 'fundflow', '2026-11-25T01:00:00Z', now())");
}

Test(night, a_day_that_lacks_a_bill_is_taken_up_by_one_node_and_behind_the_others)
{
    int64_t one = 0;
    int64_t two = 0;
    lack_a_bill();
    CHECK_OK(db_session_begin(database.session, false));
    CHECK_OK(db_session_begin(other, false));
    cr_expect_eq(claim(database.session, NOW_US, &one), 24);
    cr_expect_eq(claim(other, NOW_US, &two), 23);
    cr_expect_eq(claim(other, NOW_US, &two), 0);
    CHECK_OK(db_session_commit(database.session));
    CHECK_OK(db_session_commit(other));
    cr_expect_eq(claim(database.session, NOW_US + 9 * MIN_US, &two), 0);
    cr_expect_eq(renew(database.session, 24, one, NOW_US + 60 * MIN_US), 1);
    cr_expect_eq(claim(database.session, NOW_US + 10 * MIN_US, &two), 23, "whose node died");
}

/* Whoever made it stale while its bill was asked for said when. */
Test(night, a_day_that_is_to_be_made_again_meanwhile_is_due_at_once)
{
    int64_t lease_no = 0;
    lack_a_bill();
    database_sql(&database, "DELETE FROM tallygate.recon_day WHERE bill_day = '2026-11-24'");
    cr_expect_eq(claim(other, NOW_US, &lease_no), 23);
    database_sql(&database,
                 "UPDATE tallygate.recon_day SET state = 'stale', tries = 0, next_at = '" NOW "'");
    cr_expect_eq(later(other, 23, lease_no, NOW_US, true), 0, "it is told when it is done again");
    cr_expect_eq(claim(other, NOW_US, &lease_no), 23);
    cr_expect_eq(later(other, 23, lease_no, NOW_US, true), 0);
    cr_expect_eq(claim(other, NOW_US, &lease_no), 0, "what failed is tried later");
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_day WHERE late_at IS NULL"),
                 1);
}

/* The provider says that there is no bill. */
static void
say_none(int mday)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "INSERT INTO tallygate.bill_fetch (account, kind, bill_day, at, outcome, detail)"
                   " VALUES ('main', 'trade', '2026-11-%d', now(), 'none', '')",
                   mday);
    database_sql(&database, sql);
}

static struct adapter_account account = { .name = "main" };

static struct recon_request
request_of(int mday)
{
    account.adapter = adapter_find(SPAN_LIT("alipay"));
    return (struct recon_request){
        .account = &account,
        .kind = SPAN_LIT("trade"),
        .day = { 2026, 11, mday },
        .as_of = { .us = NOW_US },
        .archive_dir = archive,
        .program = "test",
    };
}

static enum err
run(int mday, struct recon_outcome *outcome)
{
    struct recon_request request = request_of(mday);
    return recon_run(other, &request, outcome);
}

static int64_t
days_in(const char *state, int mday)
{
    char sql[160];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM recon_day WHERE state = '%s' AND bill_day = '2026-11-%d'",
                   state, mday);
    return database_number(&database, sql);
}

static int64_t
told(const char *kind)
{
    char sql[160];
    (void)snprintf(
        sql, sizeof(sql),
        "SELECT count(*) FROM outbox o JOIN recon_run r USING (run_id) WHERE o.kind = '%s'", kind);
    return database_number(&database, sql);
}

Test(night, FILE_NOT_READY_a_day_without_bill_and_without_word_is_not_made)
{
    struct recon_outcome outcome = { 0 };
    plan(other, 22, 23);
    CHECK_ERR(run(23, &outcome), ERR_BILL_NOT_READY);
    cr_expect_eq(days_in("waiting", 23), 1);
    say_none(23);
    database_sql(&database,
                 "INSERT INTO tallygate.bill_fetch (account, kind, bill_day, at, outcome, detail)"
                 " VALUES ('main', 'trade', '2026-11-23', now(), 'transfer', '')");
    CHECK_ERR(run(23, &outcome), ERR_BILL_NOT_READY); /* the last word counts */
}

Test(night, FILE_NONE_OK_a_day_without_bill_and_payments_is_tied_with_zeros)
{
    struct recon_outcome outcome = { 0 };
    plan(other, 22, 23);
    say_none(23);
    CHECK_OK(run(23, &outcome));
    cr_expect(outcome.none);
    cr_expect_not(outcome.blocked);
    cr_expect_eq(outcome.version, 1);
    cr_expect_eq(days_in("done", 23), 1);
    cr_expect_eq(
        database_number(
            &database,
            "SELECT count(*) FROM recon_run r JOIN recon_current c USING (run_id)"
            " WHERE r.state = 'complete' AND r.codes = '{FILE_NONE_OK}' AND r.file_id IS NULL"
            " AND r.trailer_count = 0 AND r.parsed_fen = 0 AND r.population_fen = 0"),
        1);
    CHECK_OK(run(23, &outcome));
    cr_expect(outcome.unchanged);
    cr_expect_eq(told("reconciliation.completed"), 1, "once for each run");
    cr_expect_eq(told("reconciliation.blocked"), 0);
}

Test(night, FILE_NONE_BUT_PAYMENTS_blocks_the_day_and_it_is_taken_up_again)
{
    struct recon_outcome outcome = { 0 };
    plan(other, 22, 23);
    say_none(22);
    CHECK_OK(run(22, &outcome));
    cr_expect(outcome.blocked);
    cr_expect(outcome.bill.found[FINDING_FILE_NONE_BUT_PAYMENTS]);
    cr_expect_eq(days_in("blocked", 22), 1);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_current"), 0);
    CHECK_OK(run(22, &outcome));
    cr_expect_eq(told("reconciliation.blocked"), 1);
    cr_expect_eq(
        database_number(&database,
                        "SELECT count(*) FROM recon_day WHERE codes = '{FILE_NONE_BUT_PAYMENTS}'"
                        " AND next_at = '2026-11-25T03:30:00Z'"),
        1);
}

/* 23:59:58 of the 22nd: not on its bill, and perhaps on the next. The 23rd was made first. */
Test(night, a_day_whose_items_carried_in_changed_is_made_again)
{
    int64_t lease_no = 0;
    struct recon_outcome outcome = { 0 };
    database_sql(&database, "UPDATE tallygate.attempt SET paid_at = '2026-11-22T15:59:58Z'");
    plan(other, 22, 23);
    say_none(23);
    CHECK_OK(run(23, &outcome));
    cr_expect_eq(days_in("done", 23), 1);
    say_none(22);
    CHECK_OK(run(22, &outcome));
    cr_expect_not(outcome.blocked);
    cr_expect(outcome.next_is_stale);
    cr_expect_eq(days_in("done", 22), 1);
    cr_expect_eq(days_in("stale", 23), 1);
    cr_expect_eq(claim(other, NOW_US, &lease_no), 23);
    /* Made again, it takes the item in; and the day before, made again as it was, changes nothing more. */
    CHECK_OK(run(23, &outcome));
    cr_expect(outcome.blocked);
    cr_expect(outcome.bill.found[FINDING_FILE_NONE_BUT_PAYMENTS]);
}

/* How many days, none behind that one, are to be made again for what was heard of their money. */
static int64_t
heard_until(int mday)
{
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    key(&params, 1);
    db_day(&params, (struct day){ 2026, 11, mday });
    db_time(&params, (struct wall_time){ .us = NOW_US + 2 * MIN_US });
    CHECK_OK(db_session_run(other, STATEMENT_recon_day_heard, &params, &rows));
    return db_row_i64(rows, 0, "days");
}

static int64_t
heard(void)
{
    return heard_until(24);
}

static int64_t
counted(const char *table)
{
    char sql[160];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM recon_current JOIN %s m USING (run_id) WHERE m.counted",
                   table);
    return database_number(&database, sql);
}

/* Two seconds before midnight, so that it may stand on the bill of the 24th, and the 23rd is done without one. */
Test(night, a_day_is_made_again_when_its_money_is_heard_of_behind_its_run_and_once)
{
    int64_t lease_no = 0;
    struct recon_outcome outcome = { 0 };
    plan(other, 23, 23);
    say_none(23);
    CHECK_OK(run(23, &outcome));
    cr_expect_eq(heard(), 0, "the payment is of the 22nd");
    database_sql(&database, "UPDATE tallygate.attempt SET paid_at = '2026-11-23T15:59:58Z',"
                            " bill_day = '2026-11-23', last_answer_at = '2026-11-25T02:31:00Z'");
    cr_expect_eq(heard_until(22), 0, "the 23rd is not over");
    cr_expect_eq(heard(), 1);
    cr_expect_eq(days_in("stale", 23), 1);
    cr_expect_eq(heard(), 0, "it waits already");
    cr_expect_eq(claim(other, NOW_US + 2 * MIN_US, &lease_no), 23);
    cr_expect_eq(counted("recon_population"), 0);
    CHECK_OK(run(23, &outcome));
    cr_expect_eq(days_in("done", 23), 1);
    cr_expect_eq(counted("recon_population"), 1);
    cr_expect_eq(heard(), 0, "the run counts it");
    database_sql(&database, "UPDATE tallygate.attempt SET last_answer_at = '2026-11-25T02:32:00Z'");
    cr_expect_eq(heard(), 0, "nothing new was said");
}

/* Accepted two seconds before midnight; it failed when its day stood already. */
Test(night, a_day_is_made_again_when_a_refund_of_it_comes_or_comes_to_nothing)
{
    struct recon_outcome outcome = { 0 };
    plan(other, 23, 23);
    say_none(23);
    CHECK_OK(run(23, &outcome));
    database_sql(
        &database,
        "INSERT INTO tallygate.refund (slot, refund_no, payment_no, attempt_no, owner, amount_fen, currency, total_fen, cause, reason,"
        " state, requested_by, approved_by, send_count, first_sent_at, created_at, decided_at, taken_at, bill_day, last_answer_at)"
        " VALUES (7, '" A "01R01', '" A "', '" A
        "01', 'portal', 100, 'CNY', 56000, 'asked', 'r', 'accepted', 'a', 'b', 1,"
        " '2026-11-23T15:59:57Z', now(), now(), '2026-11-23T15:59:58Z', '2026-11-23', '2026-11-25T02:31:00Z')");
    cr_expect_eq(heard(), 1);
    CHECK_OK(run(23, &outcome));
    cr_expect_eq(counted("recon_refund"), 1);
    cr_expect_eq(heard(), 0);
    database_sql(&database, "UPDATE tallygate.refund SET state = 'failed',"
                            " last_answer_at = '2026-11-25T02:32:00Z'");
    cr_expect_eq(heard(), 1);
    CHECK_OK(run(23, &outcome));
    cr_expect_eq(counted("recon_refund"), 0);
    cr_expect_eq(heard(), 0);
}

Test(night, a_signed_day_and_another_accounts_are_not_made_again)
{
    struct recon_outcome outcome = { 0 };
    plan(other, 23, 23);
    say_none(23);
    CHECK_OK(run(23, &outcome));
    database_sql(
        &database,
        "UPDATE tallygate.attempt SET account = 'elsewhere', paid_at = '2026-11-23T15:59:58Z',"
        " bill_day = '2026-11-23', last_answer_at = '2026-11-25T02:31:00Z'");
    cr_expect_eq(heard(), 0);
    database_sql(
        &database,
        "SET search_path = tallygate; UPDATE attempt SET account = 'main';"
        "INSERT INTO period_signoff SELECT account, kind, bill_day, 1, run_id, 'x', sha256('x'), 'finance', now() FROM recon_current;"
        "INSERT INTO period_decision (account, kind, bill_day, number, run_id, prepared_by, decision, decided_by, decided_at)"
        " SELECT account, kind, bill_day, 1, run_id, 'finance', 'signed', 'checker', now() FROM recon_current");
    cr_expect_eq(heard(), 0, "the next open day takes it in");
    cr_expect_eq(days_in("done", 23), 1);
}

Test(night, a_bill_that_does_not_come_is_told_once_for_what_stands_in_the_way)
{
    struct recon_request request = request_of(23);
    CHECK_OK(recon_missing(other, &request, FINDING_FILE_NOT_READY));
    CHECK_OK(recon_missing(other, &request, FINDING_FILE_NOT_READY));
    cr_expect_eq(told("reconciliation.blocked"), 1);
    CHECK_OK(recon_missing(other, &request, FINDING_FILE_AUTH));
    cr_expect_eq(told("reconciliation.blocked"), 2);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_current"), 0);
}

/* Pulled by two owners, pushed to the endpoint of each. */
Test(night, what_is_told_of_a_run_is_everybodys_and_names_the_day)
{
    struct webhook_message message;
    struct recon_request request = request_of(23);
    database_endpoint(&database, "we_00000000000000000000000000000001", "portal");
    database_endpoint(&database, "we_00000000000000000000000000000002", "another");
    CHECK_OK(recon_missing(other, &request, FINDING_FILE_NOT_READY));
    struct db_params params;
    DEFER(db_rows_free) struct db_rows *made = NULL;
    DEFER(db_rows_free) struct db_rows *feed = NULL;
    db_params_init(&params, database.arena);
    db_time(&params, (struct wall_time){ .us = NOW_US });
    db_i64(&params, 10);
    CHECK_OK(db_session_run(database.session, STATEMENT_webhook_fan_out, &params, &made));
    cr_expect_eq(db_row_i64(made, 0, "deliveries"), 2);
    db_params_init(&params, database.arena);
    db_cstr(&params, "another");
    db_i64(&params, 0);
    db_i64(&params, 10);
    CHECK_OK(db_session_run(database.session, STATEMENT_event_feed, &params, &feed));
    cr_assert_eq(db_rows_count(feed), 1);
    CHECK_OK(webhook_message_row(feed, 0, database.arena, &message));
    DEFER(buf_fini) struct buf body = BUF_MAX(WEBHOOK_BODY_MAX);
    CHECK_OK(webhook_body_encode(&message, &body));
    static const char *const words[] = {
        "\"type\":\"reconciliation.blocked\"",
        "\"account\":\"main\"",
        "\"day\":\"2026-11-23\"",
        "\"state\":\"blocked\"",
        "\"codes\":[\"FILE_NOT_READY\"]",
        "\"version\":null",
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        cr_expect_lt(span_find(buf_span(&body), span_of(words[i])), body.len, "%s in %.*s",
                     words[i], (int)body.len, (const char *)body.at);
    }
}
