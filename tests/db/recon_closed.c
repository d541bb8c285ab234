/* SPDX-License-Identifier: Apache-2.0 */
/* A signed day keeps its run, whatever is reconciled afterwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bill_store.h"
#include "check.h"
#include "database.h"
#include "folder.h"
#include "pack_export.h"
#include "pack_repeat.h"
#include "report.h"
#include "report_kept.h"
#include "run.h"
#include "vectors.h"

#define ROUNDS 5

enum { UNCHANGED = 3, FAILED = 4 }; /* exits of a run beside this one */

static struct database database;
static char dir[] = "/tmp/recon_closed_XXXXXX";
static char name[BILL_STORE_NAME_BYTES];

static void
open_house(void)
{
    char sql[512];
    bool known = false;
    DEFER(buf_fini) struct buf bill = BUF_MAX((size_t)1024 * 1024);
    database_open(&database);
    cr_assert_not_null(mkdtemp(dir));
    vectors_read("alipay/bills/20880000000000010156_20240505_trade.csv.zip", &bill);
    CHECK_OK(bill_store_put(dir, buf_span(&bill), name, &known));
    (void)snprintf(
        sql, sizeof(sql),
        "INSERT INTO tallygate.bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
        " VALUES ('main', 'trade', '2024-05-05', '%s', %zu, 'download', now())",
        name, bill.len);
    database_sql(&database, sql);
}

static void
close_house(void)
{
    cr_expect_eq(folder_drop(dir), 0);
    database_close(&database);
}

TestSuite(recon_closed, .init = open_house, .fini = close_house);

/* Of a day of May 2024. */
static enum err
run_in(struct db_session *session, int mday, struct recon_outcome *outcome)
{
    const struct adapter_account account = { .name = "main",
                                             .merchant = "2088000000000001",
                                             .adapter = adapter_find(SPAN_LIT("alipay")) };
    const struct recon_request request = {
        .account = &account,
        .kind = SPAN_LIT("trade"),
        .day = { 2024, 5, mday },
        .as_of = { .us = INT64_C(1715040000000000) },
        .archive_dir = dir,
        .program = "test",
    };
    *outcome = (struct recon_outcome){ .version = 0 };
    return recon_run(session, &request, outcome);
}

static enum err
run_of(int mday, struct recon_outcome *outcome)
{
    return run_in(database.session, mday, outcome);
}

/* Another program with a session of its own; its exit says how the run went. */
static void
run_beside(void)
{
    struct recon_outcome outcome;
    struct db_session *session = NULL;
    enum err err = db_session_open(database.superuser, &session);
    err = err == ERR_OK ? run_in(session, 5, &outcome) : err;
    db_session_close(&session);
    _exit(err == ERR_OK ? (outcome.unchanged ? UNCHANGED : 0) : FAILED);
}

static enum err
run(struct recon_outcome *outcome)
{
    return run_of(5, outcome);
}

/* What counts for a day, signed. */
static void
sign(int mday)
{
    char sql[1024];
    (void)snprintf(
        sql, sizeof(sql),
        "SET search_path = tallygate;"
        "INSERT INTO period_signoff SELECT account, kind, bill_day, 1, run_id, 'x', sha256('x'), 'finance', now()"
        " FROM recon_current WHERE bill_day = '2024-05-%d';"
        "INSERT INTO period_decision (account, kind, bill_day, number, run_id, prepared_by, decision, decided_by, decided_at)"
        " SELECT account, kind, bill_day, 1, run_id, 'finance', 'signed', 'checker', now() FROM recon_current"
        " WHERE bill_day = '2024-05-%d'",
        mday, mday);
    database_sql(&database, sql);
}

/* The provider says that there is no bill of the day. */
static void
no_bill(int mday)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "INSERT INTO tallygate.bill_fetch (account, kind, bill_day, at, outcome, detail)"
                   " VALUES ('main', 'trade', '2024-05-%d', now(), 'none', '')",
                   mday);
    database_sql(&database, sql);
}

