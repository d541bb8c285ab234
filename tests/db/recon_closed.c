/* SPDX-License-Identifier: Apache-2.0 */
/* A signed day keeps its run, whatever is reconciled afterwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive_house.h"
#include "bill_store.h"
#include "check.h"
#include "database.h"
#include "run.h"
#include "vectors.h"

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
    archive_house_remove(dir);
    database_close(&database);
}

TestSuite(recon_closed, .init = open_house, .fini = close_house);

/* Of a day of May 2024. */
static enum err
run_of(int mday, struct recon_outcome *outcome)
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
    return recon_run(database.session, &request, outcome);
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
    database_payment(&database, 7, "2603100070000000011", "A-1", 1);
    database_sql(
        &database,
        "SET search_path = tallygate;"
        "UPDATE ca_order SET status = 'paid', status_at = '2024-05-06T04:00:00Z';"
        "UPDATE attempt SET state = 'paid', paid_at = '2024-05-05T04:00:00Z', bill_day = '2024-05-05', last_answer_at = now();"
        "INSERT INTO refund (slot, refund_no, payment_no, attempt_no, owner, amount_fen, currency, total_fen, cause, reason, state,"
        " requested_by, approved_by, send_count, first_sent_at, created_at, decided_at, taken_at, bill_day, last_answer_at)"
        " VALUES (7, '260310007000000001101R01', '2603100070000000011', '260310007000000001101', 'portal', 100, 'CNY', 56000, 'asked',"
        " 'r', 'accepted', 'a', 'b', 1, '2024-05-05T05:00:00Z', now(), now(), '2024-05-05T05:00:01Z', '2024-05-05', now())");
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

/* A day that was signed before takes in nothing, however late something comes. */
Test(recon_closed, a_signed_day_takes_in_nothing_of_the_signed_day_before)
{
    struct recon_outcome outcome;
    CHECK_OK(run(&outcome));
    no_bill(6);
    CHECK_OK(run_of(6, &outcome));
    sign(5);
    sign(6);
    database_payment(&database, 7, "2603100070000000011", "A-1", 1);
    database_sql(
        &database,
        "UPDATE tallygate.attempt SET state = 'paid', paid_at = '2024-05-05T04:00:00Z', bill_day = '2024-05-05',"
        " last_answer_at = now()");
    CHECK_OK(run_of(6, &outcome));
    cr_expect(outcome.unchanged);
}