Test(recon_closed, other_inputs_publish_nothing_and_the_same_ones_find_the_signed_run)
{
    struct recon_outcome outcome;
    CHECK_OK(run(&outcome));
    cr_assert_eq(outcome.version, 1);
    sign(5);
    CHECK_OK(run(&outcome));
    cr_expect(outcome.unchanged);
    cr_expect_eq(outcome.version, 1);
    /* The portal says on that day that an order is paid. */
    database_payment(&database, 7, "2603100070000000011", "A-1", 1);
    database_sql(
        &database,
        "UPDATE tallygate.ca_order SET status = 'paid', status_at = '2024-05-05T04:00:00Z'");
    CHECK_ERR(run(&outcome), ERR_DAY_CLOSED);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_run"), 1);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_day WHERE state = 'done'"),
                 1, "the night does not try again");
    cr_expect_eq(
        database_number(&database,
                        "SELECT r.version FROM recon_current c JOIN recon_run r USING (run_id)"),
        1);
}

/* A payment of the 5th, of which the provider said so at that moment. */
static void
hear_of_payment(const char *at)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "UPDATE tallygate.attempt SET state = 'paid', paid_at = '2024-05-05T04:00:00Z',"
                   " bill_day = '2024-05-05', last_answer_at = '%s'",
                   at);
    database_payment(&database, 7, "2603100070000000011", "A-1", 1);
    database_sql(&database, sql);
}

/* The same, and a refund of it on the same day. */
static void
hear_of_both(const char *at)
{
    char sql[1024];
    hear_of_payment(at);
    (void)snprintf(
        sql, sizeof(sql),
        "INSERT INTO tallygate.refund (slot, refund_no, payment_no, attempt_no, owner, amount_fen, currency, total_fen, cause, reason, state,"
        " requested_by, approved_by, send_count, first_sent_at, created_at, decided_at, taken_at, bill_day, last_answer_at)"
        " VALUES (7, '260310007000000001101R01', '2603100070000000011', '260310007000000001101', 'portal', 100, 'CNY', 56000, 'asked',"
        " 'r', 'accepted', 'a', 'b', 1, '2024-05-05T05:00:00Z', now(), now(), '2024-05-05T05:00:01Z', '2024-05-05', '%s')",
        at);
    database_sql(&database, sql);
}

/* A payment and a refund of the 5th that were heard of when it was signed: the 6th takes both in, and no other day. */
Test(recon_closed, what_comes_late_counts_once_on_a_day_that_is_open)
{
    static const char late[] =
        "SELECT count(*) FROM recon_current c JOIN recon_result r USING (run_id)"
        " WHERE c.bill_day = '2024-05-06' AND 'DAY_CLOSED' = ANY (r.findings)"
        "   AND (r.primary_code, r.delta_fen) IN (('SHORT_NO_ORDER', -56000), ('SHORT_PAY', -56000), ('REF_MISSING', 100))";
    struct recon_outcome outcome;
    CHECK_OK(run(&outcome));
    sign(5);
    hear_of_both("now");
    database_sql(
        &database,
        "UPDATE tallygate.ca_order SET status = 'paid', status_at = '2024-05-06T04:00:00Z'");
    no_bill(6);
    no_bill(7);
    CHECK_OK(run_of(6, &outcome));
    cr_assert_not(outcome.blocked, "money of another day is none of this bill's");
    cr_expect_eq(database_number(&database, late), 2);
    cr_expect_eq(database_number(&database,
                                 "SELECT count(*) FROM difference WHERE bill_day = '2024-05-06'"
                                 " AND original_day = '2024-05-05' AND 'DAY_CLOSED' = ANY (codes)"),
                 2, "the signed day is named");
    CHECK_OK(run_of(7, &outcome));
    cr_expect_eq(database_number(
                     &database,
                     "SELECT count(*) FROM recon_current c JOIN recon_population m USING (run_id)"
                     " WHERE m.counted AND c.bill_day = '2024-05-07'"),
                 0);
    CHECK_OK(run_of(6, &outcome));
    cr_expect(outcome.unchanged);
    sign(6);
    CHECK_OK(run_of(6, &outcome));
    cr_expect(outcome.unchanged, "signed, it is what it was");
    CHECK_OK(run_of(7, &outcome));
    cr_expect(outcome.unchanged);
    CHECK_ERR(run(&outcome), ERR_DAY_CLOSED);
}

/* The statement bears a time before that of the run that was signed, and its transaction ended behind what the run saw. */
Test(recon_closed, what_was_being_stored_when_the_signed_run_began_comes_late_as_well)
{
    struct recon_outcome outcome;
    CHECK_OK(run(&outcome));
    sign(5);
    hear_of_both("2024-05-06T23:59:30Z");
    no_bill(6);
    CHECK_OK(run_of(6, &outcome));
    cr_expect_eq(
        database_number(
            &database,
            "SELECT (SELECT count(*) FROM recon_current c JOIN recon_population m USING (run_id)"
            "         WHERE m.counted AND c.bill_day = '2024-05-06')"
            "     + (SELECT count(*) FROM recon_current c JOIN recon_refund m USING (run_id)"
            "         WHERE m.counted AND c.bill_day = '2024-05-06')"),
        2);
    sign(6);
    cr_expect_eq(
        database_number(&database,
                        "SELECT period_later('main', 'trade', '2024-05-05')::integer::bigint"),
        1, "so the 5th is not opened while the 6th counts it");
}

/* As two people do it with the 5th. */
static void
open_again(void)
{
    database_sql(
        &database,
        "SET search_path = tallygate;"
        "INSERT INTO period_reopening VALUES ('main', 'trade', '2024-05-05', 1, 1, 'r', 'finance', now());"
        "INSERT INTO period_reopening_end (account, kind, bill_day, number, request, asked_by, outcome, ended_by, ended_at)"
        " VALUES ('main', 'trade', '2024-05-05', 1, 1, 'finance', 'opened', 'checker', now());"
        "UPDATE period_decision SET reopened_request = 1 WHERE bill_day = '2024-05-05'");
}

static int64_t
counted_on(int mday)
{
    char sql[256];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT count(*) FROM recon_current c JOIN recon_population m USING (run_id)"
                   " WHERE m.counted AND c.bill_day = '2024-05-%d'",
                   mday);
    return database_number(&database, sql);
}

/* What the open day had taken in goes back to its own, whichever of both is made again first. */
Test(recon_closed, money_of_a_day_that_is_opened_again_counts_there_and_once)
{
    struct recon_outcome outcome;
    CHECK_OK(run(&outcome));
    sign(5);
    hear_of_payment("now");
    no_bill(6);
    CHECK_OK(run_of(6, &outcome));
    cr_assert_eq(counted_on(5), 0);
    cr_assert_eq(counted_on(6), 1);
    open_again();
    CHECK_OK(run_of(6, &outcome));
    cr_expect_not(outcome.unchanged);
    CHECK_OK(run(&outcome));
    cr_expect_eq(outcome.version, 2);
    cr_expect_eq(counted_on(5), 1);
    cr_expect_eq(counted_on(6), 0);
    cr_expect_eq(database_number(&database,
                                 "SELECT count(*) FROM difference WHERE original_day = '2024-05-05'"
                                 " AND bill_day = '2024-05-05' AND 'DAY_CLOSED' <> ALL (codes)"
                                 " AND family = 'money' AND attempt_no = '260310007000000001101'"
                                 " AND state = 'open' AND delta_fen = -56000"),
                 1, "the same difference, on its own day");
    CHECK_OK(run_of(6, &outcome));
    cr_expect(outcome.unchanged);
}

/* A day that was signed before takes in nothing, however late something comes. */
Test(recon_closed, a_signed_day_takes_in_nothing_of_the_signed_day_before)
{
    struct recon_outcome outcome;
    CHECK_OK(run(&outcome));
    no_bill(6);
    CHECK_OK(run_of(6, &outcome));
    sign(5);
    sign(6);
    hear_of_payment("now");
    CHECK_OK(run_of(6, &outcome));
    cr_expect(outcome.unchanged);
}

/* Another content of the 5th, which nobody can have asked for twice. */
static void
reissue(const char *content)
{
    char sql[512];
    (void)snprintf(
        sql, sizeof(sql),
        "SET search_path = tallygate;"
        "INSERT INTO bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
        " VALUES ('main', 'trade', '2024-05-05', repeat('%s', 32), 9, 'download', now());"
        "INSERT INTO bill_fetch (account, kind, bill_day, at, outcome, sha256, bytes, detail)"
        " VALUES ('main', 'trade', '2024-05-05', now(), 'stored', repeat('%s', 32), 9, '')",
        content, content);
    database_sql(&database, sql);
}

static int64_t
untold(void)
{
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    db_params_init(&params, database.arena);
    CHECK_OK(db_session_run(database.session, STATEMENT_doctor_reissued, &params, &rows));
    return db_row_i64(rows, 0, "bills");
}

/* Bills that the run of a day tells of. */
static int64_t
told_by(int mday)
{
    char sql[256];
    (void)snprintf(
        sql, sizeof(sql),
        "SELECT coalesce(cardinality(r.late_bills), 0)::bigint FROM recon_current c JOIN recon_run r USING (run_id)"
        " WHERE c.bill_day = '2024-05-%d'",
        mday);
    return database_number(&database, sql);
}

/* On paper, from the database and from the files of the run alone. */
static void
check_papers(void)
{
    static const char line[] =
        "\nDAY_CLOSED would change a closed day: FILE_REISSUED same day, other content 2024-05-05 abab";
    const struct pack_export what = { .archive_dir = dir,
                                      .account = SPAN_LIT("main"),
                                      .day = { 2024, 5, 6 } };
    struct report report;
    struct pack_repeat again;
    char folder[64];
    int64_t version = 0;
    DEFER(buf_fini) struct buf sheet = BUF_MAX(65536);
    DEFER(buf_fini) struct buf repeated = BUF_MAX(65536);
    (void)snprintf(folder, sizeof(folder), "%s/pack", dir);
    CHECK_OK(report_load(database.session, SPAN_LIT("main"), what.day, 0, database.arena, &report));
    CHECK_OK(report_kept_load(database.session, dir, database.arena, &report));
    CHECK_OK(report_sheet(&report, LANGUAGE_EN, &sheet));
    cr_expect_lt(span_find(buf_span(&sheet), span_of(line)), sheet.len);
    CHECK_OK(pack_export(database.session, &what, folder, &version));
    CHECK_OK(pack_repeat(folder, database.arena, NULL, &again));
    cr_expect(again.same_input && again.same_result);
    CHECK_OK(report_sheet(&again.report, LANGUAGE_EN, &repeated));
    cr_expect(span_eq(buf_span(&sheet), buf_span(&repeated)));
}

/* It is kept, the signed run stands, and the day that is open tells of it until somebody signs that. */
Test(recon_closed, a_bill_issued_again_for_a_signed_day_is_told_by_one_open_day)
{
    struct recon_outcome outcome;
    CHECK_OK(run(&outcome));
    no_bill(6);
    no_bill(7);
    CHECK_OK(run_of(6, &outcome));
    sign(5);
    cr_expect_eq(untold(), 0);
    reissue("ab");
    cr_expect_eq(untold(), 1);
    CHECK_OK(run_of(6, &outcome));
    cr_expect_eq(outcome.version, 2);
    cr_expect_eq(told_by(6), 1);
    cr_expect_eq(
        database_number(&database,
                        "SELECT count(*) FROM recon_current c JOIN recon_run r USING (run_id)"
                        " WHERE r.codes = '{DAY_CLOSED,FILE_REISSUED,FILE_NONE_OK}'"),
        1);
    check_papers();
    CHECK_OK(run_of(7, &outcome));
    cr_expect_eq(told_by(7), 0, "one day tells it");
    sign(6);
    cr_expect_eq(untold(), 0);
    CHECK_OK(run_of(6, &outcome));
    cr_expect(outcome.unchanged);
    /* Again another one: the 6th has told what it told. */
    reissue("cd");
    cr_expect_eq(untold(), 1);
    CHECK_OK(run_of(6, &outcome));
    cr_expect(outcome.unchanged);
    CHECK_OK(run_of(7, &outcome));
    cr_expect_eq(told_by(7), 1);
    cr_expect_eq(
        database_number(
            &database,
            "SELECT count(*) FROM recon_current c JOIN recon_run r USING (run_id)"
            " WHERE c.bill_day = '2024-05-05' AND r.version = 1 AND cardinality(r.codes) = 0"),
        1, "the signed run stands");
}

/* What nobody can read is another content too: it is kept and told, and neither the day nor its calendar becomes another one. */
Test(recon_closed, a_bill_issued_again_for_a_signed_day_that_cannot_be_read_changes_nothing)
{
    static const char rubbish[] = "this is no bill";
    char sql[512];
    char broken[BILL_STORE_NAME_BYTES];
    bool known = false;
    struct recon_outcome outcome;
    CHECK_OK(run(&outcome));
    sign(5);
    CHECK_OK(bill_store_put(dir, span_of(rubbish), broken, &known));
    (void)snprintf(
        sql, sizeof(sql),
        "INSERT INTO tallygate.bill_file (account, kind, bill_day, sha256, bytes, origin, stored_at)"
        " VALUES ('main', 'trade', '2024-05-05', '%s', %zu, 'download', now());"
        "UPDATE tallygate.recon_day SET state = 'waiting' WHERE bill_day = '2024-05-05'",
        broken, sizeof(rubbish) - 1);
    database_sql(&database, sql);
    CHECK_ERR(run(&outcome), ERR_DAY_CLOSED);
    cr_expect_eq(database_number(&database,
                                 "SELECT count(*) FROM recon_day WHERE bill_day = '2024-05-05'"
                                 " AND state = 'done' AND codes = '{}'"),
                 1);
    cr_expect_eq(database_number(&database, "SELECT count(*) FROM recon_run"), 1);
    cr_expect_eq(
        database_number(&database,
                        "SELECT count(*) FROM outbox WHERE kind = 'reconciliation.blocked'"),
        0);
    cr_expect_eq(untold(), 1, "doctor tells it");
    no_bill(6);
    CHECK_OK(run_of(6, &outcome));
    cr_expect_eq(told_by(6), 1, "and the day that is open");
}

/* The same inputs: who comes second finds the other's run and makes none. */
Test(recon_closed, two_runs_of_one_day_at_once_leave_one_that_counts)
{
    for (int round = 0; round < ROUNDS; round++) {
        int status = 0;
        struct recon_outcome outcome;
        pid_t beside = fork();
        cr_assert_geq(beside, 0);
        if (beside == 0) {
            run_beside();
        }
        CHECK_OK(run(&outcome));
        cr_assert_eq(waitpid(beside, &status, 0), beside);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) != FAILED);
        cr_assert_neq(outcome.unchanged, WEXITSTATUS(status) == UNCHANGED, "one of both makes it");
        cr_assert_eq(outcome.version, 1);
        cr_assert_eq(database_number(&database, "SELECT count(*) FROM recon_run"), 1);
        cr_assert_eq(database_number(&database, "SELECT count(*) FROM recon_current c"
                                                " JOIN recon_run r USING (run_id)"
                                                " WHERE r.state = 'complete'"),
                     1);
        database_sql(&database, "TRUNCATE tallygate.recon_run, tallygate.bill_line,"
                                " tallygate.recon_population CASCADE");
    }
}
